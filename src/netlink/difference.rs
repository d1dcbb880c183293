/*!
From the rules of a chain to other rules, in few steps.

Rules of ours are known by their marks. Those that both sequences have in the same order stay; each of the others is
put in the place of one that goes, as long as there are any, and otherwise between those that stay.
*/

use super::installed::Installed;
use super::rule::Place;
use crate::sort;

/// What to do to a chain, to be done in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// By handle.
    Delete(u64),
    /// Put the new rule with this index there.
    Put(usize, Place),
}

/// The steps from what a chain holds to rules with these marks. Rules of others stay: those before all of ours at the
/// head, those behind all of ours at the end, the others behind the one they stand behind.
pub fn steps(old: &[Installed], new: &[u64]) -> Vec<Step> {
    let ours: Vec<(usize, u64)> = old
        .iter()
        .enumerate()
        .filter_map(|(at, rule)| rule.mark.map(|mark| (at, mark)))
        .collect();
    let marks: Vec<u64> = ours.iter().map(|(_, mark)| *mark).collect();
    let kept = common(&marks, new);
    if kept.len() == marks.len() && kept.len() == new.len() {
        return Vec::new();
    }
    let mut steps = Vec::new();
    let (mut from_old, mut from_new) = (0, 0);
    for (kept_old, kept_new) in kept {
        let at = ours.get(kept_old).map_or(old.len(), |(at, _)| *at);
        let stays = old.get(at).map(|rule| rule.handle);
        let between = old.get(from_old..at).unwrap_or_default();
        gap(&mut steps, between, from_new..kept_new, stays);
        (from_old, from_new) = (at + 1, kept_new + 1);
    }
    let behind = old.get(from_old..).unwrap_or_default();
    gap(&mut steps, behind, from_new..new.len(), None);
    steps
}

/// What is to be done between two rules that stay, `next` being the second one.
fn gap(
    steps: &mut Vec<Step>,
    old: &[Installed],
    mut new: std::ops::Range<usize>,
    next: Option<u64>,
) {
    let mut last_of_ours = None;
    for (at, rule) in old.iter().enumerate().filter(|(_, r)| r.mark.is_some()) {
        last_of_ours = Some(at);
        steps.push(match new.next() {
            Some(index) => Step::Put(index, Place::InsteadOf(rule.handle)),
            None => Step::Delete(rule.handle),
        });
    }
    // Only rules of others are behind that.
    let behind = match (last_of_ours, next) {
        (Some(at), _) => old.get(at + 1),
        (None, None) => old.first(),
        (None, Some(_)) => None,
    };
    let place = behind
        .map(|rule| rule.handle)
        .or(next)
        .map_or(Place::End, Place::Before);
    steps.extend(new.map(|index| Step::Put(index, place)));
}

/// Pairs of positions of equal marks, rising on both sides: as many as there can be if no mark occurs twice in what
/// is between the common beginning and the common end, nearly as many otherwise. Takes time in proportion to the
/// length, times its logarithm for what is between.
fn common(old: &[u64], new: &[u64]) -> Vec<(usize, usize)> {
    let equal = |(a, b): &(&u64, &u64)| a == b;
    let prefix = old.iter().zip(new).take_while(equal).count();
    let (old_rest, new_rest) = (
        old.get(prefix..).unwrap_or_default(),
        new.get(prefix..).unwrap_or_default(),
    );
    let from_end = old_rest.iter().rev().zip(new_rest.iter().rev());
    let suffix = from_end.take_while(equal).count();
    let middle_old = old_rest.get(..old_rest.len() - suffix).unwrap_or_default();
    let middle_new = new_rest.get(..new_rest.len() - suffix).unwrap_or_default();

    let mut pairs: Vec<(usize, usize)> = (0..prefix).map(|at| (at, at)).collect();
    let between = rising(&matches(middle_old, middle_new));
    pairs.extend(between.iter().map(|(a, b)| (a + prefix, b + prefix)));
    let (end_old, end_new) = (old.len() - suffix, new.len() - suffix);
    pairs.extend((0..suffix).map(|at| (end_old + at, end_new + at)));
    pairs
}

/// For each new mark the old position of its like: the first for the first, the second for the second.
fn matches(old: &[u64], new: &[u64]) -> Vec<(usize, usize)> {
    let in_order =
        |marks: &[u64]| sort::places(marks.len(), &|a, b| marks.get(a).cmp(&marks.get(b)));
    let mut ours = in_order(old).into_iter().peekable();
    let mut found = vec![None; new.len()];
    for at in in_order(new) {
        let mark = new.get(at);
        while ours.next_if(|place| old.get(*place) < mark).is_some() {}
        if let Some(found) = found.get_mut(at) {
            *found = ours.next_if(|place| old.get(*place) == mark);
        }
    }
    let pairs = found.into_iter().zip(0..);
    pairs.filter_map(|(old, new)| Some((old?, new))).collect()
}

