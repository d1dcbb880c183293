/*! The raw chains: packets that conntrack leaves alone. */

use super::snippets::Snippets;
use super::table::{base, regular};
use super::zone_match::{Way, jump, split_loopback};
use super::{Flag, Lowering, Slot};
use crate::config::value::Policy;
use crate::ruleset::{Chain, ChainType, Hook, Item, Part, Priority};

impl Lowering<'_> {
    pub(super) fn raw_chains(&mut self, snippets: &Snippets, chains: &mut Vec<Chain>) {
        // fw4 includes nothing at the head of raw_prerouting.
        let mut items = Vec::new();
        self.notrack_jumps(false, &mut items);
        snippets.after("raw_prerouting", &mut items);
        let hook = (ChainType::Filter, Hook::Prerouting, Priority::Raw);
        chains.push(base("raw_prerouting", hook, Policy::Accept, items));

        let mut items = Vec::new();
        snippets.before("raw_output", &mut items);
        self.notrack_jumps(true, &mut items);
        snippets.after("raw_output", &mut items);
        let hook = (ChainType::Filter, Hook::Output, Priority::Raw);
        chains.push(base("raw_output", hook, Policy::Accept, items));

        let firewall = self.firewall;
        for (i, zone) in firewall.zones.iter().enumerate() {
            if self.zone_has(i, Flag::Notrack) {
                let mut items = Vec::new();
                self.emit_zone(i, Slot::Notrack, &mut items);
                chains.push(regular(format!("notrack_{}", zone.name), Part::Raw, items));
            }
        }
    }

    /// The router's own packets leave through chain output, all others come in through prerouting.
    fn notrack_jumps(&self, own: bool, items: &mut Vec<Item>) {
        for zone in self
            .zones
            .iter()
            .filter(|zone| zone.dflags.has(Flag::Notrack))
        {
            for rule in &zone.match_rules {
                let part = split_loopback(rule, self.router, own);
                items.extend(part.map(|part| jump(zone, &part, Way::Notrack)));
            }
        }
    }
}
