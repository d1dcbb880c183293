/*! Which section asked for which line of the text: nft's complaints name lines. */

use super::Printer;
use crate::ruleset::{Origin, Ruleset};

/// The text with its trace.
#[derive(Debug)]
pub struct Traced {
    pub text: Vec<u8>,
    marks: Vec<Mark>,
}

/// From this byte on the text is about this.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    pub start: usize,
    pub about: About,
}

/// What a line of the text is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    Flowtable,
    Section(Origin),
    /// The frame that is in every ruleset.
    Frame,
}

/// The whole ruleset as [`super::print`] has it, with its trace.
pub fn print_traced(ruleset: &Ruleset) -> Traced {
    let mut printer = Printer::default();
    printer.ruleset(ruleset);
    Traced {
        text: printer.out,
        marks: printer.marks,
    }
}

impl Traced {
    /// All lines, each with what it is about.
    pub fn lines(&self) -> impl Iterator<Item = (About, &[u8])> {
        let mut marks = self.marks.iter().peekable();
        let (mut about, mut start) = (About::Frame, 0);
        self.text.split(|byte| *byte == b'\n').map(move |line| {
            while let Some(mark) = marks.next_if(|mark| mark.start <= start) {
                about = mark.about;
            }
            start += line.len() + 1;
            (about, line)
        })
    }

    /// What a line, counted from 1, is about.
    pub fn about(&self, line: usize) -> About {
        let newlines = self
            .text
            .iter()
            .enumerate()
            .filter(|(_, byte)| **byte == b'\n')
            .map(|(at, _)| at + 1);
        let Some(start) = std::iter::once(0)
            .chain(newlines)
            .nth(line.saturating_sub(1))
        else {
            return About::Frame;
        };
        let after = self.marks.partition_point(|mark| mark.start <= start);
        after
            .checked_sub(1)
            .and_then(|i| self.marks.get(i))
            .map_or(About::Frame, |mark| mark.about)
    }
}

impl Printer {
    /// What is printed from here on is about this.
    pub(super) fn mark(&mut self, about: About) {
        self.marks.push(Mark {
            start: self.out.len(),
            about,
        });
    }
}
