/*!
One field of a packet, compared with one or several values.

A single value is compared directly; several become an anonymous set. nft(8), EXPRESSIONS: a prefix that
ends at a byte is compared by loading fewer bytes, another one through a mask.
*/

use super::Lowering;
use super::comparison::Comparison;
use crate::netlink::element::Elements;
use crate::netlink::error::Reason;
use crate::netlink::expr::{Bitwise, Cmp, CmpOp, Lookup, Meta, NotInRange, Payload, Value};
use crate::netlink::interval::Interval;
use crate::netlink::kernel_abi::{NFT_PAYLOAD_LL_HEADER, NFT_REG_1};
use crate::netlink::set::AnonymousSet;
use crate::netlink::udata::{ByteOrder, TypeOf};

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// `enum nft_meta_keys`
    Meta(u32),
    /// Header and offset in bytes.
    Payload(u32, u32),
}

/// A field: where it comes from, how long it is, and what nft calls it.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    pub source: Source,
    pub length: u32,
    /// nft's number of the data type (`enum datatypes`), the type of a set of such values.
    pub data_type: u32,
    pub byte_order: ByteOrder,
    pub type_of: TypeOf,
}

impl Field {
    pub const ETHER_TYPE: Field = Field {
        source: Source::Payload(NFT_PAYLOAD_LL_HEADER, 12),
        length: 2,
        data_type: 10,
        byte_order: ByteOrder::Network,
        type_of: TypeOf::Payload(17, 3),
    };
}

/// What a field is compared with. In ranges and prefixes all bits count as one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operand {
    Value(Value),
    /// The first so many bits are those of the value.
    Prefix(Value, u32),
    /// First and last, both included.
    Range(Value, Value),
}

impl Operand {
    fn interval(&self) -> Interval {
        match self {
            Operand::Value(value) => Interval::new(value.number(), value.number()),
            Operand::Range(first, last) => Interval::new(first.number(), last.number()),
            Operand::Prefix(value, bits) => {
                let mask = prefix_mask(value.len(), *bits).number();
                let all = prefix_mask(value.len(), u32::MAX).number();
                let first = value.number() & mask;
                Interval::new(first, first | (all & !mask))
            }
        }
    }
}

/// A value of `length` bytes with its first `bits` bits set.
pub fn prefix_mask(length: usize, bits: u32) -> Value {
    let mut bytes = [0u8; 16];
    for (i, byte) in bytes.iter_mut().enumerate() {
        let here = bits.saturating_sub(i as u32 * 8).min(8);
        *byte = (0xff00u16 >> here) as u8;
    }
    Value::new(bytes.get(..length).unwrap_or(&bytes))
}

fn and(a: &Value, b: &Value) -> Value {
    let bytes: Vec<u8> = a
        .bytes()
        .iter()
        .zip(b.bytes())
        .map(|(a, b)| a & b)
        .collect();
    Value::new(&bytes)
}

