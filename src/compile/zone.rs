/*! `config zone`: which packets belong to a zone, and its part of every chain's name. */

use super::conditions::{Conditions, l4};
use super::devices::{self, MatchDevice, NO_NAME};
use super::family::single;
use super::flags::{Flag, Flags};
use super::subnet::{self, ByFamily, SubnetGroup};
use super::{Lowered, Lowering, Slot};
use crate::config::value::{Inv, Number, Policy, Proto, Subnet};
use crate::config::{Helper, Zone, ZoneId};
use crate::diagnostic::Origin;
use crate::router::Router;
use crate::ruleset::{Family, L4, MaskedAddr, Network, Statement};

/// A zone with all that fw4 keeps of it in its state file, and that the verbs `network`, `device` and
/// `zone` ask for.
#[derive(Debug, Clone, PartialEq)]
pub struct CompiledZone {
    pub zone: ZoneId,
    pub name: String,
    pub origin: Origin,
    /// As in [`Zone::family`].
    pub family: Option<Family>,
    /// One rule each in every chain that sorts packets by zone.
    pub match_rules: Vec<MatchRule>,
    /// The names of its networks, negated ones included.
    pub networks: Vec<String>,
    /// All devices that are not negated, as nft spells them.
    pub match_devices: Vec<String>,
    /// `*` is among its devices. fw4 counts it as a device and prints no name for it, which nft refuses.
    pub has_nameless_device: bool,
    /// The subnets of its networks and its own, without those that are negated or have odd masks.
    pub match_subnets: Vec<Network>,
    /// The subnets of its networks and its own.
    pub related_subnets: Vec<RelatedSubnet>,
    /// netifd's `device` of its networks.
    pub related_physdevs: Vec<String>,
    /// `masq_src` and `masq_dest`, for IPv4 and for IPv6; at least one group each.
    pub masq_src: [Vec<SubnetGroup>; 2],
    pub masq_dest: [Vec<SubnetGroup>; 2],
    /// Verdicts on packets that come from the zone.
    pub sflags: Flags,
    /// Verdicts on packets that go to the zone, and other chains it needs.
    pub dflags: Flags,
}

/// One way to tell that a packet comes from a zone or goes there. Empty lists ask for nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MatchRule {
    pub family: Option<Family>,
    pub devices_pos: Vec<String>,
    pub devices_neg: Vec<String>,
    /// Each by itself: nft takes no wildcards in a set of this kind.
    pub devices_neg_wildcard: Vec<String>,
    pub subnets_pos: Vec<Network>,
    pub subnets_neg: Vec<Network>,
    pub subnets_masked: Vec<MaskedAddr>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct RelatedSubnet {
    pub subnet: Subnet,
    pub invert: bool,
}

impl CompiledZone {
    pub(super) fn new(
        id: usize,
        zone: &Zone,
        router: &Router,
        mut refuse: impl FnMut(&str),
    ) -> Self {
        let mut match_devices = Vec::new();
        let mut related_physdevs = Vec::new();
        let mut related_subnets = Vec::new();
        for wanted in &zone.network {
            let name = wanted.name.as_deref().unwrap_or(NO_NAME);
            let Some(network) = router.networks.iter().rfind(|n| n.name == name) else {
                continue;
            };
            if let Some(device) = network.device.as_ref().filter(|d| !d.is_empty()) {
                match_devices.push(MatchDevice {
                    invert: wanted.invert,
                    name: Some(device.clone()),
                });
            }
            if let Some(device) = network.physdev.as_ref().filter(|d| !d.is_empty())
                && !wanted.invert
            {
                related_physdevs.push(device.clone());
            }
            related_subnets.extend(network.addresses.iter().map(|address| RelatedSubnet {
                subnet: Subnet::from(address),
                invert: false,
            }));
        }
        match_devices.extend(zone.device.iter().map(|d| MatchDevice {
            invert: d.invert,
            name: d.name.clone(),
        }));

        let subnets = ByFamily::of(&zone.subnet);
        let own = subnets.v4.iter().chain(&subnets.v6);
        related_subnets.extend(own.map(|item| RelatedSubnet {
            subnet: item.subnet.clone(),
            invert: item.invert,
        }));

        let family = single(zone.family);
        let groups = devices::group(&mut match_devices, &mut refuse);
        let match_rules = if match_devices.is_empty() && subnets.is_empty() {
            Vec::new()
        } else {
            match_rules(family, &groups, &subnets)
        };

        let mut sflags = Flags::default();
        sflags.set(policy_flag(zone.input));
        let mut dflags = Flags::default();
        dflags.set(policy_flag(zone.output));
        dflags.set(policy_flag(zone.forward));
        if zone.masq || zone.masq6 {
            dflags.set(Flag::Snat);
        }

        let masq_src = ByFamily::of(&zone.masq_src);
        let masq_dest = ByFamily::of(&zone.masq_dest);
        let matched = || match_devices.iter().filter(|d| !d.invert);
        let shown = related_subnets.iter().filter(|related| !related.invert);
        CompiledZone {
            zone: ZoneId(id),
            name: zone.name.clone(),
            origin: zone.origin,
            family,
            match_rules,
            networks: zone.network.iter().filter_map(|n| n.name.clone()).collect(),
            has_nameless_device: matched().any(|d| d.name.is_none()),
            match_devices: matched().filter_map(|d| d.name.clone()).collect(),
            match_subnets: shown.filter_map(|s| subnet::network(&s.subnet)).collect(),
            related_subnets,
            related_physdevs,
            masq_src: groups_of(&masq_src),
            masq_dest: groups_of(&masq_dest),
            sflags,
            dflags,
        }
    }
}

