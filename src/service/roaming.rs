/*!
Stations that move from one port of a bridge to another, as Wi-Fi clients do.

An offloaded flow is bound to the port that its client was behind when it began: what comes for the client goes there until
the flow times out, which it does not while anything comes. So flows are ended, not their connections, when a station
moves; the next packet goes the slow path, finds the client where it is, and brings its flow back.
*/

use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use crate::netlink::neighbours::Bridges;

/// Between two times. The first move after a calm counts at once.
const PAUSE: Duration = Duration::from_secs(2);

#[derive(Default)]
pub struct Roaming {
    bridges: Option<Bridges>,
    /// When flows are to end next.
    due: Option<Instant>,
    last: Option<Instant>,
}

impl Roaming {
    /// Listens, or no longer does.
    pub fn wanted(&mut self, wanted: bool) {
        if !wanted {
            *self = Roaming::default();
        } else if self.bridges.is_none() {
            match Bridges::watch() {
                Ok(bridges) => self.bridges = Some(bridges),
                Err(error) => eprintln!("Clients that move cannot be noticed: {error}."),
            }
        }
    }

    pub fn fd(&self) -> Option<BorrowedFd<'_>> {
        self.bridges.as_ref().map(Bridges::fd)
    }

    pub fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Listens, and says whether it is time to end flows.
    pub fn take(&mut self, now: Instant) -> bool {
        let moved = self.bridges.as_mut().map(Bridges::moved);
        match moved {
            Some(Ok(true)) => {
                let earliest = self.last.map_or(now, |last| last + PAUSE);
                self.due.get_or_insert(earliest.max(now));
            }
            Some(Err(error)) => {
                eprintln!("Clients that move are no longer noticed: {error}.");
                self.bridges = None;
            }
            Some(Ok(false)) | None => {}
        }
        let due = self.due.take_if(|due| *due <= now).is_some();
        if due {
            self.last = Some(now);
        }
        due
    }
}

impl std::fmt::Debug for Roaming {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Roaming")
            .field("due", &self.due)
            .finish_non_exhaustive()
    }
}
