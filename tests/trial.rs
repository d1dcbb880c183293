/*! `try`, `confirm`, `revert`: whatever dies, the router goes back to the rules that were confirmed. */

#[path = "support/host.rs"]
mod host;
#[path = "support/namespace.rs"]
mod namespace;
#[path = "support/router_root.rs"]
mod router_root;
#[path = "support/tries.rs"]
mod tries;

use std::fs;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use host::wait_for;
use namespace::{in_namespace, sh, try_sh};
use router_root::{BIN, RouterRoot, ZONES};
use tries::{
    LIST, before_a_try, config, exists, guards, kill_guards, status, tried, wait_for_the_end,
};

/// Everything is as it was before the try, and what was tried is not lost.
fn expect_back(root: &RouterRoot, rules: &str) {
    assert_eq!(sh(LIST), rules);
    assert_eq!(config(root), ZONES);
    let saved = fs::read_to_string(root.path().join("etc/firewall.tried")).expect("what was tried");
    assert_eq!(saved, tried());
    assert!(!exists(root, "etc/firewall.before-try") && !exists(root, "var/run/ferrowall/try"));
    assert_eq!(status(root)["reverts_in"], serde_json::Value::Null);
}

#[test]
fn what_nobody_confirms_goes_away_by_itself_and_is_kept_for_the_next_attempt() {
    in_namespace(
        "what_nobody_confirms_goes_away_by_itself_and_is_kept_for_the_next_attempt",
        || {
            let (root, old) = before_a_try("unconfirmed");
            let mode = || {
                sh(&format!(
                    "stat -c %a {}/etc/config/firewall",
                    root.path().display()
                ))
            };
            sh(&format!(
                "chmod 640 {}/etc/config/firewall",
                root.path().display()
            ));
            let said = root.ok(&["try", "--timeout", "2"]);
            assert!(said.contains("Section @rule[0] (No SSH)"), "{said}");
            assert!(
                said.contains("  + input_lan: tcp dport 22 counter"),
                "{said}"
            );
            assert!(said.contains("ferrowall confirm"), "{said}");
            assert!(sh(LIST) != old);
            let told = status(&root);
            assert!(told["reverts_in"].as_u64().expect("seconds") <= 2);
            assert_eq!(told["last"]["action"], "try");
            wait_for_the_end(&root);
            expect_back(&root, &old);
            assert_eq!(status(&root)["last"]["action"], "revert");
            assert_eq!(mode().trim(), "640");
            assert!(root.fails(&["confirm"]).contains("no try is under way"));
            assert!(root.fails(&["revert"]).contains("no try is under way"));
            // the guard has nothing to do any more
            wait_for("! pgrep -f ' guard$'", 5);
        },
    );
}

#[test]
fn what_is_confirmed_stays_and_is_what_the_next_try_goes_back_to() {
    in_namespace(
        "what_is_confirmed_stays_and_is_what_the_next_try_goes_back_to",
        || {
            let (root, old) = before_a_try("confirmed");
            root.ok(&["try", "--timeout", "2"]);
            let new = sh(LIST);
            assert!(root.ok(&["confirm"]).contains("Confirmed"));
            assert!(!exists(&root, "etc/firewall.before-try"));
            wait_for("! pgrep -f ' guard$'", 5);
            assert!(root.fails(&["try"]).contains("nothing to try"));
            assert_eq!((sh(LIST), config(&root)), (new.clone(), tried()));

            root.write("etc/config/firewall", ZONES);
            root.ok(&["try"]);
            assert_eq!(sh(LIST), old);
            root.ok(&["revert"]);
            assert_eq!((sh(LIST), config(&root)), (new, tried()));
        },
    );
}

