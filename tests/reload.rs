/*! `reload` as a command: what it says of itself, and what is there when it is killed. */

#[path = "support/namespace.rs"]
mod namespace;
#[path = "support/router_root.rs"]
mod router_root;

use std::process::Stdio;
use std::time::{Duration, Instant};

use namespace::{in_namespace, sh};
use router_root::{RouterRoot, ZONES};

/// The ruleset as JSON without handles.
const LIST: &str = "nft -j list ruleset | sed 's/\"handle\": [0-9]*//g'";

/// Zones and a hundred rules, one of which opens this port.
fn configuration(port: u16) -> String {
    let rules: String = (0..100)
        .map(|n| {
            let open = if n == 50 { port } else { 1000 + n };
            format!(
                "config rule\n\toption name 'rule {n}'\n\toption src 'wan'\n\toption proto 'tcp'\n\
                 \toption dest_port '{open}'\n\toption target 'ACCEPT'\n"
            )
        })
        .collect();
    format!("{ZONES}{rules}")
}

fn written(root: &RouterRoot) -> (String, u64) {
    let status: serde_json::Value =
        serde_json::from_str(&root.ok(&["status", "--json"])).expect("JSON");
    let written = &status["last"]["written"];
    (
        written["update"].as_str().unwrap_or_default().to_owned(),
        written["messages"].as_u64().expect("a number"),
    )
}

#[test]
fn a_reload_after_a_reload_sees_what_happened_to_the_kernel_in_between() {
    in_namespace(
        "a_reload_after_a_reload_sees_what_happened_to_the_kernel_in_between",
        || {
            let root = RouterRoot::new("between", &configuration(1));
            root.ok(&["start"]);
            let list = sh(LIST);
            let moment = || {
                let record = std::fs::read_to_string(root.path().join("var/run/ferrowall.json"));
                let record: serde_json::Value =
                    serde_json::from_str(&record.expect("a record")).expect("JSON");
                record["moment"].as_str().map(str::to_owned)
            };
            let known = moment();
            assert!(known.is_some());
            root.ok(&["reload"]);
            assert_eq!((written(&root).0.as_str(), moment()), ("none", known));

            // By somebody else, a rule of ours goes.
            let rule =
                sh("nft -a list chain inet fw4 input | grep jump | grep -m1 -o 'handle [0-9]*$'");
            sh(&format!("nft delete rule inet fw4 input {rule}"));
            root.ok(&["reload"]);
            assert_eq!(written(&root).0, "incremental");
            assert_eq!(sh(LIST), list);

            // As many transactions or more or less, but in another network namespace.
            for transactions in 0..8 {
                let script = format!(
                    "for n in $(seq {transactions}); do nft add table ip t$n; done; {} --root {} reload; nft list ruleset",
                    router_root::BIN,
                    root.path().display()
                );
                let elsewhere = sh(&format!("unshare --net sh -ec '{script}'"));
                assert!(elsewhere.contains("chain accept_to_wan"), "{elsewhere}");
            }
        },
    );
}

/// Of the record of the last load, without what every load changes.
fn record(root: &RouterRoot) -> serde_json::Value {
    let record = std::fs::read_to_string(root.path().join("var/run/ferrowall.json"));
    let mut record: serde_json::Value =
        serde_json::from_str(&record.expect("a record")).expect("JSON");
    for key in ["time", "duration_ms", "generation"] {
        record[key].take();
    }
    record
}

