use std::ffi::CStr;

use super::Build;
use crate::netlink::kernel_abi::NFT_BYTEORDER_HTON;
use crate::netlink::message::Message;

/// `enum nft_byteorder_attributes`
const SREG: u16 = 1;
const DREG: u16 = 2;
const OP: u16 = 3;
const LEN: u16 = 4;
const SIZE: u16 = 5;

/// Turns a number of `size` bytes in a register from host to network byte order, so that `cmp` orders it.
pub struct HostToNetwork {
    pub register: u32,
    pub size: u32,
}

impl Build for HostToNetwork {
    const NAME: &CStr = c"byteorder";

    fn build(&self, data: &mut Message<'_>) {
        data.attribute_u32(SREG, self.register);
        data.attribute_u32(DREG, self.register);
        data.attribute_u32(LEN, self.size);
        data.attribute_u32(SIZE, self.size);
        data.attribute_u32(OP, NFT_BYTEORDER_HTON);
    }
}
