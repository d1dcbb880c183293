/*!
What the kernel holds in large sets, known without reading it.

The kernel begins at a set's first element for each answer of 32 KiB that it gives, so reading a large set back costs more than filling it.
While nobody has made a transaction since a load, a set has at least the elements that it had then: a load only
adds, and what others add without a transaction does no harm. So it is enough to remember, in short, what a load gave each set, and to
send what is in the parts that differ: an element that is there already changes nothing (`nft_add_set_elem` in the kernel's
net/netfilter/nf_tables_api.c).
*/

use std::hash::Hasher;
use std::net::IpAddr;

use crate::hash::Quick;
use crate::ruleset::{Element, KeyValue, Network, Prefix, Ruleset, Set};
use crate::sorted::Sorted;

/// Smaller sets are read: that costs one answer.
const LARGE: usize = 256;
/// So many elements in a part, at least.
const PART: usize = 64;
const MOST_PARTS: usize = 256;

/// What a load gave large sets, and when the kernel held it: see [`super::moment`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Held {
    pub moment: Option<String>,
    pub sets: Sorted<String, Summary>,
}

impl Held {
    /// What this ruleset gives them.
    pub fn of(ruleset: &Ruleset, moment: Option<String>) -> Held {
        let mut sets = Sorted::default();
        for set in ruleset.sets.iter().filter(|_| moment.is_some()) {
            if let Some(summary) = Summary::of(set) {
                sets.insert(set.name.clone(), summary);
            }
        }
        Held { moment, sets }
    }
}

/// The elements of a set in short: a sum of hashes for each part of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary(Vec<u64>);

impl Summary {
    /// Of a set that is large, and whose elements do not end by themselves.
    pub fn of(set: &Set) -> Option<Summary> {
        let count = set.elements.len();
        if count < LARGE || set.timeout.is_some() {
            return None;
        }
        let parts = (count / PART).next_power_of_two().min(MOST_PARTS);
        let mut sums = vec![0_u64; parts];
        for element in &set.elements {
            let hash = hash(element);
            if let Some(sum) = sums.get_mut(part(hash, parts)) {
                *sum = sum.wrapping_add(hash);
            }
        }
        Some(Summary(sums))
    }

    /// Have they as many parts?
    pub fn is_comparable(&self, to: &Summary) -> bool {
        self.0.len() == to.0.len()
    }

    /// Says of each element whether it is in a part that differs from what there was before; `None` if they cannot be compared.
    pub fn changed_since(&self, before: &Summary) -> Option<impl Fn(&Element) -> bool + use<>> {
        let parts = self.0.len();
        if !self.is_comparable(before) {
            return None;
        }
        let both = self.0.iter().zip(&before.0);
        let differs: Vec<bool> = both.map(|(now, then)| now != then).collect();
        Some(move |element: &Element| {
            let at = part(hash(element), parts);
            differs.get(at).copied().unwrap_or(true)
        })
    }

    /// In hexadecimal digits, for the record of a load.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for sum in &self.0 {
            text += &format!("{sum:016x}");
        }
        text
    }

    /// `None` if that is not what [`Summary::text`] makes.
    pub fn read(text: &str) -> Option<Summary> {
        let (sums, rest) = text.as_bytes().as_chunks::<16>();
        let sum = |digits: &[u8; 16]| u64::from_str_radix(str::from_utf8(digits).ok()?, 16).ok();
        let sums: Option<Vec<u64>> = sums.iter().map(sum).collect();
        Some(Summary(sums.filter(|_| rest.is_empty())?))
    }
}

/// Which part, by the hash's upper bits.
fn part(hash: u64, parts: usize) -> usize {
    (hash >> 32) as usize & (parts - 1)
}

