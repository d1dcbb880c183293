use std::ffi::CStr;

use super::Build;
use crate::netlink::message::Message;

/// Keeps the packet out of connection tracking.
pub struct Notrack;

impl Build for Notrack {
    const NAME: &CStr = c"notrack";

    fn build(&self, _: &mut Message<'_>) {}
}
