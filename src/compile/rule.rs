/*! `config rule`: one nft rule for each protocol, family and kind of address that it takes. */

use super::conditions::{Conditions, Icmp, l4, port_proto};
use super::family::single;
use super::flags::Flag;
use super::subnet::{self, ByFamily, SubnetGroup};
use super::zone::logs;
use super::{Base, Lowered, Lowering, NO_NAME, Slot};
use crate::config::value::{Family as Configured, IcmpType, Proto, ZoneRef};
use crate::config::{Action, Rule, ZoneId};
use crate::ruleset::{Family, IcmpKind, L4, NatRange, Statement, Verdict};

/// Where a rule goes, and what it does there.
struct Place<'a> {
    chain: Chain,
    action: Option<Statement>,
    iif: Option<&'a [String]>,
    oif: Option<&'a [String]>,
}

enum Chain {
    Base(Base),
    Zone(ZoneId, Slot),
}

/// What one nft rule of a `config rule` matches that another may not.
#[derive(Default)]
pub(super) struct Variant<'a> {
    pub(super) family: Option<Family>,
    pub(super) src: &'a SubnetGroup,
    pub(super) dst: &'a SubnetGroup,
    icmp: &'a Icmp,
}

impl Lowering<'_> {
    pub(super) fn rules(&mut self) {
        for rule in &self.firewall.rules {
            self.rule(rule);
        }
    }

    pub(super) fn rule(&mut self, rule: &Rule) {
        let src = ByFamily::of(&rule.src_ip);
        let dst = ByFamily::of(&rule.dest_ip);
        for proto in &rule.proto {
            self.rule_for_proto(rule, proto, &src, &dst);
        }
    }

    fn rule_for_proto(&mut self, rule: &Rule, proto: &Proto, src: &ByFamily, dst: &ByFamily) {
        let configured = match proto {
            Proto::IcmpV6 => Some(Configured::V6),
            _ => rule.family,
        };
        let set = rule
            .ipset
            .as_ref()
            .and_then(|m| self.firewall.ipsets.get(m.set.0));
        let references = [
            (set.map(|set| set.family), "set match"),
            (src.family(), "source IP"),
            (dst.family(), "destination IP"),
            (self.zone_family(rule.src), "source zone"),
            (self.zone_family(rule.dest), "destination zone"),
            (
                self.helper_family(rule.helper.map(|m| m.helper)),
                "helper match",
            ),
            (self.helper_family(rule.set_helper), "helper to set"),
        ];
        let Ok(family) = self.family(rule.origin, configured, references) else {
            return;
        };

        let icmp = |family| match proto {
            Proto::Icmp => icmp_variants(&rule.icmp_type, family),
            Proto::IcmpV6 if family == Family::V6 => icmp_variants(&rule.icmp_type, family),
            _ => Vec::new(),
        };
        let icmp = [icmp(Family::V4), icmp(Family::V6)];
        let specific = [Family::V4, Family::V6].map(|family| {
            !src.get(family).is_empty()
                || !dst.get(family).is_empty()
                || !icmp[usize::from(family == Family::V6)].is_empty()
                || rule.dscp.is_some()
        });
        let family = match (family, specific) {
            (None, [true, false]) => Some(Family::V4),
            (None, [false, true]) => Some(Family::V6),
            (family, _) => single(family),
        };
        let sets_dscp = matches!(rule.action, Some(Action::Dscp(_))) && self.offloading.is_none();
        if family.is_none() && !sets_dscp && specific == [false, false] {
            return self.add_rule(rule, proto, Variant::default());
        }
        for (one, icmp) in [Family::V4, Family::V6].into_iter().zip(&icmp) {
            if family.is_some_and(|family| family != one) {
                continue;
            }
            let icmp = match &**icmp {
                [] => &[Icmp::None],
                some => some,
            };
            let dst = subnet::group(dst.get(one));
            for src in &*subnet::group(src.get(one)) {
                for dst in &*dst {
                    for icmp in icmp {
                        let variant = Variant {
                            family: Some(one),
                            src,
                            dst,
                            icmp,
                        };
                        self.add_rule(rule, proto, variant);
                    }
                }
            }
        }
    }

    fn add_rule(&mut self, rule: &Rule, proto: &Proto, variant: Variant<'_>) {
        let Ok(set) = self.set_lookup(rule.ipset.as_ref(), proto) else {
            return self.warn(
                rule.origin,
                "destination MAC address matching not supported",
            );
        };
        if let Some(how) = self.offloading {
            return self.offload_rule(rule, how, proto, &variant, set);
        }
        self.flag_zones(rule);
        let Variant {
            family,
            src,
            dst,
            icmp,
        } = variant;
        let Place {
            chain,
            action,
            iif,
            oif,
        } = self.place(rule, family);

        let port_proto = port_proto(proto);
        let has_ports =
            port_proto.is_some() && !(rule.src_port.is_empty() && rule.dest_port.is_empty());
        let l4 = match (proto, family) {
            _ if has_ports || *icmp != Icmp::None => Vec::new(),
            (Proto::Icmp, None) => vec![L4::Icmp, L4::IcmpV6],
            _ => l4(proto, family).into_iter().collect(),
        };
        let matches = Conditions {
            family,
            l4,
            iif,
            oif,
            src,
            dst,
            port_proto,
            src_port: &rule.src_port,
            dst_port: &rule.dest_port,
            src_mac: &rule.src_mac,
            icmp,
            helper: rule.helper.and_then(|m| self.helper_match(m)),
            limit: rule.limit.as_deref(),
            schedule: rule.schedule.as_deref(),
            mark: rule.mark,
            dscp: rule.dscp,
            set,
        }
        .matches();
        let log_zone = match rule.dest {
            Some(ZoneRef::Zone(dest)) => Some(dest),
            _ => None,
        };
        let name = rule.name.as_deref().unwrap_or(NO_NAME);
        let mut lowered = Lowered::new(matches, rule.counter, action, name, rule.origin);
        lowered.log(rule.log.as_deref(), rule.log_limit.as_deref(), log_zone);
        match chain {
            Chain::Base(base) => self.push_base(base, lowered),
            Chain::Zone(zone, slot) => self.push(zone, slot, lowered),
        }
    }

    /// Notes in the zones which chains of theirs the rule needs.
    fn flag_zones(&mut self, rule: &Rule) {
        match &rule.action {
            Some(Action::Notrack { src }) => self.dflag(*src, Flag::Notrack),
            Some(Action::Helper { src, .. }) => self.dflag(*src, Flag::Helper),
            Some(Action::Mark(_)) => self.flag_both(rule, Flag::Mark),
            Some(Action::Dscp(_)) => self.flag_both(rule, Flag::Dscp),
            Some(action) => {
                let Some((flag, _)) = verdict(action) else {
                    return;
                };
                if let Some(ZoneRef::Zone(dest)) = rule.dest {
                    self.dflag(dest, flag);
                } else if let Some(src) = self.logged_source(rule) {
                    self.sflag(src, flag);
                }
            }
            None => {}
        }
    }

    fn flag_both(&mut self, rule: &Rule, flag: Flag) {
        for zone in [rule.src, rule.dest] {
            if let Some(ZoneRef::Zone(zone)) = zone {
                self.dflag(zone, flag);
            }
        }
    }

    /// The source zone, if refused packets from there are logged: its own chain does that.
    fn logged_source(&self, rule: &Rule) -> Option<ZoneId> {
        match (rule.src, &rule.action) {
            (_, Some(Action::Accept)) => None,
            (Some(ZoneRef::Zone(src)), Some(_)) => self
                .firewall
                .zones
                .get(src.0)
                .filter(|zone| logs(zone))
                .map(|_| src),
            _ => None,
        }
    }

    fn place<'r>(&'r self, rule: &'r Rule, family: Option<Family>) -> Place<'r> {
        let mut place = match &rule.action {
            Some(Action::Notrack { src }) => Place {
                chain: Chain::Zone(*src, Slot::Notrack),
                action: Some(Statement::Notrack),
                iif: None,
                oif: None,
            },
            Some(Action::Helper { src, helper }) => Place {
                chain: Chain::Zone(*src, Slot::Helper),
                action: self
                    .firewall
                    .helpers
                    .get(helper.0)
                    .map(|helper| Statement::SetHelper(helper.name.clone())),
                iif: None,
                oif: None,
            },
            Some(Action::Mark(change)) => self.mangle(rule, Some(Statement::SetMark(*change))),
            Some(Action::Dscp(dscp)) => {
                let set = family.map(|family| Statement::SetDscp {
                    family,
                    dscp: *dscp,
                });
                self.mangle(rule, set)
            }
            _ => Place {
                chain: filter_chain(rule),
                action: self.filter_action(rule),
                iif: None,
                oif: None,
            },
        };
        if let Some(device) = &rule.device {
            let names = if rule.egress {
                &mut place.oif
            } else {
                &mut place.iif
            };
            *names = Some(std::slice::from_ref(device));
        }
        place
    }

    /// Marks are set where both ends are known as far as they are given.
    fn mangle(&self, rule: &Rule, action: Option<Statement>) -> Place<'_> {
        use ZoneRef::{Any, Zone};
        let chain = match (rule.src, rule.dest) {
            (Some(Any), Some(Any)) | (Some(Zone(_)), Some(Zone(_))) => Base::MangleForward,
            (Some(Any), Some(Zone(_))) => Base::ManglePostrouting,
            (Some(Zone(_)), Some(Any)) => Base::ManglePrerouting,
            (Some(_), None) => Base::MangleInput,
            (None, _) => Base::MangleOutput,
        };
        let devices = |zone| match zone {
            Some(Zone(id)) => self
                .zones
                .get(id.0)
                .filter(|zone| zone.has_nameless_device || !zone.match_devices.is_empty())
                .map(|zone| &*zone.match_devices),
            _ => None,
        };
        Place {
            chain: Chain::Base(chain),
            action,
            iif: devices(rule.src),
            oif: devices(rule.dest),
        }
    }

    fn filter_action(&self, rule: &Rule) -> Option<Statement> {
        let action = rule.action.as_ref()?;
        let (_, word) = verdict(action)?;
        if let Some(ZoneRef::Zone(dest)) = rule.dest {
            return Some(jump([word, "_to_", self.zone_name(dest)].concat()));
        }
        if let Some(src) = self.logged_source(rule) {
            return Some(jump([word, "_from_", self.zone_name(src)].concat()));
        }
        Some(match action {
            Action::Accept => Statement::Verdict(Verdict::Accept),
            Action::Drop => Statement::Verdict(Verdict::Drop),
            Action::Reject => jump("handle_reject".to_owned()),
            Action::Nat("snat") => Statement::Snat {
                family: None,
                to: NatRange::default(),
            },
            Action::Nat("masquerade") => Statement::Masquerade,
            _ => Statement::Dnat {
                family: None,
                to: NatRange::default(),
            },
        })
    }
}