#[test]
fn uncommitted_changes_are_tried_and_taken_back_too() {
    in_namespace("uncommitted_changes_are_tried_and_taken_back_too", || {
        let named = ZONES.replacen("config defaults", "config defaults 'here'", 1);
        let root = RouterRoot::new("uncommitted", &named);
        root.ok(&["start"]);
        let old = sh(LIST);
        root.write("tmp/.uci/firewall", "firewall.here.input='ACCEPT'\n");
        let said = root.ok(&["try"]);
        assert!(said.contains("Section here"), "{said}");
        assert!(said.contains("  - "), "{said}");
        assert!(sh(LIST) != old);
        root.ok(&["revert"]);
        assert_eq!(sh(LIST), old);
        assert!(!exists(&root, "tmp/.uci/firewall"));
        assert!(
            exists(&root, "etc/firewall.tried.changes") && !exists(&root, "etc/firewall.tried")
        );
        root.ok(&["reload"]);
        assert_eq!(sh(LIST), old, "no later load brings them back");
    });
}

#[test]
fn a_try_outlives_its_terminal() {
    in_namespace("a_try_outlives_its_terminal", || {
        let (root, old) = before_a_try("terminal");
        // as sshd does when the line breaks: the whole session is told to hang up
        let command = format!(
            "{BIN} --root {} try --timeout 1 && kill -HUP 0",
            root.path().display()
        );
        // whoever runs the tests under nohup has it ignored by all of them
        let output = try_sh(&format!(
            "setsid -w env --default-signal=HUP sh -c '{command}'"
        ));
        assert!(!output.status.success(), "it was hung up");
        assert!(sh(LIST) != old);
        wait_for_the_end(&root);
        expect_back(&root, &old);
    });
}

#[test]
fn with_the_guard_killed_the_next_command_goes_back() {
    in_namespace("with_the_guard_killed_the_next_command_goes_back", || {
        let (root, old) = before_a_try("guard");
        root.ok(&["try", "--timeout", "1"]);
        assert_eq!(guards().len(), 1);
        kill_guards();
        let until = Instant::now() + Duration::from_secs(5);
        while status(&root)["last"]["action"] != "revert" {
            assert!(Instant::now() < until, "status goes back");
            sleep(Duration::from_millis(50));
        }
        expect_back(&root, &old);
    });
}

#[test]
fn killed_at_any_moment_a_try_or_a_revert_leads_back() {
    in_namespace("killed_at_any_moment_a_try_or_a_revert_leads_back", || {
        let (root, old) = before_a_try("kill");
        let begun = Instant::now();
        root.ok(&["try"]);
        let whole_run = begun.elapsed();
        root.ok(&["revert"]);
        let (mut cut_short, mut were_new) = (0, 0);
        for n in 0..40u32 {
            let verb = if n % 2 == 0 { "try" } else { "revert" };
            if n % 2 == 0 {
                root.write("etc/config/firewall", &tried());
            }
            let mut child = root
                .command(&[verb])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .expect("it runs");
            sleep(whole_run.mul_f64(f64::from(n) / 20.0));
            cut_short += u32::from(child.try_wait().expect("waited").is_none());
            let _ = child.kill();
            child.wait().expect("it ends");
            were_new += u32::from(sh(LIST) != old);
            if n % 2 == 1 {
                // whatever is left of the try, somebody can go back from it
                if exists(&root, "var/run/ferrowall/try")
                    || exists(&root, "etc/firewall.before-try")
                {
                    root.ok(&["revert"]);
                    assert_eq!(config(&root), ZONES, "{n}");
                }
                kill_guards();
                assert_eq!(sh(LIST), old, "{n}");
                assert!(!exists(&root, "etc/firewall.before-try"), "{n}");
            }
        }
        assert!(cut_short > 0 && were_new > 0, "{cut_short} {were_new}");
    });
}

#[test]
fn a_reboot_during_a_try_boots_what_was_confirmed() {
    in_namespace("a_reboot_during_a_try_boots_what_was_confirmed", || {
        let (root, old) = before_a_try("reboot");
        root.ok(&["try"]);
        assert!(sh(LIST) != old);
        kill_guards();
        sh("nft flush ruleset");
        fs::remove_dir_all(root.path().join("var")).expect("memory is lost");
        let output = root.run(&["--by", "boot", "start"]);
        assert!(output.status.success());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("was not confirmed"), "{said}");
        expect_back(&root, &old);
    });
}

