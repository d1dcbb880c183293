/*! `meta mark` and `ct mark`: nft(8), META EXPRESSIONS, CONNTRACK EXPRESSIONS and their STATEMENTs. */

use super::Lowering;
use crate::netlink::expr::{Bitwise, CmpOp, Ct, CtSet, Immediate, Meta, MetaSet, Value};
use crate::netlink::kernel_abi::{NFT_CT_MARK, NFT_META_MARK, NFT_REG_1};
use crate::ruleset::MarkChange;

/// A mark that can be asked for and set.
#[derive(Debug, Clone, Copy)]
pub enum Of {
    Packet,
    Connection,
}

impl Of {
    fn load(self, lowering: &mut Lowering<'_>) {
        let register = NFT_REG_1;
        match self {
            Of::Packet => lowering.push(Meta {
                key: NFT_META_MARK,
                register,
            }),
            Of::Connection => lowering.push(Ct {
                key: NFT_CT_MARK,
                register,
            }),
        }
    }

    fn store(self, lowering: &mut Lowering<'_>) {
        let register = NFT_REG_1;
        match self {
            Of::Packet => lowering.push(MetaSet {
                key: NFT_META_MARK,
                register,
            }),
            Of::Connection => lowering.push(CtSet {
                key: NFT_CT_MARK,
                register,
            }),
        }
    }
}

impl Lowering<'_> {
    pub fn mark(&mut self, of: Of, mark: u32, mask: u32, invert: bool) {
        of.load(self);
        if mask != u32::MAX {
            let mask = Value::host(mask);
            self.push(Bitwise {
                register: NFT_REG_1,
                mask,
                xor: Value::host(0),
            });
        }
        let op = CmpOp::equal_unless(invert);
        self.test(op, Value::host(mark));
    }

    /// fw4's shapes are one operation to the kernel: `and ~mask`, then `xor mark`. `or x` is that with
    /// mask and mark the same, `and` with mark zero, `xor` with mask zero.
    pub fn set_mark(&mut self, of: Of, change: MarkChange) {
        self.end_of_run();
        let MarkChange { mark, mask } = change;
        if mask == u32::MAX {
            self.push(Immediate {
                register: NFT_REG_1,
                value: Value::host(mark),
            });
        } else {
            of.load(self);
            let mask = Value::host(!mask);
            self.push(Bitwise {
                register: NFT_REG_1,
                mask,
                xor: Value::host(mark),
            });
        }
        of.store(self);
    }
}
