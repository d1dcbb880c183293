/*! Going back from a try when that is not easy: a load that fails, a reboot, a load that takes its time. */

#[path = "support/host.rs"]
mod host;
#[path = "support/namespace.rs"]
mod namespace;
#[path = "support/router_root.rs"]
mod router_root;
#[path = "support/tries.rs"]
mod tries;

use std::fs;

use host::wait_for;
use namespace::{in_namespace, sh};
use router_root::{RouterRoot, ZONES};
use tries::{LIST, before_a_try, config, exists, kill_guards, status, tried, wait_for_the_end};

#[test]
fn changes_that_are_committed_while_they_are_tried_do_not_survive_a_reboot() {
    in_namespace(
        "changes_that_are_committed_while_they_are_tried_do_not_survive_a_reboot",
        || {
            let named = ZONES.replacen("config defaults", "config defaults 'here'", 1);
            let root = RouterRoot::new("committed", &named);
            root.ok(&["start"]);
            let old = sh(LIST);
            root.write("tmp/.uci/firewall", "firewall.here.input='ACCEPT'\n");
            root.ok(&["try"]);
            // uci commit, then a loss of power
            root.write(
                "etc/config/firewall",
                &named.replacen("'REJECT'", "'ACCEPT'", 1),
            );
            kill_guards();
            sh("nft flush ruleset");
            for memory in ["var", "tmp"] {
                fs::remove_dir_all(root.path().join(memory)).expect("memory is lost");
            }
            root.ok(&["--by", "boot", "start"]);
            assert_eq!((sh(LIST), config(&root)), (old, named));
        },
    );
}

#[test]
fn going_back_that_fails_leaves_the_files_to_their_owner_and_is_tried_again() {
    in_namespace(
        "going_back_that_fails_leaves_the_files_to_their_owner_and_is_tried_again",
        || {
            let (root, old) = before_a_try("unable");
            root.ok(&["try"]);
            root.write("etc/nftables.d/broken.nft", "this is no nft\n");
            root.fails(&["revert"]);
            assert_eq!(config(&root), ZONES);
            assert!(
                !exists(&root, "var/run/ferrowall/try")
                    && !exists(&root, "etc/firewall.before-try")
            );
            assert!(root.fails(&["confirm"]).contains("no try is under way"));

            // What the owner mends stays, however often the rules are tried again.
            let mended = format!("{ZONES}# mended\n");
            root.write("etc/config/firewall", &mended);
            root.write("etc/firewall.tried", "mine");
            root.fails(&["revert"]);
            root.fails(&["reload"]);
            assert_eq!(config(&root), mended);
            let saved = fs::read_to_string(root.path().join("etc/firewall.tried"));
            assert_eq!(saved.expect("what was tried"), "mine");

            // By itself, as soon as it can be: the guard is still there.
            fs::remove_file(root.path().join("etc/nftables.d/broken.nft")).expect("removed");
            assert!(sh(LIST) != old);
            wait_for(
                &format!(
                    "! test -e {}/var/run/ferrowall/unfinished",
                    root.path().display()
                ),
                12,
            );
            assert_eq!((sh(LIST), config(&root)), (old, mended));
            wait_for("! pgrep -f ' guard$'", 5);
        },
    );
}

#[test]
fn going_back_that_fails_for_long_ends_with_the_rules_there_are() {
    in_namespace(
        "going_back_that_fails_for_long_ends_with_the_rules_there_are",
        || {
            let (root, old) = before_a_try("for-long");
            root.ok(&["try"]);
            let tried = sh(LIST);
            root.write("etc/nftables.d/broken.nft", "this is no nft\n");
            root.fails(&["revert"]);
            kill_guards();
            let unfinished = "var/run/ferrowall/unfinished";
            let text = fs::read_to_string(root.path().join(unfinished)).expect("it is kept");
            let (failures, next) = text.split_once(' ').expect("failures and when");
            assert_eq!(failures, "1");

            // The eleventh time leaves one more, the twelfth none.
            root.write(unfinished, &format!("10 {next}"));
            root.fails(&["revert"]);
            assert!(status(&root)["reverts_in"].as_u64().expect("seconds") > 200);
            root.fails(&["revert"]);
            assert!(!exists(&root, unfinished));
            assert_eq!(status(&root)["reverts_in"], serde_json::Value::Null);
            assert!(root.fails(&["revert"]).contains("no try is under way"));
            assert_eq!(sh(LIST), tried);

            // The file has long been back: the next reload mends the rules.
            fs::remove_file(root.path().join("etc/nftables.d/broken.nft")).expect("removed");
            root.ok(&["reload"]);
            assert_eq!((sh(LIST), config(&root)), (old, ZONES.to_owned()));
        },
    );
}

#[test]
fn after_going_back_that_failed_a_try_or_a_reload_ends_the_matter() {
    in_namespace(
        "after_going_back_that_failed_a_try_or_a_reload_ends_the_matter",
        || {
            for verb in ["try", "reload"] {
                let (root, old) = before_a_try(verb);
                root.ok(&["try"]);
                root.write("etc/nftables.d/broken.nft", "this is no nft\n");
                root.fails(&["revert"]);
                kill_guards();
                fs::remove_file(root.path().join("etc/nftables.d/broken.nft")).expect("removed");
                assert!(exists(&root, "var/run/ferrowall/unfinished"));
                root.ok(&[verb]);
                assert_eq!(sh(LIST), old);
                assert!(!exists(&root, "var/run/ferrowall/unfinished"));
                if verb == "try" {
                    root.ok(&["confirm"]);
                }
                assert_eq!(status(&root)["reverts_in"], serde_json::Value::Null);
                kill_guards();
                root.ok(&["stop"]);
            }
        },
    );
}

#[test]
fn the_time_of_a_try_begins_when_it_is_loaded_and_a_load_cut_short_there_counts() {
    in_namespace(
        "the_time_of_a_try_begins_when_it_is_loaded_and_a_load_cut_short_there_counts",
        || {
            let include =
                "\nconfig include\n\toption path '/etc/slow.sh'\n\toption fw4_compatible '1'\n";
            let root = RouterRoot::new("slow", &format!("{ZONES}{include}"));
            root.write("etc/slow.sh", "");
            root.ok(&["start"]);
            let old = sh(LIST);
            root.write("etc/config/firewall", &format!("{}{include}", tried()));
            root.write("etc/slow.sh", "sleep 4\n");
            root.ok(&["try", "--timeout", "2"]);
            let new = sh(LIST);
            assert!(new != old);
            assert!(exists(&root, "var/run/ferrowall/try"));
            root.write("etc/slow.sh", "");
            wait_for_the_end(&root);
            assert_eq!(sh(LIST), old);

            // Killed while its scripts run: it is loaded, and what a try goes back to.
            root.write("etc/slow.sh", "sleep 4\n");
            root.write("etc/config/firewall", &format!("{}{include}", tried()));
            let mut reload = root.command(&["reload"]).spawn().expect("it runs");
            wait_for("nft list ruleset | grep -q 'No SSH'", 5);
            wait_for("pgrep -x sleep", 5);
            reload.kill().expect("killed");
            reload.wait().expect("it ends");
            root.write("etc/slow.sh", "");
            assert!(root.fails(&["try"]).contains("nothing to try"));
        },
    );
}
