use nftnl_sys as sys;

use super::Build;
use crate::netlink::raw;

/// Loads what the kernel knows about a packet beside its bytes.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct Meta {
    pub key: u32,
    pub register: u32,
}

/// Sets it from a register.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct MetaSet {
    pub key: u32,
    pub register: u32,
}

impl Build for Meta {
    fn build(&self) -> raw::Expression {
        let mut raw = raw::Expression::new(c"meta");
        raw.set_u32(sys::NFTNL_EXPR_META_DREG, self.register);
        raw.set_u32(sys::NFTNL_EXPR_META_KEY, self.key);
        raw
    }
}

impl Build for MetaSet {
    fn build(&self) -> raw::Expression {
        let mut raw = raw::Expression::new(c"meta");
        raw.set_u32(sys::NFTNL_EXPR_META_SREG, self.register);
        raw.set_u32(sys::NFTNL_EXPR_META_KEY, self.key);
        raw
    }
}
