use std::ffi::CStr;

use super::Build;
use crate::netlink::pages::Message;

/// Counts packets and bytes, from zero.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct Counter;

impl Build for Counter {
    const NAME: &CStr = c"counter";

    fn build(&self, _: &mut Message<'_>) {}
}
