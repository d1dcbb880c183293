/*!
Does one section take every packet that another takes?

"No" may mean "cannot be told": addresses with odd masks, negations and names without addresses are only ever equal to
themselves.
*/

use std::net::IpAddr;

use crate::config::value::{
    Dscp, Family, HelperMatch, IcmpType, Inv, Mark, NetworkMatch, PortRange, Proto, SetMatch,
    Subnet, SubnetKind,
};
use crate::config::{Redirect, Rule};
use crate::ruleset::{mask_bits, max_bits};

/// What a section matches.
pub(super) struct Reach<'a> {
    family: Option<Family>,
    proto: &'a [Proto],
    src_ip: &'a [NetworkMatch],
    dest_ip: &'a [NetworkMatch],
    src_mac: &'a [Inv<[u8; 6]>],
    src_port: &'a [Inv<PortRange>],
    dest_port: &'a [Inv<PortRange>],
    icmp_type: &'a [IcmpType],
    ipset: &'a Option<SetMatch>,
    helper: Option<HelperMatch>,
    mark: Option<Mark>,
    dscp: Option<Dscp>,
    /// It takes only so many packets, or only at times.
    sometimes: bool,
}

impl<'a> Reach<'a> {
    pub fn of_rule(rule: &'a Rule) -> Self {
        Reach {
            family: rule.family,
            proto: &rule.proto,
            src_ip: &rule.src_ip,
            dest_ip: &rule.dest_ip,
            src_mac: &rule.src_mac,
            src_port: &rule.src_port,
            dest_port: &rule.dest_port,
            icmp_type: &rule.icmp_type,
            ipset: &rule.ipset,
            helper: rule.helper,
            mark: rule.mark,
            dscp: rule.dscp,
            sometimes: rule.limit.is_some() || rule.schedule.is_some(),
        }
    }

    /// Of a port forward.
    pub fn of_redirect(redirect: &'a Redirect) -> Self {
        Reach {
            family: redirect.family.or_else(|| Some(family_of(redirect))),
            proto: &redirect.proto,
            src_ip: redirect.src_ip.as_slice(),
            dest_ip: redirect.src_dip.as_slice(),
            src_mac: &redirect.src_mac,
            src_port: redirect.src_port.as_slice(),
            dest_port: redirect.src_dport.as_slice(),
            icmp_type: &[],
            ipset: &redirect.ipset,
            helper: redirect.helper,
            mark: redirect.mark,
            dscp: None,
            sometimes: redirect.limit.is_some() || redirect.schedule.is_some(),
        }
    }

    /// Nothing is left of `other` behind this one.
    pub fn covers(&self, other: &Reach<'_>) -> bool {
        let family = matches!(self.family, None | Some(Family::Any)) || self.family == other.family;
        let proto = |wanted: &Proto| self.proto.iter().any(|p| *p == Proto::Any || p == wanted);
        !self.sometimes
            && family
            && other.proto.iter().all(proto)
            && ports(self.dest_port, other.dest_port)
            && ports(self.src_port, other.src_port)
            && addresses(self.src_ip, other.src_ip)
            && addresses(self.dest_ip, other.dest_ip)
            && (self.src_mac.is_empty() || self.src_mac == other.src_mac)
            && (self.icmp_type.is_empty() || icmp(self.icmp_type, other.icmp_type))
            && (self.ipset.is_none() || self.ipset == other.ipset)
            && (self.helper.is_none() || self.helper == other.helper)
            && (self.mark.is_none() || self.mark == other.mark)
            && (self.dscp.is_none() || self.dscp == other.dscp)
    }
}

/// What a port forward is for if no `family` says so: that of its addresses, IPv4 if there are none. Where its addresses
/// are of both it is for both.
fn family_of(redirect: &Redirect) -> Family {
    let networks = [&redirect.dest_ip, &redirect.src_dip, &redirect.src_ip];
    let addresses = || networks.into_iter().flatten().flat_map(|n| &n.addrs);
    let v6 = addresses().any(|subnet| subnet.addr.is_ipv6());
    match (addresses().any(|subnet| subnet.addr.is_ipv4()), v6) {
        (true, true) => Family::Any,
        (false, true) => Family::V6,
        _ => Family::V4,
    }
}

