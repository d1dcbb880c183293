/*! `config redirect`: port forwards, and source NAT in the same clothes. */

use super::conditions::{Conditions, l4, port_proto};
use super::family::single;
use super::flags::Flag;
use super::subnet::{self, ByFamily, Item, SubnetGroup};
use super::{Lowered, Lowering, NO_NAME, Slot};
use crate::config::value::{
    Family as Configured, HelperMatch, Inv, Limit, Mark, PortRange, Proto, Schedule, SetMatch,
    ZoneRef,
};
use crate::config::{Redirect, RedirectTarget, ZoneId};
use crate::diagnostic::Origin;
use crate::ruleset::{Family, NatRange, Statement};

/// A redirect for one protocol: `dnat` and `snat` use the same options the other way round.
pub(super) struct Sides<'a> {
    pub(super) proto: &'a Proto,
    pub(super) src: ByFamily<'a>,
    pub(super) dst: ByFamily<'a>,
    /// The addresses to rewrite to, of which the first is taken.
    pub(super) rewrite: ByFamily<'a>,
    pub(super) src_port: Option<&'a Inv<PortRange>>,
    pub(super) dst_port: Option<&'a Inv<PortRange>>,
    pub(super) rewrite_port: Option<&'a Inv<PortRange>>,
}

/// The chain of a redirect, and which way it rewrites.
#[derive(Debug, Clone, Copy)]
pub(super) enum Towards {
    Dnat(ZoneId),
    Snat(ZoneId),
}

/// What is the same in all nft rules of a redirect, or in all its reflections.
pub(super) struct Common<'a> {
    pub(super) name: String,
    pub(super) origin: Origin,
    pub(super) src_mac: &'a [Inv<[u8; 6]>],
    pub(super) set: Option<&'a SetMatch>,
    pub(super) helper: Option<HelperMatch>,
    pub(super) limit: Option<&'a Limit>,
    pub(super) schedule: Option<&'a Schedule>,
    pub(super) mark: Option<Mark>,
    pub(super) counter: bool,
    pub(super) log: Option<&'a str>,
    pub(super) log_limit: Option<&'a Limit>,
}

/// What differs between the nft rules of one redirect.
pub(super) struct Variant<'a> {
    pub(super) towards: Towards,
    pub(super) family: Option<Family>,
    pub(super) proto: &'a Proto,
    pub(super) src: &'a SubnetGroup,
    pub(super) dst: &'a SubnetGroup,
    pub(super) rewrite: Option<&'a Item<'a>>,
    pub(super) src_port: Option<&'a Inv<PortRange>>,
    pub(super) dst_port: Option<&'a Inv<PortRange>>,
    pub(super) rewrite_port: Option<&'a Inv<PortRange>>,
}

