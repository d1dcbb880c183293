/*! What a load did to the kernel. */

use super::kernel_abi::MessageType;

/// A load that went through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    pub messages: usize,
    pub bytes: usize,
    pub extent: Extent,
    pub written: Written,
    /// The number of the last transaction by then, if that is certain.
    pub generation: Option<u32>,
}

impl Report {
    /// What it is when nothing had to be done.
    pub fn nothing(generation: Option<u32>) -> Report {
        Report {
            messages: 0,
            bytes: 0,
            extent: Extent::Nothing,
            written: Written::default(),
            generation,
        }
    }
}

/// How much of the ruleset was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// The kernel had it already; no transaction was sent.
    Nothing,
    /// What differed from what the kernel had.
    Difference,
    Everything,
}

/// How many messages of each kind there were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Written([u32; MessageType::DelFlowtable as usize + 1]);

const KINDS: [(&str, MessageType); 14] = [
    ("table", MessageType::NewTable),
    ("table deleted", MessageType::DelTable),
    ("chain", MessageType::NewChain),
    ("chain deleted", MessageType::DelChain),
    ("rule", MessageType::NewRule),
    ("rule deleted", MessageType::DelRule),
    ("set", MessageType::NewSet),
    ("set deleted", MessageType::DelSet),
    ("elements", MessageType::NewSetElem),
    ("elements deleted", MessageType::DelSetElem),
    ("object", MessageType::NewObj),
    ("object deleted", MessageType::DelObj),
    ("flowtable", MessageType::NewFlowtable),
    ("flowtable deleted", MessageType::DelFlowtable),
];

impl Written {
    pub(super) fn count(&mut self, kind: MessageType) {
        if let Some(count) = self.0.get_mut(kind as usize) {
            *count += 1;
        }
    }

    /// Those that there were: what each is about, and how many.
    pub fn kinds(&self) -> impl Iterator<Item = (&'static str, u32)> {
        let count = |kind| self.0.get(kind as usize).copied().unwrap_or_default();
        let counts = KINDS.iter().map(move |(name, kind)| (*name, count(*kind)));
        counts.filter(|(_, count)| *count > 0)
    }
}
