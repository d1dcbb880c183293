/*! The filter chains that each zone has: by direction, for helpers, and for each verdict. */

use super::base::rule;
use super::family::readable;
use super::lowered::Basket;
use super::snippets::Snippets;
use super::table::{bare_jump, regular};
use super::zone::{log_bit, policy_name};
use super::zone_match::{family_match, full_matches, zone_matches};
use super::{Flag, Lowered, Lowering, MatchRule, Slot};
use crate::config::Zone;
use crate::config::value::Policy;
use crate::diagnostic::Origin;
use crate::ruleset::{Chain, Family, Item, Match, Part, Rule, Statement, Verdict};

/// Refused packets are logged.
const LOG_REFUSED: i64 = 1;

impl Lowering<'_> {
    pub(super) fn zone_chains(&mut self, snippets: &Snippets, chains: &mut Vec<Chain>) {
        let firewall = self.firewall;
        for (i, zone) in firewall.zones.iter().enumerate() {
            chains.push(self.direction_chain(snippets, i, zone, Slot::Input));
            chains.push(self.direction_chain(snippets, i, zone, Slot::Output));
            chains.push(self.direction_chain(snippets, i, zone, Slot::Forward));
            if self.zone_has(i, Flag::Helper) {
                let mut items = Vec::new();
                self.emit_zone(i, Slot::Helper, &mut items);
                chains.push(regular(
                    format!("helper_{}", zone.name),
                    Part::Filter,
                    items,
                ));
            }
            self.verdict_chains(i, zone, chains);
        }
    }

    pub(super) fn zone_has(&self, zone: usize, flag: Flag) -> bool {
        self.zones
            .get(zone)
            .is_some_and(|zone| zone.dflags.has(flag))
    }

    /// `input_ZONE`, `output_ZONE`, `forward_ZONE`: the zone's rules, then its policy.
    fn direction_chain(
        &mut self,
        snippets: &Snippets,
        index: usize,
        zone: &Zone,
        slot: Slot,
    ) -> Chain {
        let (way, policy, redirected) = match slot {
            Slot::Input => ("input", zone.input, Some("!fw4: Accept port redirections")),
            Slot::Output => ("output", zone.output, None),
            _ => ("forward", zone.forward, Some("!fw4: Accept port forwards")),
        };
        let name = format!("{way}_{}", zone.name);
        let mut items = Vec::new();
        snippets.before(&name, &mut items);
        self.emit_zone(index, slot, &mut items);
        if let Some(comment) = redirected.filter(|_| self.zone_has(index, Flag::Dnat)) {
            let accept = Statement::Verdict(Verdict::Accept);
            items.push(rule([Match::CtStatusDnat], accept, comment, zone.origin));
        }
        snippets.after(&name, &mut items);
        let side = if slot == Slot::Input { "from" } else { "to" };
        let verdicts = format!("{}_{side}_{}", policy_name(policy), zone.name);
        items.push(bare_jump(verdicts, zone.origin));
        let forward = self.firewall.defaults.forward;
        if slot == Slot::Forward && forward != Policy::Accept && log_bit(zone, LOG_REFUSED) {
            let limit = self.limit_name(index).map(Match::LimitObject);
            let prefix = format!("{} {} forward: ", policy_name(forward), zone.name);
            items.push(Item::Rule(Rule {
                matches: limit.into_iter().collect(),
                statements: vec![Statement::Log { prefix }],
                comment: None,
                origin: zone.origin,
            }));
        }
        regular(name, Part::Filter, items)
    }

    /// `accept_from_ZONE`, `reject_to_ZONE` and so on, as far as they are needed.
    fn verdict_chains(&self, index: usize, zone: &Zone, chains: &mut Vec<Chain>) {
        let Some(compiled) = self.zones.get(index) else {
            return;
        };
        let limit = self.limit_name(index);
        for (flag, verdict) in [
            (Flag::Accept, Policy::Accept),
            (Flag::Reject, Policy::Reject),
            (Flag::Drop, Policy::Drop),
        ] {
            for (needed, egress) in [
                (compiled.sflags.has(flag), false),
                (compiled.dflags.has(flag), true),
            ] {
                if !needed {
                    continue;
                }
                let mut basket = Basket::default();
                let stops_leaks = egress && verdict == Policy::Accept && self.stops_leaks(zone);
                for rule in &compiled.match_rules {
                    if stops_leaks {
                        basket.push(drop_invalid(zone, rule, compiled.origin));
                    }
                    basket.push(verdict_rule(zone, rule, egress, verdict, compiled.origin));
                }
                let mut items = Vec::new();
                basket.pour(&|_| limit.clone(), &mut items);
                let side = if egress { "to" } else { "from" };
                let name = format!("{}_{side}_{}", policy_name(verdict), zone.name);
                chains.push(regular(name, Part::Filter, items));
            }
        }
    }

    /// Packets that conntrack cannot place are not masqueraded and would leave with inner addresses.
    fn stops_leaks(&self, zone: &Zone) -> bool {
        !self.firewall.defaults.drop_invalid
            && (zone.masq || zone.masq6)
            && !zone.masq_allow_invalid
    }
}

/// Logs before the verdict if the zone logs what it refuses.
fn verdict_rule(
    zone: &Zone,
    rule: &MatchRule,
    egress: bool,
    verdict: Policy,
    origin: Origin,
) -> Lowered {
    let (word, name) = (policy_name(verdict), &zone.name);
    let side = if egress { "out" } else { "in" };
    let action = match verdict {
        Policy::Accept => Verdict::Accept,
        Policy::Drop => Verdict::Drop,
        Policy::Reject => Verdict::Jump("handle_reject".to_owned()),
    };
    let mut lowered = Lowered::new(
        full_matches(rule, egress),
        zone.counter,
        Some(Statement::Verdict(action)),
        &format!("{word} {name} {} traffic", readable(rule.family)),
        origin,
    );
    if verdict != Policy::Accept && log_bit(zone, LOG_REFUSED) {
        lowered.log(Some(&format!("{word} {name} {side}: ")), None, None);
    }
    lowered
}

fn drop_invalid(zone: &Zone, rule: &MatchRule, origin: Origin) -> Lowered {
    let family = match (zone.masq, zone.masq6) {
        (true, false) => Some(Family::V4),
        (false, true) => Some(Family::V6),
        _ => None,
    };
    let matches = family_match(family)
        .chain(zone_matches(rule, true))
        .chain([Match::CtStateInvalid])
        .collect();
    let drop = Some(Statement::Verdict(Verdict::Drop));
    let mut lowered = Lowered::new(matches, zone.counter, drop, "Prevent NAT leakage", origin);
    if log_bit(zone, LOG_REFUSED) {
        let prefix = format!("drop {} invalid ct state: ", zone.name);
        lowered.log(Some(&prefix), None, None);
    }
    lowered
}
