/*!
The order of things in a transaction: what `nft -f` makes of the text that fw4 prints.

Table, flush, old flowtable away unless it can be kept; then, as nft expands a table block (`nft_cmd_expand` in its src/rule.c):
chains, objects, sets with their elements, flowtable, and last all rules. Everything is declared whether it
exists or not, with the flags nft uses, so that what the kernel says to it is what it says to us.
*/

use std::ffi::CStr;
use std::path::Path;

use super::batch::{Builder, Kind};
use super::changed::Changed;
use super::contents::Contents;
use super::difference::Step;
use super::dump::Prior;
use super::error::{Reason, Subject, Unencodable};
use super::installed::{Installed, InstalledChain};
use super::lower::{Clock, Names, Surroundings, Workplace};
use super::name::{FLOWTABLE_NAME, TABLE_NAME};
use super::protocol::Protocols;
use super::rule::Place;
use super::set::NamedSet;
use super::{
    chain, contents, difference, flowtable, installed, name, object, rule, software, table,
};
use crate::ruleset::{self, FLOWTABLE, Origin, Ruleset, Set};
use crate::text;

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

fn chain_names(ruleset: &Ruleset) -> Names<'_> {
    names(&ruleset.chains, |chain| &chain.name)
}

/// Of two with one name the last one counts.
fn names<T>(list: &[T], name: impl Fn(&T) -> &String) -> Names<'_> {
    let mut names = Names::default();
    for (at, one) in list.iter().enumerate().rev() {
        names.insert(name(one), at);
    }
    names
}

pub fn replace(ruleset: &Ruleset, prior: &Prior) -> Result<Builder, Vec<Unencodable>> {
    let mut builder = Builder::new(prior.generation);
    table::add(&mut builder, TABLE_NAME);
    table::flush(&mut builder, TABLE_NAME);
    delete_flowtable_unless_kept(&mut builder, ruleset, prior);
    run(ruleset, prior, None, builder)
}

/// What [`replace`] does, for a table in which something is there already with another type.
pub fn remake(ruleset: &Ruleset, mut prior: Prior) -> Result<Builder, Vec<Unencodable>> {
    let mut builder = Builder::new(prior.generation);
    table::add(&mut builder, TABLE_NAME);
    table::flush(&mut builder, TABLE_NAME);
    delete_flowtable_unless_kept(&mut builder, ruleset, &prior);
    let contents = std::mem::take(&mut prior.contents);
    let changed = Changed::between(ruleset, &contents);
    for set in changed.sets {
        contents::delete_set(&mut builder, set);
        let name = text::decode(set.name.to_bytes());
        prior.sets.remove(&*name);
        prior.keys.remove(&*name);
    }
    for chain in changed.chains {
        contents::delete_chain(&mut builder, &chain.name);
    }
    for object in changed.objects {
        contents::delete_object(&mut builder, object);
    }
    run(ruleset, &prior, None, builder)
}

/// Only the difference; `None` if it takes more than that.
pub fn update(
    ruleset: &Ruleset,
    prior: &Prior,
    installed: &[InstalledChain],
) -> Result<Option<Builder>, Vec<Unencodable>> {
    // A table without rules of ours was loaded by nft, or emptied.
    let mut rules = installed.iter().flat_map(|chain| &chain.rules);
    let ours = rules.any(|rule| rule.mark.is_some());
    let other_flowtable =
        prior.flowtable.is_some() && ruleset.flowtable.is_some() && kept(ruleset, prior).is_none();
    if !ours || other_flowtable || !Changed::between(ruleset, &prior.contents).is_empty() {
        return Ok(None);
    }
    let builder = Builder::new(prior.generation);
    let mut builder = run(ruleset, prior, Some(installed), builder)?;
    if ruleset.flowtable.is_none() && prior.flowtable.is_some() {
        // The rule that refers to it is gone by now.
        flowtable::delete(&mut builder, TABLE_NAME, FLOWTABLE_NAME);
    }
    Ok(Some(builder))
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
        software: prior.software.clone(),
        ..Prior::default()
    };
    run(ruleset, prior, None, builder)
}

/// Is this chain kept where the table is made anew?
pub fn stays(existing: &contents::Chain, ruleset: &Ruleset) -> bool {
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

fn run(
    ruleset: &Ruleset,
    prior: &Prior,
    installed: Option<&[InstalledChain]>,
    builder: Builder,
) -> Result<Builder, Vec<Unencodable>> {
    let load = Load {
        ruleset,
        prior,
        installed,
        builder,
        failures: Failures::default(),
        workplace: Workplace::default(),
    };
    load.run()
}

/// A ruleset on its way into a batch.
struct Load<'a> {
    ruleset: &'a Ruleset,
    prior: &'a Prior,
    /// The rules that are there, if only the difference is to be said: then what is there already is passed over.
    installed: Option<&'a [InstalledChain]>,
    builder: Builder,
    failures: Failures,
    workplace: Workplace,
}

