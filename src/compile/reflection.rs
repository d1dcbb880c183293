/*!
NAT reflection: a port forward works from inside, too.

Hosts of the reflection zones that call the router's outer address are sent to the inner server like
those outside, and their own address is rewritten so that the answer comes back through the router.
*/

use super::redirect::{Common, Sides, Towards, Variant};
use super::subnet::{self, ByFamily, Item};
use super::{Lowering, NO_NAME};
use crate::config::value::{ReflectionSource, Subnet, ZoneRef};
use crate::config::{Redirect, ZoneId};
use crate::ruleset::Family;

impl Lowering<'_> {
    pub(super) fn reflect(
        &mut self,
        redirect: &Redirect,
        src: ZoneId,
        dest: ZoneId,
        sides: &Sides,
    ) {
        let mut hosts = Vec::new();
        let external = if sides.dst.is_empty() {
            let related = self.related(src).into_iter();
            hosts.extend(related.map(|subnet| subnet::host(subnet.addr)));
            &ByFamily::plain(&hosts)
        } else {
            &sides.dst
        };
        let own = [ZoneRef::Zone(dest)];
        let zones = match redirect.reflection_zone.as_slice() {
            [] => &own[..],
            named => named,
        };
        for zone in zones {
            // fw4 dies of `*` here; there are no addresses of "any" to reflect.
            let ZoneRef::Zone(zone) = *zone else {
                let why = "must not have reflection zone '*', ignoring it".to_owned();
                self.warn_option(redirect.origin, "reflection_zone", "*", why);
                continue;
            };
            self.reflect_into(redirect, src, zone, sides, external);
        }
    }

    fn reflect_into(
        &mut self,
        redirect: &Redirect,
        src: ZoneId,
        zone: ZoneId,
        sides: &Sides,
        external: &ByFamily<'_>,
    ) {
        let related = self.related(zone);
        let internal = ByFamily::plain(&related);
        let inside = redirect.reflection_src == ReflectionSource::Internal;
        for family in [Family::V4, Family::V6] {
            let masq = self.zone_config(src).is_some_and(|zone| match family {
                Family::V4 => zone.masq,
                Family::V6 => zone.masq6,
            });
            let Some(server) = sides.rewrite.get(family).first().filter(|_| masq) else {
                continue;
            };
            // Best an address in the server's own network, so that it answers straight.
            let near = related
                .iter()
                .find(|subnet| subnet::shares_network(server.subnet.addr, subnet))
                .filter(|_| inside);
            let candidates = if inside { &internal } else { external };
            let first = candidates.get(family).first().map(|item| item.subnet);
            let Some(source) = near.or(first) else {
                let which = if inside { "internal" } else { "external" };
                self.disable(redirect, &format!("{which} rewrite IP"));
                continue;
            };
            if internal.get(family).is_empty() {
                self.disable(redirect, "internal address range");
                continue;
            }
            if external.get(family).is_empty() {
                self.disable(redirect, "external address range");
                continue;
            }
            self.add_reflection(redirect, zone, family, sides, &internal, external, source);
        }
    }

    #[allow(clippy::too_many_arguments)] // each is one of the things a reflection is made of
    fn add_reflection(
        &mut self,
        redirect: &Redirect,
        zone: ZoneId,
        family: Family,
        sides: &Sides,
        internal: &ByFamily<'_>,
        external: &ByFamily<'_>,
        source: &Subnet,
    ) {
        let common = Common {
            name: format!(
                "{} (reflection)",
                redirect.name.as_deref().unwrap_or(NO_NAME)
            ),
            origin: redirect.origin,
            src_mac: &[],
            set: None,
            helper: redirect.helper,
            limit: redirect.limit.as_deref(),
            schedule: redirect.schedule.as_deref(),
            mark: redirect.mark,
            counter: false,
            log: None,
            log_limit: None,
        };
        let inner = subnet::group(internal.get(family));
        let outer = subnet::group(external.get(family));
        let servers = sides.rewrite.get(family);
        for src in &*inner {
            for dst in &*outer {
                let variant = Variant {
                    towards: Towards::Dnat(zone),
                    family: Some(family),
                    proto: sides.proto,
                    src,
                    dst,
                    rewrite: servers.first(),
                    src_port: sides.src_port,
                    dst_port: sides.dst_port,
                    rewrite_port: sides.rewrite_port,
                };
                self.add_redirect(&common, variant);
            }
        }
        let source = Item {
            subnet: &subnet::host(source.addr),
            invert: false,
        };
        for dst in &*subnet::group(servers) {
            for src in &*inner {
                let variant = Variant {
                    towards: Towards::Snat(zone),
                    family: Some(family),
                    proto: sides.proto,
                    src,
                    dst,
                    rewrite: Some(&source),
                    src_port: None,
                    dst_port: sides.rewrite_port,
                    rewrite_port: None,
                };
                self.add_redirect(&common, variant);
            }
        }
    }

    /// The subnets of a zone, negated or not: reflection asks only where its hosts are.
    fn related(&self, zone: ZoneId) -> Vec<Subnet> {
        let zone = self.zones.get(zone.0);
        zone.map(|zone| {
            zone.related_subnets
                .iter()
                .map(|r| r.subnet.clone())
                .collect()
        })
        .unwrap_or_default()
    }

    fn disable(&mut self, redirect: &Redirect, what: &str) {
        self.warn(
            redirect.origin,
            format!("{what} cannot be determined, disabling reflection"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::compiled;

    const FORWARD: &str = "config redirect\n\toption name web\n\toption src wan\n\
        \toption dest lan\n\toption proto tcp\n\toption src_dport 80\n\
        \toption dest_ip 192.168.1.5\n\toption dest_port 8080\n";

    #[test]
    fn a_port_forward_works_from_inside() {
        let rules = compiled(FORWARD);
        assert_eq!(
            rules.named("dstnat_lan", "web (reflection)"),
            ["ip saddr 192.168.1.0/24 ip daddr 203.0.113.2 tcp dport 80 dnat 192.168.1.5:8080"]
        );
        assert_eq!(
            rules.named("srcnat_lan", "web (reflection)"),
            ["ip saddr 192.168.1.0/24 ip daddr 192.168.1.5 tcp dport 8080 snat 192.168.1.1"]
        );
        assert!(rules.warnings().is_empty());
    }

    #[test]
    fn the_outer_address_can_be_the_source() {
        let rules = compiled(&format!("{FORWARD}\toption reflection_src external\n"));
        let reflected = rules.named("srcnat_lan", "web (reflection)");
        assert!(reflected[0].ends_with("snat 203.0.113.2"), "{reflected:?}");
    }

    #[test]
    fn a_zone_without_addresses_reflects_nothing() {
        let zone = "config zone\n\toption name dmz\n\toption device eth5\n";
        let rules = compiled(&format!("{zone}{FORWARD}\toption reflection_zone dmz\n"));
        assert!(rules.chain("dstnat_dmz").is_empty());
        assert_eq!(
            rules.warnings(),
            [
                "[!] Section @redirect[0] (web) internal rewrite IP cannot be determined, \
              disabling reflection"
            ]
        );
    }
}
