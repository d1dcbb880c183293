/*! Would a ruleset let a running connection begin? */

use std::net::{IpAddr, SocketAddr};

use super::{ACCEPT, Packet, Rewritten, Walk, at};
use crate::netlink::conntrack::Connection;
use crate::netlink::{KernelRoutes, Place, Protocols};
use crate::ruleset::{Hook, NatAddr, NatRange, Ruleset};

/// Who knows where an address is, seen from the router.
pub trait Routes {
    /// Where packets from `other` to it go. `None`: unreachable, many (multicast), or nobody knows.
    fn place(&mut self, addr: IpAddr, other: IpAddr) -> Option<Place>;
}

impl Routes for KernelRoutes {
    fn place(&mut self, addr: IpAddr, other: IpAddr) -> Option<Place> {
        self.place_for(addr, other)
    }
}

/// Compares connections with a ruleset.
pub struct Judge<'a> {
    pub new: &'a Ruleset,
    /// What was loaded before: by it is told which of the rewritten destinations were ours.
    pub old: Option<&'a Ruleset>,
    pub protocols: &'a Protocols,
}

impl Judge<'_> {
    /// Is it certain that the new rules would not let it begin?
    pub fn forbids(&self, connection: &Connection, routes: &mut dyn Routes) -> bool {
        self.judged(connection, routes) == Some(true)
    }

    /// `None`: nobody can tell.
    fn judged(&self, connection: &Connection, routes: &mut dyn Routes) -> Option<bool> {
        let original = &connection.original;
        // where its packets really go: answers come from there
        let real = connection.reply.src;
        // Routes may depend on the source: that is what it is while the router looks for one, rewritten only afterwards.
        let from = routes.place(original.src.ip(), real.ip())?;
        let to = routes.place(real.ip(), original.src.ip())?;
        let rewritten = real != original.dst;
        let (iif, oif) = match (&from, &to) {
            (Place::Here, Place::Here) => return None,
            (Place::Here, Place::Behind(oif)) => (None, oif.as_deref()),
            (Place::Behind(iif), Place::Here) => (iif.as_deref(), None),
            (Place::Behind(iif), Place::Behind(oif)) => (iif.as_deref(), oif.as_deref()),
        };
        let packet = Packet {
            src: original.src,
            dst: original.dst,
            protocol: original.protocol,
            iif,
            oif,
            dnat: false,
        };
        if from == Place::Here {
            // Somebody else's doing: our rules rewrite nothing here.
            return (!rewritten).then(|| self.refused(&[Hook::Output, Hook::Postrouting], packet));
        }
        let arriving = Packet {
            oif: None,
            ..packet
        };
        let brought = |ruleset| {
            let mut walk = Walk::new(ruleset, arriving, self.protocols);
            let possible = walk.hook(Hook::Prerouting);
            let there = match walk.destination {
                Rewritten::No => None,
                Rewritten::To(range) => Some(leads_to(range, original.dst, real)),
                Rewritten::Redirected => Some(to == Place::Here),
                Rewritten::Perhaps => return None,
            };
            Some((possible, there))
        };
        let (possible, there) = brought(self.new)?;
        if possible & ACCEPT == 0 {
            return Some(true);
        }
        if rewritten && there != Some(true) {
            // Nothing brings it there any more, if it was one of our rules that did.
            let ours = self
                .old
                .is_some_and(|old| matches!(brought(old), Some((_, Some(true)))));
            if there.is_some() || ours {
                return Some(true);
            }
        }
        let dnat = rewritten;
        let packet = Packet {
            dst: real,
            dnat,
            ..packet
        };
        Some(match to {
            Place::Here => self.refused(&[Hook::Input], packet),
            Place::Behind(_) => self.refused(&[Hook::Forward, Hook::Postrouting], packet),
        })
    }

    fn refused(&self, hooks: &[Hook], packet: Packet<'_>) -> bool {
        let refuses = |hook: &Hook| at(*hook, self.new, packet, self.protocols) & ACCEPT == 0;
        hooks.iter().any(refuses)
    }
}

/// Could it be what the rule makes of this destination?
fn leads_to(range: &NatRange, asked: SocketAddr, real: SocketAddr) -> bool {
    let addr = match &range.addr {
        None => real.ip() == asked.ip(),
        Some(NatAddr::Host(addr)) => real.ip() == *addr,
        Some(NatAddr::Range(first, last)) => (*first..=*last).contains(&real.ip()),
    };
    let port = match &range.ports {
        None => real.port() == asked.port(),
        Some(ports) => (ports.min..=ports.max).contains(&real.port()),
    };
    addr && port
}
