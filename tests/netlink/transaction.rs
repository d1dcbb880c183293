/*! What a load leaves alone, what it replaces, and that it is all or nothing. */

use ferrowall::netlink::{Batch, Error, LoadError, Prior, Socket, Subject, Way, load as load_as};
use ferrowall::nft;
use ferrowall::ruleset::*;

use crate::pairs::objects;
use crate::pairs::words::{ACCEPT, ip, net};
use crate::support::{
    after_nft, assert_same, base, chain, here, in_namespace, input, load, rule, sh,
    without_privileges,
};

fn text(ruleset: &Ruleset) -> String {
    String::from_utf8(nft::print(ruleset)).expect("plain text")
}

fn numbered(origin: u32, statements: Vec<Statement>) -> Rule {
    let comment = Some(format!("!fw4: rule {origin}"));
    Rule {
        comment,
        origin: Origin(origin),
        ..rule(vec![], statements)
    }
}

/// So many rules in one chain, each of a section of its own.
fn rules(count: u32) -> Ruleset {
    let rules = (0..count)
        .map(|number| numbered(number, vec![Statement::Counter, ACCEPT]))
        .collect();
    Ruleset {
        chains: vec![chain("input", input(), rules)],
        ..Ruleset::default()
    }
}

/// Masquerading is for NAT chains only: the kernel refuses this in a filter chain.
fn impossible(origin: u32) -> Rule {
    numbered(origin, vec![Statement::Masquerade])
}

fn first_chain(ruleset: &mut Ruleset) -> &mut Vec<Item> {
    &mut ruleset.chains[0].items
}

fn nets(elements: &[&str]) -> Set {
    Set {
        name: "nets".to_owned(),
        comment: None,
        key: vec![KeyType::Ipv4Addr],
        size: None,
        timeout: None,
        interval: true,
        elements: elements
            .iter()
            .map(|text| Element::One(KeyValue::Net(net(text))))
            .collect(),
        origin: Origin(9),
    }
}

#[test]
fn a_reload_touches_only_what_is_its_own() {
    in_namespace("transaction::a_reload_touches_only_what_is_its_own", || {
        let mut first = rules(3);
        first.sets = objects::sets();
        let mut second = rules(2);
        second.sets = objects::sets();
        second.chains.push(chain("added", None, vec![]));
        let foreign = "
            table inet fw4 {
                set theirs { type ipv4_addr; elements = { 192.0.2.1 } }
                chain upnp_forward { accept; }
                chain input { tcp dport 22 accept comment \"inserted\"; }
            }
            add element inet fw4 nets { 203.0.113.0/24, 10.0.2.0/24 }
            add element inet fw4 macs { 02:00:00:00:00:01 }
            add element inet fw4 pairs { 10.9.0.0/16 . 99 }
            table ip other { chain c { drop; }; }
        ";
        load(&first).expect("loaded");
        sh(&format!("nft -f - <<'END'\n{foreign}\nEND"));
        load(&second).expect("loaded");
        let nfts = after_nft(&[&text(&first), foreign, &text(&second)]);
        assert_same(&here(), &nfts);
        for kept in [
            "192.0.2.1",
            "203.0.113.0/24",
            "10.9.0.0/16 . 99",
            "chain upnp_forward",
            "table ip other",
        ] {
            assert!(nfts.list.contains(kept), "{kept} is gone");
        }
        assert!(!nfts.list.contains("inserted"));
    });
}

#[test]
fn networks_join_those_that_are_in_the_set_already() {
    in_namespace(
        "transaction::networks_join_those_that_are_in_the_set_already",
        || {
            let there = "table inet fw4 { set nets { type ipv4_addr; flags interval; auto-merge
            elements = { 10.0.0.0/24, 10.2.0.0-10.2.0.9, 172.16.0.1, 192.168.0.0/16, 255.0.0.0/8 }; }; }";
            let new = [
                "10.0.1.0/24",
                "10.2.0.5-10.2.0.20",
                "172.16.0.1",
                "192.168.4.0/24",
                "254.0.0.0/8",
                "8.8.8.8",
            ];
            // Ranges cannot be printed in a set by fw4; nft can read them.
            let ruleset = Ruleset {
                sets: vec![nets(&new)],
                ..Ruleset::default()
            };
            let printed = format!("add element inet fw4 nets {{ {} }}", new.join(", "));
            sh(&format!("nft '{there}'"));
            load(&ruleset).expect("loaded");
            assert_same(&here(), &after_nft(&[there, &printed]));
            let once = here();
            load(&ruleset).expect("loaded again");
            assert_same(&here(), &once);
        },
    );
}

