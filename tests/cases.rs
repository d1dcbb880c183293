/*!
Our own cases, one or more for each kind of section: what fw4 prints for a small router, and what it warns of.

`cases/router/` is the router, `cases/NAME/` a configuration with what is laid over the router for it. The expected
files were made by running the real firewall4 (commit b6e5157) on that router root and are not ours to
edit: where one looks wrong, it is fw4 that differs from what one thought.
*/

#[path = "support/router_root.rs"]
mod router_root;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use router_root::RouterRoot;

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases");

fn cases() -> Vec<PathBuf> {
    let entries = fs::read_dir(CASES).expect("the cases");
    let folders = entries.map(|entry| entry.expect("an entry").path());
    folders
        .filter(|folder| folder.join("firewall").is_file())
        .collect()
}

fn lay_over(root: &RouterRoot, from: &Path, below: &Path) {
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let place = below.join(entry.file_name());
        if entry.path().is_dir() {
            lay_over(root, &entry.path(), &place);
        } else {
            let content = fs::read_to_string(entry.path()).expect("a text file");
            root.write(place.to_str().expect("a plain name"), &content);
        }
    }
}

/// The first line that is not as fw4 has it.
fn differs(what: &str, expected: &[u8], got: &[u8]) -> Option<String> {
    if expected == got {
        return None;
    }
    let (expected, got) = (
        String::from_utf8_lossy(expected),
        String::from_utf8_lossy(got),
    );
    let (mut theirs, mut ours) = (expected.lines(), got.lines());
    let mut number = 0;
    loop {
        number += 1;
        match (theirs.next(), ours.next()) {
            (None, None) => return Some(format!("{what}: the end of the last line")),
            (one, other) if one == other => {}
            (one, other) => {
                let shown = |line: Option<&str>| line.unwrap_or("(nothing)").to_owned();
                return Some(format!(
                    "{what} line {number}:\n  fw4  {}\n  ours {}",
                    shown(one),
                    shown(other)
                ));
            }
        }
    }
}

#[test]
fn every_kind_of_section_prints_as_under_fw4() {
    let mut wrong = Vec::new();
    for case in cases() {
        let name = case
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let configuration = fs::read_to_string(case.join("firewall")).expect("a configuration");
        let root = RouterRoot::new(&format!("case-{name}"), &configuration);
        lay_over(&root, &Path::new(CASES).join("router"), Path::new(""));
        if case.join("root").is_dir() {
            lay_over(&root, &case.join("root"), Path::new(""));
        }
        // devices of that helper's own router, which this one does not have
        for device in ["lan0", "wan0"] {
            let folder = root.path().join("sys/class/net").join(device);
            fs::remove_dir_all(folder).expect("removed");
        }
        let output = root.run(&["print"]);
        assert!(output.status.success(), "{name}");
        let expected = |file| fs::read(case.join(file)).expect("what fw4 printed");
        let ruleset = differs("ruleset", &expected("expected.nft"), &output.stdout);
        let warnings = differs("warnings", &expected("expected.warnings"), &output.stderr);
        let found = ruleset.into_iter().chain(warnings);
        wrong.extend(found.map(|found| format!("{name}, {found}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn there_is_a_case_for_every_kind_of_section() {
    let mut kinds = BTreeSet::new();
    for case in cases() {
        let text = fs::read_to_string(case.join("firewall")).expect("a configuration");
        let sections = text.lines().filter_map(|line| line.strip_prefix("config "));
        kinds.extend(sections.filter_map(|rest| rest.split_whitespace().next().map(str::to_owned)));
        let helpers = case.join("root/usr/share/firewall4/helpers");
        kinds.extend(helpers.is_file().then(|| "helper".to_owned()));
    }
    for kind in [
        "defaults",
        "zone",
        "forwarding",
        "rule",
        "redirect",
        "nat",
        "ipset",
        "include",
        "helper",
    ] {
        assert!(kinds.contains(kind), "no case for {kind}");
    }
}
