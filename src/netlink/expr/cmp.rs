use std::ffi::CStr;

use super::{Build, Value};
use crate::netlink::message::Message;

/// `enum nft_cmp_attributes`
const SREG: u16 = 1;
const OP: u16 = 2;
const DATA: u16 = 3;

/// `enum nft_cmp_ops`
#[derive(Clone, Copy)]
#[repr(u32)]
pub enum CmpOp {
    Eq = 0,
    Neq = 1,
    Lte = 3,
    Gte = 5,
}

impl CmpOp {
    /// `==`, or `!=` if `invert`.
    pub fn equal_unless(invert: bool) -> Self {
        if invert { CmpOp::Neq } else { CmpOp::Eq }
    }
}

/// Goes on with the rule only if the register compares so with the value, byte by byte.
pub struct Cmp {
    pub register: u32,
    pub op: CmpOp,
    pub value: Value,
}

impl Build for Cmp {
    const NAME: &CStr = c"cmp";

    fn build(&self, data: &mut Message<'_>) {
        data.attribute_u32(SREG, self.register);
        data.attribute_u32(OP, self.op as u32);
        data.value(DATA, &self.value);
    }
}
