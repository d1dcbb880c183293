/*! Named sets and objects over a reload. */

use std::net::Ipv4Addr;

use ferrowall::netlink::{Extent, Socket, Way, load as load_with};
use ferrowall::ruleset::*;

use super::update;
use crate::support::{assert_same, chain, here, in_namespace, input, load, rule, sh};

fn set(name: &str, key: &[KeyType], interval: bool, elements: Vec<Element>) -> Set {
    Set {
        name: name.to_owned(),
        comment: None,
        key: key.to_vec(),
        size: None,
        timeout: None,
        interval,
        elements,
        origin: Origin(3),
    }
}

fn address(last: u8) -> KeyValue {
    KeyValue::Addr(Ipv4Addr::new(10, 0, 0, last).into())
}

fn net(third: u8) -> KeyValue {
    KeyValue::Net(Network {
        addr: Ipv4Addr::new(10, 1, third, 0).into(),
        prefix: Prefix::Bits(24),
    })
}

/// Addresses, networks, and networks with ports; `more` of each beyond the first.
fn all(more: u8) -> Ruleset {
    use KeyType::{InetService, Ipv4Addr};
    // Every other network, so that they do not grow together.
    let upto = 0..=more;
    let one = |value: fn(u8) -> KeyValue| upto.clone().map(move |n| Element::One(value(n * 2)));
    let pair = |value: fn(u8) -> KeyValue| {
        let pair = move |n: u8| Element::Concat([value(n * 2), KeyValue::Port(80)].into());
        upto.clone().map(pair)
    };
    Ruleset {
        sets: vec![
            set("hosts", &[Ipv4Addr], false, one(address).collect()),
            set("nets", &[Ipv4Addr], true, one(net).collect()),
            set(
                "doors",
                &[Ipv4Addr, InetService],
                false,
                pair(address).collect(),
            ),
            set("areas", &[Ipv4Addr, InetService], true, pair(net).collect()),
        ],
        chains: vec![chain("input", input(), vec![looking_up("hosts")])],
        ..Ruleset::default()
    }
}

fn looking_up(name: &str) -> Rule {
    let lookup = Match::Set {
        fields: vec![SetField::Addr(Family::V4, Dir::Src)],
        name: name.to_owned(),
        invert: false,
    };
    rule(vec![lookup], vec![Statement::Counter])
}

#[test]
fn only_missing_elements_are_added_to_sets_of_every_kind() {
    in_namespace(
        "incremental::sets::only_missing_elements_are_added_to_sets_of_every_kind",
        || {
            load(&all(3)).expect("loaded");
            assert_eq!(update(&all(3)).extent, Extent::Nothing);
            let report = update(&all(4));
            assert_eq!(
                report.written.kinds().collect::<Vec<_>>(),
                [("elements", 4)]
            );
            let grown = here();
            load(&all(4)).expect("loaded");
            assert_same(&grown, &here());
            // fw4 takes no element away, since others may have put it there.
            assert_eq!(update(&all(2)).extent, Extent::Nothing);
            sh("nft delete element inet fw4 doors '{ 10.0.0.4 . 80 }'");
            assert_eq!(update(&all(4)).messages, 1);
            assert_same(&grown, &here());
        },
    );
}

#[test]
fn elements_that_others_added_keep_their_time() {
    in_namespace(
        "incremental::sets::elements_that_others_added_keep_their_time",
        || {
            let mut first = all(1);
            first.sets[0].timeout = Some(Number::Int(500));
            load(&first).expect("loaded");
            sh("nft add element inet fw4 hosts '{ 192.0.2.1 timeout 300s expires 100s }'");
            let mut second = first.clone();
            second.chains[0].items.push(Item::Rule(looking_up("nets")));
            second.sets[0].elements.push(Element::One(address(77)));
            let report = update(&second);
            assert_eq!(report.extent, Extent::Difference);
            assert_eq!(report.messages, 2, "{report:?}");
            let list = sh("nft list set inet fw4 hosts");
            assert!(list.contains("192.0.2.1 timeout 5m expires 1m"), "{list}");
            assert!(list.contains("10.0.0.77"), "{list}");
        },
    );
}

#[test]
fn a_set_that_changes_its_type_is_made_anew_with_its_rules() {
    in_namespace(
        "incremental::sets::a_set_that_changes_its_type_is_made_anew_with_its_rules",
        || {
            load(&all(1)).expect("loaded");
            let mut other = all(1);
            other.sets[0].timeout = Some(Number::Int(60));
            assert_eq!(update(&other).extent, Extent::Everything);
            assert_eq!(update(&other).extent, Extent::Nothing);
            let list = sh("nft list set inet fw4 hosts");
            assert!(
                list.contains("timeout 1m") && list.contains("10.0.0.2"),
                "{list}"
            );
            // Two sections with one name.
            let mut twice = all(1);
            twice.sets[0].timeout = Some(Number::Int(90));
            twice.sets.insert(2, twice.sets[0].clone());
            assert_eq!(update(&twice).extent, Extent::Everything);
            assert_eq!(update(&twice).extent, Extent::Nothing);
            // Of two kinds: the second one is refused, whichever of them is there.
            twice.chains.clear();
            twice.sets[2] = set("hosts", &[KeyType::InetService], false, Vec::new());
            for _ in 0..2 {
                let mut socket = Socket::open().expect("a socket");
                let refused = load_with(&mut socket, &twice, Way::Update);
                let refused = refused.expect_err("refused").to_string();
                assert!(refused.contains("another type"), "{refused}");
                twice.sets.swap(0, 2);
            }
            // The others keep what they hold.
            sh("nft add element inet fw4 nets '{ 172.16.0.0/12 }'");
            update(&all(1));
            assert!(sh("nft list set inet fw4 nets").contains("172.16.0.0/12"));
        },
    );
}

#[test]
fn a_limit_that_changes_is_made_anew() {
    in_namespace(
        "incremental::sets::a_limit_that_changes_is_made_anew",
        || {
            let limited = |rate| Ruleset {
                limits: vec![LimitObject {
                    name: "wan.log_limit".to_owned(),
                    comment: "wan".to_owned(),
                    limit: Limit {
                        rate,
                        unit: TimeUnit::Minute,
                        burst: None,
                    },
                    origin: Origin(4),
                }],
                chains: vec![chain(
                    "input",
                    input(),
                    vec![rule(
                        vec![Match::LimitObject("wan.log_limit".to_owned())],
                        vec![Statement::Counter],
                    )],
                )],
                ..Ruleset::default()
            };
            load(&limited(10)).expect("loaded");
            assert_eq!(update(&limited(10)).extent, Extent::Nothing);
            assert_eq!(update(&limited(20)).extent, Extent::Everything);
            let remade = here();
            sh("nft flush ruleset");
            load(&limited(20)).expect("loaded");
            assert_same(&remade, &here());
        },
    );
}
