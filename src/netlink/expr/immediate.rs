use std::ffi::{CStr, CString};

use super::{Build, Value};
use crate::netlink::kernel_abi::NFT_REG_VERDICT;
use crate::netlink::pages::Message;

/// `enum nft_immediate_attributes`
const DREG: u16 = 1;
const DATA: u16 = 2;
/// `enum nft_data_attributes`
const DATA_VERDICT: u16 = 2;
/// `enum nft_verdict_attributes`
const CODE: u16 = 1;
const CHAIN: u16 = 2;

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
    const NAME: &CStr = c"immediate";

    fn build(&self, data: &mut Message<'_>) {
        data.attribute_u32(DREG, self.register);
        data.value(DATA, self.value.bytes());
    }
}

impl Build for Verdict {
    const NAME: &CStr = c"immediate";

    fn build(&self, data: &mut Message<'_>) {
        data.attribute_u32(DREG, NFT_REG_VERDICT);
        let value = data.nest(DATA);
        let verdict = data.nest(DATA_VERDICT);
        data.attribute_u32(CODE, self.code);
        if let Some(chain) = &self.chain {
            data.attribute_str(CHAIN, chain);
        }
        data.nest_end(verdict);
        data.nest_end(value);
    }
}