#[test]
fn a_reload_that_compiles_nothing_leaves_what_one_that_does_would() {
    in_namespace(
        "a_reload_that_compiles_nothing_leaves_what_one_that_does_would",
        || {
            let root = RouterRoot::new("inputs", &configuration(1));
            root.ok(&["start"]);
            let place = root.path().join("var/run/ferrowall.json");
            let text = || std::fs::read_to_string(&place).expect("a record");
            root.ok(&["reload"]);
            let (known, short) = (text(), record(&root));
            assert_eq!(short["written"]["update"], "none");
            assert!(!short["inputs"].is_null());
            // What was loaded was another ruleset, for all the record says: whoever compiles now sees it.
            let seen = || {
                let told = format!("\"fingerprint\":{}", record(&root)["fingerprint"]);
                let lied = text().replace(&told, "\"fingerprint\":\"0\"");
                std::fs::write(&place, lied).expect("written");
                root.ok(&["reload"]);
                record(&root)["fingerprint"] != "0"
            };
            assert!(!seen(), "nothing changed, nothing is compiled");
            std::fs::write(&place, &known).expect("written");

            for (path, text) in [
                ("tmp/.uci/firewall", "firewall.@zone[0].input='DROP'\n"),
                ("etc/config/firewall", &configuration(2)),
                (
                    "ubus/service-get_data.json",
                    r#"{"a":{"firewall":[{"type":"rule","src":"wan"}]}}"#,
                ),
                ("etc/nftables.d/mine.nft", "# nothing\n"),
                ("var/run/fw4.state", "{}"),
                ("var/run/ferrowall/confirmed", "0 -\n"),
            ] {
                root.write(path, text);
                assert!(seen(), "{path}");
                assert!(!seen(), "{path} is as at the last load");
                root.ok(&["restart"]);
            }
            // Somebody else's transaction, another boot or namespace, a record that was cut.
            sh("nft add table ip other");
            assert!(seen());
            for (what, with) in [
                ("moment\":\"", "moment\":\"x"),
                ("\"inputs\":[", "\"inputs\":[1,"),
            ] {
                root.ok(&["restart"]);
                std::fs::write(&place, text().replace(what, with)).expect("written");
                assert!(seen(), "{what}");
            }
            for broken in ["", "{", "[]"] {
                std::fs::write(&place, broken).expect("written");
                root.ok(&["reload"]);
                assert!(!record(&root)["inputs"].is_null());
            }
            // As a load leaves it that compares everything.
            root.ok(&["reload", "--end-flows"]);
            let long = record(&root);
            root.ok(&["reload"]);
            assert_eq!(record(&root), long);
        },
    );
}

#[test]
fn what_a_load_had_to_tell_or_to_run_every_reload_tells_and_runs() {
    in_namespace(
        "what_a_load_had_to_tell_or_to_run_every_reload_tells_and_runs",
        || {
            let include =
                "\nconfig include\n\toption path '/etc/mine.sh'\n\toption fw4_compatible '1'\n";
            let root = RouterRoot::new("ran", &format!("{ZONES}{include}"));
            let ran = root.path().join("ran");
            root.write("etc/mine.sh", &format!("echo >> {}\n", ran.display()));
            root.ok(&["start"]);
            for times in 2..5 {
                root.ok(&["reload"]);
                let text = std::fs::read_to_string(&ran).expect("it ran");
                assert_eq!(text.len(), times);
            }
            let wrong = "\nconfig rule\n\toption name 'wrong'\n\toption colour 'red'\n\toption src 'nowhere'\n";
            root.write("etc/config/firewall", &format!("{ZONES}{wrong}"));
            let mut said = Vec::new();
            for _ in 0..3 {
                let output = root.run(&["reload"]);
                said.push((output.stderr, record(&root)["diagnostics"].clone()));
            }
            assert!(!said[0].0.is_empty());
            assert!(said.iter().all(|one| *one == said[0]), "{said:?}");
        },
    );
}

#[test]
fn status_says_how_much_a_reload_wrote() {
    in_namespace("status_says_how_much_a_reload_wrote", || {
        let root = RouterRoot::new("written", &configuration(1));
        root.ok(&["start"]);
        assert_eq!(written(&root).0, "full");
        root.ok(&["reload"]);
        assert_eq!(written(&root), ("none".to_owned(), 0));
        root.write("etc/config/firewall", &configuration(2));
        root.ok(&["reload"]);
        assert_eq!(written(&root), ("incremental".to_owned(), 1));
        let text = root.ok(&["status"]);
        assert!(
            text.contains("update: incremental, 1 messages (rule 1)"),
            "{text}"
        );
        let reloaded = sh(LIST);
        root.ok(&["restart"]);
        assert_eq!(written(&root).0, "full");
        assert_eq!(sh(LIST), reloaded);
    });
}

