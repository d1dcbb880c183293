use std::ffi::CStr;

use super::Build;
use crate::netlink::kernel_abi::NFT_LIMIT_PKTS;
use crate::netlink::message::Message;

/// `enum nft_limit_attributes`
const RATE: u16 = 1;
const UNIT: u16 = 2;
const BURST: u16 = 3;
const TYPE: u16 = 4;
const FLAGS: u16 = 5;

/// Matches as long as the packets stay below a rate.
pub struct Limit {
    pub rate: u64,
    /// The rate's unit in seconds.
    pub seconds: u64,
    pub burst: u32,
}

impl Build for Limit {
    const NAME: &CStr = c"limit";

    fn build(&self, data: &mut Message<'_>) {
        data.attribute_u64(RATE, self.rate);
        data.attribute_u64(UNIT, self.seconds);
        data.attribute_u32(TYPE, NFT_LIMIT_PKTS);
        if self.burst > 0 {
            data.attribute_u32(BURST, self.burst);
        }
        data.attribute_u32(FLAGS, 0);
    }
}