impl Lowering<'_> {
    pub(super) fn redirects(&mut self) {
        for redirect in &self.firewall.redirects {
            let dest = self.destination(redirect);
            match redirect.target {
                RedirectTarget::Dnat { src } => {
                    if redirect.reflection
                        && self.zone_config(src).is_some_and(|zone| zone.masq)
                        && let Some(ZoneRef::Zone(dest)) = dest
                    {
                        self.dflag(dest, Flag::Accept);
                        self.dflag(dest, Flag::Dnat);
                        self.dflag(dest, Flag::Snat);
                    }
                    if redirect.helper.is_some() {
                        self.dflag(src, Flag::Helper);
                    }
                    self.dflag(src, Flag::Dnat);
                }
                RedirectTarget::Snat { dest } => self.dflag(dest, Flag::Snat),
            }
            for proto in &redirect.proto {
                self.redirect_for_proto(redirect, dest, proto);
            }
        }
    }

    /// The destination zone; for a port forward without one, the zone that has its `dest_ip`.
    fn destination(&mut self, redirect: &Redirect) -> Option<ZoneRef> {
        if redirect.dest.is_some() || !matches!(redirect.target, RedirectTarget::Dnat { .. }) {
            return redirect.dest;
        }
        let wanted = &redirect.dest_ip.as_ref()?.addrs;
        let zone = self.zones.iter().find(|zone| {
            zone.related_subnets.iter().any(|related| {
                wanted
                    .iter()
                    .any(|dest| subnet::shares_network(dest.addr, &related.subnet))
            })
        })?;
        let (id, name) = (zone.zone, zone.name.clone());
        self.warn(
            redirect.origin,
            format!("does not specify a destination, assuming '{name}'"),
        );
        Some(ZoneRef::Zone(id))
    }

    fn redirect_for_proto(&mut self, redirect: &Redirect, dest: Option<ZoneRef>, proto: &Proto) {
        let configured = match proto {
            Proto::IcmpV6 => Some(Configured::V6),
            _ => redirect.family,
        };
        let sides = sides(redirect, proto);
        let set = redirect
            .ipset
            .as_ref()
            .and_then(|m| self.firewall.ipsets.get(m.set.0));
        let references = [
            (set.map(|set| set.family), "set match"),
            (sides.src.family(), "source IP"),
            (sides.dst.family(), "destination IP"),
            (sides.rewrite.family(), "rewrite IP"),
            (self.zone_family(redirect.src), "source zone"),
            (self.zone_family(dest), "destination zone"),
            (
                self.helper_family(redirect.helper.map(|m| m.helper)),
                "helper match",
            ),
        ];
        let Ok(family) = self.family(redirect.origin, configured, references) else {
            return;
        };

        let towards = match redirect.target {
            RedirectTarget::Dnat { src } => Towards::Dnat(src),
            RedirectTarget::Snat { dest } => Towards::Snat(dest),
        };
        if let (Towards::Dnat(src), Some(ZoneRef::Zone(dest))) = (towards, dest)
            && redirect.reflection
            && !sides.rewrite.is_empty()
        {
            self.reflect(redirect, src, dest, &sides);
        }
        if sides.rewrite.v4.len() > 1 || sides.rewrite.v6.len() > 1 {
            self.warn(
                redirect.origin,
                "specifies multiple rewrite addresses, using only first one",
            );
        }

        let common = Common {
            name: redirect.name.as_deref().unwrap_or(NO_NAME).to_owned(),
            origin: redirect.origin,
            src_mac: &redirect.src_mac,
            set: redirect.ipset.as_ref(),
            helper: redirect.helper,
            limit: redirect.limit.as_deref(),
            schedule: redirect.schedule.as_deref(),
            mark: redirect.mark,
            counter: redirect.counter,
            log: redirect.log.as_deref(),
            log_limit: redirect.log_limit.as_deref(),
        };
        let variant = |family| Variant {
            towards,
            family,
            proto,
            src: Default::default(),
            dst: Default::default(),
            rewrite: None,
            src_port: sides.src_port,
            dst_port: sides.dst_port,
            rewrite_port: sides.rewrite_port,
        };
        let has = |family| {
            [&sides.src, &sides.dst, &sides.rewrite]
                .iter()
                .any(|a| !a.get(family).is_empty())
        };
        let has_any = has(Family::V4) || has(Family::V6);
        let only = single(family);
        if only.is_none() && !has_any {
            // As ever in fw4: IPv4, unless "any" was asked for.
            let family = if family.is_none() {
                Some(Family::V4)
            } else {
                None
            };
            return self.add_redirect(&common, variant(family));
        }
        for one in [Family::V4, Family::V6] {
            if only.is_some_and(|only| only != one) || (has_any && !has(one)) {
                continue;
            }
            let dst = subnet::group(sides.dst.get(one));
            for src in &*subnet::group(sides.src.get(one)) {
                for dst in &*dst {
                    let rewrite = sides.rewrite.get(one).first();
                    let variant = Variant {
                        src,
                        dst,
                        rewrite,
                        ..variant(Some(one))
                    };
                    self.add_redirect(&common, variant);
                }
            }
        }
    }

    pub(super) fn add_redirect(&mut self, common: &Common, variant: Variant) {
        let Variant {
            towards,
            family,
            proto,
            src,
            dst,
            ..
        } = variant;
        let Ok(set) = self.set_lookup(common.set, proto) else {
            return self.warn(
                common.origin,
                "destination MAC address matching not supported",
            );
        };
        let ports = variant.rewrite_port.map(|port| port.value);
        let has_ports = variant.src_port.is_some() || variant.dst_port.is_some() || ports.is_some();
        let addr = variant.rewrite.map(|item| subnet::nat_addr(item.subnet));
        let action = match (towards, addr) {
            (Towards::Dnat(_), None) => Statement::Redirect { ports },
            (Towards::Dnat(_), addr) => Statement::Dnat {
                family,
                to: NatRange { addr, ports },
            },
            (Towards::Snat(_), addr) => Statement::Snat {
                family,
                to: NatRange { addr, ports },
            },
        };
        let matches = Conditions {
            family,
            l4: l4(proto, family)
                .filter(|_| !has_ports)
                .into_iter()
                .collect(),
            src,
            dst,
            port_proto: port_proto(proto),
            src_port: variant
                .src_port
                .map(std::slice::from_ref)
                .unwrap_or_default(),
            dst_port: variant
                .dst_port
                .map(std::slice::from_ref)
                .unwrap_or_default(),
            src_mac: common.src_mac,
            helper: common.helper.and_then(|m| self.helper_match(m)),
            limit: common.limit,
            schedule: common.schedule,
            mark: common.mark,
            set,
            ..Conditions::default()
        }
        .matches();
        let (name, origin) = (&common.name, common.origin);
        let mut lowered = Lowered::new(matches, common.counter, Some(action), name, origin);
        lowered.log(common.log, common.log_limit, None);
        match towards {
            Towards::Dnat(zone) => {
                self.dflag(zone, Flag::Dnat);
                self.push(zone, Slot::Dstnat, lowered);
            }
            Towards::Snat(zone) => {
                self.dflag(zone, Flag::Snat);
                self.push(zone, Slot::Srcnat, lowered);
            }
        }
    }
}

