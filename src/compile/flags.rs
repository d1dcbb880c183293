/*! What happens in a zone: which verdict chains and which NAT, helper or notrack chains it needs. */

/// Named as in fw4's state file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub enum Flag {
    Accept = 1,
    Reject = 2,
    Drop = 4,
    Dnat = 8,
    Snat = 16,
    Masquerade = 32,
    Helper = 64,
    Notrack = 128,
    Mark = 256,
    Dscp = 512,
}

/// A set of [`Flag`]s: fw4's `sflags` and `dflags`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flags(u16);

const ALL: [(Flag, &str); 10] = [
    (Flag::Accept, "accept"),
    (Flag::Reject, "reject"),
    (Flag::Drop, "drop"),
    (Flag::Dnat, "dnat"),
    (Flag::Snat, "snat"),
    (Flag::Masquerade, "masquerade"),
    (Flag::Helper, "helper"),
    (Flag::Notrack, "notrack"),
    (Flag::Mark, "mark"),
    (Flag::Dscp, "dscp"),
];

impl Flags {
    pub(super) fn set(&mut self, flag: Flag) {
        self.0 |= flag as u16;
    }

    pub fn has(self, flag: Flag) -> bool {
        self.0 & flag as u16 != 0
    }

    /// The names of the flags that are set.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        ALL.into_iter()
            .filter(move |(flag, _)| self.has(*flag))
            .map(|(_, name)| name)
    }
}
