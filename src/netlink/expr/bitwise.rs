use std::ffi::CStr;

use super::{Build, Value};
use crate::netlink::message::Message;

/// `enum nft_bitwise_attributes`
const SREG: u16 = 1;
const DREG: u16 = 2;
const LEN: u16 = 3;
const MASK: u16 = 4;
const XOR: u16 = 5;

/// `register = (register & mask) ^ xor`, for as many bytes as the mask has.
pub struct Bitwise {
    pub register: u32,
    pub mask: Value,
    pub xor: Value,
}

impl Build for Bitwise {
    const NAME: &CStr = c"bitwise";

    fn build(&self, data: &mut Message<'_>) {
        data.attribute_u32(SREG, self.register);
        data.attribute_u32(DREG, self.register);
        data.attribute_u32(LEN, self.mask.len() as u32);
        data.value(MASK, &self.mask);
        data.value(XOR, &self.xor);
    }
}
