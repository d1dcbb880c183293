/*! Every match, each beside the nft text that means the same. */

use ferrowall::ruleset::Match as M;
use ferrowall::ruleset::*;

use super::words::*;

pub fn matches() -> Vec<Pair> {
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
        one(M::CtDirection { reply: false }, "ct direction original"),
        one(M::CtDirection { reply: true }, "ct direction reply"),
        one(M::CtPacketsBeyond(29), "ct packets != 1-29"),
        one(
            M::CtMark {
                mark: 0xb900_0000,
                mask: 0xfd00_0000,
            },
            "ct mark and 0xfd000000 == 0xb9000000",
        ),
        (
            vec![M::TcpSyn],
            vec![jump("target")],
            "tcp flags & (fin | syn | rst | ack) == syn",
        ),
    ]
}