#[test]
fn a_reload_killed_at_any_moment_leaves_the_old_or_the_new_rules() {
    in_namespace(
        "a_reload_killed_at_any_moment_leaves_the_old_or_the_new_rules",
        || {
            let root = RouterRoot::new("killed", &configuration(1));
            root.ok(&["start"]);
            let old = sh(LIST);
            root.write("etc/config/firewall", &configuration(2));
            let begun = Instant::now();
            root.ok(&["reload"]);
            let takes = begun.elapsed();
            let new = sh(LIST);
            assert_ne!(old, new);
            let (mut olds, mut news) = (0, 0);
            for moment in 0..40u32 {
                root.write("etc/config/firewall", &configuration(1));
                root.ok(&["reload"]);
                root.write("etc/config/firewall", &configuration(2));
                let mut reload = root
                    .command(&["reload"])
                    .stderr(Stdio::null())
                    .spawn()
                    .expect("it runs");
                // The moments are what the test is about.
                std::thread::sleep(takes.min(Duration::from_millis(200)) * moment / 30);
                let _ = reload.kill();
                reload.wait().expect("it ended");
                match sh(LIST) {
                    now if now == old => olds += 1,
                    now if now == new => news += 1,
                    now => panic!("neither old nor new: {now}"),
                }
            }
            assert!(olds > 0 && news > 0, "{olds} old, {news} new");
        },
    );
}

#[test]
fn a_station_that_moves_runs_no_scripts() {
    in_namespace("a_station_that_moves_runs_no_scripts", || {
        let include =
            "\nconfig include\n\toption path '/etc/mine.sh'\n\toption fw4_compatible '1'\n";
        let root = RouterRoot::new("station", &format!("{ZONES}{include}"));
        let ran = root.path().join("ran");
        root.write("etc/mine.sh", &format!("echo >> {}\n", ran.display()));
        let times = || std::fs::read_to_string(&ran).map_or(0, |text| text.len());
        root.ok(&["start"]);
        root.ok(&["reload", "--end-flows"]);
        assert_eq!(times(), 1);
        root.ok(&["reload"]);
        assert_eq!(times(), 2);
        // other rules, whatever they are loaded for
        let rule = "\nconfig rule\n\toption src 'lan'\n\toption target 'DROP'\n";
        root.write("etc/config/firewall", &format!("{ZONES}{include}{rule}"));
        root.ok(&["reload", "--end-flows"]);
        assert_eq!(times(), 3);
    });
}

#[test]
fn a_load_that_fails_leaves_what_is_said_of_offloading() {
    in_namespace(
        "a_load_that_fails_leaves_what_is_said_of_offloading",
        || {
            sh(
                "ip link add lan0 type veth peer name wan0 && ip link set lan0 up && ip link set wan0 up",
            );
            let config = ZONES.replacen(
                "config defaults",
                "config defaults\n\toption flow_offloading '1'",
                1,
            );
            let root = RouterRoot::new("still", &config);
            let told = || -> (serde_json::Value, serde_json::Value) {
                let record = std::fs::read_to_string(root.path().join("var/run/ferrowall.json"));
                let record: serde_json::Value =
                    serde_json::from_str(&record.expect("a record")).expect("JSON");
                (record["offload"].clone(), record["offload_policy"].clone())
            };
            root.ok(&["start"]);
            let before = told();
            assert_eq!(before.0["requested"], "software", "{before:?}");
            for broken in ["config '", "config defaults\n\toption input 'DROP\n"] {
                root.write("etc/config/firewall", broken);
                root.fails(&["reload"]);
                assert_eq!(told(), before);
            }
            root.write("etc/config/firewall", ZONES);
            root.write("etc/nftables.d/broken.nft", "this is no nft\n");
            root.fails(&["reload"]);
            assert_eq!(told(), before);
        },
    );
}
