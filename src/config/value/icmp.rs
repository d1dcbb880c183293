/*! Names of ICMP types and codes, as fw3 and fw4 have always spelt them. */

use super::super::raw::Scalar;
use super::{IcmpCodes, IcmpType};

/// All codes of a type.
const ALL: (u8, u8) = (0, 0xff);

const fn code(n: u8) -> (u8, u8) {
    (n, n)
}

/// Numbers: IANA's registry "ICMP Type Numbers". `any` has a type that none has, as in fw4.
const V4: &[(&str, u8, (u8, u8))] = &[
    ("any", 0xff, ALL),
    ("echo-reply", 0, ALL),
    ("pong", 0, ALL),
    ("destination-unreachable", 3, ALL),
    ("network-unreachable", 3, code(0)),
    ("host-unreachable", 3, code(1)),
    ("protocol-unreachable", 3, code(2)),
    ("port-unreachable", 3, code(3)),
    ("fragmentation-needed", 3, code(4)),
    ("source-route-failed", 3, code(5)),
    ("network-unknown", 3, code(6)),
    ("host-unknown", 3, code(7)),
    ("network-prohibited", 3, code(9)),
    ("host-prohibited", 3, code(10)),
    ("TOS-network-unreachable", 3, code(11)),
    ("TOS-host-unreachable", 3, code(12)),
    ("communication-prohibited", 3, code(13)),
    ("host-precedence-violation", 3, code(14)),
    ("precedence-cutoff", 3, code(15)),
    ("source-quench", 4, ALL),
    ("redirect", 5, ALL),
    ("network-redirect", 5, code(0)),
    ("host-redirect", 5, code(1)),
    ("TOS-network-redirect", 5, code(2)),
    ("TOS-host-redirect", 5, code(3)),
    ("echo-request", 8, ALL),
    ("ping", 8, ALL),
    ("router-advertisement", 9, ALL),
    ("router-solicitation", 10, ALL),
    ("time-exceeded", 11, ALL),
    ("ttl-exceeded", 11, ALL),
    ("ttl-zero-during-transit", 11, code(0)),
    ("ttl-zero-during-reassembly", 11, code(1)),
    ("parameter-problem", 12, ALL),
    ("ip-header-bad", 12, code(0)),
    ("required-option-missing", 12, code(1)),
    ("timestamp-request", 13, ALL),
    ("timestamp-reply", 14, ALL),
    ("address-mask-request", 17, ALL),
    ("address-mask-reply", 18, ALL),
];

