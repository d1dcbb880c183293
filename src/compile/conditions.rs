/*! The conditions that rules, redirects and nats share, in the order in which fw4 writes them. */

use super::devices::distinct;
use super::subnet::SubnetGroup;
use crate::config::value::{Dscp, Inv, Mark, PortRange, Proto, Schedule};
use crate::ruleset::{Dir, Family, IcmpKind, L4, Limit, Match, MetaHour, MetaTime, SetField};

/// More conditions than most rules have.
const FEW: usize = 8;

/// What a packet must be like; whatever is empty or `None` asks for nothing.
#[derive(Debug, Clone, Default)]
pub(super) struct Conditions<'a> {
    pub(super) family: Option<Family>,
    pub(super) l4: Vec<L4>,
    pub(super) iif: Option<&'a [String]>,
    pub(super) oif: Option<&'a [String]>,
    pub(super) src: &'a SubnetGroup,
    pub(super) dst: &'a SubnetGroup,
    /// The protocol of the ports.
    pub(super) port_proto: Option<L4>,
    pub(super) src_port: &'a [Inv<PortRange>],
    pub(super) dst_port: &'a [Inv<PortRange>],
    pub(super) src_mac: &'a [Inv<[u8; 6]>],
    pub(super) icmp: &'a Icmp,
    pub(super) helper: Option<(&'a str, bool)>,
    pub(super) limit: Option<&'a Limit>,
    pub(super) schedule: Option<&'a Schedule>,
    pub(super) mark: Option<Mark>,
    pub(super) dscp: Option<Dscp>,
    pub(super) set: Option<SetLookup<'a>>,
}

/// ICMP types, or types with codes; one rule never holds both.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) enum Icmp {
    #[default]
    None,
    Types(Vec<u8>),
    Codes(Vec<IcmpKind>),
}

#[derive(Debug, Clone)]
pub(super) struct SetLookup<'a> {
    pub(super) fields: Vec<SetField>,
    pub(super) name: &'a str,
    pub(super) invert: bool,
}

impl Default for &Icmp {
    fn default() -> Self {
        &Icmp::None
    }
}

impl Conditions<'_> {
    pub(super) fn matches(self) -> Vec<Match> {
        let mut out = Vec::with_capacity(FEW);
        if let Some(family) = self.family
            && self.src.is_empty()
            && self.dst.is_empty()
        {
            out.push(Match::NfProto(family));
        }
        if !self.l4.is_empty() {
            out.push(Match::L4Proto(self.l4));
        }
        push_names(&mut out, Dir::Src, self.iif);
        push_names(&mut out, Dir::Dst, self.oif);
        if let Some(family) = self.family {
            push_addrs(&mut out, family, Dir::Src, self.src);
            push_addrs(&mut out, family, Dir::Dst, self.dst);
        }
        if let Some(proto) = &self.port_proto {
            push_ports(&mut out, proto, Dir::Src, self.src_port);
            push_ports(&mut out, proto, Dir::Dst, self.dst_port);
        }
        if !self.src_mac.is_empty() {
            for invert in [false, true] {
                let macs = side(self.src_mac, invert);
                if !macs.is_empty() {
                    out.push(Match::EtherSaddr { macs, invert });
                }
            }
        }
        match (self.icmp, self.family) {
            (Icmp::Types(types), Some(family)) => out.push(Match::IcmpType {
                family,
                types: types.clone(),
            }),
            (Icmp::Codes(kinds), Some(family)) => out.push(Match::IcmpTypeCode {
                family,
                kinds: kinds.clone(),
            }),
            _ => {}
        }
        if let Some((name, invert)) = self.helper {
            out.push(Match::CtHelper {
                name: name.to_owned(),
                invert,
            });
        }
        if let Some(limit) = self.limit {
            out.push(Match::Limit(limit.clone()));
        }
        if let Some(schedule) = self.schedule {
            push_schedule(&mut out, schedule);
        }
        if let Some(Mark { mark, mask, invert }) = self.mark {
            out.push(Match::Mark { mark, mask, invert });
        }
        if let (Some(Dscp { dscp, invert }), Some(family)) = (self.dscp, self.family) {
            out.push(Match::Dscp {
                family,
                dscp,
                invert,
            });
        }
        if let Some(SetLookup {
            fields,
            name,
            invert,
        }) = self.set
        {
            out.push(Match::Set {
                fields,
                name: name.to_owned(),
                invert,
            });
        }
        out.shrink_to_fit();
        out
    }
}

