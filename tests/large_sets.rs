/*! Large sets over a reload: what is in them in the end, and that nobody reads them for it. */

#[path = "support/namespace.rs"]
mod namespace;
#[path = "support/router_root.rs"]
mod router_root;

use std::collections::BTreeSet;
use std::fs;

use namespace::{in_namespace, sh};
use router_root::{RouterRoot, ZONES};

const SETS: &str = "
config ipset
	option name 'hosts'
	option match 'src_ip'
	option loadfile '/etc/hosts.txt'

config ipset
	option name 'nets'
	option match 'src_net'
	option loadfile '/etc/nets.txt'

config ipset
	option name 'both'
	list match 'src_ip'
	list match 'dest_port'
	option loadfile '/etc/both.txt'

config ipset
	option name 'forgets'
	option match 'src_ip'
	option timeout '3600'
	option loadfile '/etc/hosts.txt'
";

fn router(name: &str) -> RouterRoot {
    let root = RouterRoot::new(name, &format!("{ZONES}{SETS}"));
    fill(&root, 0);
    root
}

/// Files of 2,000 entries, so many of which are others than usual.
fn fill(root: &RouterRoot, others: usize) {
    let last = |n: usize| 4 * (n & 63) + usize::from(n < others);
    let (mut hosts, mut nets, mut both) = (String::new(), String::new(), String::new());
    for n in 0..2000 {
        let (high, low) = (n >> 6, last(n));
        hosts += &format!("10.0.{high}.{low}\n");
        let net = 4 * (n & 63) + 2 * usize::from(n < others);
        nets += &format!("10.{high}.{net}.0/25\n");
        both += &format!("10.1.{high}.{low} {}\n", 1000 + n);
    }
    root.write("etc/hosts.txt", &hosts);
    root.write("etc/nets.txt", &nets);
    root.write("etc/both.txt", &both);
}

/// What the kernel has in a set.
fn elements(set: &str) -> BTreeSet<String> {
    let list = sh(&format!("nft -j list set inet fw4 {set}"));
    let list: serde_json::Value = serde_json::from_str(&list).expect("JSON");
    let set = list["nftables"][1]["set"]["elem"].as_array();
    let elements = set.expect("elements").iter();
    // How long one has still to live changes while we look.
    elements
        .map(|one| {
            one["elem"]["val"]
                .as_str()
                .map_or(one.to_string(), str::to_owned)
        })
        .collect()
}

fn all() -> Vec<BTreeSet<String>> {
    ["hosts", "nets", "both", "forgets"].map(elements).into()
}

/// Reloads, and tells how many sets were read for that and how many bytes the largest message had.
fn reload(root: &RouterRoot) -> (usize, usize) {
    let trace = root.path().join("trace");
    sh(&format!(
        "strace -f -xx -s 64 -e trace=sendmsg -o {} {} --root {} reload",
        trace.display(),
        env!("CARGO_BIN_EXE_ferrowall"),
        root.path().display()
    ));
    let trace = fs::read_to_string(trace).expect("strace wrote it");
    let lines: Vec<&str> = trace.lines().collect();
    // Behind the length comes the type: NFT_MSG_GETSETELEM of nf_tables. A table that the kernel makes larger meanwhile is
    // asked for once more.
    let asks = |line: &str| line.contains("\\x00\\x00\\x0d\\x0a");
    let asked = lines.iter().filter(|line| asks(line));
    let asked: BTreeSet<_> = asked
        .map(|line| line.split_once("iov_base").map(|(_, rest)| rest))
        .collect();
    let bytes = lines.iter();
    let bytes = bytes.filter_map(|line| line.rsplit_once(" = ")?.1.trim().parse().ok());
    (asked.len(), bytes.max().unwrap_or(0))
}

fn update(root: &RouterRoot) -> serde_json::Value {
    let status = root.ok(&["status", "--json"]);
    let status: serde_json::Value = serde_json::from_str(&status).expect("JSON");
    status["last"]["written"].clone()
}

