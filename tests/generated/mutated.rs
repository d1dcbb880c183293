/*!
From a configuration to a changed one: `start` and then `reload` end where a fresh `start` of the changed one ends.

`FERROWALL_MUTATIONS` says how many (100 otherwise, a part of the thousand that were tried).
*/

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use ferrowall::text;
use serde_json::Value as Json;

use super::namespace::{in_namespace, sh, try_sh};
use super::random::Random;
use super::{configuration, router, router_root::RouterRoot};

/// What a namespace holds: things by what and which they are, the rules of each chain, the elements of each set.
#[derive(Debug, Default, PartialEq)]
pub struct State {
    things: BTreeMap<String, Json>,
    rules: BTreeMap<String, Vec<Json>>,
    elements: BTreeMap<String, BTreeSet<String>>,
}

impl State {
    /// What only one of them has, or has otherwise.
    pub fn apart(&self, other: &State) -> Vec<String> {
        fn lines(state: &State) -> BTreeSet<String> {
            let things = state
                .things
                .iter()
                .map(|(name, thing)| format!("{name}: {thing}"));
            let rules = state.rules.iter().flat_map(|(chain, rules)| {
                let rules = rules.iter().enumerate();
                rules.map(move |(at, rule)| format!("{chain} {at}: {rule}"))
            });
            let elements = state.elements.iter().flat_map(|(name, elements)| {
                elements
                    .iter()
                    .map(move |element| format!("{name} holds {element}"))
            });
            things.chain(rules).chain(elements).collect()
        }
        let (ours, theirs) = (lines(self), lines(other));
        let only = |here: &BTreeSet<String>, there: &BTreeSet<String>, what: &str| {
            here.difference(there)
                .map(|line| format!("{what} {line}"))
                .collect::<Vec<_>>()
        };
        [only(&ours, &theirs, "-"), only(&theirs, &ours, "+")].concat()
    }
}

/// `None` if nft fails to show it: version 1.0.6 ends with an assertion of its own over some matches (`relational_expr_json`).
pub fn state() -> Option<State> {
    let listed = try_sh("nft -j list ruleset");
    const ABORTED: i32 = 128 + 6;
    if listed.status.code() == Some(ABORTED) {
        return None;
    }
    assert!(listed.status.success(), "nft -j: {listed:?}");
    let listed: Json = serde_json::from_str(&text::decode(&listed.stdout)).expect("JSON");
    let mut state = State::default();
    for object in listed["nftables"].as_array().expect("a list") {
        let (what, thing) = object
            .as_object()
            .and_then(|o| o.iter().next())
            .expect("one");
        let mut thing = thing.clone();
        let fields = thing.as_object_mut().expect("an object");
        fields.remove("handle");
        let elements = fields.remove("elem");
        if what == "rule" {
            let chain = fields["chain"].to_string();
            sort_sets(&mut thing);
            state.rules.entry(chain).or_default().push(thing);
            continue;
        }
        let name = format!("{what} {}", fields.get("name").unwrap_or(&Json::Null));
        if let Some(Json::Array(list)) = elements {
            let elements = list.iter().map(timeless).collect();
            state.elements.insert(name.clone(), elements);
        }
        state.things.insert(name, thing);
    }
    Some(state)
}

/// A hash shows its elements in any order.
fn sort_sets(json: &mut Json) {
    match json {
        Json::Object(fields) => {
            for (name, value) in fields {
                sort_sets(value);
                if let ("set", Json::Array(elements)) = (name.as_str(), value) {
                    elements.sort_by_cached_key(Json::to_string);
                }
            }
        }
        Json::Array(list) => list.iter_mut().for_each(sort_sets),
        _ => {}
    }
}

/// How long an element still has to live depends on the moment.
fn timeless(element: &Json) -> String {
    let mut element = element.clone();
    if let Some(Json::Object(fields)) = element.get_mut("elem") {
        fields.remove("expires");
    }
    element.to_string()
}

/// What is wrong with the state after a reload. What only the ruleset before had may be left, without rules and without
/// new elements.
fn difference(before: &State, reloaded: &State, fresh: &State) -> Vec<String> {
    let mut wrong = Vec::new();
    if reloaded.rules != fresh.rules {
        for (chain, ours) in &reloaded.rules {
            let wanted = fresh.rules.get(chain);
            if wanted != Some(ours) {
                wrong.push(format!("{ours:?} are not {wanted:?}"));
            }
        }
        wrong.push("the rules differ".to_owned());
    }
    for (name, thing) in &fresh.things {
        match reloaded.things.get(name) {
            Some(ours) if *ours == *thing => {}
            // The kernel keeps the comment that a set was made with.
            Some(ours)
                if name.starts_with("set ")
                    && before.things.contains_key(name)
                    && uncommented(ours) == uncommented(thing) => {}
            ours => wrong.push(format!("{ours:?} is not {thing}")),
        }
    }
    for (name, thing) in &reloaded.things {
        let leftover = before.things.contains_key(name) && !name.starts_with("table");
        if !fresh.things.contains_key(name) && !leftover {
            wrong.push(format!("left over: {thing}"));
        }
    }
    let none = BTreeSet::new();
    for (name, wanted) in &fresh.elements {
        let ours = reloaded.elements.get(name).unwrap_or(&none);
        let old = before.elements.get(name).unwrap_or(&none);
        // Intervals merge: there what the set held before counts only if there was nothing.
        let interval = fresh.things[name]["flags"].to_string().contains("interval");
        let right = match interval {
            true => !old.is_empty() || ours == wanted,
            false => ours.is_superset(wanted) && ours.is_subset(&(old | wanted)),
        };
        if !right {
            wrong.push(format!("{name}: {ours:?} is not {wanted:?} with {old:?}"));
        }
    }
    wrong
}

