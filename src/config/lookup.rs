/*! Option values that name something else of the configuration, or of the router. */

use std::net::IpAddr;

use super::raw::Scalar;
use super::value::{
    Family, HelperMatch, Inv, NetworkMatch, Subnet, SubnetKind, ZoneRef, bits_of, inverted, mask_of,
};
use super::{Defaults, Helper, HelperId, Ipset, IpsetId, Zone, ZoneId, ucode};
use crate::router::{Address, Router};
use crate::ruleset::{Dir, Number, max_bits};

/// What has been read so far, and what the router knows.
pub(super) struct Known<'k> {
    pub router: &'k Router,
    pub defaults: &'k Defaults,
    pub helpers: &'k [Helper],
    pub ipsets: &'k [Ipset],
    pub zones: &'k [Zone],
}

impl Known<'_> {
    pub fn zone_ref(&self, value: &Scalar) -> Option<ZoneRef> {
        match value.as_text()? {
            "*" => Some(ZoneRef::Any),
            name => self
                .zones
                .iter()
                .position(|z| z.name == name)
                .map(|i| ZoneRef::Zone(ZoneId(i))),
        }
    }

    /// What a zone a section refers to restricts it to.
    pub fn family_of(&self, zone: ZoneRef) -> Option<Family> {
        match zone {
            ZoneRef::Any => None,
            ZoneRef::Zone(id) => self.zones.get(id.0)?.family,
        }
    }

    pub fn helper(&self, value: &Scalar) -> Option<HelperMatch> {
        let Inv { invert, value } = inverted(value)?;
        let helper = self
            .helpers
            .iter()
            .position(|h| h.name == value)
            .map(HelperId)?;
        Some(HelperMatch { invert, helper })
    }

    pub fn ipset(&self, name: &str) -> Option<(IpsetId, &Ipset)> {
        self.ipsets
            .iter()
            .enumerate()
            .find(|(_, s)| s.name == name)
            .map(|(i, s)| (IpsetId(i), s))
    }

    pub fn network(&self, value: &Scalar) -> Option<NetworkMatch> {
        let Inv { invert, value } = inverted(value)?;
        Some(NetworkMatch {
            invert,
            addrs: subnets(value, self.router)?,
        })
    }
}

/// `!name src dst`, with the set's name not looked up yet.
#[derive(Debug, Clone)]
pub(super) struct NamedSet {
    pub invert: bool,
    pub name: String,
    pub dirs: [Option<Dir>; 3],
}

pub(super) fn named_set(value: &Scalar) -> Option<NamedSet> {
    let Inv { invert, value } = inverted(value)?;
    let (name, rest) = value.split_at(value.find([' ', '\t']).unwrap_or(value.len()));
    let mut dirs = [None; 3];
    for (dir, word) in dirs
        .iter_mut()
        .zip(ucode::trim(rest).split([' ', '\t', ',']))
    {
        *dir = match word {
            "src" => Some(Dir::Src),
            "dst" | "dest" => Some(Dir::Dst),
            _ => None,
        };
    }
    Some(NamedSet {
        invert,
        name: name.to_owned(),
        dirs,
    })
}

/// fw4's `parse_subnet()`: `addr`, `addr/bits`, `addr/mask`, `first-last`, or the name of a network.
pub fn subnets(text: &str, router: &Router) -> Option<Vec<Subnet>> {
    // Of more than one slash or dash the second is in the mask or in the last address, where none is valid.
    if let Some((addr, mask)) = ucode::cut(text, |byte| byte == b'/') {
        return masked(address(addr)?, mask).map(|s| vec![s]);
    }
    if let Some((from, to)) = ucode::cut(text, |byte| byte == b'-') {
        let (addr, last) = (address(from)?, address(to)?);
        let same = addr.is_ipv4() == last.is_ipv4();
        return same.then(|| {
            vec![Subnet {
                addr,
                kind: SubnetKind::Range(last),
            }]
        });
    }
    match address(text) {
        Some(addr) => Some(vec![host(addr)]),
        None => router
            .network(text)
            .map(|n| n.addresses.iter().map(Subnet::from).collect()),
    }
}

/// inet_pton(3), IPv6 first. Rust's parser takes the same texts.
fn address(text: &str) -> Option<IpAddr> {
    text.parse().ok()
}

fn host(addr: IpAddr) -> Subnet {
    let bits = max_bits(addr);
    Subnet {
        addr,
        kind: SubnetKind::Bits {
            bits,
            mask: mask_of(bits.into(), addr.is_ipv6()),
        },
    }
}

