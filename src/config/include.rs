use crate::diagnostic::Origin;

/// `config include`, or a file found under `/usr/share/nftables.d`.
#[derive(Debug, Clone, PartialEq)]
pub struct Include {
    pub origin: Origin,
    /// Where a symlink points to, as fw4 resolves it: one step.
    pub path: String,
    pub kind: IncludeKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IncludeKind {
    /// A shell script, run after the commit.
    Script,
    /// nft text, included in the ruleset.
    Nftables(Position),
}

/// `option position`, with `option chain` where it takes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Position {
    RulesetPre,
    RulesetPost,
    TablePre,
    TablePost,
    ChainPre(String),
    ChainPost(String),
}
