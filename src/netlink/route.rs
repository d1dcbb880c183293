/*!
Routes, asked for one address at a time over rtnetlink (`linux/rtnetlink.h`, `linux/fib_rules.h`).
*/

use std::collections::HashMap;
use std::ffi::CStr;
use std::io::{self, IoSlice};
use std::net::{IpAddr, Ipv6Addr};

use super::pages::{self, Attributes, Messages};
use super::socket::{Socket, Transport};
use crate::text;

const RTM_NEWROUTE: u16 = 24;
const RTM_GETROUTE: u16 = 26;
const RTM_NEWRULE: u16 = 32;
const RTM_GETRULE: u16 = 34;
const RTA_DST: u16 = 1;
const RTA_SRC: u16 = 2;
const RTA_OIF: u16 = 4;
const FRA_TABLE: u16 = 15;
/// `struct rtmsg` and `struct fib_rule_hdr` are of one size; what is at the same place in both is the table.
const HEADER: usize = 12;
const AT_TABLE: usize = 4;
const AT_TYPE: usize = 7;
/// `RTN_UNICAST`, `RTN_LOCAL`; `FR_ACT_TO_TBL`
const UNICAST: u8 = 1;
const LOCAL: u8 = 2;
const TO_TABLE: u8 = 1;
/// `RT_TABLE_DEFAULT`, `_MAIN`, `_LOCAL`
const USUAL_TABLES: std::ops::RangeInclusive<u32> = 253..=255;

/// Where an address is, seen from the router.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// It is the router's own.
    Here,
    /// Behind this device; `None` if which one depends on more than the address.
    Behind(Option<String>),
}

/// The kernel's routes, and what it said before.
pub struct KernelRoutes {
    socket: Socket,
    /// By the address and the other end, where that makes a difference.
    known: HashMap<(IpAddr, Option<Ipv6Addr>), Option<Place>>,
    /// Rules choose between several tables: by mark, by source, nobody knows here. Then no device is certain.
    policy: [bool; 2],
}

impl KernelRoutes {
    /// # Errors
    /// The system has no rtnetlink for us.
    pub fn open() -> io::Result<KernelRoutes> {
        let mut routes = KernelRoutes {
            socket: Socket::route()?,
            known: HashMap::new(),
            policy: [false; 2],
        };
        for (family, policy) in [libc::AF_INET, libc::AF_INET6].into_iter().zip(0..) {
            let several = routes.has_policy(family as u8)?;
            if let Some(known) = routes.policy.get_mut(policy) {
                *known = several;
            }
        }
        Ok(routes)
    }

    fn has_policy(&mut self, family: u8) -> io::Result<bool> {
        let mut found = false;
        let mut header = [0; HEADER];
        header[0] = family;
        self.ask(
            RTM_GETRULE,
            libc::NLM_F_DUMP as u16,
            &header,
            &[],
            &mut |kind, rule| {
                let (head, attributes) = rule.split_at_checked(HEADER).unwrap_or_default();
                let table = Attributes(attributes)
                    .first(FRA_TABLE)
                    .and_then(|table| table.first_chunk())
                    .map_or(head.get(AT_TABLE).copied().unwrap_or(0).into(), |table| {
                        u32::from_ne_bytes(*table)
                    });
                found |= kind == RTM_NEWRULE
                    && head.get(AT_TYPE) == Some(&TO_TABLE)
                    && !USUAL_TABLES.contains(&table);
            },
        )?;
        Ok(found)
    }

    /// Where it is for everybody. `None`: unreachable, many (multicast, broadcast), or the kernel did not say.
    pub fn place(&mut self, addr: IpAddr) -> Option<Place> {
        self.place_from(addr, None)
    }

    /// The same for packets that come from `other`: IPv6 routes may be for some sources only, as OpenWrt's default
    /// routes are.
    pub fn place_for(&mut self, addr: IpAddr, other: IpAddr) -> Option<Place> {
        self.place_from(addr, Some(other))
    }

