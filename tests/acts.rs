/*! What the commands do to the kernel, called in every order: each test in a network namespace of its own. */

#[path = "support/namespace.rs"]
mod namespace;
#[path = "support/router_root.rs"]
mod router_root;

use std::fs;
use std::process::Stdio;

use namespace::{in_namespace, sh, try_sh};
use router_root::{BIN, RouterRoot, ZONES};

/// The ruleset as JSON without handles.
const LIST: &str = "nft -j list ruleset | sed 's/\"handle\": [0-9]*//g'";

fn stock() -> String {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/files/etc/config/firewall");
    fs::read_to_string(file).expect("the default configuration")
}

#[test]
fn the_default_configuration_loads_without_nft_as_nft_would_load_it() {
    in_namespace(
        "the_default_configuration_loads_without_nft_as_nft_would_load_it",
        || {
            let root = RouterRoot::new("default", &stock());
            let started = root
                .command(&["start"])
                .env("PATH", "/nonexistent")
                .status()
                .expect("it runs");
            assert!(started.success());
            let ours = sh(LIST);
            let text = root.path().join("printed.nft");
            fs::write(&text, root.ok(&["print"])).expect("written");
            let script = root.path().join("elsewhere.sh");
            fs::write(&script, format!("nft -f {} && {LIST}\n", text.display())).expect("written");
            let theirs = sh(&format!("unshare --net sh {}", script.display()));
            assert!(ours.contains("\"fw4\""));
            assert!(ours == theirs, "{ours}\n{theirs}");
        },
    );
}

#[test]
fn a_batch_of_more_than_a_mebibyte_is_one_sendmsg() {
    in_namespace("a_batch_of_more_than_a_mebibyte_is_one_sendmsg", || {
        let rules: String = (0..4000)
            .map(|n| {
                format!(
                    "config rule\n\toption name 'rule {n}'\n\toption src 'wan'\n\toption proto 'tcp'\n\
                     \toption dest_port '{}'\n\toption target 'ACCEPT'\n",
                    n + 1
                )
            })
            .collect();
        let root = RouterRoot::new("large", &format!("{ZONES}{rules}"));
        let trace = root.path().join("trace");
        sh(&format!(
            "strace -f -e trace=sendmsg -o {} {BIN} --root {} start",
            trace.display(),
            root.path().display()
        ));
        let trace = fs::read_to_string(trace).expect("strace wrote it");
        // small messages are questions; the transaction is the one that is large
        let sent: Vec<usize> = trace
            .lines()
            .filter_map(|line| line.rsplit_once(" = ")?.1.trim().parse().ok())
            .filter(|bytes| *bytes > 4096)
            .collect();
        assert_eq!(sent.len(), 1, "{sent:?}");
        assert!(sent[0] > 1 << 20, "{sent:?}");
        assert_eq!(
            sh("nft list chain inet fw4 input_wan | grep -c 'rule '").trim(),
            "4000"
        );
    });
}

/// Its code would be longer than a message; where exactly it ends depends on the length of the name in the log's prefix.
#[test]
fn a_rule_with_hundreds_of_conditions_is_left_out_and_named() {
    in_namespace(
        "a_rule_with_hundreds_of_conditions_is_left_out_and_named",
        || {
            let masks: String = (0..450)
                .map(|n| {
                    format!(
                        "\tlist src_ip '!10.{}.0.{}/255.255.0.255'\n",
                        n & 255,
                        n >> 8
                    )
                })
                .collect();
            for name in ["many", "manya", "manyab", "manyabc"] {
                let rule = format!(
                    "config rule\n\toption name '{name}'\n\toption src 'wan'\n\toption log '1'\n\toption target 'DROP'\n{masks}"
                );
                let root =
                    RouterRoot::new(&format!("conditions-{name}"), &format!("{ZONES}{rule}"));
                let started = root.run(&["start"]);
                let said = String::from_utf8_lossy(&started.stderr);
                assert!(started.status.success(), "{said}");
                assert!(
                    said.contains("more conditions than a rule can have"),
                    "{said}"
                );
                assert!(!sh("nft list table inet fw4").contains(name));
                root.ok(&["stop"]);
            }
        },
    );
}

