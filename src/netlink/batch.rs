/*!
A batch: all messages of one transaction, and where each comes from.

The kernel names a refused message by its sequence number; [`Trace`] leads from there to the object and to
the section of the configuration that asked for it.
*/

use std::io::IoSlice;

use super::error::Subject;
use super::kernel_abi::{MessageType, NFNL_BATCH_GENID, NFPROTO_INET};
use super::message::Message;
use super::pages::Pages;
use super::report::Written;
use crate::ruleset::Origin;

/// What a message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Table,
    Flowtable,
    Helper,
    Limit,
    Set,
    Elements,
    Chain,
    Rule,
    /// An anonymous set of a rule.
    RuleSet,
    /// An object of any kind, to be deleted.
    Object,
}

/// Where a message comes from: twelve bytes, for there can be very many.
#[derive(Debug, Clone, Copy)]
pub struct Trace {
    pub kind: Kind,
    /// Index into the builder's names.
    pub name: u32,
    pub origin: Origin,
}

/// Collects messages.
pub struct Builder {
    pages: Pages,
    traces: Vec<Trace>,
    names: Vec<Box<str>>,
    written: Written,
}

/// Of the batch's first message; the others follow one by one.
const FIRST_SEQ: u32 = 1;

impl Builder {
    /// `generation`: refuse the batch if the kernel's ruleset is another one by then.
    pub fn new(generation: Option<u32>) -> Self {
        let mut pages = Pages::default();
        let mut begin = pages.batch_begin(FIRST_SEQ);
        if let Some(generation) = generation {
            begin.attribute_u32(NFNL_BATCH_GENID, generation);
        }
        begin.finish();
        Builder {
            pages,
            traces: Vec::new(),
            names: Vec::new(),
            written: Written::default(),
        }
    }

    /// A trace for messages about an object of this name.
    pub fn trace(&mut self, kind: Kind, name: &str, origin: Origin) -> Trace {
        // Rules follow each other chain by chain, so the last name is often the right one.
        if self.names.last().is_none_or(|last| **last != *name) {
            self.names.push(name.into());
        }
        Trace {
            kind,
            name: self.names.len() as u32 - 1,
            origin,
        }
    }

    /// Begins a message; no acknowledgement is asked for, errors come anyway.
    pub fn message(&mut self, kind: MessageType, flags: u16, trace: Trace) -> Message<'_> {
        self.traces.push(trace);
        self.written.count(kind);
        let seq = FIRST_SEQ + self.traces.len() as u32;
        self.pages.message(kind, NFPROTO_INET, flags, seq)
    }

    /// The same for a table of any family.
    pub fn message_in(&mut self, family: u8, kind: MessageType, trace: Trace) -> Message<'_> {
        self.traces.push(trace);
        self.written.count(kind);
        let seq = FIRST_SEQ + self.traces.len() as u32;
        self.pages.message(kind, family, 0, seq)
    }

    /// Ends the batch: with it the kernel commits.
    pub fn finish(mut self) -> Batch {
        self.pages
            .batch_end(FIRST_SEQ + self.traces.len() as u32 + 1)
            .finish();
        Batch { builder: self }
    }

    /// Leaves the end away: the kernel goes through everything and takes it all back.
    pub fn finish_as_check(self) -> Batch {
        Batch { builder: self }
    }
}

/// A transaction, ready to be sent.
pub struct Batch {
    builder: Builder,
}

impl Batch {
    /// The bytes, for one `sendmsg`.
    pub fn slices(&self) -> Vec<IoSlice<'_>> {
        self.builder.pages.slices()
    }

    /// Length in bytes.
    pub fn len(&self) -> usize {
        self.builder.pages.len()
    }

    /// Is there nothing to do?
    pub fn is_empty(&self) -> bool {
        self.builder.traces.is_empty()
    }

    /// How many messages, without begin and end.
    pub fn messages(&self) -> usize {
        self.builder.traces.len()
    }

    /// The sequence numbers of all rules, last one first.
    pub(super) fn rules_from_the_end(&self) -> impl Iterator<Item = u32> {
        let last = FIRST_SEQ + self.builder.traces.len() as u32;
        let numbered = self.builder.traces.iter().rev().zip((0..=last).rev());
        numbered
            .filter(|(trace, _)| trace.kind == Kind::Rule)
            .map(|(_, seq)| seq)
    }

    /// How many of each kind.
    pub fn written(&self) -> Written {
        self.builder.written
    }

    /// What the message with this sequence number is about; `None` for the transaction as a whole.
    pub fn about(&self, seq: u32) -> Option<(Origin, Subject)> {
        let index = seq.checked_sub(FIRST_SEQ + 1)? as usize;
        let trace = self.builder.traces.get(index)?;
        let name = || {
            self.builder
                .names
                .get(trace.name as usize)
                .map(|name| name.to_string())
                .unwrap_or_default()
        };
        let subject = match trace.kind {
            Kind::Table => Subject::Table(name()),
            Kind::Flowtable => Subject::Flowtable,
            Kind::Helper => Subject::Helper(name()),
            Kind::Limit => Subject::Limit(name()),
            Kind::Set => Subject::Set(name()),
            Kind::Elements => Subject::Elements(name()),
            Kind::Chain => Subject::Chain(name()),
            Kind::Rule | Kind::RuleSet => Subject::Rule(name()),
            Kind::Object => Subject::Object(name()),
        };
        Some((trace.origin, subject))
    }
}
