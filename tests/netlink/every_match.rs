/*! Every match and statement of the model, each beside the nft text that means the same. */

use std::net::IpAddr;

use ferrowall::ruleset::Match as M;
use ferrowall::ruleset::Statement as S;
use ferrowall::ruleset::*;

use crate::support::{after_nft, assert_same, base, chain, here, in_namespace, input, load, rule};

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

/// `a`, `a/n`, `a-b`
fn net(text: &str) -> Network {
    if let Some((addr, bits)) = text.split_once('/') {
        return Network {
            addr: ip(addr),
            prefix: Prefix::Bits(bits.parse().expect("a length")),
        };
    }
    match text.split_once('-') {
        Some((addr, last)) => Network {
            addr: ip(addr),
            prefix: Prefix::Range(ip(last)),
        },
        None => Network::host(ip(text)),
    }
}

fn addr(dir: Dir, invert: bool, list: &[&str]) -> M {
    let addrs: Vec<Network> = list.iter().map(|text| net(text)).collect();
    M::Addr {
        family: family_of(addrs[0].addr),
        dir,
        addrs,
        invert,
    }
}

fn ports(proto: L4, dir: Dir, invert: bool, list: &[(u16, u16)]) -> M {
    let ports = list
        .iter()
        .map(|(min, max)| PortRange {
            min: *min,
            max: *max,
        })
        .collect();
    M::Port {
        proto,
        dir,
        ports,
        invert,
    }
}

fn names(dir: Dir, invert: bool, list: &[&str]) -> M {
    M::IfName {
        dir,
        names: list.iter().map(|name| name.to_string()).collect(),
        invert,
    }
}

fn masked(text: &str, mask: &str, invert: bool) -> M {
    let addr = MaskedAddr {
        addr: ip(text),
        mask: Some(ip(mask)),
        invert,
    };
    M::AddrMasked {
        family: family_of(ip(text)),
        dir: Dir::Src,
        addr,
    }
}

fn macs(invert: bool, last: &[u8]) -> M {
    M::EtherSaddr {
        macs: last
            .iter()
            .map(|x| [0, 0x11, 0x22, 0x33, 0x44, *x])
            .collect(),
        invert,
    }
}

fn set(fields: &[SetField], name: &str, invert: bool) -> M {
    M::Set {
        fields: fields.to_vec(),
        name: name.to_owned(),
        invert,
    }
}

fn time(hour: u8, min: u8, sec: u8) -> TimeOfDay {
    TimeOfDay { hour, min, sec }
}

fn date(year: u16, month: u8, day: u8) -> Timestamp {
    Timestamp {
        year,
        month,
        day,
        time: time(12, 30, 5),
    }
}

fn limit(rate: u64, unit: TimeUnit, burst: Option<i128>) -> Limit {
    Limit {
        rate,
        unit,
        burst: burst.map(Number::Int),
    }
}

fn jump(chain: &str) -> S {
    S::Verdict(Verdict::Jump(chain.to_owned()))
}

const ACCEPT: S = S::Verdict(Verdict::Accept);
const V4: M = M::NfProto(Family::V4);
const V6: M = M::NfProto(Family::V6);

