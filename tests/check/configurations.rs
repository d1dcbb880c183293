/*! Configurations as people write them: our own cases, and the conformance cases if they are there. */

use std::fs;
use std::path::{Path, PathBuf};

use crate::conformance::{CaseRoot, suite};
use crate::router_root::RouterRoot;

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases");

/// A router root with a configuration in it.
pub enum Configuration {
    Ours(RouterRoot),
    Theirs(CaseRoot),
}

impl Configuration {
    pub fn path(&self) -> &Path {
        match self {
            Configuration::Ours(root) => root.path(),
            Configuration::Theirs(root) => &root.0,
        }
    }

    /// The file itself; what is no text is left alone.
    pub fn text(&self) -> Option<String> {
        fs::read_to_string(self.path().join("etc/config/firewall")).ok()
    }

    pub fn write(&self, bytes: &[u8]) {
        fs::write(self.path().join("etc/config/firewall"), bytes).expect("written");
    }
}

/// Those of this repository.
pub fn ours() -> Vec<Configuration> {
    let with_file = |path: &PathBuf| path.join("firewall").is_file();
    let roots = folders(Path::new(CASES))
        .into_iter()
        .filter(with_file)
        .map(|case| {
            let text = fs::read_to_string(case.join("firewall")).expect("a configuration");
            let root = RouterRoot::new("check", &text);
            for from in [Path::new(CASES).join("router"), case.join("root")] {
                lay_over(&root, &from, "");
            }
            Configuration::Ours(root)
        });
    roots.collect()
}

/// Those beside the repository that fw4 survives.
pub fn theirs() -> Vec<Configuration> {
    let Some(suite) = suite() else {
        eprintln!("skipped: no conformance cases beside the repository");
        return Vec::new();
    };
    let cases = folders(&suite.join("cases"));
    let cases = cases
        .iter()
        .filter(|case| !case.join("fw4-crashes").exists());
    cases
        .map(|case| Configuration::Theirs(CaseRoot::new(&suite, case)))
        .collect()
}

fn folders(of: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(of)
        .expect("cases")
        .map(|entry| entry.expect("an entry").path());
    let mut found: Vec<PathBuf> = entries.collect();
    found.sort();
    found
}

fn lay_over(root: &RouterRoot, from: &Path, below: &str) {
    let Ok(entries) = fs::read_dir(from) else {
        return;
    };
    for entry in entries {
        let entry = entry.expect("an entry");
        let name = entry.file_name().into_string().expect("a plain name");
        let place = Path::new(below).join(name);
        let place = place.to_str().expect("a plain name");
        if entry.path().is_dir() {
            lay_over(root, &entry.path(), place);
        } else {
            root.write(
                place,
                &fs::read_to_string(entry.path()).expect("a text file"),
            );
        }
    }
}
