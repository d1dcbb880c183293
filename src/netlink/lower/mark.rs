/*! `meta mark`: nft(8), META EXPRESSIONS and META STATEMENT. */

use super::Lowering;
use crate::netlink::expr::{Bitwise, Cmp, CmpOp, Immediate, Meta, MetaSet, Value};
use crate::netlink::kernel_abi::{NFT_META_MARK, NFT_REG_1};
use crate::ruleset::MarkChange;

impl Lowering<'_> {
    pub fn mark(&mut self, mark: u32, mask: u32, invert: bool) {
        self.push(Meta {
            key: NFT_META_MARK,
            register: NFT_REG_1,
        });
        if mask != u32::MAX {
            let mask = Value::host(mask);
            self.push(Bitwise {
                register: NFT_REG_1,
                mask,
                xor: Value::host(0),
            });
        }
        let op = CmpOp::equal_unless(invert);
        self.push(Cmp {
            register: NFT_REG_1,
            op,
            value: Value::host(mark),
        });
    }

    /// fw4's shapes are one operation to the kernel: `and ~mask`, then `xor mark`. `or x` is that with
    /// mask and mark the same, `and` with mark zero, `xor` with mask zero.
    pub fn set_mark(&mut self, change: MarkChange) {
        self.end_of_run();
        let MarkChange { mark, mask } = change;
        if mask == u32::MAX {
            self.push(Immediate {
                register: NFT_REG_1,
                value: Value::host(mark),
            });
        } else {
            self.push(Meta {
                key: NFT_META_MARK,
                register: NFT_REG_1,
            });
            let mask = Value::host(!mask);
            self.push(Bitwise {
                register: NFT_REG_1,
                mask,
                xor: Value::host(mark),
            });
        }
        self.push(MetaSet {
            key: NFT_META_MARK,
            register: NFT_REG_1,
        });
    }
}