impl Lowering<'_> {
    /// `FIELD { a, b, c }`, or `FIELD a` for a list of one. Doubles count once.
    pub fn compare_any<T>(
        &mut self,
        field: Field,
        list: &[T],
        operand: impl Fn(&T) -> Result<Operand, Reason>,
        invert: bool,
    ) -> Result<(), Reason> {
        if let [one] = list {
            self.compare(field, operand(one)?, invert);
            return Ok(());
        }
        let mut list = list.iter();
        self.compare_all(field, &mut || list.next().map(&operand), invert)
    }

    fn compare_all(
        &mut self,
        field: Field,
        next: &mut dyn FnMut() -> Option<Result<Operand, Reason>>,
        invert: bool,
    ) -> Result<(), Reason> {
        let mut distinct: Vec<Operand> = Vec::new();
        while let Some(operand) = next() {
            let operand = operand?;
            if !distinct.contains(&operand) {
                distinct.push(operand);
            }
        }
        match distinct.as_slice() {
            [] => Err(Reason::EmptyList),
            [one] => {
                self.compare(field, *one, invert);
                Ok(())
            }
            many => {
                self.look_up_any(field, many, invert);
                Ok(())
            }
        }
    }

    /// `FIELD a`, `FIELD != a`
    pub fn compare(&mut self, field: Field, operand: Operand, invert: bool) {
        let op = CmpOp::equal_unless(invert);
        match operand {
            Operand::Value(value) => {
                let begin = self.code.end();
                self.load(field, field.length);
                self.test(op, value);
                if let (Source::Payload(base, offset), false) = (field.source, invert) {
                    self.run.push(Comparison {
                        base,
                        offset,
                        value,
                        at: begin..self.code.end(),
                    });
                }
            }
            Operand::Prefix(value, bits) => {
                let mask = prefix_mask(value.len(), bits);
                let value = and(&value, &mask);
                // A device name is always cut, an address only where that leaves something to load.
                let is_text = matches!(field.source, Source::Meta(_));
                let whole_bytes = bits % 8 == 0 && bits > 0;
                if is_text || whole_bytes {
                    let length = if is_text { field.length } else { bits / 8 };
                    self.load(field, length);
                    let kept = value
                        .bytes()
                        .get(..bits as usize / 8)
                        .unwrap_or(value.bytes());
                    self.test(op, Value::new(kept));
                } else {
                    self.load(field, field.length);
                    let xor = Value::zero(value.len());
                    self.push(Bitwise {
                        register: NFT_REG_1,
                        mask,
                        xor,
                    });
                    self.test(op, value);
                }
            }
            Operand::Range(from, to) => {
                self.load(field, field.length);
                self.in_range(from, to, invert);
            }
        }
    }

    /// Compares the first register with a range.
    pub fn in_range(&mut self, from: Value, to: Value, invert: bool) {
        if invert {
            self.push(NotInRange {
                register: NFT_REG_1,
                from,
                to,
            });
        } else {
            self.test(CmpOp::Gte, from);
            self.test(CmpOp::Lte, to);
        }
    }

    /// `FIELD & MASK == VALUE`
    pub fn compare_masked(&mut self, field: Field, mask: Value, value: Value, invert: bool) {
        self.load(field, field.length);
        self.push(Bitwise {
            register: NFT_REG_1,
            mask,
            xor: Value::zero(mask.len()),
        });
        self.test(CmpOp::equal_unless(invert), value);
    }

    /// Compares the first register.
    pub fn test(&mut self, op: CmpOp, value: Value) {
        let register = NFT_REG_1;
        self.push(Cmp {
            register,
            op,
            value,
        });
    }

    /// `meta KEY VALUE`
    pub fn meta_is(&mut self, key: u32, value: Value) {
        self.load_into(Source::Meta(key), 0, NFT_REG_1);
        self.test(CmpOp::Eq, value);
    }

    fn load(&mut self, field: Field, length: u32) {
        self.load_into(field.source, length, NFT_REG_1);
    }

    /// Loads a field into a register.
    pub fn load_into(&mut self, source: Source, length: u32, register: u32) {
        match source {
            Source::Meta(key) => self.push(Meta { key, register }),
            Source::Payload(base, offset) => {
                self.push(Payload {
                    base,
                    offset,
                    length,
                    register,
                });
            }
        }
    }

    fn look_up_any(&mut self, field: Field, operands: &[Operand], invert: bool) {
        let plain: Option<Vec<Value>> = operands
            .iter()
            .map(|operand| match operand {
                Operand::Value(value) => Some(*value),
                _ => None,
            })
            .collect();
        let elements = match plain {
            Some(values) => Elements::Values(values),
            None => Elements::intervals(
                operands.iter().map(Operand::interval).collect(),
                field.length as usize,
            ),
        };
        self.load(field, field.length);
        self.look_up(
            AnonymousSet {
                id: self.next_set_id,
                data_type: field.data_type,
                key_length: field.length,
                byte_order: field.byte_order,
                type_of: Some(field.type_of),
                elements,
            },
            invert,
        );
    }

    /// Looks the first register up in a set made for this rule.
    pub fn look_up(&mut self, set: AnonymousSet, invert: bool) {
        let verdict = set.is_verdict_map();
        self.code.look_up(&Lookup {
            register: NFT_REG_1,
            set: set.name(),
            set_id: set.id,
            verdict,
            invert,
        });
        self.sets.push(set);
        self.next_set_id += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_cover_the_first_bits() {
        assert_eq!(prefix_mask(4, 0).bytes(), [0; 4]);
        assert_eq!(prefix_mask(4, 12).bytes(), [255, 0xf0, 0, 0]);
        assert_eq!(prefix_mask(4, 32).bytes(), [255; 4]);
        assert_eq!(prefix_mask(16, 10).bytes()[..3], [255, 0xc0, 0]);
        assert_eq!(prefix_mask(16, u32::MAX).bytes(), [255; 16]);
    }
}
