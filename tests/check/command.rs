/*! `ferrowall check` as it is typed. */

use std::process::Output;

use serde_json::{Value as Json, json};

use crate::namespace::in_namespace;
use crate::router_root::{BIN, RouterRoot, ZONES};

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn json(output: &Output) -> Json {
    serde_json::from_slice(&output.stdout).expect("JSON")
}

const WARNED: &str =
    "config zone\n\toption name 'guest'\n\tlist device 'br-guest'\n\tlist device 'lan0'\n";
const WRONG: &str = "config rule\n\toption src 'lann'\n\toption target 'ACCEPT'\n";

#[test]
fn the_exit_status_is_0_1_or_2_and_the_worst_of_all_roots() {
    in_namespace(
        "command::the_exit_status_is_0_1_or_2_and_the_worst_of_all_roots",
        || {
            let clean = RouterRoot::new("check-clean", ZONES);
            let warned = RouterRoot::new("check-warned", &format!("{ZONES}{WARNED}"));
            let wrong = RouterRoot::new("check-wrong", &format!("{ZONES}{WRONG}"));
            let roots = [&clean, &warned, &wrong];
            for (root, status) in roots.iter().zip([0, 1, 2]) {
                for args in [&["check"][..], &["check", "--json"], &["-q", "check"]] {
                    let output = root.run(args);
                    assert_eq!(output.status.code(), Some(status), "{}", said(&output));
                }
            }
            let all = |args: &[&str]| {
                let mut command = std::process::Command::new(BIN);
                for root in roots {
                    command.arg("--root").arg(root.path());
                }
                command.args(args).output().expect("ferrowall runs")
            };
            let output = all(&["check"]);
            assert_eq!(output.status.code(), Some(2));
            let summary = "3 configurations: 1 clean, 1 with warnings, 1 with errors.\n";
            assert_eq!(String::from_utf8_lossy(&output.stdout), summary);
            // each line says of which file it is; nobody looks, so there is no progress to be seen
            let file = wrong
                .path()
                .join("etc/config/firewall:26:13: error: Section @rule[0] option 'src'");
            assert!(
                said(&output).contains(file.to_str().expect("a plain name")),
                "{}",
                said(&output)
            );
            assert!(!said(&output).contains('\r'));
            let answer = json(&all(&["check", "--json"]));
            assert_eq!(
                (&answer["ok"], &answer["with_errors"]),
                (&json!(false), &json!(1))
            );
            let codes = |n: usize| answer["roots"][n]["diagnostics"].to_string();
            assert!(
                codes(1).contains("\"overlapping-zones\"") && !codes(0).contains("overlapping")
            );
            let refused = all(&["print"]);
            assert_eq!(refused.status.code(), Some(2));
            assert!(said(&refused).contains("only check takes more than one --root"));
        },
    );
}

#[test]
fn a_laptop_without_root_nft_and_ubus_is_enough() {
    let root = RouterRoot::new("check-laptop", &format!("{ZONES}{WRONG}"));
    for gone in ["ubus", "proc", "sys"] {
        std::fs::remove_dir_all(root.path().join(gone)).expect("removed");
    }
    let run = || {
        std::process::Command::new("/usr/bin/unshare")
            .args(["--user", BIN, "check", "--root"])
            .arg(root.path())
            .env("PATH", "/nonexistent")
            .env("UBUS_SOCKET", "/nonexistent")
            .output()
            .expect("unshare runs")
    };
    let output = run();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said(&output).contains("did you mean 'lan'?"),
        "{}",
        said(&output)
    );
    assert!(
        said(&output).contains("note: not tried out in a kernel: "),
        "{}",
        said(&output)
    );
    root.write("etc/config/firewall", ZONES);
    let output = run();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
}

#[test]
fn a_terminal_gets_the_line_with_a_mark_below_and_a_log_one_line() {
    in_namespace(
        "command::a_terminal_gets_the_line_with_a_mark_below_and_a_log_one_line",
        || {
            let root = RouterRoot::new("check-terminal", &format!("{ZONES}{WRONG}"));
            let output = root.run(&["check"]);
            let text = said(&output);
            let line = text
                .lines()
                .find(|line| line.contains("'lann'"))
                .expect("a line");
            assert!(
                line.ends_with("(unknown zone 'lann': did you mean 'lan'?)"),
                "{text}"
            );
            let command = format!("{BIN} --root {} check", root.path().display());
            let output = std::process::Command::new("script")
                .args(["-qec", &command, "/dev/null"])
                .output()
                .expect("script runs");
            let text = String::from_utf8_lossy(&output.stdout).replace("\r\n", "\n");
            let mark = "    \toption src 'lann'\n    \t           ^~~~~~\n    hint: unknown zone 'lann': did you mean 'lan'?\n";
            assert!(text.contains(mark), "{text}");
        },
    );
}

#[test]
fn a_file_that_cannot_be_read_is_told_with_its_place_in_json_too() {
    let root = RouterRoot::new("check-unreadable", "config rule\n\toption name 'x\n");
    let output = root.run(&["check", "--json"]);
    assert_eq!(output.status.code(), Some(2));
    let answer = json(&output);
    assert_eq!(
        (&answer["ok"], &answer["errors"]),
        (&json!(false), &json!(1))
    );
    let found = &answer["diagnostics"][0];
    assert_eq!(
        (&found["line"], &found["code"]),
        (&json!(2), &json!("unreadable"))
    );
    std::fs::remove_file(root.path().join("etc/config/firewall")).expect("removed");
    let answer = json(&root.run(&["check", "--json"]));
    assert_eq!(answer["diagnostics"][0]["line"], Json::Null);
}

#[test]
fn print_and_reload_say_what_fw4_says_and_nothing_of_this() {
    let root = RouterRoot::new("check-print", &format!("{ZONES}{WARNED}"));
    assert_eq!(said(&root.run(&["print"])), "");
}
