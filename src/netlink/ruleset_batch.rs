/*!
The order of things in a transaction: what `nft -f` makes of the text that fw4 prints.

Table, flush, old flowtable away unless it can be kept; then, as nft expands a table block (`nft_cmd_expand` in its src/rule.c):
chains, objects, sets with their elements, flowtable, and last all rules. Everything is declared whether it
exists or not, with the flags nft uses, so that what the kernel says to it is what it says to us.
*/

use std::collections::{HashMap, HashSet};
use std::ffi::CStr;
use std::path::Path;

use super::batch::{Builder, Kind};
use super::dump::Prior;
use super::error::{Reason, Subject, Unencodable};
use super::lower::{Clock, Surroundings};
use super::protocol::Protocols;
use super::set::NamedSet;
use super::{chain, contents, flowtable, name, object, rule, table};
use crate::ruleset::{FLOWTABLE, KeyType, Origin, Ruleset, Set};
use crate::text;

pub const TABLE_NAME: &CStr = c"fw4";
pub const FLOWTABLE_NAME: &CStr = c"ft";
const PROTOCOLS: &str = "/etc/protocols";

/// What could not be expressed so far.
#[derive(Default)]
struct Failures(Vec<Unencodable>);

impl Failures {
    fn note(
        &mut self,
        result: Result<(), Reason>,
        origin: Origin,
        subject: impl FnOnce() -> Subject,
    ) {
        if let Err(reason) = result {
            self.0.push(Unencodable {
                origin,
                subject: subject(),
                reason,
            });
        }
    }
}

pub fn replace(ruleset: &Ruleset, prior: &Prior) -> Result<Builder, Vec<Unencodable>> {
    let mut builder = Builder::new(prior.generation);
    table::add(&mut builder, TABLE_NAME);
    table::flush(&mut builder, TABLE_NAME);
    delete_flowtable_unless_kept(&mut builder, ruleset, prior);
    Load {
        ruleset,
        prior,
        builder,
        failures: Failures::default(),
    }
    .run()
}

/// Chains are kept rather than deleted and made anew: between the commit and the moment in which the kernel takes a
/// deleted base chain off its hook, that chain has no rules any more, and its policy would decide.
pub fn renew(ruleset: &Ruleset, prior: &Prior) -> Result<Builder, Vec<Unencodable>> {
    let mut builder = Builder::new(prior.generation);
    table::add(&mut builder, TABLE_NAME);
    if prior.table {
        table::flush(&mut builder, TABLE_NAME);
        delete_flowtable_unless_kept(&mut builder, ruleset, prior);
        let contents = &prior.contents;
        for name in &contents.flowtables {
            flowtable::delete(&mut builder, TABLE_NAME, name);
        }
        // Maps may refer to chains and objects, so these come last.
        for set in &contents.sets {
            contents::delete_set(&mut builder, set);
        }
        for chain in contents.chains.iter().filter(|one| !stays(one, ruleset)) {
            contents::delete_chain(&mut builder, &chain.name);
        }
        for object in &contents.objects {
            contents::delete_object(&mut builder, object);
        }
    }
    let prior = &Prior {
        generation: prior.generation,
        flowtable: prior.flowtable.clone(),
        ..Prior::default()
    };
    Load {
        ruleset,
        prior,
        builder,
        failures: Failures::default(),
    }
    .run()
}

fn stays(existing: &contents::Chain, ruleset: &Ruleset) -> bool {
    let wanted = ruleset.chain(&text::decode(existing.name.to_bytes()));
    wanted.is_some_and(|wanted| chain::is_in_place(existing, wanted))
}

/// Nothing may add flows to it any more by then.
fn delete_flowtable_unless_kept(builder: &mut Builder, ruleset: &Ruleset, prior: &Prior) {
    if prior.flowtable.is_some() && kept(ruleset, prior).is_none() {
        flowtable::delete(builder, TABLE_NAME, FLOWTABLE_NAME);
    }
}

/// The flowtable that is there, if it can become that of the ruleset.
fn kept<'a>(ruleset: &Ruleset, prior: &'a Prior) -> Option<&'a flowtable::ExistingFlowtable> {
    let wanted = ruleset.flowtable.as_ref()?;
    prior
        .flowtable
        .as_ref()
        .filter(|existing| existing.can_become(wanted))
}

pub fn refill<'a>(sets: impl IntoIterator<Item = &'a Set>) -> Result<Builder, Vec<Unencodable>> {
    let mut builder = Builder::new(None);
    let mut failures = Failures::default();
    for set in sets.into_iter() {
        let trace = builder.trace(Kind::Elements, &set.name, set.origin);
        let result = NamedSet::new(set, None).and_then(|named| {
            named.empty(&mut builder, TABLE_NAME, trace);
            named.fill(&mut builder, TABLE_NAME, &[], trace)
        });
        failures.note(result, set.origin, || Subject::Elements(set.name.clone()));
    }
    if failures.0.is_empty() {
        Ok(builder)
    } else {
        Err(failures.0)
    }
}

