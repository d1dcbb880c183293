/*! `meta nfproto`, `meta l4proto`: nft(8), META EXPRESSIONS. */

use super::Lowering;
use super::dependency::{Transport, nfproto};
use super::field::{Field, Operand, Source};
use crate::netlink::error::Reason;
use crate::netlink::expr::Value;
use crate::netlink::kernel_abi::{NFT_META_L4PROTO, NFT_META_NFPROTO};
use crate::netlink::udata::{ByteOrder, TypeOf};
use crate::ruleset::{Family, L4};

/// nft's `enum datatypes`.
const TYPE_INET_PROTOCOL: u32 = 12;

impl Lowering<'_> {
    pub fn nfproto(&mut self, family: Family) {
        self.meta_is(NFT_META_NFPROTO, Value::from(nfproto(family)));
        self.known.network = Some(family);
    }

    pub fn l4proto(&mut self, protocols: &[L4]) -> Result<(), Reason> {
        let mut numbers: Vec<u8> = Vec::with_capacity(protocols.len());
        for protocol in protocols {
            let name = protocol.name();
            let number = self.around.protocols.number(name);
            numbers.push(number.ok_or_else(|| Reason::UnknownProtocol(name.to_owned()))?);
        }
        let field = Field {
            source: Source::Meta(NFT_META_L4PROTO),
            length: 1,
            data_type: TYPE_INET_PROTOCOL,
            byte_order: ByteOrder::Host,
            type_of: TypeOf::Meta(NFT_META_L4PROTO),
        };
        let operand = |number: &u8| Ok(Operand::Value(Value::from(*number)));
        self.compare_any(field, &numbers, operand, false)?;
        let first = numbers.first().copied();
        self.known.transport = match first.filter(|first| numbers.iter().all(|n| n == first)) {
            Some(only) => Transport::One(only),
            None => Transport::Several,
        };
        Ok(())
    }
}
