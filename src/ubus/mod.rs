/*!
ubus, OpenWrt's bus between processes: its wire format, a client, and objects of one's own.

Everything goes over one Unix socket to `ubusd`, which forwards between its clients. A [`Client`] calls
methods of others, sends and hears events, and may publish objects whose methods others call; it is
made for a poll loop (it has a file descriptor and [`Client::pump`] never waits) and no wait is without
end. No threads, no unsafe, and nothing about firewalls: this could be a crate of its own.

The protocol is not written down anywhere; the sources are ubusmsg.h, libubus and ubusd of
openwrt/ubus, and blob.h and blobmsg.h of openwrt/libubox.
*/

mod blob;
mod client;
mod error;
mod incoming;
mod json;
mod listen;
mod message;
mod object;
mod status;
mod stream;

pub use blob::{Table, Value};
pub use client::{Call, Client, ObjectInfo};
pub use error::Error;
pub use incoming::{Incoming, Request};
pub use message::{Attributes, HEADER, Kind, MAX_MESSAGE, Message};
pub use object::{Method, Object, Type};
pub use status::Status;
