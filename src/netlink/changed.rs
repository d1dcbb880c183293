/*!
What stands in the way of a ruleset: chains on another hook, sets of another type, limits of another rate.

The kernel changes none of these in place, and what it is asked to change that way it silently leaves as it is.
*/

use super::contents::{self, Contents};
use super::set::NamedSet;
use super::{chain, name, object};
use crate::ruleset::{Chain, Ruleset, Set};

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
        // Of two with one name the kernel makes the first and ignores the second.
        let helpers = ruleset.helpers.iter().enumerate();
        let helpers = helpers.filter_map(|(at, helper)| {
            let existing = object::existing_helper(contents, helper)?;
            let mut before = ruleset.helpers.iter().take(at);
            let same = object::is_helper(existing, helper)
                || before.any(|other| other.name == helper.name);
            (!same).then_some(existing)
        });
        let limits = ruleset.limits.iter().enumerate();
        let limits = limits.filter_map(|(at, limit)| {
            let existing = object::existing_limit(contents, limit)?;
            let mut before = ruleset.limits.iter().take(at);
            let same =
                object::is_limit(existing, limit) || before.any(|other| other.name == limit.name);
            (!same).then_some(existing)
        });
        Changed {
            chains: ruleset.chains.iter().filter_map(chain).collect(),
            sets: ruleset.sets.iter().filter_map(set).collect(),
            objects: helpers.chain(limits).collect(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.chains.is_empty() && self.sets.is_empty() && self.objects.is_empty()
    }
}