fn sides<'a>(redirect: &'a Redirect, proto: &'a Proto) -> Sides<'a> {
    let with_ports = port_proto(proto).is_some();
    let src_port = redirect.src_port.as_ref().filter(|_| with_ports);
    let outer = redirect.src_dport.as_ref().filter(|_| with_ports);
    let inner = redirect.dest_port.as_ref().filter(|_| with_ports);
    let src = ByFamily::of(redirect.src_ip.as_slice());
    let src_dip = ByFamily::of(redirect.src_dip.as_slice());
    let dest_ip = ByFamily::of(redirect.dest_ip.as_slice());
    match redirect.target {
        RedirectTarget::Dnat { .. } => Sides {
            proto,
            src,
            dst: src_dip,
            rewrite: dest_ip,
            src_port,
            dst_port: outer,
            rewrite_port: inner.or(outer),
        },
        RedirectTarget::Snat { .. } => Sides {
            proto,
            src,
            dst: dest_ip,
            rewrite: src_dip,
            src_port,
            dst_port: inner,
            rewrite_port: outer,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::compiled;

    fn redirect(options: &str) -> crate::compile::Compiled {
        let text = format!(
            "config redirect\n\toption name web\n\toption src wan\n\toption reflection 0\n\
             \toption proto tcp\n{options}"
        );
        compiled(&text)
    }

    #[test]
    fn the_zone_of_the_server_is_found_by_its_address() {
        let rules = redirect("\toption src_dport 80\n\toption dest_ip 192.168.1.5\n");
        assert_eq!(
            rules.named("dstnat_wan", "web"),
            ["meta nfproto ipv4 tcp dport 80 counter dnat 192.168.1.5:80"]
        );
        assert_eq!(
            rules.warnings(),
            ["[!] Section @redirect[0] (web) does not specify a destination, assuming 'lan'"]
        );
    }

    #[test]
    fn without_a_server_packets_come_to_the_router_itself() {
        let rules = redirect("\toption src_dport 80\n\toption dest_port 8080\n");
        let here = "meta nfproto ipv4 tcp dport 80 counter redirect to 8080";
        assert_eq!(rules.named("dstnat_wan", "web"), [here]);
        let rules = redirect("\toption src_dport 80\n\toption family any\n");
        assert_eq!(
            rules.named("dstnat_wan", "web"),
            ["tcp dport 80 counter redirect to 80"]
        );
    }

    #[test]
    fn source_nat_reads_the_options_the_other_way_round() {
        let text = "config redirect\n\toption name out\n\toption target SNAT\n\
            \toption dest wan\n\toption proto udp\n\toption src_ip 192.168.1.0/24\n\
            \toption src_dip 203.0.113.9\n\toption src_dport 5000\n\toption dest_port 53\n";
        assert_eq!(
            compiled(text).named("srcnat_wan", "out"),
            ["ip saddr 192.168.1.0/24 udp dport 53 counter snat 203.0.113.9:5000"]
        );
    }

    #[test]
    fn the_first_of_several_servers_is_taken() {
        let rules = redirect("\toption dest lan\n\toption dest_ip lan\n\toption src_dport 22\n");
        assert_eq!(
            rules.named("dstnat_wan", "web"),
            [
                "meta nfproto ipv4 tcp dport 22 counter dnat 192.168.1.0:22",
                "meta nfproto ipv6 tcp dport 22 counter dnat [fd00::]:22",
            ]
        );
        assert!(rules.warnings().is_empty());
    }
}
