use std::ffi::CStr;

use super::{Build, Value};
use crate::netlink::kernel_abi::NFT_REG_VERDICT;
use crate::netlink::message::Message;

/// `enum nft_immediate_attributes`
const DREG: u16 = 1;
const DATA: u16 = 2;
/// `enum nft_data_attributes`
const DATA_VERDICT: u16 = 2;
/// `enum nft_verdict_attributes`
const CODE: u16 = 1;
const CHAIN: u16 = 2;

/// Loads a value into a register.
pub struct Immediate {
    pub register: u32,
    pub value: Value,
}

/// Decides: the verdict register is loaded with a code of `enum nft_verdicts`.
pub struct Verdict<'a> {
    pub code: u32,
    /// Where a jump goes.
    pub chain: Option<&'a [u8]>,
}

impl Build for Immediate {
    const NAME: &'static CStr = c"immediate";

    fn build(&self, data: &mut Message<'_>) {
        data.attribute_u32(DREG, self.register);
        data.value(DATA, &self.value);
    }
}

impl Build for Verdict<'_> {
    const NAME: &'static CStr = c"immediate";

    fn build(&self, data: &mut Message<'_>) {
        data.attribute_u32(DREG, NFT_REG_VERDICT);
        let value = data.nest(DATA);
        let verdict = data.nest(DATA_VERDICT);
        data.attribute_u32(CODE, self.code);
        if let Some(chain) = self.chain {
            data.attribute_of(CHAIN, &[chain, b"\0"]);
        }
        data.nest_end(verdict);
        data.nest_end(value);
    }
}
