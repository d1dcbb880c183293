/*! What the program does as a process of its own, which std's `main` would otherwise do for it (src/start.rs). */

#[path = "support/router_root.rs"]
mod router_root;

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};

use router_root::{RouterRoot, ZONES};

#[test]
fn a_reader_that_has_enough_is_no_reason_to_die() {
    let root = RouterRoot::new("process-pipe", ZONES);
    let line = "set -o pipefail; \"$0\" --root \"$1\" print | true";
    let status = Command::new("bash")
        .args(["-c", line, env!("CARGO_BIN_EXE_ferrowall")])
        .arg(root.path())
        .status()
        .expect("bash runs");
    assert_eq!(status.code(), Some(0));
}

#[test]
fn what_could_not_be_written_is_a_failure() {
    let root = RouterRoot::new("process-full", ZONES);
    for verb in ["print", "--help", "--version"] {
        let full = std::fs::File::create("/dev/full").expect("it is there");
        let ended = root.command(&[verb]).stdout(full).output();
        let ended = ended.expect("it runs");
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(1), "{verb}: {said}");
        assert!(said.contains("No space left on device"), "{verb}: {said}");
    }
}

#[test]
fn streams_that_are_closed_are_not_taken_for_files() {
    let root = RouterRoot::new("process-closed", ZONES);
    let state = root.path().join("fds");
    // With its streams closed the first files it opens would be 0, 1 and 2, and its answer would go into one of them.
    let line = "\"$0\" --root \"$1\" print <&- >&- 2>&-; echo $? >\"$2\"";
    let before = std::fs::read(root.path().join("etc/config/firewall")).expect("it is there");
    Command::new("bash")
        .args(["-c", line, env!("CARGO_BIN_EXE_ferrowall")])
        .args([root.path(), &state])
        .status()
        .expect("bash runs");
    assert_eq!(std::fs::read_to_string(state).expect("it ended"), "0\n");
    let after = std::fs::read(root.path().join("etc/config/firewall")).expect("it is there");
    assert!(before == after);
}

/// A mistake of the program itself makes the processor stop at an instruction that it does not have; the kernel
/// sends this signal.
#[test]
fn a_mistake_of_its_own_is_said_with_its_place() {
    let root = RouterRoot::new("process-fault", ZONES);
    let mut daemon = root
        .command(&["serve"])
        .env("UBUS_SOCKET", root.path().join("nobody"))
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut said = BufReader::new(daemon.stderr.take().expect("a pipe"));
    let mut line = String::new();
    while !line.contains("The firewall is not on ubus") {
        line.clear();
        assert!(said.read_line(&mut line).expect("it speaks") > 0);
    }
    let pid = daemon.id().to_string();
    let sent = Command::new("kill").args(["-ILL", &pid]).status();
    assert!(sent.expect("kill runs").success());
    let mut rest = String::new();
    said.read_to_string(&mut rest).expect("it ends");
    let (before, place) = rest.trim_end().rsplit_once(" 0x").expect("a place");
    assert!(before.ends_with("this is a bug, please report it: stopped at"));
    assert!(place.len() == 16 && u64::from_str_radix(place, 16).is_ok());
    let status = daemon.wait().expect("it ended");
    assert_eq!(status.signal(), Some(libc::SIGABRT));
}
