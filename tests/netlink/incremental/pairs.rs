/*!
From any configuration to any other: a reload by difference ends where a replacement ends.

The conformance cases one after the other in random order, and mutations of them: rules taken out, doubled, moved,
changed. `FERROWALL_PAIRS` says how many (20 of each otherwise).
*/

use std::collections::BTreeSet;

use ferrowall::netlink::{Extent, Socket, Way, load as load_with};
use ferrowall::ruleset::{Item, Ruleset};
use serde_json::Value as Json;

use super::update;
use crate::cases::suite;
use crate::conformance::{list_of_cases, load_what_goes, loadable_of};
use crate::support::{State, here, in_namespace, load, sh};

/// A generator of repeatable accidents.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % limit.max(1)
    }
}

fn pairs() -> usize {
    let wanted = std::env::var("FERROWALL_PAIRS").ok();
    wanted.and_then(|n| n.parse().ok()).unwrap_or(20)
}

/// The rulesets of some cases, less what this kernel refuses.
fn rulesets(random: &mut Random, count: usize) -> Vec<Ruleset> {
    let folder = suite().expect("there, or the test was skipped");
    let all = list_of_cases(&folder, "");
    (0..count)
        .map(|_| {
            let mut ruleset = loadable_of(&folder, &all[random.below(all.len())]);
            sh("nft flush ruleset");
            load_what_goes(&mut ruleset);
            ruleset
        })
        .collect()
}

/// Top level things in any order: one path makes a set anew that the other keeps. Limits: `nft -f` and with it a
/// replacement leaves one that is there as it is, a reload changes it.
fn things(state: &State) -> BTreeSet<String> {
    let all = state.json["nftables"].as_array().expect("a list");
    let kept = all.iter().filter(|one| one.get("limit").is_none());
    let mut rules = 0;
    kept.map(|one| match one.get("rule") {
        // Rules keep their order.
        Some(_) => {
            rules += 1;
            format!("{rules} {one}")
        }
        None => Json::to_string(one),
    })
    .collect()
}

/// Reloads from A to B, and compares with a replacement of A by B. Says how much was written.
fn compare(from: &Ruleset, to: &Ruleset, what: &str) -> Extent {
    sh("nft flush ruleset");
    load(from).expect("loaded before");
    let report = update(to);
    let incremental = here();
    let again = update(to);
    let (wanted, listed) = (ferrowall::nft::print(to), &incremental.list);
    assert_eq!(
        again.extent,
        Extent::Nothing,
        "{what}: {report:?}, then {again:?}\n{}\n{listed}",
        String::from_utf8_lossy(&wanted)
    );
    sh("nft flush ruleset");
    load(from).expect("loaded before");
    let mut socket = Socket::open().expect("a socket");
    // A set of another type is in the way of a replacement.
    if load_with(&mut socket, to, Way::Replace).is_ok() {
        let (ours, wanted) = (things(&incremental), things(&here()));
        let differ: Vec<_> = ours.symmetric_difference(&wanted).collect();
        assert!(differ.is_empty(), "{what}: {differ:#?}");
    }
    report.extent
}

fn mutated(ruleset: &Ruleset, random: &mut Random) -> Ruleset {
    let mut ruleset = ruleset.clone();
    for _ in 0..=random.below(6) {
        let at = random.below(ruleset.chains.len());
        let items = &mut ruleset.chains[at].items;
        if items.is_empty() {
            continue;
        }
        let (one, other) = (random.below(items.len()), random.below(items.len()));
        match random.below(5) {
            0 => drop(items.remove(one)),
            1 => items.swap(one, other),
            2 => items.insert(one, items[other].clone()),
            3 => {
                let moved = items.remove(one);
                items.push(moved);
            }
            _ => {
                if let Item::Rule(rule) = &mut items[one] {
                    rule.comment = Some(format!("!fw4: changed {}", random.below(1000)));
                }
            }
        }
    }
    ruleset
}

#[test]
fn a_reload_from_any_case_to_any_other_ends_like_a_replacement() {
    if suite().is_none() {
        eprintln!("skipped: no conformance cases beside the repository");
        return;
    }
    in_namespace(
        "incremental::pairs::a_reload_from_any_case_to_any_other_ends_like_a_replacement",
        || {
            let random = &mut Random(20);
            let list = rulesets(random, pairs() + 1);
            let extents = list.windows(2).enumerate();
            let by_difference = extents
                .map(|(number, pair)| compare(&pair[0], &pair[1], &format!("pair {number}")))
                .filter(|extent| *extent == Extent::Difference)
                .count();
            assert!(by_difference * 2 > pairs(), "only {by_difference}");
        },
    );
}

#[test]
fn a_reload_after_any_mutation_ends_like_a_replacement() {
    if suite().is_none() {
        eprintln!("skipped: no conformance cases beside the repository");
        return;
    }
    in_namespace(
        "incremental::pairs::a_reload_after_any_mutation_ends_like_a_replacement",
        || {
            let random = &mut Random(21);
            for (number, ruleset) in rulesets(random, pairs() / 5 + 1).iter().enumerate() {
                for mutation in 0..5 {
                    let other = mutated(ruleset, random);
                    let what = format!("ruleset {number}, mutation {mutation}");
                    let extent = compare(ruleset, &other, &what);
                    assert_ne!(extent, Extent::Everything, "{what}");
                }
            }
        },
    );
}
