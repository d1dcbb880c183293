use nftnl_sys as sys;

use super::{Build, Value};
use crate::netlink::kernel_abi::NFT_RANGE_NEQ;
use crate::netlink::raw;

/// Goes on with the rule only if the register lies outside of a range.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct NotInRange {
    pub register: u32,
    pub from: Value,
    pub to: Value,
}

impl Build for NotInRange {
    fn build(&self) -> raw::Expression {
        let mut raw = raw::Expression::new(c"range");
        raw.set_u32(sys::NFTNL_EXPR_RANGE_SREG, self.register);
        raw.set_u32(sys::NFTNL_EXPR_RANGE_OP, NFT_RANGE_NEQ);
        raw.set_data(sys::NFTNL_EXPR_RANGE_FROM_DATA, self.from.bytes());
        raw.set_data(sys::NFTNL_EXPR_RANGE_TO_DATA, self.to.bytes());
        raw
    }
}
