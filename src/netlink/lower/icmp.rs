/*! `icmp type`, `icmpv6 type . icmpv6 code`: nft(8), ICMP HEADER EXPRESSION. */

use super::Lowering;
use super::field::{Field, Operand, Source};
use crate::netlink::element::{Elements, Key};
use crate::netlink::error::Reason;
use crate::netlink::expr::Value;
use crate::netlink::kernel_abi::{NFT_PAYLOAD_TRANSPORT_HEADER, NFT_REG_1, NFT_REG32_00};
use crate::netlink::set::{self, AnonymousSet};
use crate::netlink::udata::{ByteOrder, TypeOf};
use crate::ruleset::{Family, IcmpKind};

/// nft's `enum datatypes`.
const TYPE_ICMP_TYPE: u32 = 14;
const TYPE_ICMPV6_TYPE: u32 = 29;
const TYPE_ICMP_CODE: u32 = 32;
const TYPE_ICMPV6_CODE: u32 = 33;

fn field(family: Family) -> Field {
    let (data_type, header) = match family {
        Family::V4 => (TYPE_ICMP_TYPE, 4),
        Family::V6 => (TYPE_ICMPV6_TYPE, 14),
    };
    Field {
        source: Source::Payload(NFT_PAYLOAD_TRANSPORT_HEADER, 0),
        length: 1,
        data_type,
        byte_order: ByteOrder::Network,
        type_of: TypeOf::Payload(header, 1),
    }
}

impl Lowering<'_> {
    pub fn icmp_types(&mut self, family: Family, types: &[u8]) -> Result<(), Reason> {
        self.need_icmp(family)?;
        let operand = |number: &u8| Ok(Operand::Value(Value::from(*number)));
        self.compare_any(field(family), types, operand, false)
    }

    /// Always a set, even of one.
    pub fn icmp_types_with_codes(
        &mut self,
        family: Family,
        kinds: &[IcmpKind],
    ) -> Result<(), Reason> {
        if kinds.is_empty() {
            return Err(Reason::EmptyList);
        }
        self.need_icmp(family)?;
        let (types, header) = match family {
            Family::V4 => ([TYPE_ICMP_TYPE, TYPE_ICMP_CODE], 4),
            Family::V6 => ([TYPE_ICMPV6_TYPE, TYPE_ICMPV6_CODE], 14),
        };
        self.load_into(
            Source::Payload(NFT_PAYLOAD_TRANSPORT_HEADER, 0),
            1,
            NFT_REG_1,
        );
        self.load_into(
            Source::Payload(NFT_PAYLOAD_TRANSPORT_HEADER, 1),
            1,
            NFT_REG32_00 + 1,
        );
        let mut keys: Vec<Key> = Vec::with_capacity(kinds.len());
        for kind in kinds {
            let mut key = Key::default();
            key.push(&[kind.icmp_type]);
            key.push(&[kind.code]);
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        let set = AnonymousSet {
            id: self.next_set_id,
            data_type: set::concatenated_type(types),
            key_length: 8,
            byte_order: ByteOrder::Mixed,
            type_of: Some(TypeOf::Pair((header, 1), (header, 2))),
            elements: Elements::Keys(keys),
        };
        self.look_up(set, false);
        Ok(())
    }
}
