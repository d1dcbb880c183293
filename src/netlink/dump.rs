/*!
What the kernel has now: tables, the flowtable, sets and the elements of interval sets.

Only what decisions need is read, with the kernel's own messages; the answers are taken apart without trust.
*/

use std::collections::HashSet;
use std::ffi::{CStr, CString};

use super::contents::Contents;
use super::element::Key;
use super::error::Error;
use super::flowtable::ExistingFlowtable;
use super::held::{Held, Summary};
use super::interval::Interval;
use super::kernel_abi::{
    MessageType, NFPROTO_INET, NFPROTO_UNSPEC, NFT_SET_ELEM_INTERVAL_END, NFTA_DATA_VALUE,
    NFTA_LIST_ELEM, NFTA_SET_ELEM_FLAGS, NFTA_SET_ELEM_KEY, NFTA_SET_ELEM_KEY_END,
    NFTA_SET_ELEM_LIST_ELEMENTS, NFTA_SET_ELEM_LIST_SET, NFTA_SET_ELEM_LIST_TABLE,
    NFTA_SET_KEY_TYPE, NFTA_SET_NAME, NFTA_SET_TABLE, NFTA_TABLE_NAME,
};
use super::name::{SOFTWARE_TABLE_NAME, TABLE_NAME};
use super::pages::Attributes;
use super::request::{Request, absent_is_empty, be32, generation, string};
use super::set::{
    NamedSet, TYPE_ETHERADDR, TYPE_INET_SERVICE, TYPE_IP6ADDR, TYPE_IPADDR, types_of_concatenation,
};
use super::socket::Transport;
use super::{flowtable, moment, name};
use crate::ruleset::{KeyType, Ruleset, Set};
use crate::sorted::Sorted;
use crate::text;

/// What the kernel had before a transaction, as far as the transaction depends on it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Prior {
    /// The kernel counts its transactions; one built on this knowledge is refused if the count went on.
    pub generation: Option<u32>,
    /// `table inet fw4` is there,
    pub table: bool,
    /// and in it a flowtable `ft`,
    pub flowtable: Option<ExistingFlowtable>,
    /// the one of the second table,
    pub software: Option<ExistingFlowtable>,
    /// all this,
    pub contents: Contents,
    /// and these intervals in sets whose elements are merged.
    pub sets: Sorted<String, Vec<Interval>>,
    /// The keys in other sets, if asked for: see [`Prior::read_keys`].
    pub keys: Sorted<String, HashSet<Box<[u8]>>>,
    /// What these sets have at least, so that they need not be read.
    pub held: Sorted<String, Summary>,
}

/// A table of any family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// `NFPROTO_*`
    pub family: u8,
    pub name: CString,
}

impl Table {
    /// Is it one that we load?
    pub fn is_ours(&self) -> bool {
        let names = [TABLE_NAME, SOFTWARE_TABLE_NAME];
        self.family == NFPROTO_INET && names.contains(&&*self.name)
    }
}

/// A set of `table inet fw4`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExistingSet {
    pub name: String,
    /// Its fields; `None` if one has a type that fw4's sets cannot have.
    pub key: Option<Vec<KeyType>>,
}

impl Prior {
    /// Reads what replacing the kernel's ruleset by this one depends on.
    pub fn read(transport: &mut impl Transport, ruleset: &Ruleset) -> Result<Prior, Error> {
        let mut prior = Self::read_objects(transport)?;
        if prior.table {
            prior.read_intervals(transport, ruleset)?;
        }
        Ok(prior)
    }

    /// As [`Prior::read`], without the sets that the last load filled with the same or, if their elements are not merged, in the same
    /// parts, provided that nobody made a transaction since.
    pub fn read_since(
        transport: &mut impl Transport,
        ruleset: &Ruleset,
        held: &Held,
    ) -> Result<Prior, Error> {
        let mut prior = Self::read_objects(transport)?;
        if !prior.table {
            return Ok(prior);
        }
        let since = held.moment.as_deref().and_then(moment::generation);
        if prior.generation.is_some() && prior.generation == since {
            for set in &ruleset.sets {
                // Of several with one name the kernel makes one: what it was given by which of them nobody can tell.
                let others = ruleset.sets.iter().filter(|other| other.name == set.name);
                if held.sets.has(&set.name) && others.count() == 1 {
                    prior.hold(set, held);
                }
            }
        }
        prior.read_intervals(transport, ruleset)?;
        Ok(prior)
    }