#[test]
fn a_restart_makes_the_table_anew_and_leaves_others() {
    in_namespace(
        "transaction::a_restart_makes_the_table_anew_and_leaves_others",
        || {
            let mut socket = Socket::open().expect("a socket");
            for _ in 0..2 {
                load_as(&mut socket, &rules(3), Way::Renew).expect("loaded, there or not");
                let theirs = "add chain inet fw4 theirs; add counter inet fw4 c; \
                    add map inet fw4 m { type ipv4_addr : verdict; elements = { 10.0.0.1 : jump theirs }; }; \
                    add set inet fw4 s { type ipv4_addr; elements = { 10.0.0.1 }; }; \
                    add rule inet fw4 input ip saddr vmap @m; add rule inet fw4 theirs counter name c; \
                    add rule inet fw4 theirs ip saddr @s drop; add table ip other";
                sh(&format!("nft '{theirs}'"));
            }
            load_as(&mut socket, &rules(3), Way::Renew).expect("loaded");
            assert_same(&here(), &after_nft(&[&text(&rules(3)), "table ip other"]));
        },
    );
}

#[test]
fn a_chain_gets_its_new_policy_and_keeps_its_hook() {
    in_namespace(
        "transaction::a_chain_gets_its_new_policy_and_keeps_its_hook",
        || {
            let of = |hook, policy| {
                let at = base(ChainType::Filter, hook, Priority::Filter, policy);
                Ruleset {
                    chains: vec![chain("input", at, vec![])],
                    ..Ruleset::default()
                }
            };
            load(&of(Hook::Input, Policy::Accept)).expect("loaded");
            load(&of(Hook::Input, Policy::Drop)).expect("loaded");
            assert!(here().list.contains("policy drop"));
            let before = here();
            let refused = load(&of(Hook::Output, Policy::Accept)).expect_err("another hook");
            assert!(refused.to_string().contains("chain 'input'"), "{refused}");
            assert_same(&here(), &before);
        },
    );
}

#[test]
fn a_refusal_names_the_section_and_changes_nothing() {
    in_namespace(
        "transaction::a_refusal_names_the_section_and_changes_nothing",
        || {
            load(&rules(2)).expect("loaded");
            let before = here();
            let mut ruleset = rules(1000);
            first_chain(&mut ruleset).insert(500, Item::Rule(impossible(5000)));
            let Err(LoadError::Kernel(Error::Refused(refused))) = load(&ruleset) else {
                panic!("not refused");
            };
            assert_eq!(refused.len(), 1, "{refused:?}");
            assert_eq!(refused[0].origin, Origin(5000));
            assert_eq!(refused[0].subject, Subject::Rule("input".to_owned()));
            assert!(
                refused[0]
                    .to_string()
                    .contains("not possible in this chain"),
                "{}",
                refused[0]
            );
            assert_same(&here(), &before);

            ruleset.leave_out(&[Origin(5000)]);
            load(&ruleset).expect("the rest loads");
            assert_eq!(here().list.matches("rule ").count(), 1000);
        },
    );
}

#[test]
fn every_message_that_is_refused_is_found_again() {
    in_namespace(
        "transaction::every_message_that_is_refused_is_found_again",
        || {
            load(&rules(3)).expect("loaded");
            let before = here();
            for place in 0..40 {
                let mut ruleset = rules(40);
                first_chain(&mut ruleset)[place] = Item::Rule(impossible(place as u32));
                let Err(LoadError::Kernel(Error::Refused(refused))) = load(&ruleset) else {
                    panic!("rule {place} is not refused");
                };
                assert_eq!(
                    refused
                        .iter()
                        .map(|r| r.origin.0 as usize)
                        .collect::<Vec<_>>(),
                    [place]
                );
            }
            assert_same(&here(), &before);
            load(&rules(40)).expect("the next run succeeds");
        },
    );
}

#[test]
fn objects_that_are_refused_are_named() {
    in_namespace("transaction::objects_that_are_refused_are_named", || {
        sh("nft 'add table inet fw4; add set inet fw4 nets { type ipv6_addr; }'");
        let helper = CtHelper {
            name: "no-such".to_owned(),
            proto: "tcp".to_owned(),
            origin: Origin(4),
        };
        let ruleset = Ruleset {
            helpers: vec![helper],
            sets: vec![nets(&["10.0.0.0/8"])],
            ..Ruleset::default()
        };
        let Err(LoadError::Kernel(Error::Refused(refused))) = load(&ruleset) else {
            panic!("not refused");
        };
        let found = |subject| {
            refused
                .iter()
                .find(|r| r.subject == subject)
                .map(|r| r.origin)
        };
        assert_eq!(
            found(Subject::Helper("no-such".to_owned())),
            Some(Origin(4)),
            "{refused:?}"
        );
        assert_eq!(
            found(Subject::Set("nets".to_owned())),
            Some(Origin(9)),
            "{refused:?}"
        );
    });
}

