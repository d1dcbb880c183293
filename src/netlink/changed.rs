/*!
What stands in the way of a ruleset: chains on another hook, sets of another type, limits of another rate.

The kernel changes none of these in place, and what it is asked to change that way it silently leaves as it is.
*/

use super::contents::{self, Contents};
use super::set::NamedSet;
use super::{chain, name, object};
use crate::ruleset::{Chain, CtHelper, LimitObject, Ruleset, Set};

/// What is there under a name of the ruleset, but is something else, and can only be deleted.
pub struct Changed<'a> {
    pub chains: Vec<&'a contents::Chain>,
    pub sets: Vec<&'a contents::Set>,
    pub objects: Vec<&'a contents::Object>,
}

impl<'a> Changed<'a> {
    pub fn between(ruleset: &Ruleset, contents: &'a Contents) -> Self {
        // What cannot be expressed is nowhere; it is reported when it is to be written.
        let chain = |chain: &Chain| {
            let existing = contents.chain(&name::object(&chain.name).ok()?)?;
            (!chain::is_in_place(existing, chain)).then_some(existing)
        };
        let set = |set: &Set| {
            let existing = contents.set(&name::object(&set.name).ok()?)?;
            let wanted = NamedSet::new(set, None).ok()?.shape();
            (existing.shape != wanted).then_some(existing)
        };
        let helper = |helper: &CtHelper| {
            let existing = object::existing_helper(contents, helper)?;
            (!object::is_helper(existing, helper)).then_some(existing)
        };
        let limit = |limit: &LimitObject| {
            let existing = object::existing_limit(contents, limit)?;
            (!object::is_limit(existing, limit)).then_some(existing)
        };
        // Two sets of one name may be in the way of the same, which goes once. If they differ, the kernel refuses the second.
        let mut sets: Vec<&contents::Set> = Vec::new();
        for set in ruleset.sets.iter().filter_map(set) {
            if !sets.iter().any(|other| other.name == set.name) {
                sets.push(set);
            }
        }
        let helpers = firsts(&ruleset.helpers, |helper| &helper.name).filter_map(helper);
        let limits = firsts(&ruleset.limits, |limit| &limit.name).filter_map(limit);
        Changed {
            chains: ruleset.chains.iter().filter_map(chain).collect(),
            sets,
            objects: helpers.chain(limits).collect(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.chains.is_empty() && self.sets.is_empty() && self.objects.is_empty()
    }
}

/// Of objects with one name the kernel makes the first and ignores the others.
fn firsts<T>(all: &[T], name: impl Fn(&T) -> &String) -> impl Iterator<Item = &T> {
    all.iter().enumerate().filter_map(move |(at, one)| {
        let mut before = all.iter().take(at);
        (!before.any(|other| name(other) == name(one))).then_some(one)
    })
}
