/*! `iif`, `iifname`, `ether saddr`: nft(8), META EXPRESSIONS and ETHERNET HEADER EXPRESSION. */

use super::Lowering;
use super::field::{Field, Operand, Source};
use crate::netlink::error::Reason;
use crate::netlink::expr::Value;
use crate::netlink::kernel_abi::{
    IFNAMSIZ, LOOPBACK_IFINDEX, NFT_META_IIF, NFT_META_IIFNAME, NFT_META_OIF, NFT_META_OIFNAME,
    NFT_PAYLOAD_LL_HEADER,
};
use crate::netlink::name;
use crate::netlink::set::TYPE_ETHERADDR;
use crate::netlink::udata::{ByteOrder, TypeOf};
use crate::ruleset::Dir;

/// nft's `enum datatypes`.
const TYPE_IFNAME: u32 = 41;

/// The source address of an Ethernet header.
pub const ETHER_SADDR: Field = Field {
    source: Source::Payload(NFT_PAYLOAD_LL_HEADER, 6),
    length: 6,
    data_type: TYPE_ETHERADDR,
    byte_order: ByteOrder::Network,
    type_of: TypeOf::Payload(17, 2),
};

/// A device name as nft reads it: a trailing `*` is a wildcard unless a backslash stands before it.
fn operand(name: &str) -> Result<Operand, Reason> {
    let bad = || Reason::DeviceName(name.to_owned());
    let mut bytes = name::quoted(name, IFNAMSIZ - 1)
        .map_err(|_| bad())?
        .into_bytes();
    if bytes.is_empty() {
        return Err(bad());
    }
    let mut prefix = None;
    if bytes.last() == Some(&b'*') {
        bytes.pop();
        match bytes.last() {
            // All wildcard, which nft refuses as well.
            None => return Err(bad()),
            Some(b'\\') => {
                bytes.pop();
                bytes.push(b'*');
            }
            Some(_) => prefix = Some(bytes.len() as u32 * 8),
        }
    }
    bytes.resize(IFNAMSIZ, 0);
    let value = Value::new(&bytes);
    Ok(prefix.map_or(Operand::Value(value), |bits| Operand::Prefix(value, bits)))
}

impl Lowering<'_> {
    pub fn loopback(&mut self, dir: Dir) {
        let key = match dir {
            Dir::Src => NFT_META_IIF,
            Dir::Dst => NFT_META_OIF,
        };
        self.meta_is(key, Value::host(LOOPBACK_IFINDEX));
    }

    pub fn interface_names(
        &mut self,
        dir: Dir,
        names: &[String],
        invert: bool,
    ) -> Result<(), Reason> {
        let key = match dir {
            Dir::Src => NFT_META_IIFNAME,
            Dir::Dst => NFT_META_OIFNAME,
        };
        let field = Field {
            source: Source::Meta(key),
            length: IFNAMSIZ as u32,
            data_type: TYPE_IFNAME,
            byte_order: ByteOrder::Host,
            type_of: TypeOf::Meta(key),
        };
        self.compare_any(field, names, |name| operand(name), invert)
    }

    pub fn ether_saddr(&mut self, macs: &[[u8; 6]], invert: bool) -> Result<(), Reason> {
        self.need_ether();
        let operand = |mac: &[u8; 6]| Ok(Operand::Value(Value::new(mac)));
        self.compare_any(ETHER_SADDR, macs, operand, invert)
    }
}