    fn place_from(&mut self, addr: IpAddr, other: Option<IpAddr>) -> Option<Place> {
        let other = match (addr, other) {
            (IpAddr::V6(_), Some(IpAddr::V6(other))) => Some(other),
            _ => None,
        };
        if let Some(known) = self.known.get(&(addr, other)) {
            return known.clone();
        }
        let place = self.look_up(addr, other);
        self.known.insert((addr, other), place.clone());
        place
    }

    fn look_up(&mut self, addr: IpAddr, other: Option<Ipv6Addr>) -> Option<Place> {
        let (family, bytes, policy) = match addr {
            IpAddr::V4(addr) => (libc::AF_INET, addr.octets().to_vec(), self.policy[0]),
            IpAddr::V6(addr) => (libc::AF_INET6, addr.octets().to_vec(), self.policy[1]),
        };
        // Each link has these addresses: the kernel would name any one of them.
        let uncertain = policy || matches!(addr, IpAddr::V6(addr) if addr.is_unicast_link_local());
        let mut header = [0; HEADER];
        header[0] = family as u8;
        header[1] = (bytes.len() * 8) as u8;
        let mut attributes = vec![(RTA_DST, bytes)];
        if let Some(other) = other {
            header[2] = 128;
            attributes.push((RTA_SRC, other.octets().to_vec()));
        }
        let mut place = None;
        let asked = self.ask(RTM_GETROUTE, 0, &header, &attributes, &mut |kind, route| {
            let (head, attributes) = route.split_at_checked(HEADER).unwrap_or_default();
            let oif = || {
                let index = Attributes(attributes).first(RTA_OIF)?.first_chunk()?;
                name_of(u32::from_ne_bytes(*index))
            };
            place = match head.get(AT_TYPE) {
                _ if kind != RTM_NEWROUTE => None,
                Some(&LOCAL) => Some(Place::Here),
                Some(&UNICAST) if uncertain => Some(Place::Behind(None)),
                Some(&UNICAST) => oif().map(|name| Place::Behind(Some(name))),
                _ => None,
            };
        });
        asked.ok().and(place)
    }

    /// One question and all answers to it.
    fn ask(
        &mut self,
        kind: u16,
        flags: u16,
        header: &[u8; HEADER],
        attributes: &[(u16, Vec<u8>)],
        visit: &mut dyn FnMut(u16, &[u8]),
    ) -> io::Result<()> {
        let mut question = Vec::with_capacity(64);
        let flags = libc::NLM_F_REQUEST as u16 | flags;
        question.extend([0; 4]);
        question.extend(kind.to_ne_bytes());
        question.extend(flags.to_ne_bytes());
        question.extend([0; 8]);
        question.extend(header);
        let length = question.len() as u32;
        if let Some(field) = question.first_chunk_mut() {
            *field = length.to_ne_bytes();
        }
        for (kind, data) in attributes {
            pages::append(&mut question, *kind, data);
        }
        self.socket.send(&[IoSlice::new(&question)])?;
        let mut page = vec![0; 16 << 10];
        loop {
            let length = match self.socket.receive(&mut page, true) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            for message in Messages(page.get(..length).unwrap_or_default()) {
                match i32::from(message.kind) {
                    libc::NLMSG_DONE | libc::NLMSG_ERROR => return Ok(()),
                    _ => visit(message.kind, message.payload),
                }
                if kind == RTM_GETROUTE {
                    return Ok(());
                }
            }
        }
    }
}

/// if_indextoname(3)
fn name_of(index: u32) -> Option<String> {
    let mut name = [0u8; libc::IFNAMSIZ];
    // SAFETY: the buffer has the size that the call demands, and what it writes ends in zero.
    let found = unsafe { libc::if_indextoname(index, name.as_mut_ptr().cast()) };
    if found.is_null() {
        return None;
    }
    let name = CStr::from_bytes_until_nul(&name).ok()?;
    Some(text::decode(name.to_bytes()))
}