/// A ruleset on its way into a batch.
struct Load<'a> {
    ruleset: &'a Ruleset,
    prior: &'a Prior,
    builder: Builder,
    failures: Failures,
}

impl<'a> Load<'a> {
    fn run(mut self) -> Result<Builder, Vec<Unencodable>> {
        self.chains();
        let helpers = self.helpers();
        let limits = self.limits();
        let sets = self.sets();
        let flowtable = self.flowtable();
        let around = Surroundings {
            protocols: &Protocols::read(Path::new(PROTOCOLS)),
            clock: &Clock::system(),
            sets,
            limits,
            helpers,
            chains: self
                .ruleset
                .chains
                .iter()
                .map(|chain| chain.name.as_str())
                .collect(),
            flowtable,
        };
        self.rules(&around);
        if self.failures.0.is_empty() {
            Ok(self.builder)
        } else {
            Err(self.failures.0)
        }
    }

    fn chains(&mut self) {
        for chain in &self.ruleset.chains {
            let trace = self.builder.trace(Kind::Chain, &chain.name, Origin::RENDER);
            let result = chain::add(&mut self.builder, TABLE_NAME, chain, trace);
            self.failures.note(result, Origin::RENDER, || {
                Subject::Chain(chain.name.clone())
            });
        }
    }

    fn helpers(&mut self) -> HashSet<&'a str> {
        let mut there = HashSet::new();
        for helper in &self.ruleset.helpers {
            let trace = self
                .builder
                .trace(Kind::Helper, &helper.name, helper.origin);
            let result = object::add_helper(&mut self.builder, TABLE_NAME, helper, trace);
            let subject = || Subject::Helper(helper.name.clone());
            self.failures.note(result, helper.origin, subject);
            there.insert(helper.name.as_str());
        }
        there
    }

    fn limits(&mut self) -> HashSet<&'a str> {
        let mut there = HashSet::new();
        for limit in &self.ruleset.limits {
            let trace = self.builder.trace(Kind::Limit, &limit.name, limit.origin);
            let result = object::add_limit(&mut self.builder, TABLE_NAME, limit, trace);
            let subject = || Subject::Limit(limit.name.clone());
            self.failures.note(result, limit.origin, subject);
            there.insert(limit.name.as_str());
        }
        there
    }

    /// Sets are numbered from 1; anonymous ones follow.
    fn sets(&mut self) -> HashMap<&'a str, (u32, &'a [KeyType])> {
        let mut there = HashMap::new();
        for (set, id) in self.ruleset.sets.iter().zip(1..) {
            // What refers to a set that cannot be made need not be reported as well.
            there.insert(set.name.as_str(), (id, set.key.as_slice()));
            let declared = self.builder.trace(Kind::Set, &set.name, set.origin);
            let named = match NamedSet::new(set, Some(id)) {
                Ok(named) => named,
                Err(reason) => {
                    self.failures
                        .note(Err(reason), set.origin, || Subject::Set(set.name.clone()));
                    continue;
                }
            };
            named.declare(&mut self.builder, TABLE_NAME, declared);
            let existing = self
                .prior
                .sets
                .get(&set.name)
                .map_or(&[][..], Vec::as_slice);
            let trace = self.builder.trace(Kind::Elements, &set.name, set.origin);
            let result = named.fill(&mut self.builder, TABLE_NAME, existing, trace);
            self.failures
                .note(result, set.origin, || Subject::Elements(set.name.clone()));
        }
        there
    }

    fn flowtable(&mut self) -> bool {
        let Some(flowtable) = &self.ruleset.flowtable else {
            return false;
        };
        let trace = self
            .builder
            .trace(Kind::Flowtable, FLOWTABLE, Origin::RENDER);
        let builder = &mut self.builder;
        let result = match kept(self.ruleset, self.prior) {
            Some(existing) => {
                let names = (TABLE_NAME, FLOWTABLE_NAME);
                flowtable::update(builder, names, existing, flowtable, trace)
            }
            None => flowtable::add(builder, TABLE_NAME, FLOWTABLE_NAME, flowtable, trace),
        };
        self.failures
            .note(result, Origin::RENDER, || Subject::Flowtable);
        true
    }

    fn rules(&mut self, around: &Surroundings<'_>) {
        let mut next_set_id = self.ruleset.sets.len() as u32 + 1;
        for chain in &self.ruleset.chains {
            // A chain with an impossible name was reported when it was declared.
            let Ok(name) = name::object(&chain.name) else {
                continue;
            };
            for rule in chain.rules() {
                let trace = self.builder.trace(Kind::Rule, &chain.name, rule.origin);
                let names = (TABLE_NAME, name.as_c_str());
                match rule::add(&mut self.builder, names, rule, around, next_set_id, trace) {
                    Ok(sets) => next_set_id += sets,
                    Err(reason) => {
                        let subject = || Subject::Rule(chain.name.clone());
                        self.failures.note(Err(reason), rule.origin, subject);
                    }
                }
            }
        }
    }
}