#[test]
fn start_reload_restart_and_stop_in_every_order_do_as_fw4() {
    in_namespace(
        "start_reload_restart_and_stop_in_every_order_do_as_fw4",
        || {
            let root = RouterRoot::new("orders", ZONES);
            assert!(
                root.fails(&["reload"])
                    .contains("does not appear to be loaded.")
            );
            assert_eq!(
                root.ok(&["stop"]),
                "",
                "stop when nothing is loaded is no failure, as in fw4"
            );
            root.ok(&["start"]);
            assert!(
                root.fails(&["start"])
                    .contains("appears to be already loaded.")
            );
            let first = sh(LIST);
            root.ok(&["reload"]);
            assert_eq!(sh(LIST), first);
            root.ok(&["restart"]);
            assert_eq!(sh(LIST), first);
            root.ok(&["stop"]);
            assert_eq!(sh("nft list tables"), "");
            assert!(
                root.fails(&["reload"])
                    .contains("does not appear to be loaded.")
            );
            root.ok(&["restart"]);
            assert_eq!(sh(LIST), first, "restart loads in any case");
        },
    );
}

#[test]
fn a_stale_state_file_is_believed_until_stop_or_restart() {
    in_namespace(
        "a_stale_state_file_is_believed_until_stop_or_restart",
        || {
            let root = RouterRoot::new("stale", ZONES);
            root.write("var/run/fw4.state", "left from another life");
            assert!(root.fails(&["start"]).contains("already loaded"));
            assert!(
                root.fails(&["network", "lan"])
                    .contains("Unable to read firewall state")
            );
            root.ok(&["reload"]);
            assert_eq!(root.ok(&["network", "lan"]), "lan\n");
            sh("nft delete table inet fw4");
            root.ok(&["reload"]);
            assert!(sh("nft list tables").contains("fw4"));
        },
    );
}

#[test]
fn two_callers_at_once_both_come_through() {
    in_namespace("two_callers_at_once_both_come_through", || {
        let root = RouterRoot::new("two", ZONES);
        root.ok(&["start"]);
        let want = sh(LIST);
        for _ in 0..10 {
            let callers: Vec<_> = ["reload", "restart", "reload", "restart"]
                .iter()
                .map(|verb| {
                    root.command(&[verb])
                        .stderr(Stdio::piped())
                        .spawn()
                        .expect("it runs")
                })
                .collect();
            for caller in callers {
                let output = caller.wait_with_output().expect("it ends");
                assert!(
                    output.status.success(),
                    "{}",
                    String::from_utf8_lossy(&output.stderr)
                );
            }
            assert_eq!(sh(LIST), want);
        }
    });
}

#[test]
fn stop_deletes_our_table_only_and_flush_deletes_all() {
    in_namespace("stop_deletes_our_table_only_and_flush_deletes_all", || {
        let root = RouterRoot::new("stop", ZONES);
        sh("nft add table inet crowdsec && nft add table ip other");
        root.ok(&["start"]);
        root.ok(&["restart"]);
        root.ok(&["stop"]);
        assert_eq!(
            sh("nft list tables"),
            "table inet crowdsec\ntable ip other\n"
        );
        // left by itself when fw4, which knows one table, or somebody by hand took the first away
        root.ok(&["start"]);
        sh("nft add table inet fw4_software && nft delete table inet fw4");
        root.ok(&["stop"]);
        assert_eq!(
            sh("nft list tables"),
            "table inet crowdsec\ntable ip other\n"
        );
        root.ok(&["start"]);
        root.ok(&["flush"]);
        assert_eq!(sh("nft list tables"), "");
        root.ok(&["start"]);
    });
}

