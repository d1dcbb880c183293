use nftnl_sys as sys;

use super::Build;
use crate::netlink::raw;

/// Drops the packet and says so to its sender.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct Reject {
    /// `enum nft_reject_types`
    pub kind: u32,
    /// A code of that kind; zero for a TCP reset.
    pub code: u8,
}

impl Build for Reject {
    fn build(&self) -> raw::Expression {
        let mut raw = raw::Expression::new(c"reject");
        raw.set_u32(sys::NFTNL_EXPR_REJECT_TYPE, self.kind);
        raw.set_u8(sys::NFTNL_EXPR_REJECT_CODE, self.code);
        raw
    }
}
