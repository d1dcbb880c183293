use std::ffi::{CStr, CString};

use super::Build;
use crate::netlink::message::Message;

/// `enum nft_log_attributes`
const PREFIX: u16 = 2;

/// Writes a line to the kernel's log.
pub struct Log {
    pub prefix: CString,
}

impl Build for Log {
    const NAME: &CStr = c"log";

    fn build(&self, data: &mut Message<'_>) {
        data.attribute_str(PREFIX, &self.prefix);
    }
}
