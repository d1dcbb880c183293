/*!
Joining comparisons of neighbouring header fields.

`udp sport 68 udp dport 67` is one load of four bytes and one comparison: nft joins equality tests of adjacent
fields where the kernel's fast path still takes them, or where it makes slow loads fewer (`stmt_reduce`
and `payload_can_merge` in its sources). nft 1.0.6 also joins two `!=`, which turns "neither" into "not
both"; that is a mistake of that version and is not repeated here.
*/

use std::ops::Range;

use super::Lowering;
use super::comparison::Comparison;
use super::field::Source;
use crate::netlink::expr::CmpOp;
use crate::netlink::kernel_abi::{NFT_PAYLOAD_LL_HEADER, NFT_REG_1};
use crate::sort;

impl Lowering<'_> {
    /// Joins what can be joined of the comparisons since the last statement.
    pub fn end_of_run(&mut self) {
        let joins = |one: &Comparison| self.run.iter().any(|other| one.can_join(other));
        if self.run.iter().any(joins) {
            self.join();
        }
        self.run.clear();
    }

    fn join(&mut self) {
        let run = &mut *self.run;
        sort::by(run, |a, b| (a.base, a.offset).cmp(&(b.base, b.offset)));
        let mut apart: Vec<(Comparison, bool)> = Vec::new();
        // What stands where, and what is to be there instead.
        let mut changes: Vec<(Range<usize>, Option<Comparison>)> = Vec::new();
        for this in run.drain(..) {
            match apart.last_mut() {
                Some((last, joined)) if last.can_join(&this) => {
                    // The joined test takes the place of the field in front; a test of the Ethernet type, on which
                    // later matches depend, keeps its own.
                    let mut gone = this.at;
                    if this.base == NFT_PAYLOAD_LL_HEADER {
                        std::mem::swap(&mut gone, &mut last.at);
                    }
                    changes.push((gone, None));
                    last.value = last.value.join(&this.value);
                    *joined = true;
                }
                _ => apart.push((this, false)),
            }
        }
        let joined = apart.into_iter().filter(|(_, joined)| *joined);
        changes.extend(joined.map(|(one, _)| (one.at.clone(), Some(one))));
        // From the end on: then what is still to be changed stays where it is.
        sort::by(&mut changes, |(a, _), (b, _)| b.start.cmp(&a.start));
        for (old, joined) in changes {
            let tail = self.code.end();
            if let Some(Comparison {
                base,
                offset,
                value,
                ..
            }) = joined
            {
                let source = Source::Payload(base, offset);
                self.load_into(source, value.len() as u32, NFT_REG_1);
                self.test(CmpOp::Eq, value);
            }
            self.code.replace_two(old, tail);
        }
    }
}
