use std::ffi::CStr;

use super::Build;
use crate::netlink::message::Message;

/// `enum nft_meta_attributes`
const DREG: u16 = 1;
const KEY: u16 = 2;
const SREG: u16 = 3;

/// Loads what the kernel knows about a packet beside its bytes.
pub struct Meta {
    pub key: u32,
    pub register: u32,
}

/// Sets it from a register.
pub struct MetaSet {
    pub key: u32,
    pub register: u32,
}

impl Build for Meta {
    const NAME: &CStr = c"meta";

    fn build(&self, data: &mut Message<'_>) {
        data.attribute_u32(DREG, self.register);
        data.attribute_u32(KEY, self.key);
    }
}

impl Build for MetaSet {
    const NAME: &CStr = c"meta";

    fn build(&self, data: &mut Message<'_>) {
        data.attribute_u32(SREG, self.register);
        data.attribute_u32(KEY, self.key);
    }
}