fn icmp(these: &[IcmpType], those: &[IcmpType]) -> bool {
    !those.is_empty() && those.iter().all(|one| these.contains(one))
}

fn ports(these: &[Inv<PortRange>], those: &[Inv<PortRange>]) -> bool {
    if these.is_empty() || these == those {
        return true;
    }
    if those.is_empty() || these.iter().chain(those).any(|port| port.invert) {
        return false;
    }
    those.iter().all(|inner| {
        these
            .iter()
            .any(|outer| outer.value.min <= inner.value.min && inner.value.max <= outer.value.max)
    })
}

fn addresses(these: &[NetworkMatch], those: &[NetworkMatch]) -> bool {
    if these.is_empty() || these == those {
        return true;
    }
    let unclear = |network: &NetworkMatch| network.invert || network.addrs.is_empty();
    if those.is_empty() || these.iter().chain(those).any(unclear) {
        return false;
    }
    let mut inner = those.iter().flat_map(|network| &network.addrs);
    inner.all(|inner| {
        these
            .iter()
            .flat_map(|network| &network.addrs)
            .any(|outer| holds(outer, inner))
    })
}

/// Is every address of `inner` in `outer`?
pub(super) fn holds(outer: &Subnet, inner: &Subnet) -> bool {
    let ends = |subnet: &Subnet| -> Option<(IpAddr, IpAddr)> {
        match subnet.kind {
            SubnetKind::Mask(_) => None,
            SubnetKind::Range(last) => Some((subnet.addr, last)),
            SubnetKind::Bits { bits, .. } if bits > max_bits(subnet.addr) => None,
            SubnetKind::Bits { bits, .. } => {
                let first = mask_bits(subnet.addr, bits);
                Some((first, last_of(first, bits)))
            }
        }
    };
    match (ends(outer), ends(inner)) {
        (Some(outer), Some(inner)) => {
            outer.0.is_ipv4() == inner.0.is_ipv4() && outer.0 <= inner.0 && inner.1 <= outer.1
        }
        _ => false,
    }
}

fn last_of(first: IpAddr, bits: u64) -> IpAddr {
    match first {
        IpAddr::V4(addr) => {
            IpAddr::V4((u32::from(addr) | u32::MAX.checked_shr(bits as u32).unwrap_or(0)).into())
        }
        IpAddr::V6(addr) => {
            IpAddr::V6((u128::from(addr) | u128::MAX.checked_shr(bits as u32).unwrap_or(0)).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subnet(text: &str) -> Subnet {
        let router = crate::router::Router::default();
        crate::config::subnets(text, &router)
            .and_then(|mut s| s.pop())
            .expect("a subnet")
    }

    #[test]
    fn a_subnet_holds_what_is_between_its_ends() {
        for (outer, inner, yes) in [
            ("10.0.0.0/8", "10.1.2.3", true),
            ("10.0.0.0/8", "10.9.0.0/16", true),
            ("10.9.0.0/16", "10.0.0.0/8", false),
            ("0.0.0.0/0", "255.255.255.255", true),
            ("10.0.0.5-10.0.0.9", "10.0.0.5-10.0.0.9", true),
            ("10.0.0.5-10.0.0.9", "10.0.0.4/31", false),
            ("10.0.0.7", "10.0.0.7/32", true),
            ("fd00::/8", "fd12::1", true),
            ("::/0", "10.0.0.1", false),
            ("10.0.0.1/255.0.255.0", "10.0.0.1/255.0.255.0", false),
            ("10.0.0.0/33", "10.0.0.1", false),
        ] {
            assert_eq!(
                holds(&subnet(outer), &subnet(inner)),
                yes,
                "{inner} in {outer}"
            );
        }
    }
}
