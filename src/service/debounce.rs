/*! Many pieces of news, one act: when there was quiet for a while, but not put off for ever. */

use std::time::{Duration, Instant};

/// netifd tells of one change with several messages, and of one DSL line with several interfaces.
const QUIET: Duration = Duration::from_secs(1);

/// A flapping interface must not keep the others' changes waiting.
const LATEST: Duration = Duration::from_secs(5);

/// When to act on what was heard, if anything was.
#[derive(Debug, Default)]
pub struct Debounce(Option<(Instant, Instant)>);

impl Debounce {
    pub fn note(&mut self, now: Instant) {
        let first = self.0.map_or(now, |(first, _)| first);
        self.0 = Some((first, now));
    }

    pub fn due(&self) -> Option<Instant> {
        self.0
            .map(|(first, last)| (last + QUIET).min(first + LATEST))
    }

    /// Is it time? Says so once.
    pub fn take(&mut self, now: Instant) -> bool {
        let due = self.due().is_some_and(|due| due <= now);
        if due {
            self.0 = None;
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_piece_of_news_waits_for_quiet() {
        let (mut debounce, begin) = (Debounce::default(), Instant::now());
        assert!(!debounce.take(begin));
        debounce.note(begin);
        assert!(!debounce.take(begin + QUIET / 2));
        assert!(debounce.take(begin + QUIET));
        assert!(!debounce.take(begin + LATEST));
    }

    #[test]
    fn a_thousand_events_in_a_minute_are_a_dozen_acts() {
        let (mut debounce, begin) = (Debounce::default(), Instant::now());
        let mut acts = 0;
        for tick in 0..65_000_u32 {
            let now = begin + Duration::from_millis(tick.into());
            if tick < 60_000 && tick % 60 == 0 {
                debounce.note(now);
            }
            acts += u32::from(debounce.take(now));
        }
        assert_eq!((acts, debounce.due()), (12, None));
    }
}
