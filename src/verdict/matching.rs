/*! Does a packet meet a condition? Yes, no, or nobody can tell. */

use std::net::IpAddr;

use super::{Packet, Walk};
use crate::ruleset::{Dir, L4, Match, Network, Prefix, mask_bits};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Yes,
    No,
    Perhaps,
}

const ICMP: u8 = 1;
const TCP: u8 = 6;
const UDP: u8 = 17;
const ICMPV6: u8 = 58;

impl Answer {
    pub fn and(self, other: Answer) -> Answer {
        match (self, other) {
            (Answer::No, _) | (_, Answer::No) => Answer::No,
            (Answer::Yes, Answer::Yes) => Answer::Yes,
            _ => Answer::Perhaps,
        }
    }

    /// Can be told only if this holds; else no.
    fn perhaps_if(condition: bool) -> Answer {
        match condition {
            true => Answer::Perhaps,
            false => Answer::No,
        }
    }
}

impl From<bool> for Answer {
    fn from(yes: bool) -> Answer {
        if yes { Answer::Yes } else { Answer::No }
    }
}

impl Walk<'_> {
    pub(super) fn matches(&self, condition: &Match) -> Answer {
        let packet = &self.packet;
        match condition {
            Match::NfProto(family) => (packet.family() == *family).into(),
            Match::L4Proto(list) => list.iter().any(|one| self.is_protocol(one)).into(),
            Match::L4ProtoTcpUdp => matches!(packet.protocol, TCP | UDP).into(),
            Match::Loopback(dir) => device(packet, *dir, |name| name == "lo"),
            Match::IfName { dir, names, invert } => device(packet, *dir, |name| {
                names.iter().any(|pattern| is_named(name, pattern)) != *invert
            }),
            Match::Addr {
                family,
                dir,
                addrs,
                invert,
            } => {
                let within = |addr| addrs.iter().any(|network| contains(network, addr));
                (packet.family() == *family && within(address(packet, *dir)) != *invert).into()
            }
            Match::AddrMasked { family, dir, addr } => match addr.mask {
                Some(mask) => {
                    let same = masked(address(packet, *dir), mask) == masked(addr.addr, mask);
                    (packet.family() == *family && same != addr.invert).into()
                }
                None => Answer::Perhaps,
            },
            Match::Port {
                proto,
                dir,
                ports,
                invert,
            } => {
                let port = match dir {
                    Dir::Src => packet.src.port(),
                    Dir::Dst => packet.dst.port(),
                };
                let within = ports
                    .iter()
                    .any(|range| (range.min..=range.max).contains(&port));
                (self.is_protocol(proto) && within != *invert).into()
            }
            Match::IcmpType { .. } | Match::IcmpTypeCode { .. } => {
                Answer::perhaps_if(matches!(packet.protocol, ICMP | ICMPV6))
            }
            Match::Dscp { family, .. } => Answer::perhaps_if(packet.family() == *family),
            Match::CtStatusDnat => packet.dnat.into(),
            Match::TcpSyn | Match::TcpSynOfHandshake => (packet.protocol == TCP).into(),
            // the state is new
            Match::CtStateVmap { .. } | Match::CtStateInvalid => Answer::No,
            Match::CtDirection { reply } => (!reply).into(),
            Match::EtherSaddr { .. }
            | Match::CtHelper { .. }
            | Match::CtPacketsBeyond(_)
            | Match::Limit(_)
            | Match::LimitObject(_)
            | Match::Time(_)
            | Match::Hour(_)
            | Match::Day { .. }
            | Match::Mark { .. }
            | Match::CtMark { .. }
            | Match::Set { .. } => Answer::Perhaps,
        }
    }

    fn is_protocol(&self, one: &L4) -> bool {
        let number = match one {
            L4::Tcp => Some(TCP),
            L4::Udp => Some(UDP),
            other => self.protocols.number(other.name()),
        };
        number == Some(self.packet.protocol)
    }
}

/// No device at all (the router's own packets come in by none) is not the same as an unknown one: hooks at which
/// there is none have no rules that ask for it.
fn device(packet: &Packet<'_>, dir: Dir, holds: impl Fn(&str) -> bool) -> Answer {
    let name = match dir {
        Dir::Src => packet.iif,
        Dir::Dst => packet.oif,
    };
    name.map_or(Answer::Perhaps, |name| holds(name).into())
}

fn is_named(name: &str, pattern: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(head) => name.starts_with(head),
        None => name == pattern,
    }
}

fn address(packet: &Packet<'_>, dir: Dir) -> IpAddr {
    match dir {
        Dir::Src => packet.src.ip(),
        Dir::Dst => packet.dst.ip(),
    }
}

fn contains(network: &Network, addr: IpAddr) -> bool {
    if network.addr.is_ipv4() != addr.is_ipv4() {
        return false;
    }
    match network.prefix {
        Prefix::Bits(bits) => mask_bits(addr, bits) == mask_bits(network.addr, bits),
        Prefix::Mask(Some(mask)) => masked(addr, mask) == masked(network.addr, mask),
        Prefix::Mask(None) => false,
        Prefix::Range(last) => (network.addr..=last).contains(&addr),
    }
}

fn masked(addr: IpAddr, mask: IpAddr) -> IpAddr {
    match (addr, mask) {
        (IpAddr::V4(addr), IpAddr::V4(mask)) => (addr & mask).into(),
        (IpAddr::V6(addr), IpAddr::V6(mask)) => (addr & mask).into(),
        (addr, _) => addr,
    }
}
