/*! Which zone covers what: zones that overlap, that cover nothing, or that nobody names. */

use super::exposed::is_outside;
use super::{Finding, Kind, Subject};
use crate::compile::CompiledZone;
use crate::config::value::{Family, Policy, ZoneRef};
use crate::config::{Zone, ZoneId, closest};

pub(super) fn look(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    for (n, (zone, compiled)) in subject.firewall.zones.iter().zip(subject.zones).enumerate() {
        networks(subject, zone, found);
        let earlier = subject.firewall.zones.iter().zip(subject.zones).take(n);
        for (other, other_compiled) in earlier {
            found.extend(overlap((zone, compiled), (other, other_compiled)));
        }
        if zone.network.is_empty() && zone.device.is_empty() && zone.subnet.is_empty() {
            found.push(Finding::new(
                Kind::EmptyZone,
                zone.origin,
                "name",
                &zone.name,
            ));
        } else if !is_named(subject, ZoneId(n)) {
            found.push(Finding::new(
                Kind::UnusedZone,
                zone.origin,
                "name",
                &zone.name,
            ));
        }
        if zone.input == Policy::Accept && is_outside(zone) {
            let mut finding = Finding::new(Kind::WanInputAccept, zone.origin, "input", &zone.name);
            finding.span = subject.span(zone.origin, "input", "");
            found.push(finding);
        }
    }
}

/// Networks that netifd does not have. Nothing is said if it has not been asked.
fn networks(subject: &Subject<'_>, zone: &Zone, found: &mut Vec<Finding>) {
    let known = &subject.router.networks;
    if known.is_empty() {
        return;
    }
    for name in zone
        .network
        .iter()
        .filter_map(|network| network.name.as_deref())
    {
        if subject.router.network(name).is_some() {
            continue;
        }
        // what a zone has already is not what was meant here
        let in_a_zone = |name: &str| {
            let mut zones = subject.firewall.zones.iter();
            zones.any(|zone| zone.network.iter().any(|n| n.name.as_deref() == Some(name)))
        };
        let free = known.iter().map(|network| &*network.name);
        let meant = closest(name, free.filter(|name| !in_a_zone(name)));
        // wan and wan6 are not mixed up, one of the two may well be missing
        let meant = meant.filter(|meant| !meant.starts_with(name) && !name.starts_with(meant));
        let kind = match meant {
            Some(_) => Kind::UnknownNetwork,
            None => Kind::MissingNetwork,
        };
        let finding = Finding::new(kind, zone.origin, "network", name);
        found.push(finding.meant(meant.unwrap_or_default()));
    }
}

/// The first network or device of a zone that an earlier zone has too. A zone with subnets takes only part of what comes
/// from a device, so that two may share it.
fn overlap(
    (zone, compiled): (&Zone, &CompiledZone),
    (earlier, earlier_compiled): (&Zone, &CompiledZone),
) -> Option<Finding> {
    let single = |zone: &Zone| zone.family.and_then(Family::single);
    let apart = matches!((single(zone), single(earlier)), (Some(one), Some(other)) if one != other);
    if apart || !earlier.subnet.is_empty() {
        return None;
    }
    let network = zone
        .network
        .iter()
        .find(|network| !network.invert && earlier.network.contains(network))
        .map(|network| ("network", network.name.clone()));
    let device = || {
        let shared = compiled
            .match_devices
            .iter()
            .find(|device| earlier_compiled.match_devices.contains(device))?;
        Some(("device", Some(shared.clone())))
    };
    let (option, name) = network.or_else(device)?;
    let finding = Finding::new(Kind::OverlappingZones, zone.origin, option, &name?);
    Some(finding.against(earlier.origin))
}

/// Does anything name the zone, or all zones?
fn is_named(subject: &Subject<'_>, id: ZoneId) -> bool {
    let firewall = subject.firewall;
    let names = |zone: Option<ZoneRef>| match zone {
        Some(ZoneRef::Any) => true,
        Some(ZoneRef::Zone(zone)) => zone == id,
        None => false,
    };
    firewall
        .forwardings
        .iter()
        .any(|f| names(Some(f.src)) || names(Some(f.dest)))
        || firewall.rules.iter().any(|r| names(r.src) || names(r.dest))
        || firewall
            .redirects
            .iter()
            .any(|r| names(r.src) || names(r.dest))
        || firewall.nats.iter().any(|n| names(n.src))
        || firewall
            .offloads
            .iter()
            .any(|o| names(o.src) || names(o.dest))
}
