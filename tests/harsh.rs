/*! A full disk, a read-only one, no bus, a slow bus, nonsense on it: rules load or stay, and it is said what happened. */

#[path = "support/canned.rs"]
mod canned;
#[path = "support/namespace.rs"]
mod namespace;
#[path = "support/router_root.rs"]
mod router_root;
// no real ubusd here, and nothing to wait for
#[allow(dead_code)]
#[path = "support/ubus/mod.rs"]
mod ubus;

use std::fs;
use std::process::Output;
use std::thread::sleep;
use std::time::{Duration, Instant};

use canned::Canned;
use ferrowall::ubus::{Method, Object, Request, Table, Type};
use namespace::{in_namespace, sh, try_sh};
use router_root::{RouterRoot, ZONES};
use ubus::Bus;

const LIST: &str = "nft -j list ruleset | sed 's/\"handle\": [0-9]*//g'";

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Runs it; it must succeed. What it said on standard error.
fn ok(root: &RouterRoot, args: &[&str]) -> String {
    let output = root.run(args);
    assert!(output.status.success(), "{args:?}: {}", said(&output));
    said(&output)
}

fn is_closed() -> bool {
    let rules = sh("nft list chain inet fw4 input");
    rules.contains("policy drop") && rules.contains("handle_reject")
}

#[test]
fn with_memory_full_the_rules_load_and_every_file_that_could_not_be_written_is_named() {
    in_namespace(
        "with_memory_full_the_rules_load_and_every_file_that_could_not_be_written_is_named",
        || {
            let root = RouterRoot::new("memory-full", ZONES);
            let run = root.path().join("var/run");
            fs::create_dir_all(&run).expect("made");
            sh(&format!(
                "mount -t tmpfs -o size=64k none {}",
                run.display()
            ));
            try_sh(&format!("cat /dev/zero > {}/full", run.display()));
            let warned = ok(&root, &["start"]);
            assert!(warned.contains("fw4.state': No space left"), "{warned}");
            assert!(is_closed());
            assert!(
                !run.join("fw4.state").exists(),
                "half a file is worse than none"
            );

            fs::remove_file(run.join("full")).expect("removed");
            assert_eq!(ok(&root, &["restart"]), "");
            let state = fs::read(run.join("fw4.state")).expect("the state");
            try_sh(&format!("cat /dev/zero > {}/full", run.display()));
            let rule = "\nconfig rule\n\toption src 'wan'\n\toption proto 'esp'\n\toption target 'ACCEPT'\n";
            root.write("etc/config/firewall", &format!("{ZONES}{rule}"));
            let warned = ok(&root, &["reload"]);
            assert!(warned.contains("No space left"), "{warned}");
            assert!(
                sh("nft list ruleset").contains("esp"),
                "what is new is loaded"
            );
            assert_eq!(fs::read(run.join("fw4.state")).expect("the state"), state);
            assert!(root.fails(&["try"]).contains("nothing to go back to"));
        },
    );
}

#[test]
fn with_var_read_only_or_odd_things_in_it_the_rules_load() {
    in_namespace(
        "with_var_read_only_or_odd_things_in_it_the_rules_load",
        || {
            let root = RouterRoot::new("read-only", ZONES);
            let run = root.path().join("var/run");
            fs::create_dir_all(&run).expect("made");
            sh(&format!("mount -t tmpfs -o ro none {}", run.display()));
            for verb in ["start", "restart", "start"] {
                let warned = ok(&root, &[verb]);
                assert!(
                    warned.contains("Unable to lock") && warned.contains("Read-only"),
                    "{warned}"
                );
                assert!(is_closed());
            }
            root.fails(&["reload"]);
            assert!(is_closed());
            sh(&format!("umount {}", run.display()));

            // None of these may be waited for, followed, or written through.
            let victim = root.path().join("victim");
            fs::write(&victim, "precious").expect("written");
            for odd in ["mkfifo", "mkdir", "ln -s ../../victim"] {
                for name in ["fw4.lock", "fw4.state", "ferrowall.json", "ferrowall"] {
                    sh(&format!(
                        "rm -rf {run}; mkdir {run}; {odd} {run}/{name}",
                        run = run.display()
                    ));
                    let begun = Instant::now();
                    let output = root.run(&["restart"]);
                    assert!(output.status.success(), "{odd} {name}: {}", said(&output));
                    assert!(begun.elapsed() < Duration::from_secs(5), "{odd} {name}");
                    root.run(&["status"]);
                    root.run(&["network", "lan"]);
                    assert_eq!(
                        fs::read_to_string(&victim).expect("it is there"),
                        "precious"
                    );
                    assert!(is_closed(), "{odd} {name}");
                }
            }
            // A lock file that anybody may open is one that anybody may hold.
            let lock = run.join("fw4.lock");
            sh(&format!(
                "rm -rf {0}; mkdir {0}; touch {1}; chmod 644 {1}",
                run.display(),
                lock.display()
            ));
            ok(&root, &["restart"]);
            assert_eq!(sh(&format!("stat -c %a {}", lock.display())).trim(), "600");
            assert_eq!(
                sh(&format!("stat -c %a {}/ferrowall", run.display())).trim(),
                "700"
            );
        },
    );
}

