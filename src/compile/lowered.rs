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
}

impl Log {
    /// Makes `rule` log; what is returned comes before it: with a limit one rule logs and another acts.
    fn join(self, rule: &mut Rule, zone_limit: Option<String>) -> Option<Item> {
        let statement = Statement::Log {
            prefix: self.prefix,
        };
        let limit = match self.limit {
            Some(own) => Some(Match::Limit(Limit { burst: None, ..own })),
            None => zone_limit.map(Match::LimitObject),
        };
        let Some(limit) = limit else {
            let counts = matches!(rule.statements.first(), Some(Statement::Counter));
            rule.statements.insert(usize::from(counts), statement);
            return None;
        };
        let mut matches = rule.matches.clone();
        matches.push(limit);
        Some(Item::Rule(Rule {
            matches,
            statements: vec![statement],
            comment: None,
            origin: rule.origin,
        }))
    }
}

/// Rules that wait for a chain, in the order in which they were made.
#[derive(Debug, Clone, Default)]
pub(super) struct Basket {
    rules: Vec<Item>,
    /// Of those that log, by their places in the list.
    logs: Vec<(usize, Box<Log>)>,
}

impl Basket {
    pub(super) fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    pub(super) fn push(&mut self, Lowered { rule, log }: Lowered) {
        self.logs.extend(log.map(|log| (self.rules.len(), log)));
        self.rules.push(Item::Rule(rule));
    }

    /// Appends the rules. `zone_limit` names the limit for logging that holds there, if one does; see [`Lowered::log`].
    pub(super) fn pour(
        self,
        zone_limit: &dyn Fn(Option<ZoneId>) -> Option<String>,
        items: &mut Vec<Item>,
    ) {
        if items.is_empty() && self.logs.is_empty() {
            *items = self.rules;
            return;
        }
        let mut logs = self.logs.into_iter().peekable();
        items.reserve(self.rules.len());
        for (place, mut item) in self.rules.into_iter().enumerate() {
            if let Some((_, log)) = logs.next_if(|(of, _)| *of == place)
                && let Item::Rule(rule) = &mut item
            {
                let limit = zone_limit(log.zone);
                items.extend(log.join(rule, limit));
            }
            items.push(item);
        }
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

/// Rules by the chain they go into.
#[derive(Debug, Default)]
pub(super) struct Baskets {
    base: [Basket; 10],
    zones: Vec<[Basket; 7]>,
}

impl Baskets {
    pub(super) fn for_zones(count: usize) -> Self {
        let mut baskets = Baskets::default();
        baskets.zones.resize_with(count, Default::default);
        baskets
    }

    pub(super) fn base(&mut self, base: Base) -> &mut Basket {
        &mut self.base[base as usize]
    }

    pub(super) fn zone(&mut self, zone: ZoneId, slot: Slot) -> Option<&mut Basket> {
        self.zones
            .get_mut(zone.0)
            .map(|slots| &mut slots[slot as usize])
    }
}
