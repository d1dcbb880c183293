use nftnl_sys as sys;

use super::Build;
use crate::netlink::raw;

/// Loads a fact of the packet's conntrack entry.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct Ct {
    pub key: u32,
    pub register: u32,
}

/// Sets it from a register.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct CtSet {
    pub key: u32,
    pub register: u32,
}

impl Build for Ct {
    fn build(&self) -> raw::Expression {
        let mut raw = raw::Expression::new(c"ct");
        raw.set_u32(sys::NFTNL_EXPR_CT_DREG, self.register);
        raw.set_u32(sys::NFTNL_EXPR_CT_KEY, self.key);
        raw
    }
}

impl Build for CtSet {
    fn build(&self) -> raw::Expression {
        let mut raw = raw::Expression::new(c"ct");
        raw.set_u32(sys::NFTNL_EXPR_CT_SREG, self.register);
        raw.set_u32(sys::NFTNL_EXPR_CT_KEY, self.key);
        raw
    }
}
