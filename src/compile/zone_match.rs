/*! Telling a zone's packets: the matches, and the jumps into its chains. */

use super::CompiledZone;
use super::devices::distinct;
use super::family::readable;
use super::zone::MatchRule;
use crate::router::Router;
use crate::ruleset::{Dir, Family, Item, Match, Network, Prefix, Rule, Statement, Verdict};

/// The chains packets are sorted into by zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Input,
    Forward,
    Output,
    Helper,
    Dstnat,
    Srcnat,
    Notrack,
}

impl Way {
    pub(super) fn name(self) -> &'static str {
        match self {
            Way::Input => "input",
            Way::Forward => "forward",
            Way::Output => "output",
            Way::Helper => "helper",
            Way::Dstnat => "dstnat",
            Way::Srcnat => "srcnat",
            Way::Notrack => "notrack",
        }
    }

    /// Does the packet go to the zone, and not come from it?
    fn egress(self) -> bool {
        matches!(self, Way::Output | Way::Srcnat)
    }
}

/// Only a rule's family, where it has one.
pub(super) fn family_match(family: Option<Family>) -> impl Iterator<Item = Match> {
    family.map(Match::NfProto).into_iter()
}

/// Devices and subnets of a zone, as the packet's destination (`egress`) or source.
pub(super) fn zone_matches(rule: &MatchRule, egress: bool) -> Vec<Match> {
    let dir = if egress { Dir::Dst } else { Dir::Src };
    let mut out = Vec::new();
    if !rule.devices_pos.is_empty() {
        out.push(Match::IfName {
            dir,
            names: distinct(&rule.devices_pos),
            invert: false,
        });
    }
    if !rule.devices_neg.is_empty() {
        out.push(Match::IfName {
            dir,
            names: distinct(&rule.devices_neg),
            invert: true,
        });
    }
    for name in &rule.devices_neg_wildcard {
        out.push(Match::IfName {
            dir,
            names: vec![name.clone()],
            invert: true,
        });
    }
    let Some(family) = rule.family else {
        return out;
    };
    if !rule.subnets_pos.is_empty() {
        out.push(Match::Addr {
            family,
            dir,
            addrs: rule.subnets_pos.clone(),
            invert: false,
        });
    }
    if !rule.subnets_neg.is_empty() {
        out.push(Match::Addr {
            family,
            dir,
            addrs: rule.subnets_neg.clone(),
            invert: true,
        });
    }
    for addr in &rule.subnets_masked {
        out.push(Match::AddrMasked {
            family,
            dir,
            addr: addr.clone(),
        });
    }
    out
}

/// Family, devices and subnets.
pub(super) fn full_matches(rule: &MatchRule, egress: bool) -> Vec<Match> {
    family_match(rule.family)
        .chain(zone_matches(rule, egress))
        .collect()
}

pub(super) fn jump(zone: &CompiledZone, rule: &MatchRule, way: Way) -> Item {
    let what = if way == Way::Helper {
        "assignment"
    } else {
        "traffic"
    };
    let (name, way_name) = (&zone.name, way.name());
    Item::Rule(Rule {
        matches: full_matches(rule, way.egress()),
        statements: vec![Statement::Verdict(Verdict::Jump(format!(
            "{way_name}_{name}"
        )))],
        comment: Some(format!(
            "!fw4: Handle {name} {} {way_name} {what}",
            readable(rule.family)
        )),
        origin: zone.origin,
    })
}

/// What of the rule concerns the router's own traffic (over the loopback device) or all other; `None` if
/// there is no such part.
pub(super) fn split_loopback(rule: &MatchRule, router: &Router, own: bool) -> Option<MatchRule> {
    let mut part = rule.clone();
    part.devices_pos
        .retain(|device| router.is_loopback(device) == own);
    part.subnets_pos.retain(|subnet| is_loopback(subnet) == own);
    let named = !part.devices_pos.is_empty() || !part.subnets_pos.is_empty();
    let all_but = !part.devices_neg.is_empty() || !part.subnets_neg.is_empty();
    (named || (all_but && !own)).then_some(part)
}

/// As fw4 tells by the text of an address: `127.` in front, or `::1`.
fn is_loopback(subnet: &Network) -> bool {
    match (subnet.addr, &subnet.prefix) {
        (std::net::IpAddr::V4(addr), _) => addr.octets()[0] == 127,
        (std::net::IpAddr::V6(addr), Prefix::Bits(128)) => addr.is_loopback(),
        _ => false,
    }
}
