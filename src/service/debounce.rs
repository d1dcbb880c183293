/*!
Many pieces of news, one act: soon after the first, and the later the longer it goes on.

An interface that comes up should have its rules within a second or two. One that flaps all the time should not
have the ruleset loaded all the time: after a few acts in a row the wait grows, until there was calm.
*/

use std::time::{Duration, Instant};

/// How long it must have been quiet before an act, and how long that may put it off. netifd tells of one change
/// with several messages, of one DSL line with several interfaces; a flapping interface must not keep the others'
/// changes waiting for ever. One row for each act in a row, the last one for all that follow, in seconds.
const WAITS: [(u64, u64); 6] = [(1, 5), (1, 5), (3, 10), (8, 20), (16, 30), (30, 30)];

/// After so long without any news the first row holds again.
const CALM: Duration = Duration::from_secs(30);

/// When to act on what was heard, if anything was.
#[derive(Debug, Default)]
pub struct Debounce {
    /// The first piece of news that was not acted on.
    first: Option<Instant>,
    /// The last piece of news, acted on or not.
    last: Option<Instant>,
    /// Acts since there was calm.
    acts: usize,
}

impl Debounce {
    pub fn note(&mut self, now: Instant) {
        if self.first.is_none() {
            let calm = |last: Instant| now.saturating_duration_since(last) >= CALM;
            if self.last.is_some_and(calm) {
                self.acts = 0;
            }
            self.first = Some(now);
        }
        self.last = Some(now);
    }

    pub fn due(&self) -> Option<Instant> {
        let (quiet, latest) = *WAITS.get(self.acts).or(WAITS.last())?;
        let quiet = self.last? + Duration::from_secs(quiet);
        Some(quiet.min(self.first? + Duration::from_secs(latest)))
    }

    /// Is it time? Says so once.
    pub fn take(&mut self, now: Instant) -> bool {
        let due = self.due().is_some_and(|due| due <= now);
        if due {
            self.first = None;
            self.acts += 1;
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// News every so many milliseconds for a minute; the times of the acts, in milliseconds.
    fn acts(apart: u64) -> Vec<u64> {
        let (mut debounce, begin) = (Debounce::default(), Instant::now());
        let acts = (0..100_000).filter(|tick| {
            let now = begin + Duration::from_millis(*tick);
            if *tick < 60_000 && tick % apart == 0 {
                debounce.note(now);
            }
            debounce.take(now)
        });
        let acts = acts.collect();
        assert_eq!(debounce.due(), None);
        acts
    }

    #[test]
    fn one_piece_of_news_waits_a_second_for_more() {
        let (mut debounce, begin) = (Debounce::default(), Instant::now());
        assert!(!debounce.take(begin));
        debounce.note(begin);
        assert!(!debounce.take(begin + Duration::from_millis(999)));
        assert!(debounce.take(begin + Duration::from_secs(1)));
        assert!(!debounce.take(begin + Duration::from_secs(60)));
    }

    #[test]
    fn a_thousand_events_in_a_minute_are_a_handful_of_acts() {
        assert_eq!(acts(60), [5_000, 10_040, 20_080, 40_100, 70_140]);
    }

    #[test]
    fn whatever_the_rate_a_minute_has_six_acts_at_most_and_the_last_news_is_acted_on() {
        for apart in (1..20).chain((97..60_000).step_by(97)) {
            let acts = acts(apart);
            let in_time = acts.iter().filter(|act| **act < 60_000).count();
            let last_news = (59_999 / apart) * apart;
            let late = acts.last().unwrap() - last_news;
            assert!(in_time <= 6 && late <= 30_000, "{apart}: {acts:?}");
            // the first two are never late
            assert!(
                acts[0] <= 5_000 && acts.get(1).is_none_or(|act| act - acts[0] <= 5_000 + apart)
            );
        }
    }

    #[test]
    fn calm_makes_it_quick_again() {
        let (mut debounce, mut now) = (Debounce::default(), Instant::now());
        let mut waited = |pause: u64| {
            now += Duration::from_secs(pause);
            debounce.note(now);
            let due = debounce.due().unwrap();
            assert!(debounce.take(due));
            due - now
        };
        let waits = [0, 2, 2, 5, 10, 20, 29, 30].map(|pause| waited(pause).as_secs());
        assert_eq!(waits, [1, 1, 3, 8, 16, 30, 30, 1]);
    }
}
