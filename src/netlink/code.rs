/*! The expressions of one rule, as they go into its message. */

use std::ops::Range;

use super::expr::{Build, Lookup};
use super::message::Message;

/// `NFT_RULE_MAXEXPRS`
const EXPRESSIONS_MAX: usize = 128;
/// No attribute can be longer, and so many expressions are not nearly as long.
const BYTES_MAX: usize = 64 << 10;

pub struct Code<'a> {
    list: Message<'a>,
    expressions: usize,
    /// Something was not written because it has no room.
    overflown: bool,
    /// Where in the list the numbers of sets stand.
    set_numbers: Vec<usize>,
}

impl<'a> Code<'a> {
    pub fn new(list: Message<'a>) -> Self {
        Code {
            list,
            expressions: 0,
            overflown: false,
            set_numbers: Vec::new(),
        }
    }

    /// Where the next expression begins.
    pub fn end(&self) -> usize {
        self.list.len()
    }

    pub fn push(&mut self, expression: &impl Build) {
        self.expressions += 1;
        // There is room for more than may be; what does not fit is not written, and an error in the end.
        self.overflown |= self.end() > BYTES_MAX;
        if !self.overflown {
            expression.write(&mut self.list);
        }
    }

    pub fn look_up(&mut self, lookup: &Lookup<'_>) {
        self.push(lookup);
        let number = self.end().saturating_sub(lookup.number_before_end());
        self.set_numbers.push(number);
    }

    /// Puts the two expressions from `tail` on in the place of two others; without a `tail` those are gone.
    pub fn replace_two(&mut self, old: Range<usize>, tail: usize) {
        self.expressions -= 2;
        self.insert(old, tail);
    }

    /// Puts everything from `tail` on in front of all else.
    pub fn move_to_front(&mut self, tail: usize) {
        self.insert(0..0, tail);
    }

    fn insert(&mut self, old: Range<usize>, tail: usize) {
        let new = self.end() - tail;
        let behind = self.set_numbers.iter_mut().filter(|at| **at >= old.end);
        behind.for_each(|at| *at = *at + new - old.len());
        self.list.replace(old, tail);
    }

    pub fn is_too_long(&self) -> bool {
        self.overflown || self.expressions > EXPRESSIONS_MAX
    }

    /// The list.
    pub fn bytes(&self) -> &[u8] {
        self.list.bytes()
    }

    /// The list without the numbers of sets, which say where in a batch a set is, not what the rule does.
    pub fn meaning(&self) -> impl Iterator<Item = &[u8]> {
        let numbers = self.set_numbers.iter();
        let begins = std::iter::once(0).chain(numbers.clone().map(|at| at + 4));
        let ends = numbers.copied().chain([self.end()]);
        let parts = begins.zip(ends);
        parts.map(|(begin, end)| self.bytes().get(begin..end).unwrap_or_default())
    }
}
