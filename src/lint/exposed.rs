/*! What the internet can reach that it had better not. */

use super::{Finding, Kind, Subject};
use crate::config::value::{Inv, NetworkMatch, PortRange, Proto, SubnetKind, ZoneRef};
use crate::config::{Action, Redirect, RedirectTarget, Rule, Zone};

/// The ports of LuCI and of dropbear.
const PORTS: [(u16, &str, Kind); 3] = [
    (22, "22", Kind::SshFromWan),
    (80, "80", Kind::WebFromWan),
    (443, "443", Kind::WebFromWan),
];

/// Is the internet behind this zone? Told by its name and those of its networks, which nearly everybody leaves as they are.
pub(super) fn is_outside(zone: &Zone) -> bool {
    let wan = |name: &str| name.starts_with("wan") || name.starts_with("wwan");
    wan(&zone.name)
        || zone
            .network
            .iter()
            .filter_map(|network| network.name.as_deref())
            .any(wan)
}

pub(super) fn look(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    let outside = |zone: Option<ZoneRef>| match zone {
        Some(ZoneRef::Any) => subject.firewall.zones.iter().any(is_outside),
        Some(ZoneRef::Zone(id)) => subject.zone(id).is_some_and(is_outside),
        None => false,
    };
    for rule in &subject.firewall.rules {
        if subject.section(rule.origin).is_none() {
            continue;
        }
        if rule.action.is_none() {
            found.push(Finding::new(Kind::NoTarget, rule.origin, "", ""));
        } else if rule.src.is_none() && rule.dest.is_none() && !rule.egress {
            found.push(Finding::new(Kind::OwnTraffic, rule.origin, "", ""));
        }
        if rule.dest.is_none() && outside(rule.src) && is_open(rule) {
            let finding = port(&rule.dest_port)
                .map(|(port, kind)| Finding::new(kind, rule.origin, "dest_port", port));
            let all = || Finding::new(Kind::AllFromWan, rule.origin, "target", "");
            found.extend(finding.or_else(|| rule.dest_port.is_empty().then(all)));
        }
    }
    for redirect in &subject.firewall.redirects {
        let RedirectTarget::Dnat { src } = redirect.target else {
            continue;
        };
        if outside(Some(ZoneRef::Zone(src))) && is_to_router(subject, redirect) {
            let inside = redirect.dest_port.as_ref().or(redirect.src_dport.as_ref());
            let port = port(inside.map_or(&[], std::slice::from_ref));
            found.extend(
                port.map(|(port, kind)| Finding::new(kind, redirect.origin, "src_dport", port)),
            );
        }
    }
    for forwarding in &subject.firewall.forwardings {
        let ZoneRef::Zone(dest) = forwarding.dest else {
            continue;
        };
        let inside = subject.zone(dest).filter(|zone| !is_outside(zone));
        if let (ZoneRef::Zone(_), true, Some(zone)) =
            (forwarding.src, outside(Some(forwarding.src)), inside)
        {
            found.push(Finding::new(
                Kind::WanForwarding,
                forwarding.origin,
                "dest",
                &zone.name,
            ));
        }
    }
}

/// Does the rule let TCP in from everywhere?
fn is_open(rule: &Rule) -> bool {
    let restricted = rule.ipset.is_some()
        || rule.helper.is_some()
        || rule.mark.is_some()
        || rule.dscp.is_some()
        || rule.egress
        || !rule.src_mac.is_empty()
        || !rule.src_port.is_empty()
        || !everywhere(&rule.src_ip)
        || !everywhere(&rule.dest_ip);
    rule.action == Some(Action::Accept) && has_tcp(&rule.proto) && !restricted
}

fn has_tcp(proto: &[Proto]) -> bool {
    proto.iter().any(|p| matches!(p, Proto::Any | Proto::Tcp))
}

/// No address is asked for, or any of all.
fn everywhere(addresses: &[NetworkMatch]) -> bool {
    let all = |network: &NetworkMatch| {
        let mut addrs = network.addrs.iter();
        !network.invert
            && addrs.any(|subnet| matches!(subnet.kind, SubnetKind::Bits { bits: 0, .. }))
    };
    addresses.is_empty() || addresses.iter().any(all)
}

/// The first of the router's own ports among these.
fn port(ports: &[Inv<PortRange>]) -> Option<(&'static str, Kind)> {
    let has = |port: u16| {
        let holds = |range: &Inv<PortRange>| {
            !range.invert && (range.value.min..=range.value.max).contains(&port)
        };
        ports.iter().any(holds)
    };
    let found = PORTS.into_iter().find(|(port, ..)| has(*port))?;
    Some((found.1, found.2))
}

/// Does the port forward end at the router itself, for everybody?
fn is_to_router(subject: &Subject<'_>, redirect: &Redirect) -> bool {
    let own = |network: &NetworkMatch| {
        let mut addresses = subject.router.networks.iter().flat_map(|n| &n.addresses);
        addresses.any(|own| network.addrs.iter().any(|subnet| subnet.addr == own.addr))
    };
    let restricted = redirect.ipset.is_some()
        || redirect.mark.is_some()
        || !redirect.src_mac.is_empty()
        || redirect.src_port.is_some()
        || !everywhere(redirect.src_ip.as_slice());
    has_tcp(&redirect.proto) && !restricted && redirect.dest_ip.as_ref().is_none_or(own)
}
