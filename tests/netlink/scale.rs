/*! Large rulesets: still one transaction, one `sendmsg`. */

use std::io::{self, IoSlice};

use ferrowall::netlink::{Prior, Socket, Transport, Way, load as load_with};
use ferrowall::ruleset::*;

use crate::pairs::words::{ACCEPT, net};
use crate::support::{chain, in_namespace, input, rule, sh};

/// The real socket, counting what it sends.
struct Counting {
    socket: Socket,
    batches: Vec<usize>,
}

impl Transport for Counting {
    fn reserve(&mut self, send: usize, receive: usize) -> io::Result<()> {
        self.batches.clear();
        self.socket.reserve(send, receive)
    }

    fn send(&mut self, slices: &[IoSlice<'_>]) -> io::Result<()> {
        self.batches
            .push(slices.iter().map(|slice| slice.len()).sum());
        self.socket.send(slices)
    }

    fn receive(&mut self, buffer: &mut [u8], wait: bool) -> io::Result<usize> {
        self.socket.receive(buffer, wait)
    }
}

fn counting() -> Counting {
    Counting {
        socket: Socket::open().expect("a socket"),
        batches: Vec::new(),
    }
}

fn rules(count: u32) -> Ruleset {
    let rules = (0..count)
        .map(|number| {
            let port = 1 + (number % 60_000) as u16;
            let ports = vec![PortRange {
                min: port,
                max: port,
            }];
            let tcp = Match::Port {
                proto: L4::Tcp,
                dir: Dir::Dst,
                ports,
                invert: false,
            };
            Rule {
                comment: Some(format!("!fw4: Rule number {number}")),
                origin: Origin(number),
                ..rule(vec![tcp], vec![Statement::Counter, ACCEPT])
            }
        })
        .collect();
    Ruleset {
        chains: vec![chain("input", input(), rules)],
        ..Ruleset::default()
    }
}

#[test]
fn twenty_thousand_rules_are_one_sendmsg() {
    in_namespace("scale::twenty_thousand_rules_are_one_sendmsg", || {
        let mut transport = counting();
        let report = load_with(&mut transport, &rules(20_000), Way::Replace).expect("loaded");
        assert!(report.bytes > 1024 * 1024, "{} bytes", report.bytes);
        assert_eq!(transport.batches, [report.bytes]);
        assert_eq!(sh("nft list ruleset | grep -c accept").trim(), "20000");
        load_with(&mut transport, &rules(3), Way::Replace).expect("replaced");
        assert_eq!(sh("nft list ruleset | grep -c accept").trim(), "3");
    });
}

#[test]
fn a_set_of_a_hundred_thousand_networks_is_one_sendmsg() {
    in_namespace(
        "scale::a_set_of_a_hundred_thousand_networks_is_one_sendmsg",
        || {
            // Every other /24, in an order of their own.
            let number = |i: u32| (i * 7919) % 100_000;
            let network = |i: u32| {
                format!(
                    "{}.{}.{}.0/24",
                    10 + (i >> 15),
                    (i >> 7) & 0xff,
                    (i << 1) & 0xff
                )
            };
            let elements: Vec<Element> = (0..100_000)
                .map(|i| Element::One(KeyValue::Net(net(&network(number(i))))))
                .collect();
            let set = Set {
                name: "large".to_owned(),
                comment: None,
                key: vec![KeyType::Ipv4Addr],
                size: None,
                timeout: None,
                interval: true,
                elements,
                origin: Origin(1),
            };
            let ruleset = Ruleset {
                sets: vec![set],
                ..Ruleset::default()
            };
            let mut transport = counting();
            let report = load_with(&mut transport, &ruleset, Way::Replace).expect("loaded");
            assert_eq!(transport.batches, [report.bytes]);
            let prior = Prior::read(&mut transport, &ruleset).expect("readable");
            let intervals = prior.sets.get("large").unwrap();
            assert_eq!(intervals.len(), 100_000);
            assert!(
                intervals
                    .iter()
                    .all(|interval| interval.last - interval.first == 255)
            );
            // All is there already: hardly anything is left to say.
            let again = load_with(&mut transport, &ruleset, Way::Replace).expect("loaded again");
            assert!(again.bytes < 1000, "{} bytes", again.bytes);
        },
    );
}

#[test]
fn elements_of_sets_without_intervals_are_split_as_well() {
    in_namespace(
        "scale::elements_of_sets_without_intervals_are_split_as_well",
        || {
            let elements = (0..30_000u32)
                .map(|i| {
                    let addr =
                        std::net::IpAddr::V6(std::net::Ipv6Addr::from(u128::from(i) << 64 | 1));
                    Element::Concat([KeyValue::Addr(addr), KeyValue::Port(i as u16)].into())
                })
                .collect();
            let set = Set {
                name: "pairs".to_owned(),
                comment: None,
                key: vec![KeyType::Ipv6Addr, KeyType::InetService],
                size: None,
                timeout: None,
                interval: false,
                elements,
                origin: Origin(1),
            };
            let ruleset = Ruleset {
                sets: vec![set],
                ..Ruleset::default()
            };
            load_with(&mut counting(), &ruleset, Way::Replace).expect("loaded");
            let listed = sh("nft list set inet fw4 pairs");
            assert_eq!(
                listed.matches(" . ").count() - 1,
                30_000,
                "and one in the type"
            );
        },
    );
}
