/*! A reload changes what differs and leaves everything else alone: handles, counters, elements, what others made. */

mod pairs;
mod sets;

use ferrowall::netlink::{Extent, Report, Socket, Way, load as load_with, rules as installed};
use ferrowall::ruleset::*;

use crate::support::{
    assert_same, base, chain, here, in_namespace, input, load, rule, sh, try_nft,
};

/// Loads what differs.
fn update(ruleset: &Ruleset) -> Report {
    let mut socket = Socket::open().expect("a socket");
    load_with(&mut socket, ruleset, Way::Update).expect("loaded")
}

/// Counts packets to this UDP port.
fn counting(port: u16) -> Rule {
    let ports = vec![PortRange {
        min: port,
        max: port,
    }];
    let proto = L4::Udp;
    let mut rule = rule(
        vec![Match::Port {
            proto,
            dir: Dir::Dst,
            ports,
            invert: false,
        }],
        vec![Statement::Counter],
    );
    rule.comment = Some(format!("!fw4: port {port}"));
    rule
}

/// One chain that counts what comes in on these ports.
fn ports(ports: impl IntoIterator<Item = u16>) -> Ruleset {
    let accepting = base(
        ChainType::Filter,
        Hook::Input,
        Priority::Filter,
        Policy::Accept,
    );
    Ruleset {
        chains: vec![chain(
            "input",
            accepting,
            ports.into_iter().map(counting).collect(),
        )],
        ..Ruleset::default()
    }
}

/// The handles of all rules of a chain.
fn handles(name: &str) -> Vec<u64> {
    let mut socket = Socket::open().expect("a socket");
    let chains = installed(&mut socket).expect("readable");
    let found = chains
        .into_iter()
        .find(|one| one.name.to_bytes() == name.as_bytes());
    found.map_or(Vec::new(), |one| {
        one.rules.iter().map(|rule| rule.handle).collect()
    })
}

/// The kernel counts its transactions.
fn generation() -> String {
    let mut socket = Socket::open().expect("a socket");
    let prior = ferrowall::netlink::Prior::read(&mut socket, &Ruleset::default());
    format!("{:?}", prior.expect("readable").generation)
}

/// `n` packets to each port, over the loopback device.
fn send(ports: impl IntoIterator<Item = u16>, n: usize) {
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").expect("a socket");
    for port in ports {
        for _ in 0..n {
            // Nobody listens; the refusal comes with the next one.
            let sent = || socket.send_to(b"x", ("127.0.0.1", port));
            sent().or_else(|_| sent()).expect("sent");
        }
    }
}

/// How many packets the rule for this port saw.
fn packets(port: u16) -> u64 {
    let list = sh("nft list chain inet fw4 input");
    let line = list
        .lines()
        .find(|line| line.contains(&format!("udp dport {port} ")))
        .unwrap_or_else(|| panic!("no rule for port {port}"));
    let words: Vec<&str> = line.split_whitespace().collect();
    let at = words.iter().position(|word| *word == "packets");
    words[at.expect("a counter") + 1].parse().expect("a number")
}

#[test]
fn one_changed_rule_of_a_thousand_is_one_message_and_all_others_go_on_counting() {
    in_namespace(
        "incremental::one_changed_rule_of_a_thousand_is_one_message_and_all_others_go_on_counting",
        || {
            sh("ip link set lo up");
            load(&ports(1000..2000)).expect("loaded");
            let sample = [1000, 1499, 1501, 1999];
            send(sample, 3);
            let before = handles("input");
            let report = update(&ports(
                (1000..2000).map(|p| if p == 1500 { 5000 } else { p }),
            ));
            assert_eq!(report.extent, Extent::Difference);
            assert_eq!(report.messages, 1, "{report:?}");
            assert_eq!(report.written.kinds().collect::<Vec<_>>(), [("rule", 1)]);
            send(sample, 2);
            for port in sample {
                assert_eq!(packets(port), 5, "port {port}");
            }
            send([5000], 1);
            assert_eq!(packets(5000), 1);
            let after = handles("input");
            let stayed = before.iter().zip(&after).filter(|(a, b)| a == b).count();
            assert_eq!((before.len(), after.len()), (1000, 1000));
            assert!(stayed >= 999, "{stayed}");
        },
    );
}

#[test]
fn a_reload_without_a_change_sends_no_transaction() {
    in_namespace(
        "incremental::a_reload_without_a_change_sends_no_transaction",
        || {
            load(&ports(1000..1100)).expect("loaded");
            let before = generation();
            let report = update(&ports(1000..1100));
            assert_eq!((report.extent, report.messages), (Extent::Nothing, 0));
            assert_eq!(generation(), before);
            // That the generation would tell:
            update(&ports(1000..1101));
            assert_ne!(generation(), before);
        },
    );
}

