/*! The mangle chains: marks, DSCP, and the clamping of TCP's segment size. */

use super::family::readable;
use super::snippets::Snippets;
use super::table::base;
use super::zone::log_bit;
use super::zone_match::full_matches;
use super::{Base, Lowering};
use crate::config::value::Policy;
use crate::ruleset::{Chain, ChainType, Hook, Item, Match, Priority, Rule, Statement};

/// MSS clamping is logged.
const LOG_CLAMPING: i64 = 2;

impl Lowering<'_> {
    pub(super) fn mangle_chains(&mut self, snippets: &Snippets, chains: &mut Vec<Chain>) {
        use ChainType::{Filter, Route};
        for (name, kind, hook, basket, clamped) in [
            (
                "mangle_prerouting",
                Filter,
                Hook::Prerouting,
                Base::ManglePrerouting,
                None,
            ),
            (
                "mangle_postrouting",
                Filter,
                Hook::Postrouting,
                Base::ManglePostrouting,
                Some(true),
            ),
            ("mangle_input", Filter, Hook::Input, Base::MangleInput, None),
            (
                "mangle_output",
                Route,
                Hook::Output,
                Base::MangleOutput,
                None,
            ),
            (
                "mangle_forward",
                Filter,
                Hook::Forward,
                Base::MangleForward,
                Some(false),
            ),
        ] {
            let mut items = Vec::new();
            snippets.before(name, &mut items);
            self.emit_base(basket, &mut items);
            if let Some(egress) = clamped {
                self.clamp_mss(egress, &mut items);
            }
            snippets.after(name, &mut items);
            chains.push(base(
                name,
                (kind, hook, Priority::Mangle),
                Policy::Accept,
                items,
            ));
        }
    }

    /// `option mtu_fix`
    fn clamp_mss(&self, egress: bool, items: &mut Vec<Item>) {
        let zones = self.firewall.zones.iter().zip(&self.zones);
        for (zone, compiled) in zones.filter(|(zone, _)| zone.mtu_fix) {
            let name = &compiled.name;
            let side = if egress { "egress" } else { "ingress" };
            for rule in &compiled.match_rules {
                let mut matches = full_matches(rule, egress);
                matches.push(Match::TcpSynOfHandshake);
                let mut statements = vec![Statement::ClampMss];
                if log_bit(zone, LOG_CLAMPING) {
                    statements.push(Statement::Log {
                        prefix: format!("MSSFIX {name} out: "),
                    });
                }
                let words = readable(rule.family);
                items.push(Item::Rule(Rule {
                    matches,
                    statements,
                    comment: Some(format!("!fw4: Zone {name} {words} {side} MTU fixing")),
                    origin: compiled.origin,
                }));
            }
        }
    }
}
