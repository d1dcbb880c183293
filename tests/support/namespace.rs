/*! A network namespace for each test, and shell commands in it. */

// each test program uses its part of this
#![allow(dead_code)]

use std::process::{Command, Output};

const INSIDE: &str = "FERROWALL_TEST_NAMESPACE";

/// Runs a test's body in a network namespace of its own: the test program is started again inside of one, for
/// this test alone. The namespace ends with that process.
pub fn in_namespace(test: &str, body: impl FnOnce()) {
    if std::env::var_os(INSIDE).is_some() {
        return body();
    }
    let program = std::env::current_exe().expect("the path of this test program");
    let output = Command::new("unshare")
        .args(["--net", "--kill-child", "--pid", "--fork", "--mount-proc"])
        .arg(program)
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(INSIDE, "1")
        .env("TZ", "UTC")
        .output()
        .expect("unshare runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{test} failed in its namespace:\n{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Runs a shell command; whatever comes of it.
pub fn try_sh(command: &str) -> Output {
    Command::new("sh")
        .args(["-c", command])
        .output()
        .expect("sh runs")
}

/// Runs a shell command that must succeed; its standard output.
pub fn sh(command: &str) -> String {
    let output = try_sh(command);
    assert!(
        output.status.success(),
        "{command}:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}