    fn hold(&mut self, set: &Set, held: &Held) {
        let there = name::object(&set.name).is_ok_and(|name| self.contents.set(&name).is_some());
        let both = held.sets.get(&set.name).zip(Summary::of(set));
        if let (true, Some((before, now))) = (there, both)
            && match NamedSet::merges(set) {
                true => now == *before,
                false => now.is_comparable(before),
            }
        {
            self.held.insert(set.name.clone(), before.clone());
        }
    }

    /// Its elements have to be read, if it is there.
    fn is_unknown(&self, set: &Set) -> bool {
        !set.elements.is_empty() && !self.held.has(&set.name)
    }

    /// The same without what sets hold: all that making the table anew depends on.
    pub fn read_objects(transport: &mut impl Transport) -> Result<Prior, Error> {
        let mut prior = Prior {
            generation: generation(transport)?,
            table: has_table(transport)?,
            ..Prior::default()
        };
        if !prior.table {
            return Ok(prior);
        }
        let flowtables = flowtable::all(transport)?;
        prior.flowtable = flowtables.ours;
        prior.software = flowtables.software;
        prior.contents = Contents::read(transport, flowtables.others)?;
        Ok(prior)
    }

    fn read_intervals(
        &mut self,
        transport: &mut impl Transport,
        ruleset: &Ruleset,
    ) -> Result<(), Error> {
        for set in ruleset.sets.iter().filter(|set| NamedSet::merges(set)) {
            // A set with an impossible name cannot be there.
            let Ok(name) = name::object(&set.name) else {
                continue;
            };
            if !self.is_unknown(set) {
                continue;
            }
            let length = NamedSet::key_length(set);
            let intervals = intervals(transport, &name, length)?;
            if !intervals.is_empty() {
                self.sets.insert(set.name.clone(), intervals);
            }
        }
        Ok(())
    }

    /// Reads also what sets hold whose elements are not merged: first and last key for intervals, the key otherwise.
    pub fn read_keys(
        &mut self,
        transport: &mut impl Transport,
        ruleset: &Ruleset,
    ) -> Result<(), Error> {
        for set in &ruleset.sets {
            let Ok(name) = name::object(&set.name) else {
                continue;
            };
            if NamedSet::merges(set) || !self.is_unknown(set) || self.contents.set(&name).is_none()
            {
                continue;
            }
            let mut keys = HashSet::new();
            elements(transport, &name, &mut |element| {
                let value = |kind| {
                    let data = element.first(kind)?;
                    Attributes(data).first(NFTA_DATA_VALUE)
                };
                let first = value(NFTA_SET_ELEM_KEY).unwrap_or_default();
                let last = value(NFTA_SET_ELEM_KEY_END).filter(|_| set.interval);
                keys.insert(
                    [first, last.unwrap_or_default()]
                        .concat()
                        .into_boxed_slice(),
                );
            })?;
            self.keys.insert(set.name.clone(), keys);
        }
        Ok(())
    }
}

/// All tables of all families.
pub fn tables(transport: &mut impl Transport) -> Result<Vec<Table>, Error> {
    let mut tables = Vec::new();
    let request = Request::new(MessageType::GetTable, NFPROTO_UNSPEC);
    request.dump(transport, MessageType::NewTable, &mut |message| {
        let name = message.attributes().first(NFTA_TABLE_NAME).and_then(string);
        tables.extend(name.map(|name| Table {
            family: message.family(),
            name,
        }));
    })?;
    Ok(tables)
}

/// Is `table inet fw4` there?
pub fn has_table(transport: &mut impl Transport) -> Result<bool, Error> {
    let ours = |table: &Table| table.family == NFPROTO_INET && *table.name == *TABLE_NAME;
    Ok(tables(transport)?.iter().any(ours))
}

/// Does `table inet fw4` have a flowtable `ft`?
pub fn has_flowtable(transport: &mut impl Transport) -> Result<bool, Error> {
    Ok(flowtable::existing(transport)?.is_some())
}

