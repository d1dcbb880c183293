use std::ffi::CStr;

use super::Build;
use crate::netlink::pages::Message;

/// Keeps the packet out of connection tracking.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct Notrack;

impl Build for Notrack {
    const NAME: &CStr = c"notrack";

    fn build(&self, _: &mut Message<'_>) {}
}
