use std::ffi::CStr;

use super::Build;
use crate::netlink::kernel_abi::NFT_PAYLOAD_CSUM_INET;
use crate::netlink::message::Message;

/// `enum nft_payload_attributes`
const DREG: u16 = 1;
const BASE: u16 = 2;
const OFFSET: u16 = 3;
const LEN: u16 = 4;
const SREG: u16 = 5;
const CSUM_TYPE: u16 = 6;
const CSUM_OFFSET: u16 = 7;

/// Loads bytes of the packet.
pub struct Payload {
    /// `enum nft_payload_bases`: from which header the offset counts.
    pub base: u32,
    pub offset: u32,
    pub length: u32,
    pub register: u32,
}

/// Writes a register into the packet.
pub struct PayloadWrite {
    pub base: u32,
    pub offset: u32,
    pub length: u32,
    pub register: u32,
    /// Where the header keeps an internet checksum over these bytes.
    pub checksum: Option<u32>,
}

impl Build for Payload {
    const NAME: &CStr = c"payload";

    fn build(&self, data: &mut Message<'_>) {
        data.attribute_u32(DREG, self.register);
        data.attribute_u32(BASE, self.base);
        data.attribute_u32(OFFSET, self.offset);
        data.attribute_u32(LEN, self.length);
    }
}

impl Build for PayloadWrite {
    const NAME: &CStr = c"payload";

    fn build(&self, data: &mut Message<'_>) {
        data.attribute_u32(SREG, self.register);
        data.attribute_u32(BASE, self.base);
        data.attribute_u32(OFFSET, self.offset);
        data.attribute_u32(LEN, self.length);
        if let Some(offset) = self.checksum {
            data.attribute_u32(CSUM_TYPE, NFT_PAYLOAD_CSUM_INET);
            data.attribute_u32(CSUM_OFFSET, offset);
        }
    }
}
