use std::ffi::CStr;

use super::{Build, Value};
use crate::netlink::kernel_abi::NFT_RANGE_NEQ;
use crate::netlink::message::Message;

/// `enum nft_range_attributes`
const SREG: u16 = 1;
const OP: u16 = 2;
const FROM_DATA: u16 = 3;
const TO_DATA: u16 = 4;

/// Goes on with the rule only if the register lies outside of a range.
pub struct NotInRange {
    pub register: u32,
    pub from: Value,
    pub to: Value,
}

impl Build for NotInRange {
    const NAME: &CStr = c"range";

    fn build(&self, data: &mut Message<'_>) {
        data.attribute_u32(SREG, self.register);
        data.attribute_u32(OP, NFT_RANGE_NEQ);
        data.value(FROM_DATA, &self.from);
        data.value(TO_DATA, &self.to);
    }
}