/// The sets of `table inet fw4`, with their types.
pub fn sets(transport: &mut impl Transport) -> Result<Vec<ExistingSet>, Error> {
    let mut sets = Vec::new();
    let mut request = Request::new(MessageType::GetSet, NFPROTO_INET);
    request.attribute(NFTA_SET_TABLE, TABLE_NAME);
    let dumped = request.dump(transport, MessageType::NewSet, &mut |message| {
        let attributes = message.attributes();
        let Some(name) = attributes.first(NFTA_SET_NAME).and_then(string) else {
            return;
        };
        let number = attributes
            .first(NFTA_SET_KEY_TYPE)
            .and_then(be32)
            .unwrap_or_default();
        let key = types_of_concatenation(number)
            .map(|number| match number {
                TYPE_IPADDR => Some(KeyType::Ipv4Addr),
                TYPE_IP6ADDR => Some(KeyType::Ipv6Addr),
                TYPE_ETHERADDR => Some(KeyType::EtherAddr),
                TYPE_INET_SERVICE => Some(KeyType::InetService),
                _ => None,
            })
            .collect();
        sets.push(ExistingSet {
            name: text::decode(name.to_bytes()),
            key,
        });
    });
    absent_is_empty(dumped)?;
    // Anonymous sets belong to their rules.
    sets.retain(|set| !set.name.starts_with("__set") && !set.name.starts_with("__map"));
    Ok(sets)
}

/// The intervals of a set with keys of so many bytes; none if there is no such set.
fn intervals(
    transport: &mut impl Transport,
    set: &CStr,
    length: usize,
) -> Result<Vec<Interval>, Error> {
    let mut bounds = Vec::new();
    elements(transport, set, &mut |element| {
        let key = element
            .first(NFTA_SET_ELEM_KEY)
            .and_then(|key| Attributes(key).first(NFTA_DATA_VALUE));
        let Some(key) = key.filter(|key| key.len() == length && key.len() <= 16) else {
            return;
        };
        let number = key
            .iter()
            .fold(0u128, |number, byte| number << 8 | u128::from(*byte));
        let flags = element
            .first(NFTA_SET_ELEM_FLAGS)
            .and_then(be32)
            .unwrap_or_default();
        let begins = flags & NFT_SET_ELEM_INTERVAL_END == 0;
        bounds.push(Interval::new(number, begins.into()));
    })?;
    Ok(from_bounds(bounds, length))
}

/// Goes through the elements of a set, if it is there.
fn elements(
    transport: &mut impl Transport,
    set: &CStr,
    visit: &mut dyn FnMut(Attributes<'_>),
) -> Result<(), Error> {
    let mut request = Request::new(MessageType::GetSetElem, NFPROTO_INET);
    request.attribute(NFTA_SET_ELEM_LIST_TABLE, TABLE_NAME);
    request.attribute(NFTA_SET_ELEM_LIST_SET, set);
    let dumped = request.dump(transport, MessageType::NewSetElem, &mut |message| {
        let list = message.attributes().first(NFTA_SET_ELEM_LIST_ELEMENTS);
        for (_, element) in
            Attributes(list.unwrap_or_default()).filter(|(kind, _)| *kind == NFTA_LIST_ELEM)
        {
            visit(Attributes(element));
        }
    });
    absent_is_empty(dumped)
}

/// Intervals from their beginnings (a key, and 1) and the keys behind them (and 0). Both are written as if they were intervals,
/// for a list of these is sorted elsewhere too.
fn from_bounds(mut bounds: Vec<Interval>, length: usize) -> Vec<Interval> {
    // At the same key an end comes before a beginning.
    bounds.sort_unstable();
    let mut intervals = Vec::new();
    let mut open: Option<u128> = None;
    for Interval { first: key, last } in bounds {
        if let Some(first) = open.take() {
            intervals.push(Interval::new(first, key.saturating_sub(1).max(first)));
        }
        open = (last == 1).then_some(key);
    }
    if let Some(first) = open {
        intervals.push(Interval::new(first, Key::highest(length)));
    }
    intervals
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_make_intervals() {
        let bounds = vec![
            (20, false),
            (0, false),
            (10, true),
            (30, true),
            (31, false),
            (40, true),
        ];
        let wanted = [(10, 19), (30, 30), (40, 0xffff_ffff)];
        let from_bounds = |bounds: Vec<(u128, bool)>, length| {
            let bounds = bounds.into_iter();
            let bounds = bounds.map(|(key, begins)| Interval::new(key, begins.into()));
            from_bounds(bounds.collect(), length)
        };
        assert_eq!(
            from_bounds(bounds, 4),
            wanted.map(|(a, b)| Interval::new(a, b))
        );
        // One interval directly behind another: with and without an end between them.
        for bounds in [
            vec![(1, true), (5, false), (5, true), (9, false)],
            vec![(1, true), (5, true), (9, false)],
        ] {
            assert_eq!(
                from_bounds(bounds, 4),
                [Interval::new(1, 4), Interval::new(5, 8)]
            );
        }
    }
}
