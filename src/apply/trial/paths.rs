/*! Where a try keeps what, and what of it is there. */

use std::io;
use std::path::{Path, PathBuf};

use super::super::files::{self, RunFiles};
use super::super::lock::Lock;
use super::super::{Error, Job};
use super::clock::Moment;
use super::kept::{self, Kept};
use crate::uci::Source;

/// The files of a try.
pub struct Files {
    pub run: RunFiles,
    pub kept: Kept,
    /// `/etc/config/firewall`
    pub config: PathBuf,
    /// `/tmp/.uci/firewall`
    pub changes: PathBuf,
    /// The confirmed configuration on flash, while a try is under way.
    pub before: PathBuf,
    /// What was tried and not confirmed.
    pub tried: PathBuf,
}

impl Files {
    pub fn of(job: &Job) -> Files {
        let run = job.run_files();
        Files {
            kept: Kept::of(&run),
            run,
            config: job.root.join("etc/config/firewall"),
            changes: job.root.join("tmp/.uci/firewall"),
            before: job.root.join("etc/firewall.before-try"),
            tried: job.root.join("etc/firewall.tried"),
        }
    }

    pub fn lock(&self) -> Result<Lock, Error> {
        Lock::acquire(&self.run).map_err(failed("Unable to lock", &self.run.lock))
    }

    pub fn deadline(&self) -> Option<Moment> {
        let text = files::read_own(&self.kept.deadline()).ok()?;
        Moment::read(std::str::from_utf8(&text).ok()?)
    }

    /// There is something to go back from.
    pub fn begun(&self) -> bool {
        self.kept.deadline().exists() || self.before.exists() && !self.kept.over().exists()
    }

    /// Takes away what a reboot would find. Where the flash cannot be written to, a try is over all the same: that is
    /// noted in memory, and the next load tries again.
    pub fn forget_before(&self) -> io::Result<()> {
        match files::remove(&self.before) {
            Ok(()) => files::remove(&self.kept.over()),
            Err(_) => {
                files::private_folder(&self.run.private)?;
                files::replace(&self.kept.over(), b"")
            }
        }
    }

    pub fn under_way(&self) -> bool {
        self.deadline()
            .is_some_and(|deadline| !deadline.left().is_zero())
    }
}

pub fn failed<'a>(what: &'a str, path: &'a Path) -> impl FnOnce(io::Error) -> Error + 'a {
    move |source| Error::Io {
        what: [what, " '", &path.to_string_lossy(), "'"].concat(),
        source,
    }
}

/// What was loaded before this act.
pub fn last_loaded(job: &Job, trying: bool) -> Option<Source> {
    let files = Files::of(job);
    let tried = || kept::recall(&files.kept.tried());
    let confirmed = || kept::recall(&files.kept.confirmed());
    // When it is to be tried, the new one is kept already.
    match (files.begun() || files.kept.unfinished().exists()) && !trying {
        true => tried().or_else(confirmed),
        false => confirmed(),
    }
}

/// Where that is kept.
pub fn confirmed(job: &Job) -> PathBuf {
    Kept::of(&job.run_files()).confirmed()
}

/// Is there no try under way or to be finished, also on flash?
pub fn is_settled(job: &Job) -> bool {
    let files = Files::of(job);
    !files.begun() && !files.kept.over().exists() && !files.kept.unfinished().exists()
}

/// Something was loaded: from here on that is what a try goes back to; unless one is under way, for which it then is
/// what `confirm` is about.
///
/// # Errors
/// In words.
pub fn loaded(job: &Job, source: &Source) -> Result<(), String> {
    let files = Files::of(job);
    if files.begun() {
        return kept::keep(&files.kept.tried(), source).map_err(|error| error.to_string());
    }
    let kept = kept::keep(&files.kept.confirmed(), source);
    if files.kept.over().exists() {
        files.forget_before().map_err(|error| error.to_string())?;
    }
    finished(&files).map_err(|error| error.to_string())?;
    kept.map_err(|error| error.to_string())
}

/// Something was loaded since, on purpose: going back is not to be finished any more.
pub fn finished(files: &Files) -> Result<(), Error> {
    let path = files.kept.unfinished();
    files::remove(&path).map_err(failed("Unable to remove", &path))
}
