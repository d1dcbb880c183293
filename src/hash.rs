/*!
A hash for short numbers and names: the marks of rules in the kernel, the fingerprint of a ruleset, the summaries of large sets. Not the standard library's,
which costs several times as much for them; and nobody gains from two rulesets of his own with one hash.
*/

use std::hash::Hasher;

/// Depends on the machine's byte order: what was hashed on a router is compared there. And on the version of this program: another one
/// may say the same otherwise.
pub struct Quick(u64);

/// A number of this program's version.
const VERSION: u64 = {
    let text = env!("CARGO_PKG_VERSION").as_bytes();
    let (mut number, mut i) = (0u64, 0);
    while i < text.len() {
        number = number.rotate_left(7) ^ text[i] as u64;
        i += 1;
    }
    number
};

impl Quick {
    pub fn new() -> Self {
        Quick(VERSION)
    }

    /// Multiplies to twice the width and folds that, as wyhash does. Both numbers are of no meaning: odd, with many bits.
    pub fn add(&mut self, number: u64) {
        let mixed = (self.0 ^ number).wrapping_add(0x9e37_79b9_7f4a_7c15);
        let product = u128::from(mixed) * 0xa076_1d64_78bd_642f;
        self.0 = product as u64 ^ (product >> 64) as u64;
    }
}

impl Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks();
        for word in words {
            self.add(u64::from_ne_bytes(*word));
        }
        self.add(rest.iter().fold(1, |n, byte| n << 8 | u64::from(*byte)));
    }

    fn write_u8(&mut self, number: u8) {
        self.write_u64(number.into());
    }

    fn write_u16(&mut self, number: u16) {
        self.write_u64(number.into());
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(number.into());
    }

    /// Not where it is called: a ruleset is hashed in so many places that this would be 2,000 bytes more.
    #[inline(never)]
    fn write_u64(&mut self, number: u64) {
        self.add(number);
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ruleset::{Chain, Item, Statement};
    use crate::ruleset::{Match, Origin, Part, Rule, Ruleset};
    use std::hash::Hash;

    fn hash(of: impl Hash) -> u64 {
        let mut hasher = Quick::new();
        of.hash(&mut hasher);
        hasher.finish()
    }

    fn ruleset(comments: &[&str], first: u32) -> Ruleset {
        let rules = comments.iter().zip(first..).map(|(comment, origin)| Rule {
            matches: vec![Match::CtStatusDnat],
            statements: vec![Statement::Counter],
            comment: Some((*comment).to_owned()),
            origin: Origin(origin),
        });
        Ruleset {
            chains: vec![Chain {
                name: "input".to_owned(),
                base: None,
                items: rules.map(Item::Rule).collect(),
                part: Part::Filter,
            }],
            ..Ruleset::default()
        }
    }

    #[test]
    fn a_section_more_in_the_file_is_no_other_ruleset() {
        let before = hash(ruleset(&["ssh", "web"], 3));
        assert_eq!(hash(ruleset(&["ssh", "web"], 4)), before);
        assert_ne!(hash(ruleset(&["web", "ssh"], 3)), before);
        assert_ne!(hash(ruleset(&["ssh", "web", "web"], 3)), before);
        let mut other = ruleset(&["ssh", "web"], 3);
        "forward".clone_into(&mut other.chains[0].name);
        assert_ne!(hash(other), before);
    }

    #[test]
    fn each_byte_of_a_name_counts() {
        let name = "0123456789abcdef";
        for end in 0..name.len() {
            assert_ne!(hash(&name[..end]), hash(name));
            let mut other = name.to_owned();
            other.replace_range(end..=end, "x");
            assert_ne!(hash(other), hash(name));
        }
    }
}
