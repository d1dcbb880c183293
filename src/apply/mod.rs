/*!
The acts: load, stop, flush, look up. The order of things, and what happens when one fails.

Whatever goes wrong before or during the commit, the kernel keeps the rules it had; the state file is
written after success only.
*/

mod check;
mod clearing;
mod commit;
mod connections;
mod emergency;
mod files;
mod fingerprint;
mod for_nft;
mod load;
mod lock;
mod lookup;
mod nft_process;
mod pipeline;
mod record;
mod reload_sets;
mod scripts;
mod shaped;
mod snapshot;
mod snippets;
mod stamp;
mod state;
mod status;
mod syslog;
mod trial;
mod unchanged;
mod unload;
mod zones;

use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

pub use check::{Checked, check};
pub use commit::Backend;
pub use emergency::close;
pub use fingerprint::would_change;
pub use load::{Action, Outcome, load};
pub use lookup::{Lookup, lookup};
pub use pipeline::{Broken, Prepared, prepare};
pub use record::{Record, Requester};
pub use reload_sets::reload_sets;
pub use snapshot::snapshot;
pub use stamp::{Stamp, stamp};
pub use status::{Status, follows_stations, offload, status};
pub use trial::{Change, Reverted, Tried, begin, confirm, guard, left, revert, settle};
pub use unload::{flush, stop};
pub use zones::{LoadedZone, zones};

use crate::netlink::Kernel;
use crate::router::{KernelFacts, SnapshotKernel};
use files::RunFiles;

/// What all acts need to know.
#[derive(Debug, Clone)]
pub struct Job {
    /// Where the router's files are; run files are below it too.
    pub root: PathBuf,
    pub backend: Backend,
    /// Show what reaches the kernel (`-v`).
    pub echo: bool,
    /// For the record of a load.
    pub requested_by: Requester,
}

impl Job {
    /// This program for the same router, with the same way into the kernel.
    pub fn command_line<'a>(&'a self, verb: &[&'a str]) -> Vec<&'a [u8]> {
        let root = self.root.as_os_str().as_bytes();
        let backend = self.backend.name().as_bytes();
        let mut words: Vec<&[u8]> = vec![b"ferrowall", b"--root", root, b"--backend", backend];
        words.extend(verb.iter().map(|word| word.as_bytes()));
        words
    }

    /// Whom to ask what the kernel can do, when nothing is to be changed: a router root that speaks for its
    /// router, else the kernel here.
    pub fn kernel(&self) -> Box<dyn KernelFacts> {
        if self.root.join("ubus").is_dir() {
            Box::new(SnapshotKernel::new(&self.root))
        } else {
            Box::new(Kernel)
        }
    }

    fn run_files(&self) -> RunFiles {
        RunFiles::below(&self.root)
    }
}

/// Why an act failed. The kernel's rules are what they were before.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("The fw4 firewall appears to be already loaded.")]
    AlreadyLoaded,
    #[error("The fw4 firewall does not appear to be loaded.")]
    NotLoaded,
    #[error("Unable to read firewall state - do you need to start the firewall?")]
    NoState,
    #[error("no try is under way")]
    NoTry,
    #[error(
        "/etc/config/firewall and its uncommitted changes are what is loaded: there is nothing to try"
    )]
    NothingToTry,
    #[error(
        "the configuration that is loaded was not kept, so there is nothing to go back to: ferrowall reload would keep it"
    )]
    NothingToGoBackTo,
    #[error("/proc/uptime cannot be read, so nobody would know when to go back")]
    NoClock,
    #[error(transparent)]
    Configuration(#[from] crate::uci::Error),
    #[error(transparent)]
    Commit(#[from] commit::Error),
    #[error(transparent)]
    Snapshot(#[from] crate::router::SnapshotError),
    #[error("{what}: {source}")]
    Io { what: String, source: io::Error },
}
