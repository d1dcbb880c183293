use nftnl_sys as sys;

use super::Build;
use crate::netlink::kernel_abi::NFT_EXTHDR_OP_TCPOPT;
use crate::netlink::raw;

/// Writes a register into a TCP option, if the packet has it.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct TcpOptionWrite {
    pub register: u32,
    pub option: u8,
    pub offset: u32,
    pub length: u32,
}

impl Build for TcpOptionWrite {
    fn build(&self) -> raw::Expression {
        let mut raw = raw::Expression::new(c"exthdr");
        raw.set_u32(sys::NFTNL_EXPR_EXTHDR_SREG, self.register);
        raw.set_u8(sys::NFTNL_EXPR_EXTHDR_TYPE, self.option);
        raw.set_u32(sys::NFTNL_EXPR_EXTHDR_OFFSET, self.offset);
        raw.set_u32(sys::NFTNL_EXPR_EXTHDR_LEN, self.length);
        raw.set_u32(sys::NFTNL_EXPR_EXTHDR_OP, NFT_EXTHDR_OP_TCPOPT);
        raw
    }
}