/// The longest selection of these pairs, whose second numbers rise, in which the first ones rise too.
fn rising(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    // For each length the pair that ends the selection of that length with the smallest number.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    let first = |index: usize| pairs.get(index).map_or(0, |(first, _)| *first);
    for (index, (value, _)) in pairs.iter().enumerate() {
        let length = ends.partition_point(|end| first(*end) < *value);
        before.push(length.checked_sub(1).and_then(|at| ends.get(at).copied()));
        match ends.get_mut(length) {
            Some(end) => *end = index,
            None => ends.push(index),
        }
    }
    let mut selected = Vec::with_capacity(ends.len());
    let mut next = ends.last().copied();
    while let Some(index) = next {
        selected.extend(pairs.get(index));
        next = before.get(index).copied().flatten();
    }
    selected.reverse();
    selected
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Small letters are ours, capital letters others'; the handle is the position.
    fn chain(text: &str) -> Vec<Installed> {
        let rule = |(at, letter): (usize, char)| Installed {
            handle: at as u64,
            mark: letter.is_lowercase().then_some(letter as u64),
        };
        text.chars().enumerate().map(rule).collect()
    }

    /// What the kernel makes of the steps.
    fn carried_out(old: &str, new: &str) -> (String, usize) {
        let mut rules: Vec<(u64, char)> = (0..).zip(old.chars()).collect();
        let letters: Vec<char> = new.chars().collect();
        let marks: Vec<u64> = letters.iter().map(|letter| *letter as u64).collect();
        let steps = steps(&chain(old), &marks);
        let mut handle = 1000;
        for step in &steps {
            let find = |rules: &Vec<(u64, char)>, handle| {
                let at = rules.iter().position(|(one, _)| *one == handle);
                at.expect("a handle that is there")
            };
            handle += 1;
            match *step {
                Step::Delete(gone) => {
                    let at = find(&rules, gone);
                    rules.remove(at);
                }
                Step::Put(index, place) => {
                    let rule = (handle, letters[index]);
                    match place {
                        Place::End => rules.push(rule),
                        Place::Before(next) => {
                            let at = find(&rules, next);
                            rules.insert(at, rule);
                        }
                        Place::InsteadOf(gone) => {
                            let at = find(&rules, gone);
                            rules[at] = rule;
                        }
                    }
                }
            }
        }
        (
            rules.iter().map(|(_, letter)| letter).collect(),
            steps.len(),
        )
    }

    #[test]
    fn equal_chains_need_no_step() {
        assert_eq!(carried_out("", ""), (String::new(), 0));
        assert_eq!(carried_out("abca", "abca"), ("abca".to_owned(), 0));
        assert_eq!(carried_out("XabYcZ", "abc"), ("XabYcZ".to_owned(), 0));
    }

    #[test]
    fn one_changed_rule_is_one_step() {
        for (old, new, steps) in [
            ("abcd", "abxd", 1),
            ("abcd", "xabcd", 1),
            ("abcd", "abcdx", 1),
            ("abcd", "abd", 1),
            ("abcd", "dabc", 2),
            ("aaaa", "aaa", 1),
            ("abab", "abababx", 3),
            ("", "abc", 3),
            ("abc", "", 3),
        ] {
            assert_eq!(carried_out(old, new), (new.to_owned(), steps), "{old}");
        }
    }

    #[test]
    fn rules_of_others_keep_their_place() {
        for (old, new, result) in [
            ("XabcY", "xabcy", "XxabcyY"),
            ("XabcY", "axc", "XaxcY"),
            ("XabcY", "", "XY"),
            ("aXb", "ayb", "aXyb"),
            ("aXb", "yb", "yXb"),
            ("aXbYc", "axyzc", "aXxyzYc"),
            ("aXbY", "axyz", "aXxyzY"),
            ("XY", "ab", "abXY"),
        ] {
            assert_eq!(carried_out(old, new).0, result, "{old} to {new}");
        }
    }

    #[test]
    fn any_chain_becomes_any_other() {
        let mut seed = 7u64;
        let mut random = move |below: u64| {
            seed = seed
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            (seed >> 33) % below
        };
        for _ in 0..5000 {
            let mut letters = |alphabet: &[u8]| -> String {
                let length = random(9);
                (0..length)
                    .map(|_| char::from(alphabet[random(alphabet.len() as u64) as usize]))
                    .collect()
            };
            let (old, new) = (letters(b"abcdefXY"), letters(b"abcdef"));
            let (result, _) = carried_out(&old, &new);
            let part = |text: &str, ours: bool| -> String {
                text.chars().filter(|c| c.is_lowercase() == ours).collect()
            };
            assert_eq!(part(&result, true), new, "{old}");
            assert_eq!(part(&result, false), part(&old, false), "{old} to {new}");
        }
    }
}