fn push_names(out: &mut Vec<Match>, dir: Dir, names: Option<&[String]>) {
    if let Some(names) = names {
        out.push(Match::IfName {
            dir,
            names: distinct(names),
            invert: false,
        });
    }
}

pub(super) fn push_addrs(out: &mut Vec<Match>, family: Family, dir: Dir, group: &SubnetGroup) {
    if !group.pos.is_empty() {
        out.push(Match::Addr {
            family,
            dir,
            addrs: group.pos.clone(),
            invert: false,
        });
    }
    if !group.neg.is_empty() {
        out.push(Match::Addr {
            family,
            dir,
            addrs: group.neg.clone(),
            invert: true,
        });
    }
    for addr in &group.masked {
        out.push(Match::AddrMasked {
            family,
            dir,
            addr: addr.clone(),
        });
    }
}

fn push_ports(out: &mut Vec<Match>, proto: &L4, dir: Dir, ports: &[Inv<PortRange>]) {
    if ports.is_empty() {
        return;
    }
    for invert in [false, true] {
        let ports = side(ports, invert);
        if !ports.is_empty() {
            out.push(Match::Port {
                proto: proto.clone(),
                dir,
                ports,
                invert,
            });
        }
    }
}

/// The negated or the other items of a list.
fn side<T: Copy>(items: &[Inv<T>], invert: bool) -> Vec<T> {
    if let [one] = items {
        return match one.invert == invert {
            true => vec![one.value],
            false => Vec::new(),
        };
    }
    items
        .iter()
        .filter(|item| item.invert == invert)
        .map(|item| item.value)
        .collect()
}

fn push_schedule(out: &mut Vec<Match>, schedule: &Schedule) {
    match (schedule.start_date, schedule.stop_date) {
        (Some(from), Some(to)) => out.push(Match::Time(MetaTime::Between(from, to))),
        (Some(from), None) => out.push(Match::Time(MetaTime::From(from))),
        (None, Some(to)) => out.push(Match::Time(MetaTime::To(to))),
        (None, None) => {}
    }
    match (schedule.start_time, schedule.stop_time) {
        (Some(from), Some(to)) => out.push(Match::Hour(MetaHour::Between(from, to))),
        (Some(from), None) => out.push(Match::Hour(MetaHour::From(from))),
        (None, Some(to)) => out.push(Match::Hour(MetaHour::To(to))),
        (None, None) => {}
    }
    if let Some(weekdays) = &schedule.weekdays {
        out.push(Match::Day {
            days: weekdays.days.clone(),
            invert: weekdays.invert,
        });
    }
}

/// The protocol a rule's ports belong to, if it has ports.
pub(super) fn port_proto(proto: &Proto) -> Option<L4> {
    match proto {
        Proto::Tcp => Some(L4::Tcp),
        Proto::Udp => Some(L4::Udp),
        _ => None,
    }
}

/// `meta l4proto`; `icmp` means the family's own.
pub(super) fn l4(proto: &Proto, family: Option<Family>) -> Option<L4> {
    Some(match proto {
        Proto::Any => return None,
        Proto::Tcp => L4::Tcp,
        Proto::Udp => L4::Udp,
        Proto::Icmp if family == Some(Family::V6) => L4::IcmpV6,
        Proto::Icmp => L4::Icmp,
        Proto::IcmpV6 => L4::IcmpV6,
        Proto::Other(name) => L4::Other(name.clone()),
    })
}