#[test]
fn of_large_sets_only_what_changed_is_sent_and_nothing_is_read() {
    in_namespace(
        "of_large_sets_only_what_changed_is_sent_and_nothing_is_read",
        || {
            let root = router("large-sets");
            root.ok(&["start"]);
            let before = all();

            let rule = "config rule\n\toption src 'wan'\n\toption proto 'tcp'\n\toption dest_port '7'\n\
                        \toption target 'ACCEPT'\n";
            root.write("etc/config/firewall", &format!("{ZONES}{SETS}{rule}"));
            // The one whose elements end by themselves is read; for the others nothing is sent either.
            let (read, bytes) = reload(&root);
            assert_eq!(read, 1);
            assert!(bytes < 1000, "{bytes}");
            assert_eq!(update(&root)["kinds"], serde_json::json!({"rule": 1}));
            assert_eq!(all(), before);

            // Of merged intervals it matters what lies beside them.
            fill(&root, 5);
            let (read, bytes) = reload(&root);
            assert_eq!(read, 2);
            assert!(bytes < 60_000, "{bytes}");
            let after = all();
            for (set, (before, after)) in before.iter().zip(&after).enumerate() {
                assert!(before.is_subset(after), "{set}");
                assert_eq!(after.len(), before.len() + 5, "{set}");
            }

            // Whoever knows nothing of the last load finds nothing missing.
            fs::remove_file(root.path().join("var/run/ferrowall.json")).expect("a record");
            assert_eq!(reload(&root).0, 4);
            assert_eq!(update(&root)["update"], "none");
            assert_eq!(all(), after);

            root.ok(&["restart"]);
            let fresh = all();
            assert!((0..4).all(|set| fresh[set].is_subset(&after[set])));
            assert_eq!(fresh.iter().map(BTreeSet::len).sum::<usize>(), 4 * 2000);
        },
    );
}

#[test]
fn what_somebody_else_took_out_of_a_large_set_comes_back() {
    in_namespace(
        "what_somebody_else_took_out_of_a_large_set_comes_back",
        || {
            let root = router("large-sets-others");
            root.ok(&["start"]);
            let before = all();
            for (set, element) in [("hosts", "10.0.3.20"), ("both", "10.1.3.20 . 1197")] {
                sh(&format!(
                    "nft delete element inet fw4 {set} '{{ {element} }}'"
                ));
            }
            sh("nft delete element inet fw4 nets '{ 10.7.8.0/25 }'");
            assert_ne!(all(), before);
            assert_eq!(reload(&root).0, 4);
            assert_eq!(all(), before);
        },
    );
}

#[test]
fn a_large_set_that_is_declared_otherwise_is_filled_anew() {
    in_namespace(
        "a_large_set_that_is_declared_otherwise_is_filled_anew",
        || {
            let root = router("large-sets-size");
            root.ok(&["start"]);
            let before = all();
            let sets = SETS.replacen(
                "\toption loadfile",
                "\toption maxelem '5000'\n\toption loadfile",
                1,
            );
            root.write("etc/config/firewall", &format!("{ZONES}{sets}"));
            reload(&root);
            assert_eq!(update(&root)["update"], "full");
            assert!(sh("nft list set inet fw4 hosts").contains("size 5000"));
            assert_eq!(all(), before);
        },
    );
}

/// What is sent then is there already, which is no transaction to the kernel.
#[test]
fn after_an_element_went_what_others_do_is_still_seen() {
    in_namespace("after_an_element_went_what_others_do_is_still_seen", || {
        let root = router("large-sets-less");
        root.ok(&["start"]);
        let rules = sh("nft -s list chain inet fw4 input");
        let hosts = fs::read_to_string(root.path().join("etc/hosts.txt")).expect("a file");
        let (_, less) = hosts.split_once('\n').expect("lines");
        root.write("etc/hosts.txt", less);
        reload(&root);
        let written = update(&root)["kinds"].clone();
        assert_eq!(written, serde_json::json!({"elements": 1, "chain": 1}));

        sh("nft flush chain inet fw4 input; nft flush set inet fw4 hosts");
        reload(&root);
        assert_eq!(sh("nft -s list chain inet fw4 input"), rules);
        assert_eq!(elements("hosts").len(), 1999);
    });
}

#[test]
fn of_two_sets_with_one_name_both_get_what_changed() {
    in_namespace("of_two_sets_with_one_name_both_get_what_changed", || {
        let set = |file: &str| {
            format!(
                "config ipset\n\toption name 'big'\n\toption match 'src_net'\n\toption loadfile '/etc/{file}'\n"
            )
        };
        let sets = set("one.txt") + &set("two.txt");
        let root = RouterRoot::new("large-sets-two", &format!("{ZONES}{sets}"));
        let networks = |first: u8| -> String {
            let network = |n: usize| format!("10.{first}.{}.{}/31\n", n >> 5, 8 * (n & 31));
            (0..300).map(network).collect()
        };
        root.write("etc/one.txt", &networks(1));
        root.write("etc/two.txt", &networks(2));
        root.ok(&["start"]);
        assert_eq!(elements("big").len(), 600);
        root.write("etc/two.txt", &networks(3));
        reload(&root);
        assert_eq!(elements("big").len(), 900);
    });
}
