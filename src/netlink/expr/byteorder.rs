use nftnl_sys as sys;

use super::Build;
use crate::netlink::kernel_abi::NFT_BYTEORDER_HTON;
use crate::netlink::raw;

/// Turns a number of `size` bytes in a register from host to network byte order, so that `cmp` orders it.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct HostToNetwork {
    pub register: u32,
    pub size: u32,
}

impl Build for HostToNetwork {
    fn build(&self) -> raw::Expression {
        let mut raw = raw::Expression::new(c"byteorder");
        raw.set_u32(sys::NFTNL_EXPR_BYTEORDER_SREG, self.register);
        raw.set_u32(sys::NFTNL_EXPR_BYTEORDER_DREG, self.register);
        raw.set_u32(sys::NFTNL_EXPR_BYTEORDER_LEN, self.size);
        raw.set_u32(sys::NFTNL_EXPR_BYTEORDER_SIZE, self.size);
        raw.set_u32(sys::NFTNL_EXPR_BYTEORDER_OP, NFT_BYTEORDER_HTON);
        raw
    }
}
