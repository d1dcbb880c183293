/*!
Addresses of the configuration, sorted into what one nft rule can hold.

fw4 splits a list of addresses by family, and within a family by the way it must be matched: plain
networks fit into one set, negated ones into a second match, and each mask that is no prefix needs a
match of its own, hence a rule of its own unless negated.
*/

use std::borrow::Cow;
use std::net::IpAddr;

use crate::config::value::{Family as Configured, NetworkMatch, Subnet, SubnetKind};
use crate::ruleset::{Family, MaskedAddr, NatAddr, Network, Prefix, mask_bits};

/// One address with the negation of the list item it came from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Item<'a> {
    pub(super) subnet: &'a Subnet,
    pub(super) invert: bool,
}

/// Addresses by family, each in the order given.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct ByFamily<'a> {
    pub(super) v4: Vec<Item<'a>>,
    pub(super) v6: Vec<Item<'a>>,
}

impl<'a> ByFamily<'a> {
    pub(super) fn of(matches: &'a [NetworkMatch]) -> Self {
        let mut split = ByFamily::default();
        for item in matches {
            for subnet in &item.addrs {
                split.push(subnet, item.invert);
            }
        }
        split
    }

    /// Addresses that stand for themselves, without negation.
    pub(super) fn plain(subnets: &'a [Subnet]) -> Self {
        let mut split = ByFamily::default();
        for subnet in subnets {
            split.push(subnet, false);
        }
        split
    }

    fn push(&mut self, subnet: &'a Subnet, invert: bool) {
        let list = if subnet.is_v4() {
            &mut self.v4
        } else {
            &mut self.v6
        };
        list.push(Item { subnet, invert });
    }

    /// The one family of all addresses, if they have only one.
    pub(super) fn family(&self) -> Option<Configured> {
        match (self.v4.is_empty(), self.v6.is_empty()) {
            (false, true) => Some(Configured::V4),
            (true, false) => Some(Configured::V6),
            _ => None,
        }
    }

    pub(super) fn get(&self, family: Family) -> &[Item<'a>] {
        match family {
            Family::V4 => &self.v4,
            Family::V6 => &self.v6,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }
}

/// Addresses of one family that one rule can match.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SubnetGroup {
    /// The address is one of these, if there are any.
    pub pos: Vec<Network>,
    /// The address is none of these.
    pub neg: Vec<Network>,
    /// And all of these hold.
    pub masked: Vec<MaskedAddr>,
}

static ANY: SubnetGroup = SubnetGroup {
    pos: Vec::new(),
    neg: Vec::new(),
    masked: Vec::new(),
};

impl Default for &SubnetGroup {
    fn default() -> Self {
        &ANY
    }
}

impl SubnetGroup {
    pub fn is_empty(&self) -> bool {
        self.pos.is_empty() && self.neg.is_empty() && self.masked.is_empty()
    }
}