#[test]
fn what_was_loaded_as_text_is_replaced_as_a_whole() {
    in_namespace(
        "incremental::what_was_loaded_as_text_is_replaced_as_a_whole",
        || {
            let ruleset = ports([1, 2]);
            let as_text = try_nft(&ferrowall::nft::print(&ruleset)).expect("nft loads it");
            let file = std::env::temp_dir().join(format!("ferrowall-{}.nft", std::process::id()));
            std::fs::write(&file, ferrowall::nft::print(&ruleset)).expect("written");
            sh(&format!("nft -f {}", file.display()));
            std::fs::remove_file(&file).expect("our own file");
            assert_eq!(update(&ruleset).extent, Extent::Everything);
            assert_same(&here(), &as_text);
            assert_eq!(update(&ruleset).extent, Extent::Nothing);
            sh("nft delete table inet fw4");
            assert_eq!(update(&ruleset).extent, Extent::Everything);
            assert_same(&here(), &as_text);
        },
    );
}

#[test]
fn rules_of_others_stay_where_they_are() {
    in_namespace("incremental::rules_of_others_stay_where_they_are", || {
        load(&ports([1, 2, 3])).expect("loaded");
        sh("nft insert rule inet fw4 input udp dport 90 counter");
        sh("nft add rule inet fw4 input udp dport 99 counter");
        let second = handles("input")[2];
        sh(&format!(
            "nft add rule inet fw4 input handle {second} udp dport 95 counter"
        ));
        sh("nft 'add chain inet fw4 theirs; add rule inet fw4 theirs udp dport 80 counter'");
        let order = || {
            let list = sh("nft list chain inet fw4 input");
            let ports = list.split("udp dport ").skip(1);
            ports
                .map(|rest| rest.split(' ').next().unwrap_or_default().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(order(), ["90", "1", "2", "95", "3", "99"]);
        let report = update(&ports([4, 1, 2, 5, 3, 6]));
        assert_eq!(report.messages, 3);
        assert_eq!(order(), ["90", "4", "1", "2", "95", "5", "3", "6", "99"]);
        update(&ports([7, 3]));
        assert_eq!(order(), ["90", "7", "95", "3", "99"]);
        assert!(here().list.contains("udp dport 80"));
    });
}

#[test]
fn a_rule_that_others_changed_or_deleted_is_put_back() {
    in_namespace(
        "incremental::a_rule_that_others_changed_or_deleted_is_put_back",
        || {
            load(&ports([1, 2, 3])).expect("loaded");
            let whole = here();
            let second = handles("input")[1];
            sh(&format!("nft delete rule inet fw4 input handle {second}"));
            assert_eq!(update(&ports([1, 2, 3])).messages, 1);
            assert_same(&here(), &whole);
            sh("nft flush chain inet fw4 input");
            assert_eq!(update(&ports([1, 2, 3])).extent, Extent::Everything);
            assert_same(&here(), &whole);
        },
    );
}

#[test]
fn chains_come_change_their_policy_and_lose_our_rules() {
    in_namespace(
        "incremental::chains_come_change_their_policy_and_lose_our_rules",
        || {
            let jump = |name: &str| {
                rule(
                    vec![],
                    vec![Statement::Verdict(Verdict::Jump(name.to_owned()))],
                )
            };
            let with = |policy, zone: &str| {
                let at = base(ChainType::Filter, Hook::Forward, Priority::Filter, policy);
                Ruleset {
                    chains: vec![
                        chain("forward", at, vec![jump(zone)]),
                        chain(zone, None, vec![counting(1)]),
                    ],
                    ..Ruleset::default()
                }
            };
            load(&with(Policy::Drop, "forward_old")).expect("loaded");
            let report = update(&with(Policy::Accept, "forward_new"));
            assert_eq!(report.extent, Extent::Difference);
            let incremental = here();
            sh("nft flush ruleset");
            load(&with(Policy::Drop, "forward_old")).expect("loaded");
            load(&with(Policy::Accept, "forward_new")).expect("replaced");
            assert_same(&incremental, &here());
        },
    );
}

#[test]
fn a_refused_rule_leaves_all_as_it_was() {
    in_namespace("incremental::a_refused_rule_leaves_all_as_it_was", || {
        load(&ports([1, 2])).expect("loaded");
        let before = (here(), handles("input"));
        let mut bad = ports([1, 2, 3]);
        bad.chains[0]
            .items
            .push(Item::Rule(rule(vec![], vec![Statement::Masquerade])));
        let mut socket = Socket::open().expect("a socket");
        let refused = load_with(&mut socket, &bad, Way::Update).expect_err("no NAT in a filter");
        assert!(refused.to_string().contains("input"), "{refused}");
        assert_eq!(handles("input"), before.1);
        assert_same(&here(), &before.0);
    });
}

#[test]
fn a_base_chain_that_hangs_elsewhere_is_made_anew() {
    in_namespace(
        "incremental::a_base_chain_that_hangs_elsewhere_is_made_anew",
        || {
            let mut ruleset = ports([1, 2]);
            load(&ruleset).expect("loaded");
            ruleset.chains[0].base = input().map(|base| BaseChain {
                priority: Priority::Raw,
                ..base
            });
            assert_eq!(update(&ruleset).extent, Extent::Everything);
            let remade = here();
            sh("nft flush ruleset");
            load(&ruleset).expect("loaded");
            assert_same(&remade, &here());
        },
    );
}
