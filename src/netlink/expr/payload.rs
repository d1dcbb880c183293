use nftnl_sys as sys;

use super::Build;
use crate::netlink::kernel_abi::NFT_PAYLOAD_CSUM_INET;
use crate::netlink::raw;

/// Loads bytes of the packet.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct Payload {
    /// `enum nft_payload_bases`: from which header the offset counts.
    pub base: u32,
    pub offset: u32,
    pub length: u32,
    pub register: u32,
}

/// Writes a register into the packet.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct PayloadWrite {
    pub base: u32,
    pub offset: u32,
    pub length: u32,
    pub register: u32,
    /// Where the header keeps an internet checksum over these bytes.
    pub checksum: Option<u32>,
}

impl Build for Payload {
    fn build(&self) -> raw::Expression {
        let mut raw = raw::Expression::new(c"payload");
        raw.set_u32(sys::NFTNL_EXPR_PAYLOAD_DREG, self.register);
        raw.set_u32(sys::NFTNL_EXPR_PAYLOAD_BASE, self.base);
        raw.set_u32(sys::NFTNL_EXPR_PAYLOAD_OFFSET, self.offset);
        raw.set_u32(sys::NFTNL_EXPR_PAYLOAD_LEN, self.length);
        raw
    }
}

impl Build for PayloadWrite {
    fn build(&self) -> raw::Expression {
        let mut raw = raw::Expression::new(c"payload");
        raw.set_u32(sys::NFTNL_EXPR_PAYLOAD_SREG, self.register);
        raw.set_u32(sys::NFTNL_EXPR_PAYLOAD_BASE, self.base);
        raw.set_u32(sys::NFTNL_EXPR_PAYLOAD_OFFSET, self.offset);
        raw.set_u32(sys::NFTNL_EXPR_PAYLOAD_LEN, self.length);
        if let Some(offset) = self.checksum {
            raw.set_u32(sys::NFTNL_EXPR_PAYLOAD_CSUM_TYPE, NFT_PAYLOAD_CSUM_INET);
            raw.set_u32(sys::NFTNL_EXPR_PAYLOAD_CSUM_OFFSET, offset);
        }
        raw
    }
}