/// For IPv4 and for IPv6.
fn groups_of(subnets: &ByFamily<'_>) -> [Vec<SubnetGroup>; 2] {
    [&subnets.v4, &subnets.v6].map(|items| subnet::group(items).into_owned())
}

/// Rules for both families where nothing says which, else for each family there is.
fn match_rules(
    family: Option<Family>,
    groups: &[devices::DeviceGroup],
    subnets: &ByFamily<'_>,
) -> Vec<MatchRule> {
    let mut rules = Vec::new();
    for devices in groups {
        let rule = MatchRule {
            devices_pos: devices.pos.clone(),
            devices_neg: devices.neg.clone(),
            devices_neg_wildcard: devices.neg_wildcard.clone(),
            ..MatchRule::default()
        };
        if family.is_none() && subnets.is_empty() {
            rules.push(rule);
            continue;
        }
        for one in [Family::V4, Family::V6] {
            if family.is_some_and(|family| family != one) {
                continue;
            }
            rules.extend(
                subnet::group(subnets.get(one))
                    .into_owned()
                    .into_iter()
                    .map(|group| MatchRule {
                        family: Some(one),
                        subnets_pos: group.pos,
                        subnets_neg: group.neg,
                        subnets_masked: group.masked,
                        ..rule.clone()
                    }),
            );
        }
    }
    rules
}

impl Lowering<'_> {
    pub(super) fn zones(&mut self) {
        let router = self.router;
        for (id, zone) in self.firewall.zones.iter().enumerate() {
            let mut refused = Vec::new();
            let compiled =
                CompiledZone::new(id, zone, router, |name| refused.push(name.to_owned()));
            for name in refused {
                let message = format!("skipping invalid wildcard pattern '{name}'");
                self.warn_option(zone.origin, "device", &name, message);
            }
            self.zones.push(compiled);
            self.zone_helpers(ZoneId(id), zone);
        }
    }

    /// Conntrack helpers are assigned in a chain of each zone: those it names, or all there are.
    fn zone_helpers(&mut self, id: ZoneId, zone: &Zone) {
        let automatic = zone.auto_helper && !(zone.masq || zone.masq6);
        if !automatic && zone.helper.is_empty() {
            return;
        }
        self.dflag(id, Flag::Helper);
        let firewall = self.firewall;
        let chosen: Vec<&Helper> = if zone.helper.is_empty() {
            firewall.helpers.iter().collect()
        } else {
            zone.helper
                .iter()
                .filter_map(|h| firewall.helpers.get(h.0))
                .collect()
        };
        for helper in chosen.into_iter().filter(|helper| helper.available) {
            if let Some(rule) = helper_rule(helper, zone.origin) {
                self.push(id, Slot::Helper, rule);
            }
        }
    }
}

fn helper_rule(helper: &Helper, origin: Origin) -> Option<Lowered> {
    let proto = helper.proto.as_ref()?;
    let family = single(helper.family);
    let port = helper.port.map(|value| Inv {
        invert: false,
        value,
    });
    let l4 = match (proto, family) {
        (Proto::Icmp, None) => vec![L4::Icmp, L4::IcmpV6],
        _ => l4(proto, family).into_iter().collect(),
    };
    let conditions = Conditions {
        family,
        l4,
        port_proto: Some(helper_proto(proto)),
        dst_port: port.as_slice(),
        ..Conditions::default()
    };
    let named = helper.description.as_ref().filter(|text| !text.is_empty());
    let action = Statement::SetHelper(helper.name.clone());
    let name = named.unwrap_or(&helper.name);
    Some(Lowered::new(
        conditions.matches(),
        false,
        Some(action),
        name,
        origin,
    ))
}

/// The protocol of a helper. fw4 lets "any" pass and prints no name for it, which nft refuses.
pub(super) fn helper_proto(proto: &Proto) -> L4 {
    l4(proto, None).unwrap_or(L4::Other(String::new()))
}

