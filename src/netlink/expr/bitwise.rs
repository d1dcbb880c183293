use nftnl_sys as sys;

use super::{Build, Value};
use crate::netlink::raw;

/// `register = (register & mask) ^ xor`, for as many bytes as the mask has.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct Bitwise {
    pub register: u32,
    pub mask: Value,
    pub xor: Value,
}

impl Build for Bitwise {
    fn build(&self) -> raw::Expression {
        let mut raw = raw::Expression::new(c"bitwise");
        raw.set_u32(sys::NFTNL_EXPR_BITWISE_SREG, self.register);
        raw.set_u32(sys::NFTNL_EXPR_BITWISE_DREG, self.register);
        raw.set_u32(sys::NFTNL_EXPR_BITWISE_LEN, self.mask.len() as u32);
        raw.set_data(sys::NFTNL_EXPR_BITWISE_MASK, self.mask.bytes());
        raw.set_data(sys::NFTNL_EXPR_BITWISE_XOR, self.xor.bytes());
        raw
    }
}
