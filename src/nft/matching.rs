/*! Matches. */

use super::Printer;
use super::address::{write_ip, write_mac, write_network, write_ports};
use crate::ruleset::{
    Dir, Family, L4, Limit, Match, MetaHour, MetaTime, SetField, TimeOfDay, TimeUnit, Timestamp,
    Weekday,
};

/// fw4 has two templates for rules, which differ in small things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Template {
    Rule,
    /// For redirects and nats.
    Redirect,
}

impl Printer {
    pub(super) fn matching(&mut self, matching: &Match, template: Template) {
        match matching {
            Match::NfProto(Family::V4) => self.put("meta nfproto ipv4"),
            Match::NfProto(Family::V6) => self.put("meta nfproto ipv6"),
            Match::L4Proto(protos) => {
                self.put("meta l4proto ");
                match protos.as_slice() {
                    [proto] => self.put(proto.name()),
                    several => self.list(several, false, |out, proto: &L4| {
                        out.extend_from_slice(&crate::text::encode(proto.name()));
                    }),
                }
            }
            Match::L4ProtoTcpUdp => self.put("meta l4proto { tcp, udp }"),
            Match::Loopback(Dir::Src) => self.put("iif \"lo\""),
            Match::Loopback(Dir::Dst) => self.put("oif \"lo\""),
            Match::IfName { dir, names, invert } => {
                self.put(match dir {
                    Dir::Src => "iifname ",
                    Dir::Dst => "oifname ",
                });
                self.unless(*invert);
                match (names.as_slice(), template) {
                    ([name], Template::Redirect) => self.quoted(name),
                    _ => self.names(names, false),
                }
            }
            Match::Addr {
                family,
                dir,
                addrs,
                invert,
            } => {
                self.addr_field(*family, *dir);
                self.put(" ");
                self.unless(*invert);
                self.list(addrs, false, write_network);
            }
            Match::AddrMasked { family, dir, addr } => {
                self.addr_field(*family, *dir);
                self.put(" & ");
                if let Some(mask) = addr.mask {
                    write_ip(&mut self.out, mask);
                }
                self.put(if addr.invert { " != " } else { " == " });
                write_ip(&mut self.out, addr.addr);
            }
            Match::Port {
                proto,
                dir,
                ports,
                invert,
            } => {
                self.port_field(proto, *dir);
                self.put(" ");
                self.unless(*invert);
                self.list(ports, false, write_ports);
            }
            Match::EtherSaddr { macs, invert } => {
                self.put("ether saddr ");
                self.unless(*invert);
                self.list(macs, false, write_mac);
            }
            Match::IcmpType { family, types } => {
                self.put(icmp(*family));
                self.put(" type ");
                self.list(types, false, |out, icmp_type| {
                    super::write_number(out, (*icmp_type).into());
                });
            }
            Match::IcmpTypeCode { family, kinds } => {
                let icmp = icmp(*family);
                self.put(icmp);
                self.put(" type . ");
                self.put(icmp);
                self.put(" code ");
                self.list(kinds, true, |out, kind| {
                    super::write_number(out, kind.icmp_type.into());
                    out.extend_from_slice(b" . ");
                    super::write_number(out, kind.code.into());
                });
            }
            Match::CtHelper { name, invert } => {
                self.put("ct helper ");
                self.unless(*invert);
                self.quoted(name);
            }
            Match::Limit(limit) => self.limit(limit),
            Match::LimitObject(name) => {
                self.put("limit name \"");
                self.put(name);
                self.put("\"");
            }
            Match::Time(time) => self.time(*time),
            Match::Hour(hour) => self.hour(*hour),
            Match::Day { days, invert } => {
                self.put("meta day ");
                self.unless(*invert);
                self.list(days, false, |out, day| {
                    out.extend_from_slice(weekday(*day).as_bytes())
                });
            }
            Match::Mark {
                mark,
                mask: u32::MAX,
                invert,
            } => {
                self.put("meta mark ");
                self.unless(*invert);
                self.hex(*mark);
            }
            Match::Mark { mark, mask, invert } => {
                self.put("meta mark and ");
                self.hex(*mask);
                self.put(if *invert { " != " } else { " == " });
                self.hex(*mark);
            }
            Match::CtMark { mark, mask } => {
                self.put("ct mark and ");
                self.hex(*mask);
                self.put(" == ");
                self.hex(*mark);
            }
            Match::Dscp {
                family,
                dscp,
                invert,
            } => {
                self.put(ip(*family));
                self.put(" dscp ");
                self.unless(*invert);
                self.hex((*dscp).into());
            }
            Match::Set {
                fields,
                name,
                invert,
            } => {
                for (i, field) in fields.iter().enumerate() {
                    if i > 0 {
                        self.put(" . ");
                    }
                    self.set_field(field);
                }
                self.put(if *invert { " != @" } else { " @" });
                self.put(name);
            }
            Match::CtStateVmap { drop_invalid } => {
                self.put("ct state vmap { established : accept, related : accept");
                self.put(if *drop_invalid {
                    ", invalid : drop }"
                } else {
                    " }"
                });
            }
            Match::CtStateInvalid => self.put("ct state invalid"),
            Match::CtStatusDnat => self.put("ct status dnat"),
            Match::CtDirection { reply } => self.put(match reply {
                true => "ct direction reply",
                false => "ct direction original",
            }),
            Match::CtPacketsBeyond(last) => {
                self.put("ct packets != 1-");
                super::write_number(&mut self.out, u64::from(*last));
            }
            Match::TcpSyn => self.put("tcp flags & (fin | syn | rst | ack) == syn"),
            Match::TcpSynOfHandshake => self.put("tcp flags syn / syn,fin,rst"),
        }
    }

