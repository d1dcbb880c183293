/*!
Joining comparisons of neighbouring header fields.

`udp sport 68 udp dport 67` is one load of four bytes and one comparison: nft joins equality tests of adjacent
fields where the kernel's fast path still takes them, or where it makes slow loads fewer (`stmt_reduce`
and `payload_can_merge` in its sources). nft 1.0.6 also joins two `!=`, which turns "neither" into "not
both"; that is a mistake of that version and is not repeated here.
*/

use super::Lowering;
use crate::netlink::expr::{Cmp, Expr, Value};
use crate::netlink::kernel_abi::NFT_PAYLOAD_LL_HEADER;
use crate::sort;

/// A payload load and its `==` comparison, which stand at `at` and the place after it.
pub struct Comparison {
    pub base: u32,
    pub offset: u32,
    pub value: Value,
    pub at: usize,
}

impl Comparison {
    fn can_join(&self, next: &Comparison) -> bool {
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

impl Lowering<'_> {
    /// Joins what can be joined of the comparisons since the last statement.
    pub fn end_of_run(&mut self) {
        let mut run = std::mem::take(&mut self.run);
        if run.len() < 2 {
            return;
        }
        sort::by(&mut run, |a, b| (a.base, a.offset).cmp(&(b.base, b.offset)));
        let mut gone = Vec::new();
        let mut run = run.into_iter();
        let Some(mut last) = run.next() else { return };
        for this in run {
            if !last.can_join(&this) {
                last = this;
                continue;
            }
            // The joined test takes the place of the field in front; a test of the Ethernet type, on which
            // later matches depend, keeps its own.
            let joined = last.value.join(&this.value);
            let dependency = this.base == NFT_PAYLOAD_LL_HEADER;
            let (keep, drop) = if dependency {
                (this.at, last.at)
            } else {
                (last.at, this.at)
            };
            gone.push(drop);
            last = Comparison {
                value: joined,
                at: keep,
                ..last
            };
            self.rewrite(&last);
        }
        sort::by(&mut gone, usize::cmp);
        for at in gone.into_iter().rev() {
            self.code.drain(at..at + 2);
        }
    }

    fn rewrite(&mut self, comparison: &Comparison) {
        if let Some(Expr::Payload(load)) = self.code.get_mut(comparison.at) {
            load.offset = comparison.offset;
            load.length = comparison.value.len() as u32;
        }
        if let Some(Expr::Cmp(Cmp { value, .. })) = self.code.get_mut(comparison.at + 1) {
            *value = comparison.value;
        }
    }
}