#[test]
fn a_broken_configuration_is_shown_and_the_rules_stay() {
    in_namespace("a_broken_configuration_is_shown_and_the_rules_stay", || {
        let root = RouterRoot::new("broken", ZONES);
        root.ok(&["start"]);
        let before = sh(LIST);
        root.write(
            "etc/config/firewall",
            "config defaults\n\toption input 'DROP\n",
        );
        let checked = root.run(&["check"]);
        let said = String::from_utf8_lossy(&checked.stderr);
        assert_eq!(checked.status.code(), Some(2), "{said}");
        assert!(
            said.contains("/etc/config/firewall:2:15: error: "),
            "{said}"
        );
        for verb in ["reload", "restart"] {
            let said = root.fails(&[verb]);
            assert!(said.contains("/etc/config/firewall:2:15"), "{said}");
            assert!(
                said.contains("\toption input 'DROP") && said.contains('^'),
                "{said}"
            );
            assert_eq!(sh(LIST), before);
        }
        fs::remove_file(root.path().join("etc/config/firewall")).expect("removed");
        assert!(root.fails(&["reload"]).contains("etc/config/firewall"));
        assert_eq!(sh(LIST), before);
        let status: serde_json::Value =
            serde_json::from_str(&root.ok(&["status", "--json"])).expect("JSON");
        assert_eq!(status["loaded"], true);
        assert!(
            status["last"]["error"]
                .as_str()
                .expect("an error")
                .contains("etc/config/firewall")
        );
    });
}

#[test]
fn a_refused_rule_among_a_thousand_costs_that_rule_and_is_named() {
    in_namespace(
        "a_refused_rule_among_a_thousand_costs_that_rule_and_is_named",
        || {
            let mut text = ZONES.to_owned();
            for n in 0..1000 {
                // 500: a protocol that nobody knows; nft would refuse all of the ruleset
                let proto = if n == 500 { "nosuchproto" } else { "tcp" };
                text += &format!(
                    "\nconfig rule\n\toption name 'rule-{n}'\n\toption src 'wan'\n\toption proto '{proto}'\n\
                 \toption target 'ACCEPT'\n"
                );
            }
            let line = 1 + text[..text.find("'rule-500'").expect("it is there")]
                .matches('\n')
                .count()
                - 1;
            let root = RouterRoot::new("refused", &text);
            let output = root.run(&["start"]);
            assert!(output.status.success());
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(
                said.contains("Section @rule[500] (rule-500) skipped"),
                "{said}"
            );
            assert_eq!(
                sh("nft list chain inet fw4 input_wan | grep -c '!fw4: rule-'").trim(),
                "999"
            );
            let status: serde_json::Value =
                serde_json::from_str(&root.ok(&["status", "--json"])).expect("JSON");
            let found = &status["diagnostics"].as_array().expect("a list")[0];
            assert_eq!(found["section"], "@rule[500]");
            assert_eq!(found["line"].as_u64(), Some(line as u64), "{found}");
            assert_eq!(found["file"], "/etc/config/firewall");
        },
    );
}

#[test]
fn what_cannot_be_left_out_keeps_the_old_ruleset() {
    in_namespace("what_cannot_be_left_out_keeps_the_old_ruleset", || {
        let root = RouterRoot::new("structural", ZONES);
        root.ok(&["start"]);
        let before = sh(LIST);
        // a zone decides what gets in: without its rules the router would be another one
        let device = "a-name-longer-than-a-device-can-have";
        let zone = format!("\nconfig zone\n\toption name 'guest'\n\tlist device '{device}'\n");
        root.write("etc/config/firewall", &format!("{ZONES}{zone}"));
        let said = root.fails(&["reload"]);
        assert!(
            said.contains("Section @zone[2] (guest) at /etc/config/firewall:"),
            "{said}"
        );
        assert_eq!(sh(LIST), before);
    });
}

