use nftnl_sys as sys;

use super::Build;
use crate::netlink::kernel_abi::NFT_LIMIT_PKTS;
use crate::netlink::raw;

/// Matches as long as the packets stay below a rate.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct Limit {
    pub rate: u64,
    /// The rate's unit in seconds.
    pub seconds: u64,
    pub burst: u32,
}

impl Build for Limit {
    fn build(&self) -> raw::Expression {
        let mut raw = raw::Expression::new(c"limit");
        raw.set_u64(sys::NFTNL_EXPR_LIMIT_RATE, self.rate);
        raw.set_u64(sys::NFTNL_EXPR_LIMIT_UNIT, self.seconds);
        raw.set_u32(sys::NFTNL_EXPR_LIMIT_TYPE, NFT_LIMIT_PKTS);
        if self.burst > 0 {
            raw.set_u32(sys::NFTNL_EXPR_LIMIT_BURST, self.burst);
        }
        raw.set_u32(sys::NFTNL_EXPR_LIMIT_FLAGS, 0);
        raw
    }
}
