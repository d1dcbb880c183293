//! The daemon on ubus: on our own small ubusd, and on the real one where it is installed.

mod calls;
mod events;
mod raw;
mod served;
#[path = "../support/ubus/mod.rs"]
mod ubus;
