use std::ffi::CStr;

use super::Build;
use crate::netlink::message::Message;

/// `enum nft_rt_attributes`
const DREG: u16 = 1;
const KEY: u16 = 2;

/// Loads a fact of the packet's route.
pub struct Rt {
    pub key: u32,
    pub register: u32,
}

impl Build for Rt {
    const NAME: &CStr = c"rt";

    fn build(&self, data: &mut Message<'_>) {
        data.attribute_u32(DREG, self.register);
        data.attribute_u32(KEY, self.key);
    }
}
