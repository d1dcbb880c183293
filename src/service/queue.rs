/*! Acts that wait for their turn, each with all who asked for it. */

use super::act::Act;

/// More callers than this are turned away.
const MOST: usize = 256;

/// First come, first served. Generic over who waits so that it can be tested. Never long, so a plain vector serves.
#[derive(Debug)]
pub struct Queue<C>(Vec<(Act, Vec<C>)>);

impl<C> Queue<C> {
    pub fn new() -> Queue<C> {
        Queue(Vec::new())
    }

    /// Who asks for what is asked for already shares the run, if that has not begun and nothing else comes
    /// in between: it will see the configuration as it is now. Gives the caller back if too many wait.
    pub fn add(&mut self, act: Act, caller: C) -> Result<(), C> {
        if self.callers().count() >= MOST {
            return Err(caller);
        }
        match self.0.iter_mut().rev().find(|(known, _)| *known == act) {
            Some((_, callers)) if act.only_reads() => callers.push(caller),
            _ => match self.0.last_mut() {
                Some((last, callers)) if *last == act => callers.push(caller),
                _ => self.0.push((act, vec![caller])),
            },
        }
        Ok(())
    }

    /// Nobody waits for the outcome; of no use if a load is to come anyway. A start is none if the rules are loaded already.
    pub fn add_refresh(&mut self) {
        let comes = |act: &Act| act.loads() && *act != Act::Start;
        if !self.0.iter().any(|(act, _)| comes(act)) {
            self.0.push((Act::Refresh, Vec::new()));
        }
    }

    /// Nobody waits for the outcome of these either: an expiry, an end of flows.
    pub fn add_once(&mut self, wanted: Act) {
        if !self.0.iter().any(|(act, _)| *act == wanted) {
            self.0.push((wanted, Vec::new()));
        }
    }

    pub fn next(&mut self) -> Option<(Act, Vec<C>)> {
        (!self.0.is_empty()).then(|| self.0.remove(0))
    }

    pub fn callers(&self) -> impl Iterator<Item = &C> {
        self.0.iter().flat_map(|(_, callers)| callers)
    }

    /// Takes out callers that will not wait longer. What they asked for is done nonetheless.
    pub fn expire(&mut self, expired: impl Fn(&C) -> bool) -> Vec<C> {
        let mut out = Vec::new();
        for (_, callers) in &mut self.0 {
            out.extend(callers.extract_if(.., |caller| expired(caller)));
        }
        out
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn acts(queue: &mut Queue<u32>) -> Vec<(Act, Vec<u32>)> {
        std::iter::from_fn(|| queue.next()).collect()
    }

    #[test]
    fn equal_wishes_in_a_row_are_one_act_and_the_order_of_different_ones_is_kept() {
        let mut queue = Queue::new();
        for (i, act) in [Act::Reload, Act::Reload, Act::Stop, Act::Reload]
            .into_iter()
            .enumerate()
        {
            queue.add(act, i as u32).unwrap();
        }
        let done = [
            (Act::Reload, vec![0, 1]),
            (Act::Stop, vec![2]),
            (Act::Reload, vec![3]),
        ];
        assert_eq!(acts(&mut queue), done);
    }

    #[test]
    fn who_only_reads_shares_with_all() {
        let mut queue = Queue::new();
        for (i, act) in [Act::Check, Act::Print, Act::Check].into_iter().enumerate() {
            queue.add(act, i as u32).unwrap();
        }
        assert_eq!(
            acts(&mut queue),
            [(Act::Check, vec![0, 2]), (Act::Print, vec![1])]
        );
    }

    #[test]
    fn an_interface_asks_for_nothing_that_comes_anyway() {
        let mut queue = Queue::new();
        queue.add(Act::Stop, 1).unwrap();
        queue.add_refresh();
        queue.add_refresh();
        assert_eq!(
            acts(&mut queue),
            [(Act::Stop, vec![1]), (Act::Refresh, vec![])]
        );
        queue.add(Act::Restart, 1).unwrap();
        queue.add_refresh();
        assert_eq!(acts(&mut queue), [(Act::Restart, vec![1])]);
        queue.add(Act::Start, 1).unwrap();
        queue.add_refresh();
        queue.add_refresh();
        assert_eq!(
            acts(&mut queue),
            [(Act::Start, vec![1]), (Act::Refresh, vec![])],
            "a start may find the rules loaded"
        );
    }

    #[test]
    fn too_many_callers_are_turned_away_and_the_impatient_leave() {
        let mut queue = Queue::new();
        let turned_away = (0..MOST as u32 + 2).filter(|n| queue.add(Act::Check, *n).is_err());
        assert_eq!(turned_away.count(), 2);
        assert_eq!(queue.expire(|n| *n < 10).len(), 10);
        assert!(queue.add(Act::Check, 0).is_ok());
        assert_eq!(queue.callers().count(), MOST - 9);
    }
}