impl<'a> Load<'a> {
    fn run(mut self) -> Result<Builder, Vec<Unencodable>> {
        self.chains();
        self.helpers();
        self.limits();
        self.sets();
        let flowtable = self.flowtable();
        let ruleset = self.ruleset;
        let around = Surroundings {
            protocols: &Protocols::read(Path::new(PROTOCOLS)),
            clock: &Clock::system(),
            named_sets: &ruleset.sets,
            // What refers to something that cannot be made need not be reported as well.
            sets: names(&ruleset.sets, |set| &set.name),
            limits: names(&ruleset.limits, |limit| &limit.name),
            helpers: names(&ruleset.helpers, |helper| &helper.name),
            chains: chain_names(ruleset),
            flowtable,
        };
        self.rules(&around);
        let prior = (self.prior.flowtable.as_ref(), self.prior.software.as_ref());
        let asked = self.ruleset.software.is_some() || prior.1.is_some();
        let stays = self.installed.is_some() && software::stays(self.ruleset, prior.0, prior.1);
        if asked && !stays {
            let result = software::renew(&mut self.builder, self.ruleset, &around);
            let subject = || Subject::Flowtable;
            self.failures.note(result, Origin::RENDER, subject);
        }
        if self.failures.0.is_empty() {
            Ok(self.builder)
        } else {
            Err(self.failures.0)
        }
    }

    fn chains(&mut self) {
        for chain in &self.ruleset.chains {
            let existing = self.there(|contents| contents.chain(&name::object(&chain.name).ok()?));
            if existing.is_some_and(|existing| chain::is_same(existing, chain)) {
                continue;
            }
            let trace = self.builder.trace(Kind::Chain, &chain.name, Origin::RENDER);
            let result = chain::add(&mut self.builder, TABLE_NAME, chain, trace);
            self.failures.note(result, Origin::RENDER, || {
                Subject::Chain(chain.name.clone())
            });
        }
    }

    fn helpers(&mut self) {
        for helper in &self.ruleset.helpers {
            // What is there under this name is the same, or this would be no update.
            if self
                .there(|contents| object::existing_helper(contents, helper))
                .is_some()
            {
                continue;
            }
            let trace = self
                .builder
                .trace(Kind::Helper, &helper.name, helper.origin);
            let result = object::add_helper(&mut self.builder, TABLE_NAME, helper, trace);
            let subject = || Subject::Helper(helper.name.clone());
            self.failures.note(result, helper.origin, subject);
        }
    }

    fn limits(&mut self) {
        for limit in &self.ruleset.limits {
            if self
                .there(|contents| object::existing_limit(contents, limit))
                .is_some()
            {
                continue;
            }
            let trace = self.builder.trace(Kind::Limit, &limit.name, limit.origin);
            let result = object::add_limit(&mut self.builder, TABLE_NAME, limit, trace);
            let subject = || Subject::Limit(limit.name.clone());
            self.failures.note(result, limit.origin, subject);
        }
    }

