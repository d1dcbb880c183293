use std::ffi::CStr;

use super::Build;
use crate::netlink::kernel_abi::{NFT_LOOKUP_F_INV, NFT_REG_VERDICT};
use crate::netlink::message::Message;

/// `enum nft_lookup_attributes`
const SET: u16 = 1;
const SREG: u16 = 2;
const DREG: u16 = 3;
const SET_ID: u16 = 4;
const FLAGS: u16 = 5;

/// Looks a register up in a set.
pub struct Lookup<'a> {
    pub register: u32,
    pub set: &'a CStr,
    /// Names a set that is made in the same batch.
    pub set_id: u32,
    /// The set is a map to verdicts; what is found there is done.
    pub verdict: bool,
    pub invert: bool,
}

impl Lookup<'_> {
    /// How far before its end the set's number stands: that says where in a batch the set is, not what the rule does.
    pub fn number_before_end(&self) -> usize {
        const FLAGS_LENGTH: usize = 8;
        if self.invert { 4 + FLAGS_LENGTH } else { 4 }
    }
}

impl Build for Lookup<'_> {
    const NAME: &'static CStr = c"lookup";

    fn build(&self, data: &mut Message<'_>) {
        data.attribute_u32(SREG, self.register);
        if self.verdict {
            data.attribute_u32(DREG, NFT_REG_VERDICT);
        }
        data.attribute_str(SET, self.set);
        data.attribute_u32(SET_ID, self.set_id);
        if self.invert {
            data.attribute_u32(FLAGS, NFT_LOOKUP_F_INV);
        }
    }
}