type Pair = (Vec<M>, Vec<S>, &'static str);

fn matches() -> Vec<Pair> {
    use Dir::{Dst, Src};
    use SetField::{Addr, EtherSaddr, Port};
    let one = |m: M, text| (vec![m], vec![ACCEPT], text);
    let tcp = |ports: &[(u16, u16)]| self::ports(L4::Tcp, Dst, false, ports);
    let other = |name: &str| L4::Other(name.to_owned());
    vec![
        one(V4, "meta nfproto ipv4"),
        one(V6, "meta nfproto ipv6"),
        one(M::L4Proto(vec![L4::Tcp]), "meta l4proto tcp"),
        one(
            M::L4Proto(vec![L4::Icmp, L4::IcmpV6, L4::Icmp]),
            "meta l4proto { icmp, ipv6-icmp }",
        ),
        one(M::L4Proto(vec![other("gre")]), "meta l4proto gre"),
        one(
            M::L4Proto(vec![other("41"), other("esp")]),
            "meta l4proto { 41, esp }",
        ),
        one(M::L4ProtoTcpUdp, "meta l4proto { tcp, udp }"),
        one(M::Loopback(Src), "iif lo"),
        one(names(Src, false, &["eth0"]), "iifname eth0"),
        one(names(Src, false, &["eth0", "eth0"]), "iifname eth0"),
        one(names(Src, false, &["eth*"]), "iifname \"eth*\""),
        one(names(Src, true, &["wlan*"]), "iifname != \"wlan*\""),
        one(
            names(Src, true, &["eth0", "br-lan.30"]),
            "iifname != { eth0, \"br-lan.30\" }",
        ),
        one(
            names(Src, false, &["wlan*", "eth0", "a23456789012345"]),
            "iifname { \"wlan*\", eth0, a23456789012345 }",
        ),
        one(
            names(Src, false, &["wlan*", "wlan0", "wlao"]),
            "iifname { \"wlan*\", wlan0, wlao }",
        ),
        one(addr(Src, false, &["192.0.2.1"]), "ip saddr 192.0.2.1"),
        one(addr(Dst, true, &["192.0.2.1"]), "ip daddr != 192.0.2.1"),
        one(addr(Src, false, &["10.1.2.3/8"]), "ip saddr 10.1.2.3/8"),
        one(addr(Src, true, &["10.0.0.0/12"]), "ip saddr != 10.0.0.0/12"),
        one(addr(Src, false, &["0.0.0.0/0"]), "ip saddr 0.0.0.0/0"),
        one(
            addr(Src, false, &["1.1.1.1-1.1.1.5"]),
            "ip saddr 1.1.1.1-1.1.1.5",
        ),
        one(
            addr(Src, true, &["1.1.1.1-1.1.1.5"]),
            "ip saddr != 1.1.1.1-1.1.1.5",
        ),
        one(
            addr(Src, false, &["10.0.0.2", "10.0.0.1", "10.0.0.2"]),
            "ip saddr { 10.0.0.2, 10.0.0.1 }",
        ),
        one(
            addr(Dst, true, &["10.0.0.2", "10.0.0.1"]),
            "ip daddr != { 10.0.0.2, 10.0.0.1 }",
        ),
        one(
            addr(
                Src,
                false,
                &["10.0.1.0/24", "10.0.0.0/24", "1.1.1.1-1.1.1.5", "1.1.1.3"],
            ),
            "ip saddr { 10.0.1.0/24, 10.0.0.0/24, 1.1.1.1-1.1.1.5, 1.1.1.3 }",
        ),
        one(
            addr(Src, false, &["255.255.0.0/16", "0.0.0.0/8"]),
            "ip saddr { 255.255.0.0/16, 0.0.0.0/8 }",
        ),
        one(
            addr(Src, false, &["10.0.0.5/24", "10.0.0.6/24"]),
            "ip saddr { 10.0.0.5/24, 10.0.0.6/24 }",
        ),
        one(addr(Src, false, &["fe80::/10"]), "ip6 saddr fe80::/10"),
        one(
            addr(Dst, true, &["2001:db8::/64"]),
            "ip6 daddr != 2001:db8::/64",
        ),
        one(
            addr(Src, false, &["::1", "fe80::1"]),
            "ip6 saddr { ::1, fe80::1 }",
        ),
        one(
            addr(Src, false, &["fd00::/8", "ff00::/8", "::1-::9"]),
            "ip6 saddr { fd00::/8, ff00::/8, ::1-::9 }",
        ),
        one(
            masked("0.0.0.1", "0.0.0.255", false),
            "ip saddr & 0.0.0.255 == 0.0.0.1",
        ),
        one(
            masked("::1", "::ffff:ffff:ffff:ffff", true),
            "ip6 saddr & ::ffff:ffff:ffff:ffff != ::1",
        ),
        one(tcp(&[(80, 80)]), "tcp dport 80"),
        one(ports(L4::Udp, Src, true, &[(80, 90)]), "udp sport != 80-90"),
        one(
            ports(L4::Udp, Dst, false, &[(500, 510)]),
            "udp dport 500-510",
        ),
        one(
            tcp(&[(80, 80), (443, 443), (80, 80)]),
            "tcp dport { 80, 443 }",
        ),
        one(
            tcp(&[(80, 80), (81, 100), (65000, 65535)]),
            "tcp dport { 80, 81-100, 65000-65535 }",
        ),
        one(tcp(&[(0, 10), (8, 20)]), "tcp dport { 0-10, 8-20 }"),
        one(
            ports(L4::Udp, Src, true, &[(1, 1), (3, 3)]),
            "udp sport != { 1, 3 }",
        ),
        (
            vec![
                ports(L4::Udp, Src, false, &[(67, 67)]),
                ports(L4::Udp, Dst, false, &[(68, 68)]),
            ],
            vec![ACCEPT],
            "udp sport 67 udp dport 68",
        ),
        (
            vec![
                addr(Src, false, &["1.2.3.4"]),
                addr(Dst, false, &["5.6.7.8"]),
                tcp(&[(22, 22)]),
            ],
            vec![ACCEPT],
            "ip saddr 1.2.3.4 ip daddr 5.6.7.8 tcp dport 22",
        ),
        (
            vec![
                V4,
                M::L4Proto(vec![L4::Udp]),
                ports(L4::Udp, Dst, false, &[(21, 21)]),
            ],
            vec![ACCEPT],
            "meta nfproto ipv4 meta l4proto udp udp dport 21",
        ),
        one(macs(false, &[1]), "ether saddr 00:11:22:33:44:01"),
        one(
            macs(true, &[1, 2]),
            "ether saddr != { 00:11:22:33:44:01, 00:11:22:33:44:02 }",
        ),
        (
            vec![tcp(&[(80, 80)]), macs(false, &[1])],
            vec![ACCEPT],
            "tcp dport 80 ether saddr 00:11:22:33:44:01",
        ),
        (
            vec![macs(false, &[1]), addr(Src, false, &["1.2.3.4"])],
            vec![ACCEPT],
            "ether saddr 00:11:22:33:44:01 ip saddr 1.2.3.4",
        ),
        (
            vec![
                macs(false, &[1]),
                M::IcmpType {
                    family: Family::V6,
                    types: vec![128],
                },
            ],
            vec![ACCEPT],
            "ether saddr 00:11:22:33:44:01 icmpv6 type 128",
        ),
        one(
            M::IcmpType {
                family: Family::V4,
                types: vec![8],
            },
            "icmp type 8",
        ),
        (
            vec![
                V6,
                M::IcmpType {
                    family: Family::V6,
                    types: vec![1, 2, 3, 1],
                },
            ],
            vec![ACCEPT],
            "meta nfproto ipv6 icmpv6 type { 1, 2, 3 }",
        ),
        (
            vec![
                M::L4Proto(vec![L4::Icmp]),
                M::IcmpType {
                    family: Family::V4,
                    types: vec![8, 0],
                },
            ],
            vec![ACCEPT],
            "meta l4proto icmp icmp type { 8, 0 }",
        ),
        one(
            M::IcmpTypeCode {
                family: Family::V4,
                kinds: vec![IcmpKind {
                    icmp_type: 3,
                    code: 4,
                }],
            },
            "icmp type . icmp code { 3 . 4 }",
        ),
        (
            vec![
                addr(Src, false, &["fe80::/10"]),
                M::IcmpTypeCode {
                    family: Family::V6,
                    kinds: [(130, 0), (131, 0), (143, 0)]
                        .map(|(icmp_type, code)| IcmpKind { icmp_type, code })
                        .to_vec(),
                },
            ],
            vec![ACCEPT],
            "ip6 saddr fe80::/10 icmpv6 type . icmpv6 code { 130 . 0, 131 . 0, 143 . 0 }",
        ),
        one(
            M::CtHelper {
                name: "ftp".into(),
                invert: false,
            },
            "ct helper \"ftp\"",
        ),
        one(
            M::CtHelper {
                name: "netbios-ns".into(),
                invert: true,
            },
            "ct helper != \"netbios-ns\"",
        ),
        one(
            M::Limit(limit(10, TimeUnit::Second, None)),
            "limit rate 10/second",
        ),
        one(
            M::Limit(limit(3, TimeUnit::Hour, Some(7))),
            "limit rate 3/hour burst 7 packets",
        ),
        one(
            M::Limit(limit(4, TimeUnit::Day, Some(1))),
            "limit rate 4/day burst 1 packets",
        ),
        one(
            M::LimitObject("wan.log_limit".into()),
            "limit name \"wan.log_limit\"",
        ),
        one(
            M::Time(MetaTime::From(date(2024, 1, 2))),
            "meta time >= \"2024-01-02 12:30:05\"",
        ),
        one(
            M::Time(MetaTime::To(date(2024, 7, 2))),
            "meta time <= \"2024-07-02 12:30:05\"",
        ),
        one(
            M::Time(MetaTime::Between(date(2024, 3, 31), date(2024, 12, 31))),
            "meta time \"2024-03-31 12:30:05\"-\"2024-12-31 12:30:05\"",
        ),
        one(
            M::Hour(MetaHour::From(time(10, 0, 0))),
            "meta hour >= \"10:00:00\"",
        ),
        one(
            M::Hour(MetaHour::To(time(0, 0, 30))),
            "meta hour <= \"00:00:30\"",
        ),
        one(
            M::Hour(MetaHour::Between(time(10, 0, 0), time(12, 0, 0))),
            "meta hour \"10:00:00\"-\"12:00:00\"",
        ),
        one(
            M::Hour(MetaHour::Between(time(22, 0, 0), time(6, 0, 0))),
            "meta hour \"22:00:00\"-\"06:00:00\"",
        ),
        one(
            M::Hour(MetaHour::Between(time(0, 30, 0), time(4, 0, 0))),
            "meta hour \"00:30:00\"-\"04:00:00\"",
        ),
        one(
            M::Day {
                days: vec![Weekday::Monday],
                invert: false,
            },
            "meta day Monday",
        ),
        one(
            M::Day {
                days: vec![Weekday::Saturday, Weekday::Sunday],
                invert: true,
            },
            "meta day != { Saturday, Sunday }",
        ),
        one(
            M::Mark {
                mark: 0x12,
                mask: u32::MAX,
                invert: false,
            },
            "meta mark 0x12",
        ),
        one(
            M::Mark {
                mark: 0x12,
                mask: u32::MAX,
                invert: true,
            },
            "meta mark != 0x12",
        ),
        one(
            M::Mark {
                mark: 0x12,
                mask: 0xff,
                invert: false,
            },
            "meta mark and 0xff == 0x12",
        ),
        one(
            M::Mark {
                mark: 0x12000000,
                mask: 0xff000000,
                invert: true,
            },
            "meta mark and 0xff000000 != 0x12000000",
        ),
        one(
            M::Dscp {
                family: Family::V4,
                dscp: 0x2e,
                invert: false,
            },
            "ip dscp 0x2e",
        ),
        one(
            M::Dscp {
                family: Family::V6,
                dscp: 0x08,
                invert: true,
            },
            "ip6 dscp != 0x08",
        ),
        one(
            set(&[Addr(Family::V4, Src)], "nets", false),
            "ip saddr @nets",
        ),
        one(
            set(&[Addr(Family::V4, Dst)], "nets", true),
            "ip daddr != @nets",
        ),
        one(
            set(&[Addr(Family::V6, Dst)], "hosts6", false),
            "ip6 daddr @hosts6",
        ),
        one(set(&[EtherSaddr], "macs", false), "ether saddr @macs"),
        one(
            set(&[Port(L4::Udp, Dst)], "ports", false),
            "udp dport @ports",
        ),
        one(
            set(&[Addr(Family::V4, Src), Port(L4::Tcp, Dst)], "pairs", false),
            "ip saddr . tcp dport @pairs",
        ),
        one(
            set(
                &[Addr(Family::V6, Src), EtherSaddr, Port(L4::Tcp, Dst)],
                "three",
                true,
            ),
            "ip6 saddr . ether saddr . tcp dport != @three",
        ),
        (
            vec![M::CtStateVmap {
                drop_invalid: false,
            }],
            vec![],
            "ct state vmap { established : accept, related : accept }",
        ),
        (
            vec![M::CtStateVmap { drop_invalid: true }],
            vec![],
            "ct state vmap { established : accept, related : accept, invalid : drop }",
        ),
        one(M::CtStateInvalid, "ct state invalid"),
        one(M::CtStatusDnat, "ct status dnat"),
        (
            vec![M::TcpSyn],
            vec![jump("target")],
            "tcp flags & (fin | syn | rst | ack) == syn",
        ),
    ]
}

fn statements() -> Vec<Pair> {
    vec![
        (
            vec![],
            vec![S::Counter, S::Verdict(Verdict::Drop)],
            "counter",
        ),
        (
            vec![],
            vec![S::Log {
                prefix: "reject wan in: ".into(),
            }],
            "log prefix \"reject wan in: \"",
        ),
        (vec![], vec![S::Verdict(Verdict::Return)], ""),
        (vec![], vec![S::Verdict(Verdict::Reject)], ""),
        (
            vec![V4],
            vec![S::Counter, S::Verdict(Verdict::Reject)],
            "meta nfproto ipv4 counter",
        ),
        (
            vec![V6],
            vec![S::Verdict(Verdict::Reject)],
            "meta nfproto ipv6",
        ),
        (
            vec![M::L4Proto(vec![L4::Tcp])],
            vec![S::RejectWith(RejectCode::TcpReset)],
            "meta l4proto tcp",
        ),
        (
            vec![],
            vec![S::Counter, S::RejectWith(RejectCode::TcpReset)],
            "counter",
        ),
        (vec![], vec![S::RejectWith(RejectCode::PortUnreachable)], ""),
        (
            vec![V4],
            vec![S::RejectWith(RejectCode::AdminProhibited)],
            "meta nfproto ipv4",
        ),
        (vec![], vec![S::RejectWith(RejectCode::HostUnreachable)], ""),
        (vec![], vec![S::RejectWith(RejectCode::NoRoute)], ""),
    ]
}

fn statement_text(statement: &S) -> String {
    let fixed = match statement {
        S::Verdict(Verdict::Accept) => "accept",
        S::Verdict(Verdict::Drop) => "drop",
        S::Verdict(Verdict::Return) => "return",
        S::Verdict(Verdict::Reject) => "reject",
        S::Verdict(Verdict::Jump(chain)) => return format!("jump {chain}"),
        S::RejectWith(RejectCode::TcpReset) => "reject with tcp reset",
        S::RejectWith(RejectCode::PortUnreachable) => "reject with icmpx type port-unreachable",
        S::RejectWith(RejectCode::AdminProhibited) => "reject with icmpx type admin-prohibited",
        S::RejectWith(RejectCode::HostUnreachable) => "reject with icmpx type host-unreachable",
        S::RejectWith(RejectCode::NoRoute) => "reject with icmpx type no-route",
        // Written out in the text of the pair.
        _ => "",
    };
    fixed.to_owned()
}

fn mangle() -> Vec<Pair> {
    let set = |mark, mask, text| (vec![], vec![S::SetMark(MarkChange { mark, mask })], text);
    vec![
        set(0x11, u32::MAX, "meta mark set 0x11"),
        set(0, 0xff, "meta mark set mark and 0xffffff00"),
        set(0xff, 0xff, "meta mark set mark or 0xff"),
        set(0xf0, 0, "meta mark set mark xor 0xf0"),
        set(0x1, 0xf, "meta mark set mark and 0xfffffff0 xor 0x1"),
        (
            vec![],
            vec![S::SetDscp {
                family: Family::V4,
                dscp: 0x2e,
            }],
            "ip dscp set 0x2e",
        ),
        (
            vec![V6],
            vec![S::SetDscp {
                family: Family::V6,
                dscp: 0x21,
            }],
            "meta nfproto ipv6 ip6 dscp set 0x21",
        ),
        (
            vec![M::L4Proto(vec![L4::Tcp])],
            vec![S::SetDscp {
                family: Family::V4,
                dscp: 0,
            }],
            "meta l4proto tcp ip dscp set 0x00",
        ),
        (
            vec![V4, names(Dir::Dst, false, &["wan"]), M::TcpSynOfHandshake],
            vec![S::ClampMss],
            "meta nfproto ipv4 oifname wan tcp flags syn / syn,fin,rst tcp option maxseg size set rt mtu",
        ),
        (vec![M::Loopback(Dir::Dst)], vec![ACCEPT], "oif lo"),
        (vec![], vec![S::Notrack], "notrack"),
    ]
}

fn dstnat() -> Vec<Pair> {
    let to = |addr: Option<NatAddr>, ports: Option<(u16, u16)>| NatRange {
        addr,
        ports: ports.map(|(min, max)| PortRange { min, max }),
    };
    let host = |text| Some(NatAddr::Host(ip(text)));
    let tcp = || ports(L4::Tcp, Dir::Dst, false, &[(80, 80)]);
    let dnat = |family, to| vec![S::Counter, S::Dnat { family, to }];
    let redirect = |ports: Option<(u16, u16)>| {
        vec![S::Redirect {
            ports: ports.map(|(min, max)| PortRange { min, max }),
        }]
    };
    vec![
        (
            vec![V4, tcp()],
            dnat(Some(Family::V4), to(host("1.2.3.4"), Some((80, 80)))),
            "meta nfproto ipv4 tcp dport 80 counter dnat 1.2.3.4:80",
        ),
        (
            vec![addr(Dir::Src, false, &["10.0.0.1"]), tcp()],
            dnat(None, to(host("1.2.3.4"), Some((80, 90)))),
            "ip saddr 10.0.0.1 tcp dport 80 counter dnat 1.2.3.4:80-90",
        ),
        (
            vec![V4],
            dnat(Some(Family::V4), to(host("1.2.3.4"), None)),
            "meta nfproto ipv4 counter dnat 1.2.3.4",
        ),
        (
            vec![V4, tcp()],
            dnat(
                None,
                to(
                    Some(NatAddr::Range(ip("1.2.3.4"), ip("1.2.3.9"))),
                    Some((5, 6)),
                ),
            ),
            "meta nfproto ipv4 tcp dport 80 counter dnat 1.2.3.4-1.2.3.9:5-6",
        ),
        (
            vec![V6, tcp()],
            dnat(Some(Family::V6), to(host("fd00::1"), Some((80, 80)))),
            "meta nfproto ipv6 tcp dport 80 counter dnat [fd00::1]:80",
        ),
        (
            vec![V6],
            dnat(Some(Family::V6), to(host("fd00::1"), None)),
            "meta nfproto ipv6 counter dnat fd00::1",
        ),
        (
            vec![tcp()],
            dnat(None, to(None, Some((99, 99)))),
            "tcp dport 80 counter dnat :99",
        ),
        (
            vec![tcp()],
            redirect(Some((22, 22))),
            "tcp dport 80 redirect to :22",
        ),
        (
            vec![tcp()],
            redirect(Some((22, 33))),
            "tcp dport 80 redirect to :22-33",
        ),
        (vec![], redirect(None), "redirect"),
    ]
}

fn srcnat() -> Vec<Pair> {
    let snat = |to| {
        vec![S::Snat {
            family: Some(Family::V4),
            to,
        }]
    };
    let ports = |min, max| Some(PortRange { min, max });
    vec![
        (
            vec![V4],
            vec![S::Masquerade],
            "meta nfproto ipv4 masquerade",
        ),
        (
            vec![],
            vec![S::Counter, S::Masquerade],
            "counter masquerade",
        ),
        (
            vec![V4],
            snat(NatRange {
                addr: Some(NatAddr::Host(ip("1.2.3.4"))),
                ports: None,
            }),
            "meta nfproto ipv4 snat 1.2.3.4",
        ),
        (
            vec![V4, self::ports(L4::Udp, Dir::Dst, false, &[(80, 80)])],
            snat(NatRange {
                addr: Some(NatAddr::Range(ip("1.2.3.4"), ip("1.2.3.5"))),
                ports: ports(100, 200),
            }),
            "meta nfproto ipv4 udp dport 80 snat 1.2.3.4-1.2.3.5:100-200",
        ),
    ]
}

fn sets() -> Vec<Set> {
    let named = |name: &str, key: &[KeyType], elements: Vec<Element>| Set {
        name: name.to_owned(),
        comment: None,
        key: key.to_vec(),
        size: None,
        timeout: None,
        interval: false,
        elements,
        origin: Origin(3),
    };
    let net = |text| KeyValue::Net(net(text));
    let mac = KeyValue::Mac([0, 0x11, 0x22, 0x33, 0x44, 0x55]);
    use KeyType::{EtherAddr, InetService, Ipv4Addr, Ipv6Addr};
    vec![
        Set {
            interval: true,
            comment: Some("bad networks".to_owned()),
            ..named(
                "nets",
                &[Ipv4Addr],
                ["10.0.0.0/24", "10.0.1.0/24", "1.2.3.4/32", "255.0.0.0/8"]
                    .map(|text| Element::One(net(text)))
                    .to_vec(),
            )
        },
        Set {
            size: Some(Number::Int(1000)),
            timeout: Some(Number::Int(30)),
            ..named("hosts6", &[Ipv6Addr], vec![])
        },
        named("macs", &[EtherAddr], vec![Element::One(mac.clone())]),
        Set {
            timeout: Some(Number::Int(0)),
            ..named(
                "ports",
                &[InetService],
                [80, 22]
                    .map(|port| Element::One(KeyValue::Port(port)))
                    .to_vec(),
            )
        },
        Set {
            interval: true,
            ..named(
                "pairs",
                &[Ipv4Addr, InetService],
                vec![
                    Element::Concat([net("10.0.0.0/24"), KeyValue::Port(80)].into()),
                    Element::Concat([KeyValue::Addr(ip("1.2.3.4")), KeyValue::Port(443)].into()),
                ],
            )
        },
        named(
            "three",
            &[Ipv6Addr, EtherAddr, InetService],
            vec![Element::Concat(
                [KeyValue::Addr(ip("fe80::1")), mac, KeyValue::Port(80)].into(),
            )],
        ),
    ]
}

const OBJECTS: &str = r#"
    limit wan.log_limit { comment "wan log limit" rate 10/minute }
    limit other { comment "other" rate 5/hour burst 9 packets }
    set nets { type ipv4_addr; comment "bad networks"; flags interval; auto-merge
        elements = { 10.0.0.0/24, 10.0.1.0/24, 1.2.3.4/32, 255.0.0.0/8 } }
    set hosts6 { type ipv6_addr; size 1000; timeout 30s; }
    set macs { type ether_addr; elements = { 00:11:22:33:44:55 } }
    set ports { type inet_service; flags timeout; elements = { 80, 22 } }
    set pairs { type ipv4_addr . inet_service; flags interval; auto-merge
        elements = { 10.0.0.0/24 . 80, 1.2.3.4 . 443 } }
    set three { type ipv6_addr . ether_addr . inet_service;
        elements = { fe80::1 . 00:11:22:33:44:55 . 80 } }
    chain target { }
"#;

fn limits() -> Vec<LimitObject> {
    let object = |name: &str, comment: &str, limit| LimitObject {
        name: name.to_owned(),
        comment: comment.to_owned(),
        limit,
        origin: Origin(1),
    };
    vec![
        object(
            "wan.log_limit",
            "wan log limit",
            limit(10, TimeUnit::Minute, None),
        ),
        object("other", "other", limit(5, TimeUnit::Hour, Some(9))),
    ]
}

fn rules(pairs: Vec<Pair>) -> (Vec<Rule>, String) {
    let mut text = String::new();
    let mut rules = Vec::new();
    for (number, (matches, statements, written)) in pairs.into_iter().enumerate() {
        let verdict = statements.last().map(statement_text).unwrap_or_default();
        let comment = format!("!fw4: number {number}");
        text += &format!("        {written} {verdict} comment \"{comment}\"\n");
        rules.push(Rule {
            comment: Some(comment),
            ..rule(matches, statements)
        });
    }
    (rules, text)
}

#[test]
fn every_match_and_statement_is_what_nft_makes_of_its_text() {
    in_namespace(
        "every_match::every_match_and_statement_is_what_nft_makes_of_its_text",
        || {
            let filter = |hook, priority| base(ChainType::Filter, hook, priority, Policy::Accept);
            let nat = |hook, priority| base(ChainType::Nat, hook, priority, Policy::Accept);
            let chains = [
                (
                    "input",
                    input(),
                    "type filter hook input priority filter; policy drop;",
                    matches(),
                ),
                (
                    "forward",
                    filter(Hook::Forward, Priority::Filter),
                    "type filter hook forward priority filter; policy accept;",
                    statements(),
                ),
                (
                    "raw",
                    filter(Hook::Prerouting, Priority::Raw),
                    "type filter hook prerouting priority raw; policy accept;",
                    vec![(vec![], vec![S::Notrack], "notrack")],
                ),
                (
                    "mangle",
                    filter(Hook::Postrouting, Priority::Mangle),
                    "type filter hook postrouting priority mangle; policy accept;",
                    mangle(),
                ),
                (
                    "route",
                    base(
                        ChainType::Route,
                        Hook::Output,
                        Priority::Mangle,
                        Policy::Accept,
                    ),
                    "type route hook output priority mangle; policy accept;",
                    vec![],
                ),
                (
                    "dstnat",
                    nat(Hook::Prerouting, Priority::Dstnat),
                    "type nat hook prerouting priority dstnat; policy accept;",
                    dstnat(),
                ),
                (
                    "srcnat",
                    nat(Hook::Postrouting, Priority::Srcnat),
                    "type nat hook postrouting priority srcnat; policy accept;",
                    srcnat(),
                ),
            ];
            let mut text =
                format!("table inet fw4\nflush table inet fw4\ntable inet fw4 {{{OBJECTS}");
            let mut ruleset = Ruleset {
                sets: sets(),
                limits: limits(),
                chains: vec![chain("target", None, vec![])],
                ..Ruleset::default()
            };
            for (name, hook, declaration, pairs) in chains {
                let (rules, written) = rules(pairs);
                text += &format!("    chain {name} {{\n        {declaration}\n{written}    }}\n");
                ruleset.chains.push(chain(name, hook, rules));
            }
            text += "}\n";

            load(&ruleset).expect("the kernel takes it");
            let first = here();
            assert_same(&first, &after_nft(&[&text]));
            // And once more onto what is there.
            load(&ruleset).expect("the kernel takes it again");
            assert_same(&here(), &first);
            assert_same(&here(), &after_nft(&[&text, &text]));
        },
    );
}
