/*!
Every conformance case, printed: the ruleset byte for byte and the warnings line for line as the real fw4
printed them. What makes fw4 crash must not make us.
*/

use std::fs;
use std::path::PathBuf;

use ferrowall::apply::{Broken, Prepared, prepare};
use ferrowall::nft;
use ferrowall::router::SnapshotKernel;
use ferrowall::text;

#[path = "support/conformance.rs"]
mod support;
use support::{CaseRoot, suite};

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
    let Some(folder) = suite() else {
        eprintln!("skipped: no conformance cases beside the repository");
        return;
    };
    let cases = fs::read_dir(folder.join("cases")).expect("cases");
    let mut cases: Vec<PathBuf> = cases.map(|case| case.expect("a case").path()).collect();
    cases.sort();
    let mut wrong = Vec::new();
    for case in &cases {
        let root = CaseRoot::new(&folder, case);
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