fn hash(element: &Element) -> u64 {
    let mut hash = Quick::new();
    for value in element.values() {
        match value {
            KeyValue::Addr(addr) => address(&mut hash, *addr),
            KeyValue::Net(Network { addr, prefix }) => {
                address(&mut hash, *addr);
                match prefix {
                    Prefix::Bits(bits) => hash.add(*bits),
                    Prefix::Mask(Some(last)) | Prefix::Range(last) => address(&mut hash, *last),
                    Prefix::Mask(None) => {}
                }
            }
            KeyValue::Mac(mac) => mac.iter().for_each(|byte| hash.add(u64::from(*byte))),
            KeyValue::Port(port) => hash.add(u64::from(*port)),
        }
    }
    hash.finish()
}

fn address(hash: &mut Quick, addr: IpAddr) {
    match addr {
        IpAddr::V4(addr) => hash.add(u64::from(addr.to_bits())),
        IpAddr::V6(addr) => {
            let bits = addr.to_bits();
            hash.add(bits as u64);
            hash.add((bits >> 64) as u64);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::net::Ipv4Addr;

    use super::*;
    use crate::ruleset::{KeyType, Number, Origin};

    fn set(addresses: impl IntoIterator<Item = u32>) -> Set {
        let address = |number| KeyValue::Addr(IpAddr::V4(Ipv4Addr::from_bits(number)));
        Set {
            name: "many".to_owned(),
            comment: None,
            key: vec![KeyType::Ipv4Addr],
            size: None,
            timeout: None,
            interval: false,
            elements: addresses
                .into_iter()
                .map(|number| Element::One(address(number)))
                .collect(),
            origin: Origin::RENDER,
        }
    }

    fn changed(before: &Set, now: &Set) -> Option<Vec<Element>> {
        let before = Summary::of(before).unwrap();
        let changed = Summary::of(now).unwrap().changed_since(&before)?;
        Some(
            now.elements
                .iter()
                .filter(|element| changed(element))
                .cloned()
                .collect(),
        )
    }

    #[test]
    fn what_is_new_is_among_what_is_sent_and_most_else_is_not() {
        let before = set((0..100_000).map(|number| number * 5));
        let now = set((0..100_000).map(|number| number * 5 + u32::from(number % 10_000 == 3)));
        let sent = changed(&before, &now).unwrap();
        let old: HashSet<_> = before.elements.iter().map(hash).collect();
        let new = now.elements.iter().filter(|one| !old.contains(&hash(one)));
        let new: Vec<_> = new.collect();
        assert_eq!(new.len(), 10);
        assert!(new.iter().all(|one| sent.contains(one)));
        // Ten left their parts, ten came: twenty parts of 256 with 390 elements each.
        assert!(sent.len() < 12_000, "{}", sent.len());
    }

    #[test]
    fn the_same_elements_in_another_order_are_the_same() {
        let now = set((0..1000).rev());
        assert_eq!(changed(&set(0..1000), &now), Some(Vec::new()));
    }

    #[test]
    fn one_element_less_sends_its_part_only_and_twice_as_many_cannot_be_compared() {
        let sent = changed(&set(0..1000), &set(1..1000)).unwrap();
        assert!(sent.len() < 200, "{}", sent.len());
        assert_eq!(changed(&set(0..1000), &set(0..3000)), None);
    }

    #[test]
    fn parts_are_about_equally_large() {
        let set = set((0..65_536).map(|number| number << 8));
        let mut counts = vec![0_usize; MOST_PARTS];
        for element in &set.elements {
            counts[part(hash(element), MOST_PARTS)] += 1;
        }
        assert!(
            counts.iter().all(|count| (150..400).contains(count)),
            "{counts:?}"
        );
    }

    #[test]
    fn small_sets_and_those_that_forget_are_read() {
        assert_eq!(Summary::of(&set(0..255)), None);
        let mut forgets = set(0..1000);
        forgets.timeout = Some(Number::Int(60));
        assert_eq!(Summary::of(&forgets), None);
    }

    #[test]
    fn a_summary_is_read_as_it_was_written_and_nothing_else_is() {
        let summary = Summary::of(&set(0..1000)).unwrap();
        assert_eq!(Summary::read(&summary.text()), Some(summary.clone()));
        assert_eq!(Summary::read(&summary.text()[1..]), None);
        assert_eq!(Summary::read("0123456789abcdeg"), None);
    }
}
