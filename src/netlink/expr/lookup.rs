use std::ffi::{CStr, CString};
use std::hash::{Hash, Hasher};

use super::Build;
use crate::netlink::kernel_abi::{NFT_LOOKUP_F_INV, NFT_REG_VERDICT};
use crate::netlink::pages::Message;

/// `enum nft_lookup_attributes`
const SET: u16 = 1;
const SREG: u16 = 2;
const DREG: u16 = 3;
const SET_ID: u16 = 4;
const FLAGS: u16 = 5;

/// Looks a register up in a set.
#[derive(Debug, Clone, PartialEq)]
pub struct Lookup {
    pub register: u32,
    pub set: CString,
    /// Names a set that is made in the same batch.
    pub set_id: u32,
    /// The set is a map to verdicts; what is found there is done.
    pub verdict: bool,
    pub invert: bool,
}

/// The number says where in a batch the set is, not what the rule does.
impl Hash for Lookup {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.register, &self.set, self.verdict, self.invert).hash(state);
    }
}

impl Build for Lookup {
    const NAME: &CStr = c"lookup";

    fn build(&self, data: &mut Message<'_>) {
        data.attribute_u32(SREG, self.register);
        if self.verdict {
            data.attribute_u32(DREG, NFT_REG_VERDICT);
        }
        data.attribute_str(SET, &self.set);
        data.attribute_u32(SET_ID, self.set_id);
        if self.invert {
            data.attribute_u32(FLAGS, NFT_LOOKUP_F_INV);
        }
    }
}
