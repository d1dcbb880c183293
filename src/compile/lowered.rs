/*! A lowered rule on its way into a chain, and the baskets in which rules wait for theirs. */

use crate::config::ZoneId;
use crate::diagnostic::Origin;
use crate::ruleset::{Item, Limit, Match, Rule, Statement};

/// All of a rule but its place. Logging becomes a rule of its own where it has a limit, and that may be
/// the limit of the zone whose chain it comes to stand in.
#[derive(Debug, Clone)]
pub(super) struct Lowered {
    pub(super) matches: Vec<Match>,
    /// The prefix, if it logs.
    pub(super) log: Option<String>,
    pub(super) log_limit: Option<Limit>,
    /// Whose limit holds for logging in chain `forward`, which is no zone's own.
    pub(super) log_zone: Option<ZoneId>,
    pub(super) counter: bool,
    /// What is done in the end; `None` only counts.
    pub(super) action: Option<Statement>,
    pub(super) name: String,
    pub(super) origin: Origin,
}

impl Lowered {
    /// Appends one rule, or two if logging is limited: one that logs, one that acts.
    pub(super) fn emit(self, zone_limit: Option<&str>, items: &mut Vec<Item>) {
        let Lowered {
            matches,
            log,
            log_limit,
            counter,
            action,
            name,
            origin,
            ..
        } = self;
        let log = log.filter(|prefix| !prefix.is_empty());
        let limit = match (&log, log_limit, zone_limit) {
            (None, ..) => None,
            (_, Some(own), _) => Some(Match::Limit(Limit { burst: None, ..own })),
            (_, None, Some(zones)) => Some(Match::LimitObject(zones.to_owned())),
            (_, None, None) => None,
        };
        let mut log = log.map(|prefix| Statement::Log { prefix });
        if let Some(limit) = limit {
            items.push(Item::Rule(Rule {
                matches: matches.iter().cloned().chain([limit]).collect(),
                statements: log.take().into_iter().collect(),
                comment: None,
                origin,
            }));
        }
        let counter = counter.then_some(Statement::Counter);
        items.push(Item::Rule(Rule {
            matches,
            statements: [counter, log, action].into_iter().flatten().collect(),
            comment: Some(["!fw4: ", &name].concat()),
            origin,
        }));
    }
}

/// A chain that each zone has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    Input,
    Output,
    Forward,
    Helper,
    Notrack,
    Dstnat,
    Srcnat,
}

/// A base chain that takes rules of the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Base {
    Input,
    Forward,
    Output,
    Srcnat,
    ManglePrerouting,
    ManglePostrouting,
    MangleInput,
    MangleOutput,
    MangleForward,
    /// No base chain, but forward jumps there with all that may be offloaded.
    Offload,
}

/// Rules by the chain they go into, in the order in which they were made.
#[derive(Debug, Default)]
pub(super) struct Baskets {
    base: [Vec<Lowered>; 10],
    zones: Vec<[Vec<Lowered>; 7]>,
}

impl Baskets {
    pub(super) fn for_zones(count: usize) -> Self {
        let mut baskets = Baskets::default();
        baskets.zones.resize_with(count, Default::default);
        baskets
    }

    pub(super) fn base(&mut self, base: Base) -> &mut Vec<Lowered> {
        &mut self.base[base as usize]
    }

    pub(super) fn zone(&mut self, zone: ZoneId, slot: Slot) -> Option<&mut Vec<Lowered>> {
        self.zones
            .get_mut(zone.0)
            .map(|slots| &mut slots[slot as usize])
    }
}
