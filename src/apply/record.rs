/*!
How the last load went: kept beside fw4's state for `status`.

fw4 forgets this; the owner who pressed "Save & Apply" never learns it. One small JSON file, written
after each attempt, whatever came of it.
*/

use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::files;
use crate::offload::Outcome;
use crate::text;

/// The outcome of one attempt to load a ruleset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// `start`, `reload` or `restart`.
    pub action: String,
    /// Who asked for it: see [`Requester`].
    #[serde(default)]
    pub requested_by: Requester,
    /// Seconds since 1970.
    pub time: u64,
    pub duration_ms: u64,
    /// Counts successful loads since boot; unchanged by a failure.
    pub generation: u64,
    /// `None` if it went well.
    pub error: Option<String>,
    /// `netlink` or `nft`.
    pub path: Option<String>,
    /// The raw nft files that made the text path necessary.
    #[serde(default)]
    pub snippets: Vec<String>,
    pub offload: Outcome,
    /// What would have been loaded, in short; see `fingerprint`.
    #[serde(default)]
    pub fingerprint: Option<String>,
    /// As in `status --json`.
    pub diagnostics: serde_json::Value,
}

/// Who asked for a load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Requester {
    /// A person or a script on the command line, the init script included.
    #[default]
    Cli,
    /// A caller of the object `firewall`.
    Ubus,
    /// An interface that went up or down or changed.
    Netifd,
    /// The init script at boot.
    Boot,
}

impl Record {
    /// # Errors
    /// There is no record, or it cannot be read.
    pub fn read(path: &Path) -> io::Result<Record> {
        let bytes = std::fs::read(path)?;
        Ok(serde_json::from_str(&text::decode(&bytes))?)
    }

    pub fn write(&self, path: &Path) -> io::Result<()> {
        files::replace(path, &text::encode(&serde_json::to_string(self)?))
    }
}

/// Seconds since 1970, as the router's clock has it.
pub fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or(Duration::ZERO)
        .as_secs()
}
