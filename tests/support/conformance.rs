/*! The conformance cases beside the repository: where they are, and one as a router root. */

// each test program uses its part of this
#![allow(dead_code)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

#[path = "folder.rs"]
mod folder;
use folder::folder_of_its_own;

/// The folder of conformance cases, if it is there.
pub fn suite() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/conformance");
    let folder = std::env::var_os("FERROWALL_CONFORMANCE").map_or(beside, PathBuf::from);
    folder.is_dir().then_some(folder)
}

/// A router root put together for a case, removed afterwards.
pub struct CaseRoot(pub PathBuf);

impl CaseRoot {
    /// `case` is a folder in the suite's `cases`.
    pub fn new(suite: &Path, case: &Path) -> CaseRoot {
        let name = case.file_name().expect("a name").to_string_lossy();
        let root = CaseRoot(folder_of_its_own(&format!("case-{name}")));
        let profile = fs::read_to_string(case.join("profile")).expect("a profile");
        overlay(&suite.join("profiles").join(profile.trim()), &root.0);
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

impl Drop for CaseRoot {
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