/// At least one group, which is empty if there are no addresses: one rule is made for each.
pub(super) fn group(items: &[Item<'_>]) -> Cow<'static, [SubnetGroup]> {
    if items.is_empty() {
        return Cow::Borrowed(std::slice::from_ref(&ANY));
    }
    let mut odd = Vec::new();
    let mut all = SubnetGroup {
        pos: Vec::with_capacity(items.len()),
        ..SubnetGroup::default()
    };
    for item in items {
        match (network(item.subnet), item.invert) {
            (Some(network), false) => all.pos.push(network),
            (Some(network), true) => all.neg.push(network),
            (None, false) => odd.push(masked(item)),
            (None, true) => all.masked.push(masked(item)),
        }
    }
    if odd.is_empty() {
        return vec![all].into();
    }
    let mut groups: Vec<_> = odd
        .into_iter()
        .map(|addr| SubnetGroup {
            pos: Vec::new(),
            neg: all.neg.clone(),
            masked: std::iter::once(addr)
                .chain(all.masked.iter().cloned())
                .collect(),
        })
        .collect();
    if !all.pos.is_empty() {
        groups.push(all);
    }
    groups.into()
}

/// What fw4's `cidr()` prints; `None` for a mask that is no prefix, which it is not asked for.
pub(super) fn network(subnet: &Subnet) -> Option<Network> {
    match subnet.kind {
        SubnetKind::Bits { bits, .. } => Some(Network {
            addr: mask_bits(subnet.addr, bits),
            prefix: Prefix::Bits(bits),
        }),
        SubnetKind::Range(last) => Some(Network {
            addr: subnet.addr,
            prefix: Prefix::Range(last),
        }),
        SubnetKind::Mask(_) => None,
    }
}

fn masked(item: &Item<'_>) -> MaskedAddr {
    MaskedAddr {
        addr: item.subnet.addr,
        mask: mask(item.subnet),
        invert: item.invert,
    }
}

/// fw4's `mask` of a subnet: a range has none, nor has a prefix longer than the address.
fn mask(subnet: &Subnet) -> Option<IpAddr> {
    match subnet.kind {
        SubnetKind::Bits { mask, .. } | SubnetKind::Mask(mask) => mask,
        SubnetKind::Range(_) => None,
    }
}

/// Is `addr` in the network of `subnet`? Of one family only; where there is no mask fw4 compares nothing
/// with nothing and finds them equal.
pub(super) fn shares_network(addr: IpAddr, subnet: &Subnet) -> bool {
    if addr.is_ipv4() != subnet.addr.is_ipv4() {
        return false;
    }
    match mask(subnet) {
        Some(mask) => and(addr, mask) == and(subnet.addr, mask),
        None => true,
    }
}

fn and(addr: IpAddr, mask: IpAddr) -> Option<IpAddr> {
    match (addr, mask) {
        (IpAddr::V4(a), IpAddr::V4(m)) => Some(IpAddr::V4((u32::from(a) & u32::from(m)).into())),
        (IpAddr::V6(a), IpAddr::V6(m)) => Some(IpAddr::V6((u128::from(a) & u128::from(m)).into())),
        _ => None,
    }
}

/// The address alone, whatever network it stands for.
pub(super) fn host(addr: IpAddr) -> Subnet {
    let full = match addr {
        IpAddr::V4(_) => IpAddr::from([0xff; 4]),
        IpAddr::V6(_) => IpAddr::from([0xff; 16]),
    };
    let bits = crate::ruleset::max_bits(addr);
    Subnet {
        addr,
        kind: SubnetKind::Bits {
            bits,
            mask: Some(full),
        },
    }
}

/// The address a NAT statement rewrites to: of a network its first address, as fw4's `host()` prints it.
pub(super) fn nat_addr(subnet: &Subnet) -> NatAddr {
    match subnet.kind {
        SubnetKind::Bits { bits, .. } => NatAddr::Host(mask_bits(subnet.addr, bits)),
        SubnetKind::Mask(_) => NatAddr::Host(subnet.addr),
        SubnetKind::Range(last) => NatAddr::Range(subnet.addr, last),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subnet(addr: &str, kind: SubnetKind) -> Subnet {
        Subnet {
            addr: addr.parse().expect("an address"),
            kind,
        }
    }

    #[test]
    fn nothing_makes_one_group_that_asks_for_nothing() {
        assert_eq!(*group(&[]), [SubnetGroup::default()]);
    }

    #[test]
    fn an_address_shares_the_network_of_a_subnet_of_its_family_only() {
        let mask = "255.255.255.0".parse().ok();
        let lan = subnet("192.168.1.1", SubnetKind::Bits { bits: 24, mask });
        let inside = |text: &str| shares_network(text.parse().expect("an address"), &lan);
        assert!(inside("192.168.1.77"));
        assert!(!inside("192.168.2.77"));
        assert!(!inside("fd00::1"));
        let range = subnet(
            "10.0.0.1",
            SubnetKind::Range("10.0.0.9".parse().expect("an address")),
        );
        assert!(shares_network(
            "192.0.2.1".parse().expect("an address"),
            &range
        ));
    }

    #[test]
    fn a_network_to_rewrite_to_stands_for_its_first_address() {
        let lan = subnet(
            "192.168.1.5",
            SubnetKind::Bits {
                bits: 24,
                mask: None,
            },
        );
        let first = "192.168.1.0".parse().expect("an address");
        assert_eq!(nat_addr(&lan), NatAddr::Host(first));
    }
}