    fn unless(&mut self, invert: bool) {
        if invert {
            self.put("!= ");
        }
    }

    fn addr_field(&mut self, family: Family, dir: Dir) {
        self.put(ip(family));
        self.put(match dir {
            Dir::Src => " saddr",
            Dir::Dst => " daddr",
        });
    }

    fn port_field(&mut self, proto: &L4, dir: Dir) {
        self.put(proto.name());
        self.put(match dir {
            Dir::Src => " sport",
            Dir::Dst => " dport",
        });
    }

    fn set_field(&mut self, field: &SetField) {
        match field {
            SetField::Addr(family, dir) => self.addr_field(*family, *dir),
            SetField::EtherSaddr => self.put("ether saddr"),
            SetField::Port(proto, dir) => self.port_field(proto, *dir),
        }
    }

    /// `limit rate 10/minute burst 5 packets`
    fn limit(&mut self, limit: &Limit) {
        self.put("limit ");
        self.rate(limit);
        if let Some(burst) = limit.burst {
            self.put(" burst ");
            self.put(&burst.to_string());
            self.put(" packets");
        }
    }

    /// `rate 10/minute`
    pub(super) fn rate(&mut self, limit: &Limit) {
        self.put("rate ");
        self.number(limit.rate);
        self.put(match limit.unit {
            TimeUnit::Second => "/second",
            TimeUnit::Minute => "/minute",
            TimeUnit::Hour => "/hour",
            TimeUnit::Day => "/day",
        });
    }

    fn time(&mut self, time: MetaTime) {
        self.put("meta time ");
        match time {
            MetaTime::From(from) => {
                self.put(">= ");
                self.timestamp(from);
            }
            MetaTime::To(to) => {
                self.put("<= ");
                self.timestamp(to);
            }
            MetaTime::Between(from, to) => {
                self.timestamp(from);
                self.put("-");
                self.timestamp(to);
            }
        }
    }

    fn hour(&mut self, hour: MetaHour) {
        self.put("meta hour ");
        match hour {
            MetaHour::From(from) => {
                self.put(">= ");
                self.time_of_day(from);
            }
            MetaHour::To(to) => {
                self.put("<= ");
                self.time_of_day(to);
            }
            MetaHour::Between(from, to) => {
                self.time_of_day(from);
                self.put("-");
                self.time_of_day(to);
            }
        }
    }

    fn timestamp(&mut self, stamp: Timestamp) {
        let Timestamp {
            year,
            month,
            day,
            time: TimeOfDay { hour, min, sec },
        } = stamp;
        let text = format!("\"{year:04}-{month:02}-{day:02} {hour:02}:{min:02}:{sec:02}\"");
        self.put(&text);
    }

    fn time_of_day(&mut self, time: TimeOfDay) {
        let TimeOfDay { hour, min, sec } = time;
        self.put(&format!("\"{hour:02}:{min:02}:{sec:02}\""));
    }
}

/// The name of a family's header.
pub(super) fn ip(family: Family) -> &'static str {
    match family {
        Family::V4 => "ip",
        Family::V6 => "ip6",
    }
}

fn icmp(family: Family) -> &'static str {
    match family {
        Family::V4 => "icmp",
        Family::V6 => "icmpv6",
    }
}

fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Sunday => "Sunday",
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
    }
}
