/*! `config nat`: rewriting the source of packets on their way out. */

use super::conditions::{Conditions, l4, port_proto};
use super::family::single;
use super::flags::Flag;
use super::subnet::{self, ByFamily, Item, SubnetGroup};
use super::{Base, Lowered, Lowering, NO_NAME, Slot};
use crate::config::value::{Family as Configured, Proto, ZoneRef};
use crate::config::{Nat, NatTarget};
use crate::ruleset::{Family, NatRange, Statement, Verdict};

impl Lowering<'_> {
    pub(super) fn nats(&mut self) {
        for nat in &self.firewall.nats {
            for proto in &nat.proto {
                self.nat_for_proto(nat, proto);
            }
        }
    }

    fn nat_for_proto(&mut self, nat: &Nat, proto: &Proto) {
        let src = ByFamily::of(nat.src_ip.as_slice());
        let dst = ByFamily::of(nat.dest_ip.as_slice());
        let rewrite = ByFamily::of(nat.snat_ip.as_slice());
        if rewrite.v4.len() > 1 || rewrite.v6.len() > 1 {
            self.warn(
                nat.origin,
                "specifies multiple rewrite addresses, using only first one",
            );
        }
        let references = [
            (src.family(), "source IP"),
            (dst.family(), "destination IP"),
            (rewrite.family(), "rewrite IP"),
            (self.zone_family(nat.src), "source zone"),
        ];
        let Ok(family) = self.family(nat.origin, nat.family, references) else {
            return;
        };
        if let Some(ZoneRef::Zone(zone)) = nat.src {
            self.dflag(zone, Flag::Snat);
        }
        let any = |family| {
            [&src, &dst, &rewrite]
                .iter()
                .any(|a| !a.get(family).is_empty())
        };
        let (any_v4, any_v6) = (any(Family::V4), any(Family::V6));
        // Without an address to tell the family, it is IPv4 unless "any" was asked for.
        let family = match family {
            None if any_v6 && !any_v4 => Configured::V6,
            None => Configured::V4,
            Some(family) => family,
        };
        let family = single(Some(family));
        if family.is_none() && !any_v4 && !any_v6 {
            return self.add_nat(nat, proto, None, Default::default(), None);
        }
        for one in [Family::V4, Family::V6] {
            if family.is_some_and(|family| family != one) {
                continue;
            }
            let dst = subnet::group(dst.get(one));
            for src in &*subnet::group(src.get(one)) {
                for dst in &*dst {
                    self.add_nat(nat, proto, Some(one), (src, dst), rewrite.get(one).first());
                }
            }
        }
    }

    fn add_nat(
        &mut self,
        nat: &Nat,
        proto: &Proto,
        family: Option<Family>,
        (src, dst): (&SubnetGroup, &SubnetGroup),
        rewrite: Option<&Item<'_>>,
    ) {
        let port_proto = port_proto(proto);
        let has_ports = port_proto.is_some() && (nat.src_port.is_some() || nat.dest_port.is_some());
        let action = match nat.target {
            NatTarget::Accept => Statement::Verdict(Verdict::Accept),
            NatTarget::Masquerade => Statement::Masquerade,
            NatTarget::Snat => Statement::Snat {
                family,
                to: NatRange {
                    addr: rewrite.map(|item| subnet::nat_addr(item.subnet)),
                    ports: nat.snat_port.filter(|_| port_proto.is_some()),
                },
            },
        };
        let device = nat.device.as_ref().filter(|device| !device.is_empty());
        let matches = Conditions {
            family,
            l4: l4(proto, family)
                .filter(|_| !has_ports)
                .into_iter()
                .collect(),
            oif: device.map(std::slice::from_ref),
            src,
            dst,
            port_proto,
            src_port: nat.src_port.as_slice(),
            dst_port: nat.dest_port.as_slice(),
            limit: nat.limit.as_deref(),
            schedule: nat.schedule.as_deref(),
            mark: nat.mark,
            ..Conditions::default()
        }
        .matches();
        let name = nat.name.as_deref().unwrap_or(NO_NAME);
        let mut lowered = Lowered::new(matches, nat.counter, Some(action), name, nat.origin);
        lowered.log(nat.log.as_deref(), None, None);
        match nat.src {
            Some(ZoneRef::Zone(zone)) => self.push(zone, Slot::Srcnat, lowered),
            _ => self.push_base(Base::Srcnat, lowered),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::compiled;

    fn nat(options: &str) -> Vec<String> {
        let rules = compiled(&format!(
            "config nat\n\toption name n\n\toption src wan\n{options}"
        ));
        rules.named("srcnat_wan", "n")
    }

    #[test]
    fn source_nat_is_for_ipv4_unless_told_otherwise() {
        assert_eq!(nat(""), ["meta nfproto ipv4 counter masquerade"]);
        assert_eq!(nat("\toption family any\n"), ["counter masquerade"]);
        assert_eq!(
            nat("\toption target SNAT\n\toption snat_ip fd00::5\n"),
            ["meta nfproto ipv6 counter snat fd00::5"]
        );
    }

    #[test]
    fn ports_come_after_the_address_which_ipv6_puts_in_brackets() {
        let ports = "\toption target SNAT\n\toption proto tcp\n\toption snat_port 1000-2000\n";
        assert_eq!(
            nat(&format!("{ports}\toption snat_ip 192.0.2.1\n")),
            ["meta nfproto ipv4 meta l4proto tcp counter snat 192.0.2.1:1000-2000"]
        );
        assert_eq!(
            nat(&format!("{ports}\toption snat_ip fd00::5\n")),
            ["meta nfproto ipv6 meta l4proto tcp counter snat [fd00::5]:1000-2000"]
        );
    }

    #[test]
    fn a_device_is_always_quoted_here() {
        assert_eq!(
            nat("\toption device fe0\n\toption target ACCEPT\n"),
            ["meta nfproto ipv4 oifname \"fe0\" counter accept"]
        );
    }
}
