/*! `tcp dport`: nft(8), TCP HEADER EXPRESSION and the like. */

use super::Lowering;
use super::field::{Field, Operand, Source};
use crate::netlink::error::Reason;
use crate::netlink::expr::Value;
use crate::netlink::kernel_abi::{IPPROTO_TCP, IPPROTO_UDP, NFT_PAYLOAD_TRANSPORT_HEADER};
use crate::netlink::set::TYPE_INET_SERVICE;
use crate::netlink::udata::{ByteOrder, TypeOf};
use crate::ruleset::{Dir, L4, PortRange};

/// IANA's numbers of the other protocols with ports that nft has headers for, and nft's numbers of these.
const OTHERS: &[(&str, u8, u32)] = &[("udplite", 136, 7), ("dccp", 33, 9), ("sctp", 132, 10)];

/// The protocol's number, and its source or destination port.
pub fn field(proto: &L4, dir: Dir) -> Result<(u8, Field), Reason> {
    let (number, header) = match proto {
        L4::Tcp => (IPPROTO_TCP, 8),
        L4::Udp => (IPPROTO_UDP, 6),
        L4::Icmp | L4::IcmpV6 => return Err(Reason::UnknownProtocol(proto.name().to_owned())),
        L4::Other(name) => OTHERS
            .iter()
            .find(|(known, ..)| known == name)
            .map(|(_, number, header)| (*number, *header))
            .ok_or_else(|| Reason::UnknownProtocol(name.clone()))?,
    };
    let (offset, which) = match dir {
        Dir::Src => (0, 1),
        Dir::Dst => (2, 2),
    };
    let field = Field {
        source: Source::Payload(NFT_PAYLOAD_TRANSPORT_HEADER, offset),
        length: 2,
        data_type: TYPE_INET_SERVICE,
        byte_order: ByteOrder::Network,
        type_of: TypeOf::Payload(header, which),
    };
    Ok((number, field))
}

fn operand(ports: &PortRange) -> Result<Operand, Reason> {
    if ports.min > ports.max {
        return Err(Reason::Number("port range"));
    }
    let first = Value::port(ports.min);
    let one = ports.min == ports.max;
    Ok(if one {
        Operand::Value(first)
    } else {
        Operand::Range(first, Value::port(ports.max))
    })
}

impl Lowering<'_> {
    pub fn ports(
        &mut self,
        proto: &L4,
        dir: Dir,
        ports: &[PortRange],
        invert: bool,
    ) -> Result<(), Reason> {
        let (number, field) = field(proto, dir)?;
        self.need_transport(number)?;
        self.compare_any(field, ports, operand, invert)
    }
}
