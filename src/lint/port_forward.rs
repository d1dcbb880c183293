/*! Port forwards to an address that is not where the section says. */

use super::reach::holds;
use super::{Finding, Kind, Subject};
use crate::compile::CompiledZone;
use crate::config::RedirectTarget;
use crate::config::value::{Subnet, SubnetKind, ZoneRef};
use crate::ruleset::max_bits;

pub(super) fn look(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    for redirect in &subject.firewall.redirects {
        let (RedirectTarget::Dnat { .. }, Some(ZoneRef::Zone(dest)), Some(to)) =
            (redirect.target, redirect.dest, &redirect.dest_ip)
        else {
            continue;
        };
        // several addresses are those of a network, by name
        let ([host], Some(zone)) = (&*to.addrs, subject.zones.get(dest.0)) else {
            continue;
        };
        if !is_host(host) || knows(zone, host) != Some(false) {
            continue;
        }
        let text = host.addr.to_string();
        let other = subject
            .zones
            .iter()
            .find(|other| knows(other, host) == Some(true));
        let finding = match other {
            Some(other) => Finding::new(Kind::OtherZone, redirect.origin, "dest_ip", &text)
                .against(other.origin)
                .meant(&other.name),
            None => {
                Finding::new(Kind::OutsideZone, redirect.origin, "dest_ip", &text).meant(&zone.name)
            }
        };
        found.push(finding);
    }
}

fn is_host(subnet: &Subnet) -> bool {
    matches!(subnet.kind, SubnetKind::Bits { bits, .. } if bits == max_bits(subnet.addr))
}

/// Is the address in one of the zone's subnets? `None` if they are not all known.
fn knows(zone: &CompiledZone, host: &Subnet) -> Option<bool> {
    let mut of_family = zone
        .related_subnets
        .iter()
        .filter(|related| related.subnet.is_v4() == host.is_v4())
        .peekable();
    of_family.peek()?;
    let mut inside = false;
    for related in of_family {
        if related.invert || related.subnet.has_odd_mask() {
            return None;
        }
        inside |= holds(&related.subnet, host);
    }
    Some(inside)
}
