/*! `ct state`, `ct status`, `ct helper`, `ct direction`, `ct packets`: nft(8), CONNTRACK EXPRESSIONS. */

use super::Lowering;
use crate::netlink::element::Elements;
use crate::netlink::error::Reason;
use crate::netlink::expr::{Bitwise, CmpOp, Ct, HostToNetwork, Value};
use crate::netlink::kernel_abi::{
    CT_HELPER_NAME_LEN, CT_STATE_ESTABLISHED, CT_STATE_INVALID, CT_STATE_RELATED, CT_STATUS_DNAT,
    NF_ACCEPT, NF_DROP, NFT_CT_DIRECTION, NFT_CT_HELPER, NFT_CT_PKTS, NFT_CT_STATE, NFT_CT_STATUS,
    NFT_REG_1,
};
use crate::netlink::name;
use crate::netlink::set::{AnonymousSet, TYPE_CT_STATE};
use crate::netlink::udata::ByteOrder;

impl Lowering<'_> {
    pub fn ct_helper(&mut self, helper: &str, invert: bool) -> Result<(), Reason> {
        let mut padded = [0; CT_HELPER_NAME_LEN];
        let helper = name::quoted(helper, CT_HELPER_NAME_LEN - 1)?;
        for (to, from) in padded.iter_mut().zip(helper.as_bytes()) {
            *to = *from;
        }
        self.push(Ct {
            key: NFT_CT_HELPER,
            register: NFT_REG_1,
        });
        let op = CmpOp::equal_unless(invert);
        self.test(op, Value::new(&padded));
        Ok(())
    }

    pub fn ct_state_vmap(&mut self, drop_invalid: bool) {
        let mut verdicts = vec![
            (Value::host(CT_STATE_ESTABLISHED), NF_ACCEPT),
            (Value::host(CT_STATE_RELATED), NF_ACCEPT),
        ];
        if drop_invalid {
            verdicts.push((Value::host(CT_STATE_INVALID), NF_DROP));
        }
        self.statement_expression(Ct {
            key: NFT_CT_STATE,
            register: NFT_REG_1,
        });
        let set = AnonymousSet {
            id: self.next_set_id,
            data_type: TYPE_CT_STATE,
            key_length: 4,
            byte_order: ByteOrder::Host,
            type_of: None,
            elements: Elements::Verdicts(verdicts),
        };
        self.look_up(set, false);
    }

    pub fn ct_state_invalid(&mut self) {
        self.has_bit(NFT_CT_STATE, CT_STATE_INVALID);
    }

    pub fn ct_status_dnat(&mut self) {
        self.has_bit(NFT_CT_STATUS, CT_STATUS_DNAT);
    }

    pub fn ct_direction(&mut self, reply: bool) {
        self.push(Ct {
            key: NFT_CT_DIRECTION,
            register: NFT_REG_1,
        });
        self.test(CmpOp::Eq, Value::from(u8::from(reply)));
    }

    pub fn ct_packets_beyond(&mut self, last: u32) {
        self.push(Ct {
            key: NFT_CT_PKTS,
            register: NFT_REG_1,
        });
        self.push(HostToNetwork {
            register: NFT_REG_1,
            size: 8,
        });
        let number = |number: u32| Value::new(&u64::from(number).to_be_bytes());
        self.in_range(number(1), number(last), true);
    }

    fn has_bit(&mut self, key: u32, bit: u32) {
        let zero = Value::host(0);
        self.push(Ct {
            key,
            register: NFT_REG_1,
        });
        self.push(Bitwise {
            register: NFT_REG_1,
            mask: Value::host(bit),
            xor: zero,
        });
        self.test(CmpOp::Neq, zero);
    }
}
