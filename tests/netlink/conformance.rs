/*!
Every conformance case twice: over netlink here, as printed text through nft in a namespace beside it.

What the kernel of the test machine cannot do is left out on both sides: flowtables, helpers whose module is
missing. Raw nft files are left out too, for only nft reads them. A section that cannot be expressed or is
refused over netlink is left out of the text as well; that the text is refused with it is then checked.
*/

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use ferrowall::apply::{Broken, prepare};
use ferrowall::netlink::{Error, LoadError, Socket, Way, load};
use ferrowall::nft;
use ferrowall::router::SnapshotKernel;
use ferrowall::ruleset::{Item, Match, MetaHour, MetaTime, Origin, Rule, Ruleset};

use crate::cases::{CaseRoot, suite};
use crate::support::{State, assert_same, here, in_namespace, sh, try_nft};

/// What both sides can load on this machine.
fn loadable(mut ruleset: Ruleset) -> Ruleset {
    ruleset.delete_flowtable = false;
    ruleset.leave_out_flowtable();
    for chain in &mut ruleset.chains {
        chain
            .items
            .retain(|item| matches!(item, Item::Rule(rule) if nft_can_list(rule)));
    }
    for snippets in [
        &mut ruleset.ruleset_pre,
        &mut ruleset.table_pre,
        &mut ruleset.table_post,
        &mut ruleset.ruleset_post,
    ] {
        snippets.clear();
    }
    ruleset
}

/// nft 1.0.6 loads `meta time >= A meta hour <= B`, but takes the two for one range when it lists them, and aborts.
fn nft_can_list(rule: &Rule) -> bool {
    !rule.matches.windows(2).any(|pair| {
        matches!(
            pair,
            [Match::Time(MetaTime::From(_)), Match::Hour(MetaHour::To(_))]
        )
    })
}

/// Loads over netlink, leaving out what does not go; the sections left out.
pub fn load_what_goes(ruleset: &mut Ruleset) -> HashSet<Origin> {
    let mut out = HashSet::new();
    for _ in 0..20 {
        let mut socket = Socket::open().expect("a socket");
        let bad: Vec<Origin> = match load(&mut socket, ruleset, Way::Replace) {
            Ok(_) => return out,
            Err(LoadError::Unencodable(list)) => list.iter().map(|one| one.origin).collect(),
            Err(LoadError::Kernel(Error::Refused(list))) => {
                list.iter().map(|one| one.origin).collect()
            }
            Err(error) => panic!("{error}"),
        };
        let before = out.len();
        out.extend(bad);
        assert!(out.len() > before, "left out in vain: {out:?}");
        ruleset.leave_out(&Vec::from_iter(out.iter().copied()));
    }
    panic!("something new is refused each time: {out:?}");
}

/// The ruleset of a case, as far as both sides can load it here.
pub fn loadable_of(folder: &Path, case: &Path) -> Ruleset {
    let root = CaseRoot::new(folder, case);
    let prepared = prepare(&root.0, &SnapshotKernel::new(&root.0), Broken::Empty);
    loadable(
        prepared
            .expect("an empty configuration at least")
            .compiled
            .ruleset,
    )
}

/// The cases whose name begins so, in order.
pub fn list_of_cases(folder: &Path, first: &str) -> Vec<PathBuf> {
    let begins = |case: &PathBuf| {
        case.file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with(first))
    };
    let entries = fs::read_dir(folder.join("cases")).expect("a folder of cases");
    let mut list: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(begins)
        .collect();
    list.sort();
    list
}

/// Both paths for one case; what is wrong, if anything.
fn compare(folder: &Path, case: &Path) -> Result<(), String> {
    let whole = loadable_of(folder, case);
    let mut ruleset = whole.clone();
    sh("nft flush ruleset");
    let left_out = load_what_goes(&mut ruleset);
    let ours = here();
    let text = |ruleset: &Ruleset| nft::print(ruleset);
    if !left_out.is_empty() && try_nft(&text(&whole)).is_ok() {
        return Err(format!("nft takes what we left out: {left_out:?}"));
    }
    let nfts: State = match try_nft(&text(&ruleset)) {
        // A range of addresses in a load file, which fw4 prints so that nft cannot read it.
        Err(why) if why.contains("/null") => return Ok(()),
        other => other?,
    };
    assert_same(&ours, &nfts);
    Ok(())
}

/// What a failed assertion says.
fn said(panic: &(dyn std::any::Any + Send)) -> String {
    panic.downcast_ref::<String>().cloned().unwrap_or_default()
}

fn all_cases_beginning_with(test: &str, first: &str) {
    let Some(folder) = suite() else {
        eprintln!("skipped: no conformance cases beside the repository");
        return;
    };
    in_namespace(test, || {
        let list = list_of_cases(&folder, first);
        let wanted = std::env::var("FERROWALL_CASE").unwrap_or_default();
        let mut wrong = Vec::new();
        for case in list
            .iter()
            .filter(|case| case.to_string_lossy().contains(&wanted))
        {
            let compared = std::panic::catch_unwind(|| compare(&folder, case));
            if let Err(why) = compared.unwrap_or_else(|panic| Err(said(panic.as_ref()))) {
                wrong.push(format!("{}: {why}", case.display()));
            }
        }
        assert!(
            wrong.is_empty(),
            "{} cases differ:\n{}",
            wrong.len(),
            wrong.join("\n")
        );
    });
}

#[test]
fn fw4s_own_tests_load_as_their_text_does() {
    all_cases_beginning_with("conformance::fw4s_own_tests_load_as_their_text_does", "0");
}

#[test]
fn real_configurations_load_as_their_text_does() {
    all_cases_beginning_with(
        "conformance::real_configurations_load_as_their_text_does",
        "1",
    );
}

#[test]
fn more_real_configurations_load_as_their_text_does() {
    all_cases_beginning_with(
        "conformance::more_real_configurations_load_as_their_text_does",
        "2",
    );
}

#[test]
fn handmade_corner_cases_load_as_their_text_does() {
    all_cases_beginning_with(
        "conformance::handmade_corner_cases_load_as_their_text_does",
        "3",
    );
}