#[test]
fn what_cannot_be_said_is_named_before_anything_is_sent() {
    in_namespace(
        "transaction::what_cannot_be_said_is_named_before_anything_is_sent",
        || {
            let mut ruleset = rules(3);
            let odd = |origin, condition| {
                Item::Rule(Rule {
                    origin: Origin(origin),
                    ..rule(vec![condition], vec![ACCEPT])
                })
            };
            let port = |proto| Match::Port {
                proto,
                dir: Dir::Dst,
                ports: vec![PortRange { min: 1, max: 1 }],
                invert: false,
            };
            first_chain(&mut ruleset).extend([
                odd(10, Match::L4Proto(vec![L4::Other("nosuch".to_owned())])),
                odd(11, port(L4::IcmpV6)),
                odd(
                    12,
                    Match::IfName {
                        dir: Dir::Src,
                        names: vec!["a2345678901234567".to_owned()],
                        invert: false,
                    },
                ),
                odd(
                    13,
                    Match::Set {
                        fields: vec![SetField::EtherSaddr],
                        name: "absent".to_owned(),
                        invert: false,
                    },
                ),
                Item::Rule(Rule {
                    origin: Origin(14),
                    ..rule(
                        vec![
                            Match::NfProto(Family::V4),
                            Match::IcmpType {
                                family: Family::V6,
                                types: vec![1],
                            },
                            Match::Addr {
                                family: Family::V6,
                                dir: Dir::Src,
                                addrs: vec![Network::host(ip("::1"))],
                                invert: false,
                            },
                        ],
                        vec![ACCEPT],
                    )
                }),
                odd(
                    15,
                    Match::Limit(Limit {
                        rate: 1,
                        unit: TimeUnit::Day,
                        burst: Some(Number::Double(1.5)),
                    }),
                ),
                Item::Rule(Rule {
                    comment: Some("x".repeat(129)),
                    origin: Origin(16),
                    ..rule(vec![], vec![ACCEPT])
                }),
                Item::Rule(Rule {
                    origin: Origin(17),
                    ..rule(
                        vec![],
                        vec![Statement::Verdict(Verdict::Jump("away".to_owned()))],
                    )
                }),
                Item::Rule(Rule {
                    origin: Origin(18),
                    ..rule(
                        vec![],
                        vec![Statement::Log {
                            prefix: "x".repeat(128),
                        }],
                    )
                }),
                Item::Rule(Rule {
                    origin: Origin(19),
                    ..rule(vec![Match::CtStateInvalid; 60], vec![ACCEPT])
                }),
            ]);
            let Err(LoadError::Unencodable(failures)) = load(&ruleset) else {
                panic!("all encoded")
            };
            let origins: Vec<u32> = failures.iter().map(|failure| failure.origin.0).collect();
            assert_eq!(origins, (10..20).collect::<Vec<_>>(), "{failures:#?}");
            assert_eq!(here().list, "");
            let origins: Vec<_> = failures.iter().map(|failure| failure.origin).collect();
            ruleset.leave_out(&origins);
            load(&ruleset).expect("the rest loads");
        },
    );
}

#[test]
fn a_check_says_what_would_be_refused_and_changes_nothing() {
    in_namespace(
        "transaction::a_check_says_what_would_be_refused_and_changes_nothing",
        || {
            let mut socket = Socket::open().expect("a socket");
            load_as(&mut socket, &rules(5), Way::Check).expect("nothing to say against it");
            assert_eq!(here().list, "");
            let mut bad = rules(5);
            // Found when the object is made. What only a walk through the whole table finds, the kernel does not
            // look for without a commit; nor does `nft -c` learn of it.
            let helper = CtHelper {
                name: "no-such".to_owned(),
                proto: "tcp".to_owned(),
                origin: Origin(77),
            };
            bad.helpers.push(helper);
            let refused = load_as(&mut socket, &bad, Way::Check).expect_err("no such helper");
            let LoadError::Kernel(Error::Refused(refused)) = refused else {
                panic!("{refused}")
            };
            assert_eq!(refused[0].origin, Origin(77));
            assert_eq!(here().list, "");
        },
    );
}

#[test]
fn a_batch_built_on_old_knowledge_is_refused_and_a_load_tries_again() {
    in_namespace(
        "transaction::a_batch_built_on_old_knowledge_is_refused_and_a_load_tries_again",
        || {
            let mut socket = Socket::open().expect("a socket");
            let ruleset = rules(1);
            let prior = Prior::read(&mut socket, &ruleset).expect("readable");
            let batch = Batch::replace(&ruleset, &prior).expect("encoded");
            sh("nft add table ip somebody");
            assert!(matches!(batch.commit(&mut socket), Err(Error::Raced)));
            assert!(!here().list.contains("fw4"));
            load(&ruleset).expect("reads again");
        },
    );
}

#[test]
fn without_privileges_that_is_what_is_said() {
    let test = "transaction::without_privileges_that_is_what_is_said";
    in_namespace(test, || {
        without_privileges(test, || {
            let error = load(&rules(1)).expect_err("no capability");
            assert_eq!(
                error.to_string(),
                "no permission to change the firewall (root or CAP_NET_ADMIN is needed)"
            );
            // Nor is the buffer's limit blamed when the ruleset is large.
            let error = load(&rules(3000)).expect_err("no capability");
            assert!(
                matches!(error, LoadError::Kernel(Error::NoPrivilege)),
                "{error}"
            );
        });
    });
}
