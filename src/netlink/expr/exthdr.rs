use std::ffi::CStr;

use super::Build;
use crate::netlink::kernel_abi::NFT_EXTHDR_OP_TCPOPT;
use crate::netlink::message::Message;

/// `enum nft_exthdr_attributes`
const TYPE: u16 = 2;
const OFFSET: u16 = 3;
const LEN: u16 = 4;
const OP: u16 = 6;
const SREG: u16 = 7;

/// Writes a register into a TCP option, if the packet has it.
pub struct TcpOptionWrite {
    pub register: u32,
    pub option: u8,
    pub offset: u32,
    pub length: u32,
}

impl Build for TcpOptionWrite {
    const NAME: &CStr = c"exthdr";

    fn build(&self, data: &mut Message<'_>) {
        data.attribute_u32(SREG, self.register);
        data.attribute_u8(TYPE, self.option);
        data.attribute_u32(OFFSET, self.offset);
        data.attribute_u32(LEN, self.length);
        data.attribute_u32(OP, NFT_EXTHDR_OP_TCPOPT);
    }
}
