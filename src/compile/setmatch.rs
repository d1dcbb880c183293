/*! `option ipset`: which fields of the packet are looked up in a set. */

use crate::config::Ipset;
use crate::config::value::{Proto, SetMatch};
use crate::ruleset::{Dir, Family, KeyType, L4, SetField};

/// nf_tables knows no destination MAC address at these hooks, or rather fw4 does not.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct DestinationMac;

/// One field for each part of the set's key. No field at all for a set of ports and a protocol without
/// ports: fw4 then prints a lookup without fields, which nft refuses.
pub(super) fn fields(
    set: &Ipset,
    wanted: &SetMatch,
    proto: &Proto,
) -> Result<Vec<SetField>, DestinationMac> {
    let l4 = match proto {
        Proto::Tcp => Some(L4::Tcp),
        Proto::Udp => Some(L4::Udp),
        _ => None,
    };
    if set.key.contains(&KeyType::InetService) && l4.is_none() {
        return Ok(Vec::new());
    }
    let mut fields = Vec::with_capacity(set.key.len());
    for (i, key) in set.key.iter().enumerate() {
        let dir = wanted.dirs.get(i).copied().flatten();
        let dir = dir
            .or_else(|| set.directions.get(i).copied())
            .unwrap_or(Dir::Src);
        fields.push(match key {
            KeyType::Ipv4Addr => SetField::Addr(Family::V4, dir),
            KeyType::Ipv6Addr => SetField::Addr(Family::V6, dir),
            KeyType::EtherAddr if dir == Dir::Dst => return Err(DestinationMac),
            KeyType::EtherAddr => SetField::EtherSaddr,
            KeyType::InetService => match &l4 {
                Some(l4) => SetField::Port(l4.clone(), dir),
                None => continue,
            },
        });
    }
    Ok(fields)
}
