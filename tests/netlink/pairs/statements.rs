/*! Every statement, in a chain where it may stand. */

use ferrowall::ruleset::Match as M;
use ferrowall::ruleset::Statement as S;
use ferrowall::ruleset::*;

use super::words::*;

pub fn statements() -> Vec<Pair> {
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

pub fn statement_text(statement: &S) -> String {
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

pub fn mangle() -> Vec<Pair> {
    let set = |mark, mask, text| (vec![], vec![S::SetMark(MarkChange { mark, mask })], text);
    let ct = |mark, mask, text| (vec![], vec![S::SetCtMark(MarkChange { mark, mask })], text);
    vec![
        ct(0x5, 0x85, "ct mark set ct mark and 0xffffff7a xor 0x5"),
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

pub fn dstnat() -> Vec<Pair> {
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

pub fn srcnat() -> Vec<Pair> {
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
