use std::ffi::CString;
use std::hash::{Hash, Hasher};

use nftnl_sys as sys;

use super::Build;
use crate::netlink::kernel_abi::{NFT_LOOKUP_F_INV, NFT_REG_VERDICT};
use crate::netlink::raw;

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
    fn build(&self) -> raw::Expression {
        let mut raw = raw::Expression::new(c"lookup");
        raw.set_u32(sys::NFTNL_EXPR_LOOKUP_SREG, self.register);
        if self.verdict {
            raw.set_u32(sys::NFTNL_EXPR_LOOKUP_DREG, NFT_REG_VERDICT);
        }
        raw.set_str(sys::NFTNL_EXPR_LOOKUP_SET, &self.set);
        raw.set_u32(sys::NFTNL_EXPR_LOOKUP_SET_ID, self.set_id);
        if self.invert {
            raw.set_u32(sys::NFTNL_EXPR_LOOKUP_FLAGS, NFT_LOOKUP_F_INV);
        }
        raw
    }
}
