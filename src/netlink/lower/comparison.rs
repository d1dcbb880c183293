/*! A comparison of a header field, for as long as it may still be joined with its neighbour's (merge.rs). */

use std::ops::Range;

use crate::netlink::expr::Value;
use crate::netlink::kernel_abi::NFT_PAYLOAD_LL_HEADER;

/// A payload load and its `==` comparison, and where in the rule's code both stand.
pub struct Comparison {
    pub base: u32,
    pub offset: u32,
    pub value: Value,
    pub at: Range<usize>,
}

impl Comparison {
    pub fn can_join(&self, next: &Comparison) -> bool {
        /// What the kernel loads without a function call.
        const FAST: usize = 4;
        const REGISTER: usize = 16;
        let (first, second) = (self.value.len(), next.value.len());
        self.base == next.base
            && self.offset as usize + first == next.offset as usize
            && first + second <= REGISTER
            && (first + second <= FAST
                || self.base == NFT_PAYLOAD_LL_HEADER
                || first > FAST
                || second > FAST)
    }
}