#[test]
fn raw_nft_files_take_the_text_path_and_their_mistakes_are_named() {
    in_namespace(
        "raw_nft_files_take_the_text_path_and_their_mistakes_are_named",
        || {
            let root = RouterRoot::new("snippets", ZONES);
            root.write("etc/nftables.d/10-comment.nft", "# nothing but words\n\n");
            root.ok(&["start"]);
            assert!(root.ok(&["status"]).contains("path: netlink\n"));
            root.write(
                "etc/nftables.d/20-chain.nft",
                "chain user_pre {\n\tcounter comment \"mine\"\n}\n",
            );
            root.ok(&["reload"]);
            let status = root.ok(&["status"]);
            assert!(
                status.contains("path: nft") && status.contains("20-chain.nft"),
                "{status}"
            );
            assert!(sh("nft list chain inet fw4 user_pre").contains("mine"));
            let before = sh(LIST);
            root.write(
                "etc/nftables.d/20-chain.nft",
                "chain user_pre {\n\tnonsense here\n}\n",
            );
            let checked = root.run(&["check"]);
            assert_eq!(checked.status.code(), Some(2));
            let checked = String::from_utf8_lossy(&checked.stderr).into_owned();
            for said in [root.fails(&["reload"]), root.fails(&["restart"]), checked] {
                assert!(said.contains("etc/nftables.d/20-chain.nft:2:"), "{said}");
            }
            assert_eq!(sh(LIST), before);
        },
    );
}

#[test]
fn a_refused_rule_costs_that_rule_on_the_text_path_too() {
    in_namespace(
        "a_refused_rule_costs_that_rule_on_the_text_path_too",
        || {
            let bad = "\nconfig rule\n\toption name 'bad'\n\toption src 'wan'\n\toption proto 'nosuchproto'\n\
                   \toption target 'ACCEPT'\n\nconfig rule\n\toption name 'good'\n\toption src 'wan'\n\
                   \toption proto 'udp'\n\toption target 'ACCEPT'\n";
            let root = RouterRoot::new("text", &format!("{ZONES}{bad}"));
            let output = root.run(&["--backend", "nft", "start"]);
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{said}");
            assert!(said.contains("Section @rule[0] (bad) skipped"), "{said}");
            let chain = sh("nft list chain inet fw4 input_wan");
            assert!(
                chain.contains("!fw4: good") && !chain.contains("!fw4: bad"),
                "{chain}"
            );
        },
    );
}

#[test]
fn a_kernel_without_flowtables_loads_the_rest_and_says_what_would_help() {
    in_namespace(
        "a_kernel_without_flowtables_loads_the_rest_and_says_what_would_help",
        || {
            if try_sh(
                "nft -c 'add table inet t; add flowtable inet t f { hook ingress priority 0; }'",
            )
            .status
            .success()
            {
                eprintln!("skipped: this kernel has flowtables");
                return;
            }
            let text = ZONES.replacen(
                "config defaults",
                "config defaults\n\toption flow_offloading '1'",
                1,
            );
            let root = RouterRoot::new("noflow", &text);
            sh("ip link add lan0 type veth peer name wan0");
            for backend in ["netlink", "nft"] {
                let output = root.run(&["--backend", backend, "restart"]);
                let said = String::from_utf8_lossy(&output.stderr);
                assert!(output.status.success(), "{said}");
                assert!(said.contains("Flow offloading is not available"), "{said}");
                let status: serde_json::Value =
                    serde_json::from_str(&root.ok(&["status", "--json"])).expect("JSON");
                let offload = &status["last"]["offload"];
                assert_eq!(offload["requested"], "software");
                assert_eq!(offload["effective"], "off");
                assert!(offload["reason"].is_string(), "{offload}");
                assert!(status.to_string().contains("kmod-nft-offload"), "{status}");
                assert!(sh("nft list table inet fw4").contains("chain forward_lan"));
            }
        },
    );
}

