/*! A lowered rule on its way into a chain, and the baskets in which rules wait for theirs. */

use crate::config::ZoneId;
use crate::diagnostic::Origin;
use crate::ruleset::{Item, Limit, Match, Rule, Statement};

/// A rule without its place.
#[derive(Debug, Clone)]
pub(super) struct Lowered {
    rule: Rule,
    /// Logging becomes a rule of its own where it has a limit, and that may be the limit of the zone whose chain the rule comes to
    /// stand in.
    log: Option<Box<Log>>,
}

#[derive(Debug, Clone)]
struct Log {
    prefix: String,
    limit: Option<Limit>,
    zone: Option<ZoneId>,
}

impl Lowered {
    /// What is done in the end; `None` only counts.
    pub(super) fn new(
        matches: Vec<Match>,
        counter: bool,
        action: Option<Statement>,
        name: &str,
        origin: Origin,
    ) -> Self {
        let mut statements = Vec::with_capacity(usize::from(counter) + 1);
        if counter {
            statements.push(Statement::Counter);
        }
        if let Some(action) = action {
            statements.push(action);
        }
        Lowered {
            rule: Rule {
                matches,
                statements,
                comment: Some(["!fw4: ", name].concat()),
                origin,
            },
            log: None,
        }
    }

    /// Logs with this prefix and this limit of its own. `zone`: whose limit holds for logging in chain `forward`, which is
    /// no zone's own.
    pub(super) fn log(
        &mut self,
        prefix: Option<&str>,
        limit: Option<&Limit>,
        zone: Option<ZoneId>,
    ) {
        let prefix = prefix.filter(|prefix| !prefix.is_empty());
        self.log = prefix.map(|prefix| {
            Box::new(Log {
                prefix: prefix.to_owned(),
                limit: limit.cloned(),
                zone,
            })
        });
    }

    pub(super) fn log_zone(&self) -> Option<ZoneId> {
        self.log.as_ref()?.zone
    }

    /// Appends one rule, or two if logging is limited: one that logs, one that acts.
    pub(super) fn emit(self, zone_limit: Option<&str>, items: &mut Vec<Item>) {
        let Lowered { mut rule, log } = self;
        if let Some(log) = log {
            let statement = Statement::Log { prefix: log.prefix };
            let limit = match (log.limit, zone_limit) {
                (Some(own), _) => Some(Match::Limit(Limit { burst: None, ..own })),
                (None, zones) => zones.map(|zones| Match::LimitObject(zones.to_owned())),
            };
            match limit {
                Some(limit) => items.push(Item::Rule(Rule {
                    matches: rule.matches.iter().cloned().chain([limit]).collect(),
                    statements: vec![statement],
                    comment: None,
                    origin: rule.origin,
                })),
                None => {
                    let counts = rule.statements.first() == Some(&Statement::Counter);
                    rule.statements.insert(usize::from(counts), statement);
                }
            }
        }
        items.push(Item::Rule(rule));
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