#[test]
fn a_deadline_of_another_boot_and_one_that_passed_in_sleep_are_over() {
    in_namespace(
        "a_deadline_of_another_boot_and_one_that_passed_in_sleep_are_over",
        || {
            let (root, old) = before_a_try("clock");
            root.ok(&["try"]);
            kill_guards();
            let file = root.path().join("var/run/ferrowall/try");
            let deadline = fs::read_to_string(&file).expect("a deadline");
            let (boot, moment) = deadline.split_once(' ').expect("two words");
            let other: String = boot.chars().rev().collect();
            fs::write(&file, format!("{other} {moment}")).expect("written");
            root.ok(&["status"]);
            expect_back(&root, &old);

            root.write("etc/config/firewall", &tried());
            root.ok(&["try"]);
            kill_guards();
            assert!(sh(LIST) != old);
            // A router that was suspended for a minute and a half: only CLOCK_BOOTTIME has moved.
            sh(&format!(
                "unshare --time --boottime 90 {BIN} --root {} status",
                root.path().display()
            ));
            expect_back(&root, &old);
        },
    );
}

#[test]
fn reloads_at_the_same_time_neither_confirm_nor_keep_a_try() {
    in_namespace(
        "reloads_at_the_same_time_neither_confirm_nor_keep_a_try",
        || {
            let (root, old) = before_a_try("concurrent");
            root.ok(&["try", "--timeout", "1"]);
            let until = Instant::now() + Duration::from_secs(8);
            while exists(&root, "var/run/ferrowall/try") {
                assert!(Instant::now() < until, "it ends");
                let callers: Vec<_> = ["reload", "restart", "reload"]
                    .iter()
                    .map(|verb| {
                        let mut command = root.command(&[verb]);
                        command.stderr(Stdio::null()).spawn().expect("it runs")
                    })
                    .collect();
                for mut caller in callers {
                    assert!(caller.wait().expect("it ends").success());
                }
            }
            expect_back(&root, &old);
            root.ok(&["reload"]);
            assert_eq!(sh(LIST), old);
        },
    );
}

#[test]
fn without_a_way_back_nothing_is_tried() {
    in_namespace("without_a_way_back_nothing_is_tried", || {
        let root = RouterRoot::new("no-way-back", &tried());
        assert!(
            root.fails(&["try"])
                .contains("does not appear to be loaded")
        );
        root.ok(&["start"]);
        let old = sh(LIST);
        root.write("etc/config/firewall", "config '");
        assert!(root.fails(&["try"]).contains("firewall:1:8"));
        root.write("etc/config/firewall", ZONES);

        // Memory is full.
        let run = root.path().join("var/run");
        let held = root.path().join("held");
        sh(&format!("cp -a {} {}", run.display(), held.display()));
        sh(&format!(
            "mount -t tmpfs -o size=64k none {}",
            run.display()
        ));
        sh(&format!("cp -a {}/. {}", held.display(), run.display()));
        try_sh(&format!("cat /dev/zero > {}/full", run.display()));
        let said = root.fails(&["try"]);
        assert!(
            said.contains("No way back") && said.contains("No space left"),
            "{said}"
        );
        assert_eq!(sh(LIST), old);
        assert!(
            !exists(&root, "etc/firewall.before-try") && !exists(&root, "var/run/ferrowall/try")
        );
        fs::remove_file(run.join("full")).expect("removed");
        root.ok(&["try"]);
        assert!(sh(LIST) != old);
        root.ok(&["revert"]);

        // A stranger has put something in the place of our folder.
        root.write("etc/config/firewall", ZONES);
        let private = run.join("ferrowall");
        let elsewhere = run.join("elsewhere");
        fs::rename(&private, &elsewhere).expect("moved");
        std::os::unix::fs::symlink(&elsewhere, &private).expect("linked");
        let said = root.fails(&["try"]);
        assert!(said.contains("not a folder of ours"), "{said}");
        assert_eq!(sh(LIST), old);
    });
}

