/*!
The forwarding tables of bridges over rtnetlink: which station is behind which port, and when it moves to another.

`bridge monitor fdb` shows the same messages (`br_fdb_update` in net/bridge/br_fdb.c sends one when a station
was seen for the first time, or at another port than before).
*/

use std::io::{self, IoSlice};
use std::os::fd::{AsFd, BorrowedFd};

use super::pages::{Attributes, Messages, Received, u32_at};
use super::socket::{Socket, Transport};
use crate::sorted::Sorted;

/// `linux/rtnetlink.h`: `RTM_NEWNEIGH`, `RTM_GETNEIGH`, `RTNLGRP_NEIGH`; `linux/neighbour.h`: `struct ndmsg`,
/// `NDA_LLADDR`, `NDA_VLAN`, `NDA_MASTER`, `NUD_PERMANENT`.
const NEW_NEIGHBOUR: u16 = 28;
const GET_NEIGHBOUR: u16 = 30;
const GROUP: u32 = 3;
const HEADER: usize = 12;
const LLADDR: u16 = 2;
const VLAN: u16 = 5;
const MASTER: u16 = 9;
const PERMANENT: u8 = 0x80;

/// Stations beyond that are not told apart from new ones.
const MOST: usize = 4096;
const PAGE: usize = 32 * 1024;

/// An address in a VLAN of a bridge: a router or access point may have the same address in several.
type Station = ([u8; 6], [u8; 4], [u8; 2]);

pub struct Bridges {
    socket: Socket,
    /// The port of each station seen so far, by its number; those that are gone included, for they may come back
    /// elsewhere.
    ports: Sorted<Station, u32>,
}

impl Bridges {
    /// # Errors
    /// The kernel has no rtnetlink for us.
    pub fn watch() -> io::Result<Bridges> {
        let mut socket = Socket::route()?;
        socket.join(GROUP)?;
        let mut request = [0u8; 16 + HEADER];
        let length = (request.len() as u32).to_ne_bytes();
        let flags = (libc::NLM_F_REQUEST | libc::NLM_F_DUMP) as u16;
        let fields: [&[u8]; 3] = [&length, &GET_NEIGHBOUR.to_ne_bytes(), &flags.to_ne_bytes()];
        for (to, from) in request.iter_mut().zip(fields.concat()) {
            *to = from;
        }
        request[16] = libc::AF_BRIDGE as u8;
        socket.send(&[IoSlice::new(&request)])?;
        Ok(Bridges {
            socket,
            ports: Sorted::default(),
        })
    }

    pub fn fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }

    /// Has a station moved to another port since the last time? Does not wait.
    ///
    /// # Errors
    /// Nothing more is to be heard from this socket.
    pub fn moved(&mut self) -> io::Result<bool> {
        let mut moved = false;
        let mut page = vec![0; PAGE];
        loop {
            let length = match self.socket.receive(&mut page, false) {
                Ok(length) => length,
                Err(error) => match (error.kind(), error.raw_os_error()) {
                    (io::ErrorKind::WouldBlock, _) => return Ok(moved),
                    (io::ErrorKind::Interrupted, _) => continue,
                    // Too much at once: somebody may have moved.
                    (_, Some(libc::ENOBUFS)) => {
                        moved = true;
                        continue;
                    }
                    _ => return Err(error),
                },
            };
            for message in Messages(page.get(..length).unwrap_or_default()) {
                if let Some((station, port)) = learnt(&message) {
                    moved |= self.note(station, port);
                }
            }
        }
    }

    fn note(&mut self, station: Station, port: u32) -> bool {
        if self.ports.iter().len() >= MOST {
            self.ports = Sorted::default();
        }
        let moved = self
            .ports
            .get(&station)
            .is_some_and(|before| *before != port);
        if moved {
            self.ports.remove(&station);
        }
        self.ports.insert(station, port);
        moved
    }
}

/// Station and port, if a bridge has learnt them.
fn learnt(message: &Received<'_>) -> Option<(Station, u32)> {
    let state = u32_at(message.payload, 8)?.to_ne_bytes();
    let learnt = message.kind == NEW_NEIGHBOUR
        && message.family() == libc::AF_BRIDGE as u8
        && state[0] & PERMANENT == 0;
    let attributes = Attributes(message.payload.get(HEADER..)?);
    let address = attributes.first(LLADDR)?.try_into().ok()?;
    let bridge = attributes.first(MASTER).and_then(|b| b.try_into().ok());
    let vlan = attributes.first(VLAN).and_then(|b| b.try_into().ok());
    let station = (
        address,
        bridge.unwrap_or_default(),
        vlan.unwrap_or_default(),
    );
    learnt.then_some((station, u32_at(message.payload, 4)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `struct ndmsg`, the address and the bridge.
    fn entry(family: u8, port: u32, state: u8, station: u8, bridge: u8) -> Vec<u8> {
        let mut bytes = vec![family, 0, 0, 0];
        bytes.extend(port.to_ne_bytes());
        bytes.extend([state, 0, 0, 0]);
        bytes.extend(10u16.to_ne_bytes());
        bytes.extend(LLADDR.to_ne_bytes());
        bytes.extend([2, 0, 0, 0, 0, station, 0, 0]);
        bytes.extend(8u16.to_ne_bytes());
        bytes.extend(MASTER.to_ne_bytes());
        bytes.extend(u32::from(bridge).to_ne_bytes());
        bytes
    }

    #[test]
    fn a_station_moves_when_it_is_learnt_at_another_port() {
        let mut bridges = Bridges {
            socket: Socket::route().expect("a socket"),
            ports: Sorted::default(),
        };
        let mut heard_on = |on, family: u8, port, state, station| {
            let payload = entry(family, port, state, station, on);
            let message = Received {
                kind: NEW_NEIGHBOUR,
                seq: 0,
                payload: &payload,
            };
            learnt(&message).is_some_and(|(station, port)| bridges.note(station, port))
        };
        let bridge = libc::AF_BRIDGE as u8;
        assert!(!heard_on(2, bridge, 7, 2, 1));
        let mut heard = |family, port, state, station| heard_on(1, family, port, state, station);
        assert!(
            !heard(bridge, 3, 2, 1),
            "new, though another bridge knows it"
        );
        assert!(!heard(bridge, 3, 2, 1), "seen again");
        assert!(!heard(bridge, 4, 2, 2), "another one");
        assert!(!heard(libc::AF_INET as u8, 4, 2, 1), "of ARP");
        assert!(!heard(bridge, 4, PERMANENT, 1), "a port's own address");
        assert!(heard(bridge, 4, 2, 1));
        assert!(heard(bridge, 3, 2, 1), "and back");
    }
}
