use std::ffi::CStr;

use super::Build;
use crate::netlink::message::Message;

/// `enum nft_ct_attributes`
const DREG: u16 = 1;
const KEY: u16 = 2;
const SREG: u16 = 4;

/// Loads a fact of the packet's conntrack entry.
pub struct Ct {
    pub key: u32,
    pub register: u32,
}

/// Sets it from a register.
pub struct CtSet {
    pub key: u32,
    pub register: u32,
}

impl Build for Ct {
    const NAME: &CStr = c"ct";

    fn build(&self, data: &mut Message<'_>) {
        data.attribute_u32(DREG, self.register);
        data.attribute_u32(KEY, self.key);
    }
}

impl Build for CtSet {
    const NAME: &CStr = c"ct";

    fn build(&self, data: &mut Message<'_>) {
        data.attribute_u32(SREG, self.register);
        data.attribute_u32(KEY, self.key);
    }
}
