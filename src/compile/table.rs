/*! The whole table, in the order in which fw4 prints it. */

use super::devices::distinct;
use super::lowered::Basket;
use super::snippets::Snippets;
use super::zone::{helper_proto, policy_name};
use super::{Base, Lowering, Offload, Slot};
use crate::config::ZoneId;
use crate::diagnostic::Origin;
use crate::ruleset::{
    BaseChain, Chain, ChainType, CtHelper, Define, HANDOVER, Hook, Item, Limit, LimitObject, Match,
    Part, Policy, Priority, Rule, Ruleset, Statement, Verdict,
};

/// What every fw4 ruleset includes at its head.
const USER_INCLUDES: &str = "/etc/nftables.d/*.nft";

impl Lowering<'_> {
    pub(super) fn table(&mut self, offload: &Offload, delete_flowtable: bool) -> Ruleset {
        let firewall = self.firewall;
        let mut snippets = Snippets::of(&firewall.includes);
        let helpers = firewall.helpers.iter().filter(|helper| helper.available);
        let helpers = helpers.filter_map(|helper| {
            let proto = helper_proto(helper.proto.as_ref()?);
            let (name, proto) = (helper.name.clone(), proto.name().to_owned());
            Some(CtHelper {
                name,
                proto,
                origin: helper.origin,
            })
        });
        let defines = self.zones.iter().map(|zone| Define {
            zone: zone.name.clone(),
            devices: distinct(&zone.match_devices),
            subnets: zone.match_subnets.clone(),
            origin: zone.origin,
        });
        let limits = firewall.zones.iter().filter_map(|zone| {
            let limit = zone.log_limit.as_ref()?;
            Some(LimitObject {
                name: format!("{}.log_limit", zone.name),
                comment: format!("{} log limit", zone.name),
                limit: Limit {
                    burst: None,
                    ..limit.clone()
                },
                origin: zone.origin,
            })
        });
        let mut ruleset = Ruleset {
            delete_flowtable,
            flowtable: offload.flowtable(),
            software: offload.software.clone(),
            helpers: helpers.collect(),
            defines: defines.collect(),
            limits: limits.collect(),
            user_includes: USER_INCLUDES.to_owned(),
            ruleset_pre: std::mem::take(&mut snippets.ruleset_pre),
            table_pre: std::mem::take(&mut snippets.table_pre),
            table_post: std::mem::take(&mut snippets.table_post),
            ruleset_post: std::mem::take(&mut snippets.ruleset_post),
            ..Ruleset::default()
        };
        ruleset.sets = self.sets();
        let chains = &mut ruleset.chains;
        self.base_chains(&snippets, ruleset.flowtable.is_some(), chains);
        self.zone_chains(&snippets, chains);
        self.nat_chains(&snippets, chains);
        self.raw_chains(&snippets, chains);
        self.mangle_chains(&snippets, chains);
        if self.second_table {
            overlook_handover(chains);
        }
        ruleset
    }

    /// Where the rules come from that every firewall has.
    pub(super) fn defaults_origin(&self) -> Origin {
        self.firewall.defaults.origin.unwrap_or(Origin::RENDER)
    }

    /// The rules that wait for a base chain.
    pub(super) fn take_base(&mut self, base: Base) -> Basket {
        std::mem::take(self.baskets.base(base))
    }

    /// Appends them.
    pub(super) fn emit_base(&mut self, base: Base, items: &mut Vec<Item>) {
        self.take_base(base).pour(&|_| None, items);
    }

    /// Appends the rules that wait for a chain of the zone. Zones of one name share their rules, so only
    /// the last of them may have the originals.
    pub(super) fn emit_zone(&mut self, index: usize, slot: Slot, items: &mut Vec<Item>) {
        let first = self.namesakes.get(index).copied().unwrap_or(ZoneId(index));
        let again = self
            .namesakes
            .iter()
            .skip(index + 1)
            .any(|other| *other == first);
        let limit = self.limit_name(index);
        let Some(basket) = self.baskets.zone(first, slot) else {
            return;
        };
        let basket = if again {
            basket.clone()
        } else {
            std::mem::take(basket)
        };
        basket.pour(&|_| limit.clone(), items);
    }

    /// The name of a zone's log limit, if it has one.
    pub(super) fn limit_name(&self, zone: usize) -> Option<String> {
        let zone = self.firewall.zones.get(zone)?;
        zone.log_limit
            .as_ref()
            .map(|_| format!("{}.log_limit", zone.name))
    }
}

/// From `flow_offload` on a packet may carry that bit: rules that ask for a mark without it mean the rest of the mark.
fn overlook_handover(chains: &mut [Chain]) {
    let chains = chains.iter_mut().filter(|one| one.part == Part::Filter);
    for item in chains.flat_map(|chain| &mut chain.items) {
        let Item::Rule(rule) = item else { continue };
        for one in &mut rule.matches {
            if let Match::Mark { mark, mask, .. } = one
                && *mark & HANDOVER == 0
            {
                *mask &= !HANDOVER;
            }
        }
    }
}

pub(super) fn regular(name: String, part: Part, items: Vec<Item>) -> Chain {
    Chain {
        name,
        base: None,
        items,
        part,
    }
}

pub(super) fn base(
    name: &str,
    (kind, hook, priority): (ChainType, Hook, Priority),
    policy: crate::config::value::Policy,
    items: Vec<Item>,
) -> Chain {
    let part = match priority {
        Priority::Filter | Priority::AfterFilter => Part::Filter,
        Priority::Dstnat | Priority::Srcnat => Part::Nat,
        Priority::Raw => Part::Raw,
        Priority::Mangle => Part::Mangle,
    };
    // Chains cannot reject by policy: their last rule does.
    let policy = match policy_name(policy) {
        "accept" => Policy::Accept,
        _ => Policy::Drop,
    };
    let base = Some(BaseChain {
        kind,
        hook,
        priority,
        policy,
    });
    Chain {
        name: name.to_owned(),
        base,
        items,
        part,
    }
}

/// `jump CHAIN`, without a word of comment.
pub(super) fn bare_jump(chain: String, origin: Origin) -> Item {
    Item::Rule(Rule {
        matches: Vec::new(),
        statements: vec![Statement::Verdict(Verdict::Jump(chain))],
        comment: None,
        origin,
    })
}
