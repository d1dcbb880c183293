use nftnl_sys as sys;

use super::Build;
use crate::netlink::raw;

/// Loads a fact of the packet's route.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct Rt {
    pub key: u32,
    pub register: u32,
}

impl Build for Rt {
    fn build(&self) -> raw::Expression {
        let mut raw = raw::Expression::new(c"rt");
        raw.set_u32(sys::NFTNL_EXPR_RT_DREG, self.register);
        raw.set_u32(sys::NFTNL_EXPR_RT_KEY, self.key);
        raw
    }
}