pub(super) fn policy_flag(policy: Policy) -> Flag {
    match policy {
        Policy::Accept => Flag::Accept,
        Policy::Reject => Flag::Reject,
        Policy::Drop => Flag::Drop,
    }
}

pub(super) fn policy_name(policy: Policy) -> &'static str {
    match policy {
        Policy::Accept => "accept",
        Policy::Reject => "reject",
        Policy::Drop => "drop",
    }
}

/// A bit of `option log`, as ucode's `log & bit` finds it.
pub(super) fn log_bit(zone: &Zone, bit: i64) -> bool {
    match zone.log {
        None => false,
        Some(Number::Int(n)) => n & i128::from(bit) != 0,
        Some(Number::Double(d)) => d as i64 & bit != 0,
    }
}

/// Any `option log` but 0.
pub(super) fn logs(zone: &Zone) -> bool {
    zone.log.is_some_and(|log| log.as_f64() != 0.0)
}

#[cfg(test)]
mod tests {
    use super::super::testing::compiled;

    fn zone(options: &str) -> crate::compile::Compiled {
        compiled(&format!(
            "config zone\n\toption name dmz\n\toption masq 1\n{options}"
        ))
    }

    fn jumps(rules: &crate::compile::Compiled) -> Vec<String> {
        let lines = rules.chain("input");
        let jumps = lines
            .iter()
            .filter_map(|line| line.split_once(" jump input_dmz "));
        jumps.map(|(matches, _)| matches.to_owned()).collect()
    }

    #[test]
    fn a_wildcard_needs_a_rule_of_its_own_and_negations_go_with_each() {
        let rules = zone("\tlist device eth0\n\tlist device 'wg+'\n\tlist device '!eth9'\n");
        assert_eq!(
            jumps(&rules),
            [
                "iifname \"wg*\" iifname != \"eth9\"",
                "iifname \"eth0\" iifname != \"eth9\"",
            ]
        );
    }

    #[test]
    fn subnets_of_both_families_make_a_rule_for_each() {
        let rules = zone(
            "\tlist subnet 10.0.0.0/8\n\tlist subnet '!10.9.0.0/16'\n\tlist subnet fd09::/16\n",
        );
        assert_eq!(
            jumps(&rules),
            [
                "meta nfproto ipv4 ip saddr 10.0.0.0/8 ip saddr != 10.9.0.0/16",
                "meta nfproto ipv6 ip6 saddr fd09::/16",
            ]
        );
        let shown: Vec<String> = rules.zones[2]
            .match_subnets
            .iter()
            .map(|net| format!("{:?}", net.addr))
            .collect();
        assert_eq!(shown, ["10.0.0.0", "fd09::"]);
    }

    #[test]
    fn an_address_of_netifd_is_the_zones_but_decides_nothing() {
        let rules = compiled("");
        let lan = &rules.zones[0];
        assert_eq!(lan.match_rules.len(), 1);
        assert!(lan.match_rules[0].subnets_pos.is_empty());
        assert_eq!(lan.match_subnets.len(), 2);
        assert_eq!(rules.zones[1].related_physdevs, ["eth1"]);
    }

    #[test]
    fn a_bad_wildcard_is_told_and_left_out() {
        let rules = zone("\tlist device 'a+b'\n");
        let warning = "[!] Section @zone[2] (dmz) skipping invalid wildcard pattern 'a+b'";
        assert_eq!(rules.warnings(), [warning]);
    }

    #[test]
    fn zones_of_one_name_share_their_rules() {
        let rule = "config rule\n\toption name r\n\toption src dmz\n\toption proto all\n\
            \toption target DROP\n";
        let text = "\toption device eth0\nconfig zone\n\toption name dmz\n\toption device eth1\n";
        let rules = zone(&format!("{text}{rule}"));
        let twice = rules
            .ruleset
            .chains
            .iter()
            .filter(|chain| chain.name == "input_dmz");
        let counts: Vec<usize> = twice.map(|chain| chain.rules().count()).collect();
        assert_eq!(counts, [2, 2]);
    }

    #[test]
    fn masquerading_zones_let_no_packet_out_that_conntrack_cannot_place() {
        let rules = zone("\toption device eth0\n\toption output ACCEPT\n");
        assert_eq!(
            rules.chain("accept_to_dmz")[0],
            "meta nfproto ipv4 oifname \"eth0\" ct state invalid counter drop \
             comment \"!fw4: Prevent NAT leakage\""
        );
        let rules =
            zone("\toption device eth0\n\toption output ACCEPT\n\toption masq_allow_invalid 1\n");
        assert_eq!(rules.chain("accept_to_dmz").len(), 1);
    }
}