    /// Sets are numbered from 1; anonymous ones follow.
    fn sets(&mut self) {
        let mut repeats = false;
        for (set, id) in self.ruleset.sets.iter().zip(1..) {
            let declared = self.builder.trace(Kind::Set, &set.name, set.origin);
            let named = match NamedSet::new(set, Some(id)) {
                Ok(named) => named,
                Err(reason) => {
                    self.failures
                        .note(Err(reason), set.origin, || Subject::Set(set.name.clone()));
                    continue;
                }
            };
            if self.there(|contents| contents.set(&named.name)).is_none() {
                named.declare(&mut self.builder, TABLE_NAME, declared);
            }
            let trace = self.builder.trace(Kind::Elements, &set.name, set.origin);
            let builder = &mut self.builder;
            let known = (
                self.prior.held.get(&set.name),
                self.prior.keys.get(&set.name),
            );
            let result = match known {
                (Some(before), _) => named
                    .fill_changed(builder, TABLE_NAME, before, trace)
                    .map(|sent| repeats |= sent),
                (None, Some(keys)) => named.fill_missing(builder, TABLE_NAME, keys, trace),
                (None, None) => {
                    let existing = self.prior.sets.get(&set.name);
                    let existing = existing.map_or(&[][..], Vec::as_slice);
                    named.fill(builder, TABLE_NAME, existing, trace)
                }
            };
            self.failures
                .note(result, set.origin, || Subject::Elements(set.name.clone()));
        }
        // If the kernel has all these elements, they are no transaction to it (`nf_tables_commit` with an empty list), and its number
        // would not be the one that is expected. A chain that is said again counts always.
        if let Some(chain) = self
            .ruleset
            .chains
            .iter()
            .find(|one| one.base.is_none() && repeats)
        {
            let trace = self.builder.trace(Kind::Chain, &chain.name, Origin::RENDER);
            let result = chain::add(&mut self.builder, TABLE_NAME, chain, trace);
            let subject = || Subject::Chain(chain.name.clone());
            self.failures.note(result, Origin::RENDER, subject);
        }
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

    /// What the kernel has of something, if what it has need not be said again.
    fn there<T>(&self, find: impl FnOnce(&'a Contents) -> Option<T>) -> Option<T> {
        self.installed?;
        find(&self.prior.contents)
    }

    fn rules(&mut self, around: &Surroundings<'_>) {
        let mut next_set_id = self.ruleset.sets.len() as u32 + 1;
        let chains = &self.ruleset.chains;
        for (at, chain) in chains.iter().enumerate() {
            // A chain with an impossible name was reported when it was declared.
            let Ok(name) = name::object(&chain.name) else {
                continue;
            };
            let Some(installed) = self.installed else {
                for rule in chain.rules() {
                    self.put(&name, chain, rule, Place::End, around, &mut next_set_id);
                }
                continue;
            };
            // Two zones of one name share their chains.
            let same = |other: &&ruleset::Chain| other.name == chain.name;
            if chains.iter().take(at).any(|other| same(&other)) {
                continue;
            }
            let rules = chains.iter().filter(same).flat_map(ruleset::Chain::rules);
            let rules: Vec<_> = rules.collect();
            let old = installed.iter().find(|one| one.name == name);
            let old = old.map_or(&[][..], |one| &one.rules);
            self.change(&name, chain, &rules, old, around, &mut next_set_id);
        }
        self.delete_rules_of_other_chains();
    }

    fn put(
        &mut self,
        name: &CStr,
        chain: &ruleset::Chain,
        rule: &ruleset::Rule,
        place: Place,
        around: &Surroundings<'_>,
        next_set_id: &mut u32,
    ) {
        let trace = self.builder.trace(Kind::Rule, &chain.name, rule.origin);
        match rule::Encoded::new(rule, around, *next_set_id, &mut self.workplace) {
            Ok(encoded) => {
                let names = (TABLE_NAME, name);
                *next_set_id += encoded.write(&mut self.builder, names, place, trace);
            }
            Err(reason) => {
                let subject = || Subject::Rule(chain.name.clone());
                self.failures.note(Err(reason), rule.origin, subject);
            }
        }
    }

    /// Only what differs. The rules are encoded once for their marks, and those that are written once more: to
    /// keep them all would cost more.
    fn change(
        &mut self,
        name: &CStr,
        chain: &ruleset::Chain,
        rules: &[&ruleset::Rule],
        old: &[Installed],
        around: &Surroundings<'_>,
        next_set_id: &mut u32,
    ) {
        let mut marks = Vec::with_capacity(rules.len());
        for rule in rules {
            match rule::Encoded::new(rule, around, *next_set_id, &mut self.workplace) {
                Ok(encoded) => marks.push(encoded.mark()),
                Err(reason) => {
                    let subject = || Subject::Rule(chain.name.clone());
                    self.failures.note(Err(reason), rule.origin, subject);
                }
            }
        }
        if marks.len() < rules.len() {
            return;
        }
        for step in difference::steps(old, &marks) {
            match step {
                Step::Delete(handle) => {
                    let trace = self.builder.trace(Kind::Rule, &chain.name, Origin::RENDER);
                    installed::delete(&mut self.builder, name, handle, trace);
                }
                Step::Put(index, place) => {
                    if let Some(rule) = rules.get(index) {
                        self.put(name, chain, rule, place, around, next_set_id);
                    }
                }
            }
        }
    }

    /// Chains that only the ruleset before had stay, as with `flush table`; our rules in them go.
    fn delete_rules_of_other_chains(&mut self) {
        let ruleset = self.ruleset;
        let known = chain_names(ruleset);
        for chain in self.installed.unwrap_or_default() {
            let name = text::decode(chain.name.to_bytes());
            if known.has(name.as_str()) {
                continue;
            }
            let trace = self.builder.trace(Kind::Rule, &name, Origin::RENDER);
            for rule in chain.rules.iter().filter(|rule| rule.mark.is_some()) {
                installed::delete(&mut self.builder, &chain.name, rule.handle, trace);
            }
        }
    }
}