#[test]
fn without_privileges_the_message_says_so() {
    in_namespace("without_privileges_the_message_says_so", || {
        let root = RouterRoot::new("nobody", ZONES);
        sh(&format!(
            "mkdir -p {0}/var/run && chmod -R a+rwX {0}",
            root.path().display()
        ));
        let copy = root.path().join("ferrowall");
        fs::copy(BIN, &copy).expect("copied");
        let output = try_sh(&format!(
            "setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all {} --root {} start",
            copy.display(),
            root.path().display()
        ));
        assert_eq!(output.status.code(), Some(1));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            said.contains("no permission to change the firewall"),
            "{said}"
        );
        assert!(!root.path().join("var/run/fw4.state").exists());
    });
}

#[test]
fn lookups_answer_as_fw4_does() {
    in_namespace("lookups_answer_as_fw4_does", || {
        let root = RouterRoot::new("lookup", ZONES);
        assert!(
            root.fails(&["-q", "zone", "lan"])
                .contains("do you need to start the firewall?")
        );
        root.ok(&["start"]);
        assert_eq!(root.ok(&["network", "wan"]), "wan\n");
        assert_eq!(root.ok(&["device", "lan0"]), "lan\n");
        assert_eq!(root.ok(&["zone", "wan"]), "wan0\n");
        assert_eq!(root.ok(&["zone", "wan", "wan0"]), "wan0\n");
        for nothing in [
            &["network", "dmz"][..],
            &["device", "eth9"],
            &["zone", "dmz"],
            &["zone", "wan", "lan0"],
        ] {
            assert_eq!(root.fails(nothing), "");
        }
    });
}

#[test]
fn reload_sets_fills_sets_and_touches_no_rule() {
    in_namespace("reload_sets_fills_sets_and_touches_no_rule", || {
        let sets = "\nconfig ipset\n\toption name 'hosts'\n\tlist match 'src_net'\n\toption loadfile '/etc/hosts.txt'\n\
                    \nconfig ipset\n\toption name 'filled'\n\tlist match 'src_ip'\n";
        let root = RouterRoot::new("sets", &format!("{ZONES}{sets}"));
        root.write(
            "etc/hosts.txt",
            "10.0.0.0/8\n# a comment\nnonsense\n192.0.2.1\n",
        );
        root.ok(&["start"]);
        sh("nft add element inet fw4 filled { 192.0.2.7 }");
        sh("nft insert rule inet fw4 input counter comment \\\"foreign\\\"");
        root.write("etc/hosts.txt", "172.16.0.0/12\n");
        root.ok(&["reload-sets"]);
        let list = sh("nft list table inet fw4");
        assert!(
            list.contains("172.16.0.0/12") && !list.contains("10.0.0.0/8"),
            "{list}"
        );
        assert!(
            list.contains("192.0.2.7"),
            "a set without entries of ours belongs to others"
        );
        assert!(list.contains("foreign"));
        sh("nft delete set inet fw4 hosts");
        let output = root.run(&["reload-sets"]);
        assert!(output.status.success());
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            said.contains(
                "Named set 'hosts' does not exist - do you need to restart the firewall?"
            ),
            "{said}"
        );
    });
}

#[test]
fn scripts_run_after_the_commit_and_their_failure_is_told() {
    in_namespace(
        "scripts_run_after_the_commit_and_their_failure_is_told",
        || {
            let include = "\nconfig include\n\toption path '/etc/it'\\''s mine.sh'\n\toption fw4_compatible '1'\n";
            let root = RouterRoot::new("script", &format!("{ZONES}{include}"));
            root.write(
                "etc/it's mine.sh",
                "nft list table inet fw4 >/dev/null || exit 9\nexit 3\n",
            );
            let output = root.run(&["start"]);
            assert!(output.status.success());
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(
                said.contains("Include '/etc/it's mine.sh' failed with exit code 3"),
                "{said}"
            );
        },
    );
}

#[test]
fn a_reader_that_leaves_early_is_no_failure() {
    let root = RouterRoot::new("pipe", &stock());
    let output = try_sh(&format!(
        "{BIN} --root {} print | head -1; echo ${{PIPESTATUS:-0}}",
        root.path().display()
    ));
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "table inet fw4\n0\n"
    );
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
