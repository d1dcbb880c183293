/*! A router with something to try, and what a try leaves there. */

// each test program uses its part of this
#![allow(dead_code)]

use std::fs;

use crate::host::wait_for;
use crate::namespace::{sh, try_sh};
use crate::router_root::{RouterRoot, ZONES};

pub const LIST: &str = "nft -j list ruleset | sed 's/\"handle\": [0-9]*//g'";

/// What is tried: a rule more, and SSH from the lan side refused.
pub fn tried() -> String {
    format!(
        "{ZONES}\nconfig rule\n\toption name 'No SSH'\n\toption src 'lan'\n\toption proto 'tcp'\n\
         \toption dest_port '22'\n\toption target 'DROP'\n"
    )
}

pub fn status(root: &RouterRoot) -> serde_json::Value {
    serde_json::from_str(&root.ok(&["status", "--json"])).expect("JSON")
}

pub fn config(root: &RouterRoot) -> String {
    fs::read_to_string(root.path().join("etc/config/firewall")).expect("the configuration")
}

pub fn exists(root: &RouterRoot, path: &str) -> bool {
    root.path().join(path).exists()
}

/// A router with rules, and a configuration beside them that is to be tried. The rules, too.
pub fn before_a_try(name: &str) -> (RouterRoot, String) {
    let root = RouterRoot::new(name, ZONES);
    root.ok(&["start"]);
    root.write("etc/config/firewall", &tried());
    (root, sh(LIST))
}

pub fn wait_for_the_end(root: &RouterRoot) {
    wait_for(
        &format!("! test -e {}/var/run/ferrowall/try", root.path().display()),
        10,
    );
}

/// The process ids of guards; only those of this test's own process namespace are seen.
pub fn guards() -> Vec<String> {
    let found = try_sh("pgrep -f 'ferrowall --root [^ ]+ --backend [a-z]+ guard'");
    String::from_utf8_lossy(&found.stdout)
        .lines()
        .map(str::to_owned)
        .collect()
}

pub fn kill_guards() {
    for guard in guards() {
        sh(&format!("kill -KILL {guard}"));
    }
}
