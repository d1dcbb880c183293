use nftnl_sys as sys;

use super::{Build, Value};
use crate::netlink::raw;

/// `enum nft_cmp_ops`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct Cmp {
    pub register: u32,
    pub op: CmpOp,
    pub value: Value,
}

impl Build for Cmp {
    fn build(&self) -> raw::Expression {
        let mut raw = raw::Expression::new(c"cmp");
        raw.set_u32(sys::NFTNL_EXPR_CMP_SREG, self.register);
        raw.set_u32(sys::NFTNL_EXPR_CMP_OP, self.op as u32);
        raw.set_data(sys::NFTNL_EXPR_CMP_DATA, self.value.bytes());
        raw
    }
}