/// Numbers: IANA's registry "ICMPv6 'type' Numbers".
const V6: &[(&str, u8, (u8, u8))] = &[
    ("destination-unreachable", 1, ALL),
    ("no-route", 1, code(0)),
    ("communication-prohibited", 1, code(1)),
    ("address-unreachable", 1, code(3)),
    ("port-unreachable", 1, code(4)),
    ("packet-too-big", 2, ALL),
    ("time-exceeded", 3, ALL),
    ("ttl-exceeded", 3, ALL),
    ("ttl-zero-during-transit", 3, code(0)),
    ("ttl-zero-during-reassembly", 3, code(1)),
    ("parameter-problem", 4, ALL),
    ("bad-header", 4, code(0)),
    ("unknown-header-type", 4, code(1)),
    ("unknown-option", 4, code(2)),
    ("echo-request", 128, ALL),
    ("ping", 128, ALL),
    ("echo-reply", 129, ALL),
    ("pong", 129, ALL),
    ("multicast-listener-query", 130, ALL),
    ("multicast-listener-report", 131, ALL),
    ("multicast-listener-done", 132, ALL),
    ("router-solicitation", 133, ALL),
    ("router-advertisement", 134, ALL),
    ("neighbour-solicitation", 135, ALL),
    ("neighbor-solicitation", 135, ALL),
    ("neighbour-advertisement", 136, ALL),
    ("neighbor-advertisement", 136, ALL),
    ("redirect", 137, ALL),
    ("router-renumbering", 138, ALL),
    ("node-info-query", 139, ALL),
    ("node-info-response", 140, ALL),
    ("inverse-neighbour-discovery-solicitation-message", 141, ALL),
    ("inverse-neighbor-discovery-solicitation-message", 141, ALL),
    (
        "inverse-neighbour-discovery-advertisement-message",
        142,
        ALL,
    ),
    ("inverse-neighbor-discovery-advertisement-message", 142, ALL),
    ("v2-multicast-listener-report", 143, ALL),
    ("home-agent-address-discovery-request-message", 144, ALL),
    ("home-agent-address-discovery-reply-message", 145, ALL),
    ("mobile-prefix-solicitation", 146, ALL),
    ("mobile-prefix-advertisement", 147, ALL),
    ("certification-path-solicitation-message", 148, ALL),
    ("certification-path-advertisement-message", 149, ALL),
    ("seamoby-protocol-message", 150, ALL),
    ("multicast-router-advertisement", 151, ALL),
    ("multicast-router-solicitation", 152, ALL),
    ("multicast-router-termination", 153, ALL),
    ("fmipv6-message", 154, ALL),
    ("rpl-control-message", 155, ALL),
    ("ilnpv6-locator-update-message", 156, ALL),
    ("duplicate-address-request", 157, ALL),
    ("duplicate-address-confirmation", 158, ALL),
    ("mpl-control-message", 159, ALL),
    ("extended-echo-request", 160, ALL),
    ("extended-ping", 160, ALL),
    ("extended-echo-reply", 161, ALL),
    ("extended-pong", 161, ALL),
];

/// A name of either family or both, or `TYPE[/CODE]` in numbers.
pub fn icmp_type(value: &Scalar) -> Option<IcmpType> {
    let text = value.text();
    // a JSON number is no key of fw4's tables, but its digits are read like text's
    let (v4, v6) = (lookup(V4, text), lookup(V6, text));
    if v4.is_some() || v6.is_some() {
        return Some(IcmpType { v4, v6 });
    }
    let number = |s: &str| -> Option<u8> {
        s.bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| s.parse::<u64>().ok()?.try_into().ok())
            .flatten()
    };
    let codes = match text.split_once('/') {
        None => IcmpCodes {
            icmp_type: number(text)?,
            code_min: 0,
            code_max: 0xff,
        },
        Some((kind, code)) => {
            let code = number(code)?;
            IcmpCodes {
                icmp_type: number(kind)?,
                code_min: code,
                code_max: code,
            }
        }
    };
    Some(IcmpType {
        v4: Some(codes),
        v6: Some(codes),
    })
}

fn lookup(table: &[(&str, u8, (u8, u8))], name: &str) -> Option<IcmpCodes> {
    table
        .iter()
        .find(|(n, ..)| *n == name)
        .map(|&(_, icmp_type, (code_min, code_max))| IcmpCodes {
            icmp_type,
            code_min,
            code_max,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_mean_something_else_in_each_family() {
        let kind = icmp_type(&Scalar::Text("redirect")).expect("known");
        assert_eq!(kind.v4.map(|c| c.icmp_type), Some(5));
        assert_eq!(kind.v6.map(|c| c.icmp_type), Some(137));
    }

    #[test]
    fn numbers_hold_in_both_families() {
        let kind = icmp_type(&Scalar::Text("3/4")).expect("valid");
        assert_eq!(
            kind.v4,
            Some(IcmpCodes {
                icmp_type: 3,
                code_min: 4,
                code_max: 4
            })
        );
        assert_eq!(kind.v4, kind.v6);
        for wrong in ["256", "3/256", "3/", "/3", "x", ""] {
            assert_eq!(icmp_type(&Scalar::Text(wrong)), None, "{wrong}");
        }
    }
}
