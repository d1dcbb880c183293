/*! `ip saddr`, `ip6 daddr`: nft(8), IPV4 HEADER EXPRESSION and IPV6 HEADER EXPRESSION. */

use std::net::IpAddr;

use super::Lowering;
use super::field::{Field, Operand, Source};
use crate::netlink::error::Reason;
use crate::netlink::expr::Value;
use crate::netlink::kernel_abi::NFT_PAYLOAD_NETWORK_HEADER;
use crate::netlink::set::{TYPE_IP6ADDR, TYPE_IPADDR};
use crate::netlink::udata::{ByteOrder, TypeOf};
use crate::ruleset::{Dir, Family, MaskedAddr, Network, Prefix, family_of, max_bits};

/// The source or destination address of a header. Offsets: RFC 791, RFC 8200.
pub fn field(family: Family, dir: Dir) -> Field {
    let (offset, length, data_type, header, number) = match (family, dir) {
        (Family::V4, Dir::Src) => (12, 4, TYPE_IPADDR, 12, 11),
        (Family::V4, Dir::Dst) => (16, 4, TYPE_IPADDR, 12, 12),
        (Family::V6, Dir::Src) => (8, 16, TYPE_IP6ADDR, 13, 8),
        (Family::V6, Dir::Dst) => (24, 16, TYPE_IP6ADDR, 13, 9),
    };
    Field {
        source: Source::Payload(NFT_PAYLOAD_NETWORK_HEADER, offset),
        length,
        data_type,
        byte_order: ByteOrder::Network,
        type_of: TypeOf::Payload(header, number),
    }
}

fn operand(family: Family, network: &Network) -> Result<Operand, Reason> {
    let addr = in_family(family, network.addr)?;
    match network.prefix {
        Prefix::Bits(bits) if bits == max_bits(network.addr) => Ok(Operand::Value(addr)),
        Prefix::Bits(bits) if bits < max_bits(network.addr) => {
            Ok(Operand::Prefix(addr, bits as u32))
        }
        Prefix::Bits(bits) => Err(Reason::PrefixTooLong(bits)),
        Prefix::Mask(_) => Err(Reason::OddMask),
        Prefix::Range(last) => {
            if last < network.addr || family_of(last) != family {
                return Err(Reason::BadRange);
            }
            Ok(Operand::Range(addr, Value::addr(last)))
        }
    }
}

fn in_family(family: Family, addr: IpAddr) -> Result<Value, Reason> {
    if family_of(addr) == family {
        Ok(Value::addr(addr))
    } else {
        Err(Reason::WrongFamily)
    }
}

impl Lowering<'_> {
    pub fn addresses(
        &mut self,
        family: Family,
        dir: Dir,
        addrs: &[Network],
        invert: bool,
    ) -> Result<(), Reason> {
        self.need_network(family)?;
        let operand = |network: &Network| operand(family, network);
        self.compare_any(field(family, dir), addrs, operand, invert)
    }

    pub fn masked_address(
        &mut self,
        family: Family,
        dir: Dir,
        masked: &MaskedAddr,
    ) -> Result<(), Reason> {
        self.need_network(family)?;
        let mask = in_family(family, masked.mask.ok_or(Reason::OddMask)?)?;
        let addr = in_family(family, masked.addr)?;
        self.compare_masked(field(family, dir), mask, addr, masked.invert);
        Ok(())
    }
}