fn masked(addr: IpAddr, mask: &str) -> Option<Subnet> {
    if let Some(mask) = address(mask) {
        if mask.is_ipv4() != addr.is_ipv4() {
            return None;
        }
        return Some(match bits_of(mask) {
            Some(bits) => Subnet {
                addr,
                kind: SubnetKind::Bits {
                    bits,
                    mask: Some(mask),
                },
            },
            None => Subnet {
                addr: and(addr, mask),
                kind: SubnetKind::Mask(Some(mask)),
            },
        });
    }
    let Some(Number::Int(bits)) = ucode::number(mask) else {
        return None;
    };
    let mask = mask_of(bits, addr.is_ipv6());
    Some(Subnet {
        addr,
        kind: match u64::try_from(bits) {
            Ok(bits) => SubnetKind::Bits { bits, mask },
            Err(_) => SubnetKind::Mask(mask),
        },
    })
}

fn and(addr: IpAddr, mask: IpAddr) -> IpAddr {
    match (addr, mask) {
        (IpAddr::V4(a), IpAddr::V4(m)) => IpAddr::V4((u32::from(a) & u32::from(m)).into()),
        (IpAddr::V6(a), IpAddr::V6(m)) => IpAddr::V6((u128::from(a) & u128::from(m)).into()),
        _ => addr,
    }
}

impl From<&Address> for Subnet {
    fn from(a: &Address) -> Self {
        let bits = u64::from(a.bits);
        Subnet {
            addr: a.addr,
            kind: SubnetKind::Bits {
                bits,
                mask: mask_of(bits.into(), a.addr.is_ipv6()),
            },
        }
    }
}

/// One thing that restricts the family of a section, and what fw4 calls it.
pub struct Restriction<'a> {
    pub family: Option<Family>,
    pub what: &'a str,
}

/// fw4's `infer_family()`: the family all restrictions agree on, or what it says where they do not.
pub fn infer_family(
    given: Option<Family>,
    by: &[Restriction<'_>],
) -> Result<Option<Family>, String> {
    let mut family = given;
    for restriction in by {
        let wanted = match restriction.family {
            None | Some(Family::Any) => continue,
            Some(wanted) => wanted,
        };
        match family {
            None | Some(Family::Any) => family = Some(wanted),
            Some(family) if family == wanted => {}
            Some(family) => {
                return Err(format!(
                    "is restricted to IPv{} but referenced {} is IPv{} only",
                    digit(family),
                    restriction.what,
                    digit(wanted)
                ));
            }
        }
    }
    Ok(family)
}

fn digit(family: Family) -> char {
    if family == Family::V6 { '6' } else { '4' }
}

/// The one family of a list of addresses; `None` if it holds both or nothing.
pub fn family_of_subnets<'a>(
    subnets: impl IntoIterator<Item = &'a NetworkMatch>,
) -> Option<Family> {
    let (mut v4, mut v6) = (false, false);
    for subnet in subnets.into_iter().flat_map(|n| &n.addrs) {
        v4 |= subnet.is_v4();
        v6 |= !subnet.is_v4();
    }
    match (v4, v6) {
        (true, false) => Some(Family::V4),
        (false, true) => Some(Family::V6),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> Option<SubnetKind> {
        subnets(text, &Router::default())?.pop().map(|s| s.kind)
    }

    #[test]
    fn addresses_in_all_their_forms() {
        let ip = |s: &str| -> Option<IpAddr> { s.parse().ok() };
        assert_eq!(
            kind("10.0.0.0/8"),
            Some(SubnetKind::Bits {
                bits: 8,
                mask: ip("255.0.0.0")
            })
        );
        assert_eq!(kind("10.0.0.0/255.0.0.0"), kind("10.0.0.0/8"));
        assert_eq!(kind("::1/::ffff"), Some(SubnetKind::Mask(ip("::ffff"))));
        assert_eq!(
            kind("10.0.0.1/-8"),
            Some(SubnetKind::Mask(ip("0.255.255.255")))
        );
        assert_eq!(
            kind("10.0.0.1/33"),
            Some(SubnetKind::Bits {
                bits: 33,
                mask: None
            })
        );
        assert_eq!(
            kind("10.0.0.1-10.0.0.9"),
            ip("10.0.0.9").map(SubnetKind::Range)
        );
        for wrong in [
            "10.0.0.1/8/8",
            "10.0.0.1-::1",
            "10.0.0.1/::",
            "10.0.0",
            "nowhere",
            "10.0.0.1/8.5",
            "a-b-c",
        ] {
            assert_eq!(kind(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_set_match_has_directions_by_place() {
        let set = named_set(&Scalar::Text("! hosts dest,,src")).expect("valid");
        assert!(set.invert);
        assert_eq!(set.name, "hosts");
        assert_eq!(set.dirs, [Some(Dir::Dst), None, Some(Dir::Src)]);
    }
}
