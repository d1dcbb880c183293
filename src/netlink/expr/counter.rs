use std::ffi::CStr;

use super::Build;
use crate::netlink::message::Message;

/// Counts packets and bytes, from zero.
pub struct Counter;

impl Build for Counter {
    const NAME: &CStr = c"counter";

    fn build(&self, _: &mut Message<'_>) {}
}
