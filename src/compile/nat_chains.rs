/*! The NAT chains: port forwards before routing, source NAT and masquerading after. */

use super::conditions::push_addrs;
use super::family::readable;
use super::snippets::Snippets;
use super::table::{base, regular};
use super::zone_match::{Way, jump};
use super::{Base, CompiledZone, Flag, Lowering, Slot};
use crate::config::Zone;
use crate::config::value::Policy;
use crate::ruleset::{
    Chain, ChainType, Dir, Family, Hook, Item, Match, Part, Priority, Rule, Statement,
};

impl Lowering<'_> {
    pub(super) fn nat_chains(&mut self, snippets: &Snippets, chains: &mut Vec<Chain>) {
        let mut items = Vec::new();
        snippets.before("dstnat", &mut items);
        self.flagged_jumps(Flag::Dnat, Way::Dstnat, &mut items);
        snippets.after("dstnat", &mut items);
        let hook = (ChainType::Nat, Hook::Prerouting, Priority::Dstnat);
        chains.push(base("dstnat", hook, Policy::Accept, items));

        let mut items = Vec::new();
        snippets.before("srcnat", &mut items);
        self.emit_base(Base::Srcnat, &mut items);
        self.flagged_jumps(Flag::Snat, Way::Srcnat, &mut items);
        snippets.after("srcnat", &mut items);
        let hook = (ChainType::Nat, Hook::Postrouting, Priority::Srcnat);
        chains.push(base("srcnat", hook, Policy::Accept, items));

        let firewall = self.firewall;
        for (i, zone) in firewall.zones.iter().enumerate() {
            if self.zone_has(i, Flag::Dnat) {
                let name = format!("dstnat_{}", zone.name);
                let mut items = Vec::new();
                snippets.before(&name, &mut items);
                self.emit_zone(i, Slot::Dstnat, &mut items);
                snippets.after(&name, &mut items);
                chains.push(regular(name, Part::Nat, items));
            }
            if self.zone_has(i, Flag::Snat) {
                let name = format!("srcnat_{}", zone.name);
                let mut items = Vec::new();
                snippets.before(&name, &mut items);
                self.emit_zone(i, Slot::Srcnat, &mut items);
                if let Some(compiled) = self.zones.get(i) {
                    masquerade(zone, compiled, &mut items);
                }
                snippets.after(&name, &mut items);
                chains.push(regular(name, Part::Nat, items));
            }
        }
    }

    /// Jumps into the chains of all zones that have them.
    pub(super) fn flagged_jumps(&self, flag: Flag, way: Way, items: &mut Vec<Item>) {
        for zone in self.zones.iter().filter(|zone| zone.dflags.has(flag)) {
            items.extend(zone.match_rules.iter().map(|rule| jump(zone, rule, way)));
        }
    }
}

/// What leaves the zone gets the router's own address, in the families asked for.
fn masquerade(zone: &Zone, compiled: &CompiledZone, items: &mut Vec<Item>) {
    let wanted = [(zone.masq, Family::V4), (zone.masq6, Family::V6)];
    let groups = compiled.masq_src.iter().zip(&compiled.masq_dest);
    for ((wanted, family), (sources, destinations)) in wanted.into_iter().zip(groups) {
        if !wanted {
            continue;
        }
        for src in sources {
            for dst in destinations {
                let mut matches = vec![Match::NfProto(family)];
                push_addrs(&mut matches, family, Dir::Src, src);
                push_addrs(&mut matches, family, Dir::Dst, dst);
                let words = readable(Some(family));
                items.push(Item::Rule(Rule {
                    matches,
                    statements: vec![Statement::Masquerade],
                    comment: Some(format!(
                        "!fw4: Masquerade {words} {} traffic",
                        compiled.name
                    )),
                    origin: compiled.origin,
                }));
            }
        }
    }
}
