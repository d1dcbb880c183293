/*!
Every conformance case, printed: the ruleset byte for byte and the warnings line for line as the real fw4
printed them. What makes fw4 crash must not make us.
*/

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use ferrowall::apply::{Broken, Prepared, prepare};
use ferrowall::nft;
use ferrowall::router::SnapshotKernel;
use ferrowall::text;

/// The folder of conformance cases, if it is there.
fn folder() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/conformance");
    let folder = std::env::var_os("FERROWALL_CONFORMANCE").map_or(beside, PathBuf::from);
    folder.is_dir().then_some(folder)
}

/// A router root put together for a case, removed afterwards.
struct Root(PathBuf);

impl Root {
    fn new(folder: &Path, case: &Path) -> Root {
        let name = case.file_name().expect("a name").to_string_lossy();
        let path = format!("ferrowall-print-{}-{name}", std::process::id());
        let root = Root(std::env::temp_dir().join(path));
        let profile = fs::read_to_string(case.join("profile")).expect("a profile");
        overlay(&folder.join("profiles").join(profile.trim()), &root.0);
        overlay(&case.join("root"), &root.0);
        let links = fs::read_to_string(case.join("links")).unwrap_or_default();
        for line in links.lines() {
            let (path, target) = line.split_once('\t').expect("a path and a target");
            let link = root.0.join(path.trim_start_matches('/'));
            fs::create_dir_all(link.parent().expect("a folder")).expect("made");
            symlink(target, link).expect("linked");
        }
        fs::create_dir_all(root.0.join("etc/config")).expect("made");
        fs::copy(case.join("firewall"), root.0.join("etc/config/firewall")).expect("copied");
        root
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).expect("our own folder");
    }
}

fn overlay(from: &Path, to: &Path) {
    let Ok(entries) = fs::read_dir(from) else {
        return;
    };
    fs::create_dir_all(to).expect("made");
    for entry in entries {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            overlay(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copied");
        }
    }
}

/// What fw4 would have said, in its order.
fn warnings(prepared: &Prepared) -> Vec<u8> {
    let said = prepared.diagnostics.iter();
    let mut out = Vec::new();
    for diagnostic in said.filter(|diagnostic| !diagnostic.silent_in_fw4) {
        out.extend_from_slice(&text::encode(&diagnostic.to_string()));
        out.push(b'\n');
    }
    out
}

/// The first line that differs, if any.
fn difference(what: &str, want: &[u8], got: &[u8]) -> Option<String> {
    if want == got {
        return None;
    }
    let mut lines = want
        .split(|byte| *byte == b'\n')
        .zip(got.split(|byte| *byte == b'\n'));
    let (n, (want, got)) = (1..)
        .zip(&mut lines)
        .find(|(_, (want, got))| want != got)
        .unwrap_or((0, (b"another length", b"the same beginning")));
    let (want, got) = (String::from_utf8_lossy(want), String::from_utf8_lossy(got));
    Some(format!(
        "{what} line {n}: expected \"{want}\", got \"{got}\""
    ))
}

#[test]
fn every_case_prints_as_under_fw4() {
    let Some(folder) = folder() else {
        eprintln!("skipped: no conformance cases beside the repository");
        return;
    };
    let cases = fs::read_dir(folder.join("cases")).expect("cases");
    let mut cases: Vec<PathBuf> = cases.map(|case| case.expect("a case").path()).collect();
    cases.sort();
    let mut wrong = Vec::new();
    for case in &cases {
        let root = Root::new(&folder, case);
        let prepared = prepare(&root.0, &SnapshotKernel::new(&root.0), Broken::Empty)
            .expect("an empty configuration at least");
        let printed = nft::print(&prepared.compiled.ruleset);
        if case.join("fw4-crashes").exists() {
            continue;
        }
        let expected = |name| fs::read(case.join(name)).expect("what fw4 printed");
        let found = difference("nft", &expected("expected.nft"), &printed).or_else(|| {
            difference(
                "warnings",
                &expected("expected.warnings"),
                &warnings(&prepared),
            )
        });
        wrong.extend(found.map(|found| format!("{}: {found}", case.display())));
    }
    assert!(!cases.is_empty());
    assert!(
        wrong.is_empty(),
        "{} of {} cases:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
}