fn uncommented(thing: &Json) -> Json {
    let mut thing = thing.clone();
    if let Some(fields) = thing.as_object_mut() {
        fields.remove("comment");
    }
    thing
}

/// One to four changes, of sections and of what they say.
fn changed(random: &mut Random, text: &[u8]) -> Vec<u8> {
    let mut sections = sections(text);
    for _ in 0..1 + random.below(4) {
        let (one, other) = (random.below(sections.len()), random.below(sections.len()));
        match random.below(6) {
            0 if sections.len() > 1 => drop(sections.remove(one)),
            1 => sections.swap(one, other),
            2 => sections.insert(one, sections[other].clone()),
            3 => sections.insert(one, configuration::any_section(random)),
            4 => {
                let lines: Vec<_> = sections[one].split_inclusive(|b| *b == b'\n').collect();
                let gone = random.below(lines.len()).max(1);
                let stay = (0..lines.len()).filter(|at| *at != gone);
                sections[one] = stay.flat_map(|at| lines[at]).copied().collect();
            }
            _ => {
                let from = sections[other].split_inclusive(|b| *b == b'\n').skip(1);
                let from: Vec<&[u8]> = from.collect();
                if !from.is_empty() {
                    let line = from[random.below(from.len())].to_vec();
                    sections[one].extend(line);
                }
            }
        }
    }
    sections.concat()
}

fn sections(text: &[u8]) -> Vec<Vec<u8>> {
    let mut sections: Vec<Vec<u8>> = Vec::new();
    for line in text.split_inclusive(|b| *b == b'\n') {
        match sections.last_mut() {
            Some(section) if !line.starts_with(b"config ") => section.extend(line),
            _ => sections.push(line.to_vec()),
        }
    }
    sections
}

fn forget(root: &RouterRoot) {
    sh("nft flush ruleset");
    let state = root.path().join("var/run/fw4.state");
    if state.exists() {
        fs::remove_file(state).expect("removed");
    }
}

fn last(root: &RouterRoot, field: &str) -> String {
    let record = fs::read(root.path().join("var/run/ferrowall.json")).expect("a record");
    let record: Json = serde_json::from_str(&text::decode(&record)).expect("JSON");
    record["written"][field].to_string()
}

#[test]
fn a_reload_of_a_changed_configuration_ends_like_a_fresh_start() {
    let wanted = std::env::var("FERROWALL_MUTATIONS").ok();
    let wanted: usize = wanted.and_then(|n| n.parse().ok()).unwrap_or(100);
    in_namespace(
        "mutated::a_reload_of_a_changed_configuration_ends_like_a_fresh_start",
        || {
            let root = router("mutated");
            // Raw nft text would take the text path, where each reload is a full replacement.
            root.write("etc/inc/chain.nft", "# nothing\n");
            let configure = |text: &[u8]| {
                fs::write(root.path().join("etc/config/firewall"), text).expect("written");
            };
            let (mut done, mut number, mut by_difference) = (0, 0, 0);
            let mut all_wrong = Vec::new();
            while done < wanted {
                number += 1;
                let mut random = Random(0x5851_f42d_4c95_7f2d ^ (number << 20 | number));
                // the first numbers of neighbouring seeds look alike
                for _ in 0..8 {
                    random.below(2);
                }
                root.write("usr/share/firewall4/helpers", "");
                let helpers = configuration::helpers(&mut random);
                fs::write(root.path().join("usr/share/firewall4/helpers"), helpers)
                    .expect("written");
                let old = configuration::firewall(&mut random);
                let new = match old.is_empty() {
                    true => configuration::any_section(&mut random),
                    false => changed(&mut random, &old),
                };
                configure(&new);
                // What cannot be loaded is the business of other tests.
                if !root
                    .run(&["--backend", "netlink", "start"])
                    .status
                    .success()
                {
                    forget(&root);
                    continue;
                }
                let fresh = state();
                forget(&root);
                let Some(fresh) = fresh else { continue };
                configure(&old);
                if !root
                    .run(&["--backend", "netlink", "start"])
                    .status
                    .success()
                {
                    forget(&root);
                    continue;
                }
                let Some(before) = state() else {
                    forget(&root);
                    continue;
                };
                done += 1;
                configure(&new);
                let reload = root.run(&["--backend", "netlink", "reload"]);
                let said = String::from_utf8_lossy(&reload.stderr);
                assert!(reload.status.success(), "number {number}: {said}");
                by_difference += usize::from(last(&root, "update") != "\"full\"");
                let reloaded = state().expect("it shows as much as both");
                let mut wrong = difference(&before, &reloaded, &fresh);
                root.ok(&["--backend", "netlink", "reload"]);
                let again = last(&root, "update");
                if again != "\"none\"" {
                    let kinds = last(&root, "kinds");
                    wrong.push(format!("another reload changes something: {again} {kinds}"));
                }
                root.ok(&["--backend", "netlink", "restart"]);
                if state() != Some(fresh) {
                    wrong.push("a restart ends elsewhere".to_owned());
                }
                if !wrong.is_empty() {
                    let (old, new) = (text::decode(&old), text::decode(&new));
                    let wrong = wrong.join("\n");
                    all_wrong.push(format!("number {number}: {wrong}\n{old}\n---\n{new}"));
                }
                forget(&root);
            }
            assert!(all_wrong.is_empty(), "{}", all_wrong.join("\n\n"));
            eprintln!("{done} reloads of {number} tried, {by_difference} by difference");
            assert!(by_difference * 2 > done, "only {by_difference} of {done}");
        },
    );
}
