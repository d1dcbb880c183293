use std::ffi::CString;

use nftnl_sys as sys;

use super::{Build, Value};
use crate::netlink::kernel_abi::NFT_REG_VERDICT;
use crate::netlink::raw;

/// Loads a value into a register.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct Immediate {
    pub register: u32,
    pub value: Value,
}

/// Decides: the verdict register is loaded with a code of `enum nft_verdicts`.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct Verdict {
    pub code: u32,
    /// Where a jump goes.
    pub chain: Option<CString>,
}

impl Build for Immediate {
    fn build(&self) -> raw::Expression {
        let mut raw = raw::Expression::new(c"immediate");
        raw.set_u32(sys::NFTNL_EXPR_IMM_DREG, self.register);
        raw.set_data(sys::NFTNL_EXPR_IMM_DATA, self.value.bytes());
        raw
    }
}

impl Build for Verdict {
    fn build(&self) -> raw::Expression {
        let mut raw = raw::Expression::new(c"immediate");
        raw.set_u32(sys::NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
        if let Some(chain) = &self.chain {
            raw.set_str(sys::NFTNL_EXPR_IMM_CHAIN, chain);
        }
        raw.set_u32(sys::NFTNL_EXPR_IMM_VERDICT, self.code);
        raw
    }
}