#[test]
fn with_nothing_but_a_configuration_the_rules_load() {
    in_namespace("with_nothing_but_a_configuration_the_rules_load", || {
        let root = RouterRoot::new("nothing", ZONES);
        for folder in ["ubus", "proc", "sys"] {
            fs::remove_dir_all(root.path().join(folder)).expect("removed");
        }
        let command = |args: &[&str]| {
            let mut command = root.command(args);
            command.env("UBUS_SOCKET", root.path().join("no-bus"));
            command.output().expect("it runs")
        };
        let started = command(&["start"]);
        assert!(started.status.success());
        assert!(
            said(&started).contains("Unable to connect to ubus"),
            "{}",
            said(&started)
        );
        assert!(is_closed());
        let before = sh(LIST);
        assert!(command(&["reload"]).status.success());
        assert_eq!(sh(LIST), before);
    });
}

#[test]
fn a_bus_that_takes_ten_seconds_is_waited_for() {
    in_namespace("a_bus_that_takes_ten_seconds_is_waited_for", || {
        let root = RouterRoot::new("slow-bus", ZONES);
        fs::remove_dir_all(root.path().join("ubus")).expect("removed");
        let bus = Bus::own();
        let answer = |request: &Request| {
            if request.object == "network.interface" {
                sleep(Duration::from_secs(10));
            }
            let lan = r#"{"interface":[{"interface":"lan","up":true,"l3_device":"slow0","device":"slow0"}]}"#;
            let text = if request.method == "dump" { lan } else { "{}" };
            let answer = ferrowall::json::read(text).expect("JSON");
            Some(Ok(Table::from(answer.as_object().expect("an object"))))
        };
        let objects = vec![
            Object::new("network.interface").with(Method::new("dump")),
            Object::new("network.device").with(Method::new("status").takes("name", Type::String)),
            Object::new("service").with(Method::new("get_data").takes("type", Type::String)),
        ];
        let _netifd = Canned::publish(&bus.path(), objects, Box::new(answer));
        let mut start = root.command(&["start"]);
        let begun = Instant::now();
        let output = start
            .env("UBUS_SOCKET", bus.path())
            .output()
            .expect("it runs");
        assert!(output.status.success(), "{}", said(&output));
        assert!(begun.elapsed() >= Duration::from_secs(10));
        assert!(sh("nft list ruleset").contains("slow0"));
    });
}

#[test]
fn whatever_netifd_answers_the_router_stays_closed() {
    in_namespace("whatever_netifd_answers_the_router_stays_closed", || {
        let root = RouterRoot::new("nonsense", ZONES);
        root.ok(&["start"]);
        let deep = format!(
            "{{\"interface\":{}1{}}}",
            "[".repeat(50_000),
            "]".repeat(50_000)
        );
        let long = format!(
            r#"{{"interface":[{{"interface":"lan","up":true,"device":"{}","l3_device":"{0}"}}]}}"#,
            "x".repeat(5_000)
        );
        for nonsense in [
            "",
            "null",
            "[1,2",
            "\"text\"",
            "{\"interface\": 7}",
            "{\"interface\": {\"lan\": true}}",
            "{\"interface\": [null, 5, {}, [], \"x\", {\"interface\": {}}, {\"interface\": \"lan\", \"device\": [1]}]}",
            "{\"interface\": [{\"interface\": \"lan\", \"up\": true, \"l3_device\": \"lan0\", \"ipv4-address\": \"all\"}]}",
            "{\"interface\": [{\"interface\": \"lan\", \"up\": true, \"l3_device\": \"lan0; accept\", \
             \"ipv4-address\": [{\"address\": \"1.2.3\", \"mask\": 99}, {\"address\": 5, \"mask\": -1}]}]}",
            "{\"interface\": [{\"interface\": \"lan\", \"data\": {\"firewall\": [1, {\"type\": \"rule\", \"target\": {}}], \"zone\": 3}}]}",
            "\u{0}\u{1}",
            &deep,
            &long,
        ] {
            root.write("ubus/network.interface-dump.json", nonsense);
            for verb in ["reload", "restart", "reload"] {
                let begun = Instant::now();
                let output = root.run(&[verb]);
                let shown: String = nonsense.chars().take(80).collect();
                assert!(output.status.code().is_some(), "{verb} died of {shown}");
                assert!(begun.elapsed() < Duration::from_secs(5), "{verb}: {shown}");
                assert!(is_closed(), "{verb}: {shown}");
                if !output.status.success() {
                    assert!(!said(&output).trim().is_empty(), "{verb}: {shown}");
                }
            }
            assert!(!sh("nft list ruleset").contains("lan0; accept\" }"));
        }
    });
}

