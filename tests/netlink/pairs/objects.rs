/*! What rules refer to: sets, limits, a chain. */

use ferrowall::ruleset::*;

use super::words::*;

pub fn sets() -> Vec<Set> {
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

pub fn limits() -> Vec<LimitObject> {
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

pub const OBJECTS: &str = r#"
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