#[test]
fn with_a_full_flash_a_try_says_what_a_reboot_would_do_and_still_goes_back() {
    in_namespace(
        "with_a_full_flash_a_try_says_what_a_reboot_would_do_and_still_goes_back",
        || {
            let root = RouterRoot::new("full-flash", ZONES);
            let etc = root.path().join("etc");
            sh(&format!(
                "mount -t tmpfs -o size=64k none {}",
                etc.display()
            ));
            root.write("etc/config/firewall", ZONES);
            root.ok(&["start"]);
            let old = sh(LIST);
            root.write("etc/config/firewall", &tried());
            try_sh(&format!("cat /dev/zero > {}/full", etc.display()));
            let output = root.run(&["try", "--timeout", "1"]);
            assert!(output.status.success());
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(said.contains("A reboot before"), "{said}");
            assert!(sh(LIST) != old);
            wait_for_the_end(&root);
            assert_eq!((sh(LIST), config(&root)), (old, ZONES.to_owned()));
        },
    );
}

#[test]
fn on_a_flash_that_turned_read_only_the_rules_go_back_once_and_the_file_when_it_can() {
    in_namespace(
        "on_a_flash_that_turned_read_only_the_rules_go_back_once_and_the_file_when_it_can",
        || {
            let root = RouterRoot::new("read-only", ZONES);
            let etc = root.path().join("etc").display().to_string();
            sh(&format!("mount -t tmpfs none {etc}"));
            root.write("etc/config/firewall", ZONES);
            root.ok(&["start"]);
            let old = sh(LIST);
            root.write("etc/config/firewall", &tried());
            root.ok(&["try", "--timeout", "1"]);
            sh(&format!("mount -o remount,ro {etc}"));
            wait_for_the_end(&root);
            assert_eq!((sh(LIST), config(&root)), (old.clone(), tried()));
            // It is over: nobody goes back once more, each second or with the next command.
            wait_for("! pgrep -f ' guard$'", 5);
            assert_eq!(status(&root)["reverts_in"], serde_json::Value::Null);
            assert!(exists(&root, "etc/firewall.before-try"));
            root.ok(&["check"]);
            assert!(root.fails(&["revert"]).contains("no try is under way"));
            assert!(root.fails(&["confirm"]).contains("no try is under way"));

            // What the owner then mends is not overwritten, by no reboot either.
            sh(&format!("mount -o remount,rw {etc}"));
            let mended = format!("{ZONES}# mended\n");
            root.write("etc/config/firewall", &mended);
            root.ok(&["reload"]);
            assert_eq!((sh(LIST), config(&root)), (old, mended.clone()));
            assert!(!exists(&root, "etc/firewall.before-try"));
            assert!(!exists(&root, "var/run/ferrowall/over"));
            fs::remove_dir_all(root.path().join("var")).expect("memory is lost");
            root.ok(&["--by", "boot", "start"]);
            assert_eq!(config(&root), mended);
        },
    );
}

#[test]
fn a_stopped_firewall_stays_stopped_and_a_refused_try_changes_nothing() {
    in_namespace(
        "a_stopped_firewall_stays_stopped_and_a_refused_try_changes_nothing",
        || {
            let (root, old) = before_a_try("stopped");
            root.write("etc/nftables.d/broken.nft", "this is no nft\n");
            root.fails(&["try"]);
            assert_eq!((sh(LIST), config(&root)), (old, tried()));
            assert!(
                !exists(&root, "etc/firewall.before-try")
                    && !exists(&root, "var/run/ferrowall/try")
            );
            fs::remove_file(root.path().join("etc/nftables.d/broken.nft")).expect("removed");

            root.ok(&["try"]);
            root.ok(&["stop"]);
            root.ok(&["revert"]);
            assert_eq!(sh("nft list tables"), "");
            assert_eq!(config(&root), ZONES);
        },
    );
}