#[test]
fn files_that_are_none_or_have_no_end_are_refused_at_once_and_named() {
    in_namespace(
        "files_that_are_none_or_have_no_end_are_refused_at_once_and_named",
        || {
            let root = RouterRoot::new("endless", ZONES);
            root.ok(&["start"]);
            let before = sh(LIST);
            let path = root.path().join("odd");
            let include = "\nconfig include\n\toption type 'nftables'\n\toption path '/odd'\n\
                       \toption position 'table-post'\n";
            let script = "\nconfig include\n\toption type 'script'\n\toption path '/odd'\n\
                      \toption fw4_compatible '1'\n";
            let set = "\nconfig ipset\n\toption name 'odd'\n\toption match 'src_ip'\n\toption loadfile '/odd'\n";
            for make in [
                "mkfifo",
                "mkdir",
                "truncate -s 70M",
                "device() { mknod $1 c 1 5; }; device",
            ] {
                sh(&format!("rm -rf {0}; {make} {0}", path.display()));
                for (config, stays) in [(include, true), (script, false), (set, false)] {
                    root.write("etc/config/firewall", &format!("{ZONES}{config}"));
                    let begun = Instant::now();
                    let output = root.run(&["reload"]);
                    assert!(begun.elapsed() < Duration::from_secs(5), "{make}: {config}");
                    assert_eq!(
                        output.status.success(),
                        !stays,
                        "{make}: {config}: {}",
                        said(&output)
                    );
                    assert!(
                        said(&output).contains("odd"),
                        "{make}: {config}: {}",
                        said(&output)
                    );
                    if stays {
                        assert_eq!(sh(LIST), before);
                    }
                    assert!(is_closed());
                }
                root.write("etc/config/firewall", ZONES);
                root.ok(&["restart"]);
            }
            // Where every ruleset looks for them.
            root.write("etc/nftables.d/README", "");
            sh(&format!(
                "mkfifo {}/etc/nftables.d/pipe.nft",
                root.path().display()
            ));
            let said = root.fails(&["reload"]);
            assert!(said.contains("pipe.nft"), "{said}");
            assert!(is_closed());
        },
    );
}

#[test]
fn changes_that_a_stranger_left_in_tmp_are_not_taken() {
    in_namespace("changes_that_a_stranger_left_in_tmp_are_not_taken", || {
        let named = ZONES.replacen("config defaults", "config defaults 'here'", 1);
        let root = RouterRoot::new("stranger", &named);
        root.ok(&["start"]);
        let before = sh(LIST);
        root.write("tmp/.uci/firewall", "firewall.here.input='ACCEPT'\n");
        let folder = root.path().join("tmp/.uci");
        for strange in [
            format!("{}/firewall", folder.display()),
            folder.display().to_string(),
        ] {
            sh(&format!("chown 1234 {strange}"));
            root.ok(&["reload"]);
            assert_eq!(sh(LIST), before);
            sh(&format!("chown 0 {strange}"));
        }
        root.ok(&["reload"]);
        assert!(sh(LIST) != before, "its owner's are");
    });
}

#[test]
fn going_back_neither_reads_nor_writes_where_a_stranger_s_link_leads() {
    in_namespace(
        "going_back_neither_reads_nor_writes_where_a_stranger_s_link_leads",
        || {
            let root = RouterRoot::new("stranger-link", ZONES);
            root.ok(&["start"]);
            root.write(
                "etc/config/firewall",
                &ZONES.replacen("'REJECT'", "'DROP'", 1),
            );
            root.ok(&["try"]);
            root.write("etc/elsewhere/firewall", "precious");
            let at = root.path().display().to_string();
            sh(&format!(
                "mkdir -p {at}/tmp && ln -s {at}/etc/elsewhere {at}/tmp/.uci && chown -h 1234 {at}/tmp/.uci"
            ));
            root.ok(&["revert"]);
            let kept = fs::read_to_string(root.path().join("etc/elsewhere/firewall"));
            assert_eq!(kept.expect("it is still there"), "precious");
            assert!(!root.path().join("etc/firewall.tried.changes").exists());
        },
    );
}
