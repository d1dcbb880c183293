/*! `stop`, `flush`. */

use std::process::Command;

use super::lock::Lock;
use super::nft_process::{self, Mode};
use super::{Error, Job, commit, files};

/// Deletes our table and the state. False if there was none.
pub fn stop(job: &Job) -> Result<bool, Error> {
    let files = job.run_files();
    let _lock = Lock::acquire(&files.lock).map_err(|source| Error::Io {
        what: "Unable to lock".into(),
        source,
    })?;
    let was_there = match nft_process::run(b"delete table inet fw4\n", Mode::Load, job.echo) {
        Ok(()) => true,
        Err(nft_process::Error::Refused { .. }) => false,
        Err(e) => return Err(commit::Error::from(e).into()),
    };
    files::remove(&files.state).map_err(|source| Error::Io {
        what: "Unable to remove the state file".into(),
        source,
    })?;
    Ok(was_there)
}

/// Deletes every nftables table of the network namespace, ours or not, and the state.
pub fn flush(job: &Job) -> Result<(), Error> {
    let files = job.run_files();
    let _lock = Lock::acquire(&files.lock).map_err(|source| Error::Io {
        what: "Unable to lock".into(),
        source,
    })?;
    let done = Command::new("nft").args(["flush", "ruleset"]).status();
    done.map_err(|source| Error::Io {
        what: "Unable to start nft".into(),
        source,
    })?;
    files::remove(&files.state).map_err(|source| Error::Io {
        what: "Unable to remove the state file".into(),
        source,
    })
}
