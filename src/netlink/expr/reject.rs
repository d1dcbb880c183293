use std::ffi::CStr;

use super::Build;
use crate::netlink::message::Message;

/// `enum nft_reject_attributes`
const TYPE: u16 = 1;
const ICMP_CODE: u16 = 2;

/// Drops the packet and says so to its sender.
pub struct Reject {
    /// `enum nft_reject_types`
    pub kind: u32,
    /// A code of that kind; zero for a TCP reset.
    pub code: u8,
}

impl Build for Reject {
    const NAME: &CStr = c"reject";

    fn build(&self, data: &mut Message<'_>) {
        data.attribute_u32(TYPE, self.kind);
        data.attribute_u8(ICMP_CODE, self.code);
    }
}
