/*!
Intervals of keys: how nft merges what an interval set is made of.

A key is a number of up to 128 bits in network byte order. nft sorts the elements, joins what overlaps or
touches, and tells the kernel the beginning and the end of each interval as elements of their own
(`set_automerge` and `set_to_intervals` in its src/intervals.c).
*/

/// First and last key, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interval {
    pub first: u128,
    pub last: u128,
}

impl Interval {
    pub fn new(first: u128, last: u128) -> Self {
        Interval { first, last }
    }

    fn touches(&self, later: &Interval) -> bool {
        later.first <= self.last.saturating_add(1)
    }

    fn covers(&self, other: &Interval) -> bool {
        self.first <= other.first && other.last <= self.last
    }
}

/// Sorts, and joins what overlaps or touches.
pub fn merge(mut intervals: Vec<Interval>) -> Vec<Interval> {
    intervals.sort_unstable();
    intervals.dedup_by(|later, kept| {
        let joined = kept.touches(later);
        if joined {
            kept.last = kept.last.max(later.last);
        }
        joined
    });
    intervals
}

/// What must change in a set for it to hold more.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Change {
    pub remove: Vec<Interval>,
    pub add: Vec<Interval>,
}

/// How `new` intervals come into a set that holds `existing` ones: those that the new ones touch are
/// replaced by their union, all others stay as they are; what is covered already is not added.
///
/// nft merges also existing elements with each other and then loses one of them (its
/// `merge_ranges` removes it and never adds the union); here nothing is lost.
pub fn insert(new: Vec<Interval>, mut existing: Vec<Interval>) -> Change {
    let new = merge(new);
    if existing.is_empty() {
        return Change {
            remove: Vec::new(),
            add: new,
        };
    }
    existing.sort_unstable();
    let mut change = Change::default();
    let (mut existing, mut new) = (&*existing, &*new);
    while let [next, ..] = new {
        while let [old, rest @ ..] = existing
            && !old.touches(next)
            && old.first <= next.first
        {
            existing = rest;
        }
        // A cluster: everything that hangs together with this new interval.
        let mut union = *next;
        let (from_existing, from_new) = (existing, new);
        loop {
            let joined = if let [old, rest @ ..] = existing
                && joins(&union, old)
            {
                existing = rest;
                old
            } else if let [fresh, rest @ ..] = new
                && joins(&union, fresh)
            {
                new = rest;
                fresh
            } else {
                break;
            };
            union.first = union.first.min(joined.first);
            union.last = union.last.max(joined.last);
        }
        let taken = |from: &[Interval], rest: &[Interval]| from.len() - rest.len();
        let old_ones = from_existing.get(..taken(from_existing, existing));
        let old_ones = old_ones.unwrap_or_default();
        let mut new_ones = from_new.iter().take(taken(from_new, new));
        if !new_ones.all(|fresh| old_ones.iter().any(|old| old.covers(fresh))) {
            change.remove.extend_from_slice(old_ones);
            change.add.push(union);
        }
    }
    change
}

fn joins(a: &Interval, b: &Interval) -> bool {
    if a.first <= b.first {
        a.touches(b)
    } else {
        b.touches(a)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn intervals(list: &[(u128, u128)]) -> Vec<Interval> {
        list.iter()
            .map(|(first, last)| Interval::new(*first, *last))
            .collect()
    }

    #[test]
    fn overlapping_and_touching_intervals_become_one() {
        let merged = merge(intervals(&[
            (10, 19),
            (5, 6),
            (20, 29),
            (12, 15),
            (7, 7),
            (40, u128::MAX),
        ]));
        assert_eq!(merged, intervals(&[(5, 7), (10, 29), (40, u128::MAX)]));
        assert_eq!(
            merge(intervals(&[(0, u128::MAX), (3, 4)])),
            intervals(&[(0, u128::MAX)])
        );
    }

    #[test]
    fn existing_elements_are_replaced_only_where_new_ones_touch_them() {
        let change = insert(
            intervals(&[(15, 24), (50, 50)]),
            intervals(&[(1, 2), (10, 19), (25, 30), (40, 45)]),
        );
        assert_eq!(change.remove, intervals(&[(10, 19), (25, 30)]));
        assert_eq!(change.add, intervals(&[(10, 30), (50, 50)]));
    }

    #[test]
    fn what_is_there_already_is_left_alone() {
        let existing = intervals(&[(10, 19), (20, 29), (40, 49)]);
        let change = insert(intervals(&[(12, 13), (40, 49)]), existing);
        assert_eq!(change, Change::default());
    }

    #[test]
    fn a_new_interval_swallows_smaller_ones() {
        let change = insert(
            intervals(&[(0, 100)]),
            intervals(&[(5, 6), (50, 60), (100, 120), (130, 140)]),
        );
        assert_eq!(change.remove, intervals(&[(5, 6), (50, 60), (100, 120)]));
        assert_eq!(change.add, intervals(&[(0, 120)]));
    }

    #[test]
    fn inserting_gives_the_union_whatever_the_intervals() {
        // All pairs of small sets over the keys 0 to 7, by bit masks.
        let from_mask = |mask: u32| {
            (0..8)
                .filter(|k| mask >> k & 1 == 1)
                .map(|k| Interval::new(k, k))
                .collect()
        };
        let keys = |list: &[Interval]| {
            list.iter()
                .flat_map(|i| i.first..=i.last)
                .fold(0u32, |m, k| m | 1 << k)
        };
        for old in 0..256u32 {
            for new in 0..256u32 {
                let merged_old = merge(from_mask(old));
                for existing in [merged_old, from_mask(old)] {
                    let change = insert(from_mask(new), existing.clone());
                    let left: Vec<_> = existing
                        .iter()
                        .filter(|i| !change.remove.contains(i))
                        .copied()
                        .collect();
                    assert!(change.remove.iter().all(|i| existing.contains(i)));
                    assert_eq!(
                        keys(&left) & keys(&change.add),
                        0,
                        "overlap: {old:08b} {new:08b}"
                    );
                    assert_eq!(keys(&left) | keys(&change.add), old | new);
                }
            }
        }
    }
}
