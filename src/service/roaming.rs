/*!
Stations that move from one port of a bridge to another, as Wi-Fi clients do.

An offloaded flow is bound to the port that its client was behind when it began: what comes for the client goes there until
the flow times out, which it does not while anything comes. So flows are ended, not their connections, when a station
moves; the next packet goes the slow path, finds the client where it is, and brings its flow back.
*/

use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use crate::netlink::neighbours::Bridges;
use crate::stdio;

/// Between two times, in seconds: the longer the more of them there were without calm, the last one for all that
/// follow. The first move after a calm counts at once. A station that is seen at two ports in turn, or somebody who takes
/// another's address, must not have the ruleset loaded all the time.
const PAUSES: [u64; 5] = [2, 4, 8, 16, 30];

/// After so long without any move the first pause holds again.
const CALM: Duration = Duration::from_secs(30);

#[derive(Default)]
pub struct Roaming {
    bridges: Option<Bridges>,
    pace: Pace,
}

/// When flows end, for moves that are noted.
#[derive(Debug, Default)]
struct Pace {
    /// When flows are to end next.
    due: Option<Instant>,
    /// When they did last.
    ended: Option<Instant>,
    /// The last move.
    moved: Option<Instant>,
    /// How often flows ended since there was calm.
    times: usize,
}

impl Pace {
    fn note(&mut self, now: Instant) {
        let calm = |moved: Instant| now.saturating_duration_since(moved) >= CALM;
        // what is due is not calm yet
        if self.due.is_none() && self.moved.is_none_or(calm) {
            self.times = 0;
        }
        self.moved = Some(now);
        let row = PAUSES.get(self.times.saturating_sub(1));
        let pause = Duration::from_secs(*row.unwrap_or(&30));
        let earliest = self.ended.map_or(now, |ended| ended + pause);
        self.due.get_or_insert(earliest.max(now));
    }

    /// Is it time? Says so once.
    fn take(&mut self, now: Instant) -> bool {
        let due = self.due.take_if(|due| *due <= now).is_some();
        if due {
            self.ended = Some(now);
            self.times += 1;
        }
        due
    }
}

impl Roaming {
    /// Listens, or no longer does.
    pub fn wanted(&mut self, wanted: bool) {
        if !wanted {
            *self = Roaming::default();
        } else if self.bridges.is_none() {
            match Bridges::watch() {
                Ok(bridges) => self.bridges = Some(bridges),
                Err(error) => stdio::log(format!("Clients that move cannot be noticed: {error}.")),
            }
        }
    }

    pub fn fd(&self) -> Option<BorrowedFd<'_>> {
        self.bridges.as_ref().map(Bridges::fd)
    }

    pub fn due(&self) -> Option<Instant> {
        self.pace.due
    }

    /// Listens, and says whether it is time to end flows.
    pub fn take(&mut self, now: Instant) -> bool {
        let moved = self.bridges.as_mut().map(Bridges::moved);
        match moved {
            Some(Ok(true)) => self.pace.note(now),
            Some(Err(error)) => {
                stdio::log(format!("Clients that move are no longer noticed: {error}."));
                self.bridges = None;
            }
            Some(Ok(false)) | None => {}
        }
        self.pace.take(now)
    }
}

impl std::fmt::Debug for Roaming {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Roaming")
            .field("pace", &self.pace)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A move at each of these seconds; those at which flows end.
    fn ends(moves: impl Fn(u64) -> bool) -> Vec<u64> {
        let (mut pace, begin) = (Pace::default(), Instant::now());
        let ends = (0..400).filter(|second| {
            let now = begin + Duration::from_secs(*second);
            if moves(*second) {
                pace.note(now);
            }
            pace.take(now)
        });
        ends.collect()
    }

    #[test]
    fn one_move_ends_flows_at_once_and_the_way_back_soon_after() {
        assert_eq!(ends(|second| [5, 6].contains(&second)), [5, 7]);
        assert_eq!(ends(|second| [5, 15].contains(&second)), [5, 15]);
    }

    #[test]
    fn the_pause_grows_while_it_goes_on_and_the_last_move_counts() {
        assert_eq!(
            ends(|second| second < 130),
            [0, 2, 6, 14, 30, 60, 90, 120, 150]
        );
    }

    #[test]
    fn calm_makes_it_quick_again() {
        let ends = ends(|second| second < 10 || [60, 61, 64].contains(&second));
        assert_eq!(ends, [0, 2, 6, 14, 60, 62, 66]);
    }
}