fn jump(chain: String) -> Statement {
    Statement::Verdict(Verdict::Jump(chain))
}

fn filter_chain(rule: &Rule) -> Chain {
    use ZoneRef::{Any, Zone};
    match (rule.src, rule.dest) {
        (Some(Zone(src)), Some(_)) => Chain::Zone(src, Slot::Forward),
        (Some(Zone(src)), None) => Chain::Zone(src, Slot::Input),
        (Some(Any), Some(_)) => Chain::Base(Base::Forward),
        (Some(Any), None) => Chain::Base(Base::Input),
        (None, Some(Zone(dest))) => Chain::Zone(dest, Slot::Output),
        (None, _) => Chain::Base(Base::Output),
    }
}

/// The flag and word of a target that names a chain of the destination: `accept_to_lan`.
fn verdict(action: &Action) -> Option<(Flag, &'static str)> {
    Some(match action {
        Action::Accept => (Flag::Accept, "accept"),
        Action::Reject => (Flag::Reject, "reject"),
        Action::Drop => (Flag::Drop, "drop"),
        Action::Nat("snat") => (Flag::Snat, "snat"),
        Action::Nat("masquerade") => (Flag::Masquerade, "masquerade"),
        Action::Nat(_) => (Flag::Dnat, "dnat"),
        Action::Notrack { .. }
        | Action::Helper { .. }
        | Action::Mark(_)
        | Action::Dscp(_)
        | Action::Offload(_) => return None,
    })
}

/// Whole types in one rule, types with certain codes in another. For IPv6 fw4 tells them apart by the
/// codes of the type's IPv4 namesake: a type that IPv4 does not have counts as one with codes.
fn icmp_variants(types: &[IcmpType], family: Family) -> Vec<Icmp> {
    let mut whole = Vec::new();
    let mut codes = Vec::new();
    for wanted in types {
        let own = match family {
            Family::V4 => wanted.v4,
            Family::V6 => wanted.v6,
        };
        let Some(own) = own else { continue };
        if wanted
            .v4
            .is_some_and(|v4| v4.code_min == 0 && v4.code_max == 0xff)
        {
            whole.push(own.icmp_type);
        } else {
            codes.push(IcmpKind {
                icmp_type: own.icmp_type,
                code: own.code_min,
            });
        }
    }
    let mut variants = Vec::new();
    if !whole.is_empty() {
        variants.push(Icmp::Types(whole));
    }
    if !codes.is_empty() {
        variants.push(Icmp::Codes(codes));
    }
    variants
}

#[cfg(test)]
mod tests;
