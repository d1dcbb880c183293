/*!
Getting a ruleset into the kernel: which of the two paths, and what to leave out when something is refused.

One transaction each time. If the kernel refuses the rule of one section, that section is left out and all
the rest is tried again; if it has no flowtables, offloading is left out. What cannot be left out without
opening the router (zones, policies) is not.
*/

use std::collections::HashSet;

use super::nft_process::{self, Mode};
use super::pipeline::Prepared;
use super::{Action, snippets};
use crate::config::SectionInfo;
use crate::diagnostic::{Diagnostic, Diagnostics, Origin, Severity};
use crate::netlink;
use crate::nft;
use crate::ruleset::Ruleset;

/// How to reach the kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Backend {
    /// Netlink, but nft where there are raw nft files that say something.
    #[default]
    Auto,
    Netlink,
    Nft,
}

/// The path taken, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    Netlink,
    /// The raw nft files that need it; none if the text path was asked for.
    Text { snippets: Vec<String> },
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{0}")]
    Netlink(#[from] netlink::Error),
    #[error("{0}")]
    Nft(#[from] nft_process::Error),
    #[error("raw nft files cannot be loaded over netlink: {}", .0.join(", "))]
    SnippetsNeedNft(Vec<String>),
    #[error("{section}: {why}")]
    Refused { section: String, why: String },
}
