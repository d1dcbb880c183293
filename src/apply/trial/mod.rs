/*!
`try`, `confirm` and `revert`: new rules that go away again by themselves unless somebody says that they may stay.

Three things lead back, whatever dies in between. The configuration that was confirmed last is kept in memory, and
the rules are made from it anew, in the same one transaction as any load. While a try is under way that
configuration lies on flash too (`/etc/firewall.before-try`): a reboot finds it and boots with it. And the
deadline is a file, so that whoever comes by after it goes back: the guard that waits for nothing else, the
daemon, or the next command.
*/

mod back;
mod changes;
mod clock;
mod guard;
mod kept;
pub(super) mod paths;

use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

pub use changes::Change;
pub use guard::guard;

use super::connections::{self, Fate};
use super::files;
use super::load::{self, Action};
use super::pipeline;
use super::{Error, Job};
use crate::diagnostic::{Diagnostic, Diagnostics, Origin};
use crate::netlink::Kernel;
use crate::uci::Source;
use clock::Moment;
use paths::{Files, failed, finished};

/// What a try came to.
#[derive(Debug, Default)]
pub struct Tried {
    pub diagnostics: Diagnostics,
    pub changes: Vec<Change>,
    /// Running connections that the new rules would not let begin; `None` if nobody can tell.
    pub forbidden: Option<usize>,
    /// They end with the load.
    pub forbidden_end: bool,
}

/// How far back the router is.
#[derive(Debug, Default)]
pub struct Reverted {
    pub diagnostics: Diagnostics,
    /// Where the configuration that was tried is now.
    pub saved: Vec<PathBuf>,
}

/// How long until the router goes back, or tries to once more; `None` if it is where it should be.
pub fn left(job: &Job) -> Option<Duration> {
    let files = Files::of(job);
    match files.deadline() {
        Some(deadline) => Some(deadline.left()),
        None if files.begun() => Some(Duration::ZERO),
        None => back::unfinished(&files).map(|unfinished| unfinished.left()),
    }
}

/// Loads the configuration as it is now, for so long.
///
/// # Errors
/// There is no way back that would hold, or nothing to try, or it cannot be loaded: the rules are as before.
pub fn begin(job: &Job, patience: Duration, tried: &mut Tried) -> Result<(), Error> {
    let files = Files::of(job);
    let _lock = files.lock()?;
    if let Err(error) = settle_locked(job, &files) {
        if files.begun() {
            return Err(error);
        }
        // The files are back, so that the next load mends the rules: why not this one.
        warn(
            &mut tried.diagnostics,
            format!("Unable to go back from the try before: {error}"),
        );
    }
    if !files.run.state.exists() {
        return Err(Error::NotLoaded);
    }
    let Some(confirmed) = kept::recall(&files.kept.confirmed()) else {
        return Err(Error::NothingToGoBackTo);
    };
    let source = pipeline::read(&job.root)?;
    let again = files.under_way();
    if source == confirmed && !again && !files.kept.unfinished().exists() {
        return Err(Error::NothingToTry);
    }
    let new = pipeline::prepare_source(&job.root, &Kernel, &source)?;
    let (old, compiled) = pipeline::recompile(&job.root, &Kernel, &confirmed, &new.router)?;
    tried.changes = changes::between(
        (&compiled.ruleset, &old.sections),
        (&new.compiled.ruleset, &new.firewall.sections),
    );
    let ruleset = &new.compiled.ruleset;
    tried.forbidden_end = new.firewall.defaults.drop_forbidden_connections;
    tried.forbidden =
        connections::forbidden(ruleset, Some(&compiled.ruleset), &new.router, Fate::Count)
            .ok()
            .flatten();
    let ssh = std::env::var("SSH_CONNECTION").ok();
    if let Some((client, server)) = ssh.and_then(|ssh| connections::cut_off(&ssh, ruleset)) {
        let message = format!(
            "YOU WOULD BE LOCKED OUT: the new rules do not accept an SSH connection from {client} to {server}, as this one is."
        );
        warn(&mut tried.diagnostics, message);
    }
    let deadline = Moment::now().ok_or(Error::NoClock)?.after(patience);
    let before = kept::recall(&files.kept.tried()).filter(|_| again);
    let ready = prepare_to_go_back(job, &files, &deadline, &confirmed, &source, tried);
    let loaded = ready.and_then(|()| {
        load::attempt(
            job,
            &files.run,
            Action::Try,
            Ok((source.clone(), new)),
            &mut tried.diagnostics,
        )
    });
    match (&loaded, before) {
        (Ok(()), _) => under_way(&files, patience, tried)?,
        // What was tried before still is, until the new deadline.
        (Err(_), Some(before)) => kept::keep(&files.kept.tried(), &before)
            .map_err(failed("Unable to write", &files.kept.tried()))?,
        (Err(_), None) => forget(&files)?,
    }
    loaded
}

/// It is loaded. Connections that were waited for and scripts took their time; the owner has all of the patience from here on.
fn under_way(files: &Files, patience: Duration, tried: &mut Tried) -> Result<(), Error> {
    if let Some(now) = Moment::now()
        && let Err(error) = set_deadline(files, &now.after(patience))
    {
        let message = format!("The time it took to load counts too: {error}");
        warn(&mut tried.diagnostics, message);
    }
    finished(files)
}

fn set_deadline(files: &Files, deadline: &Moment) -> io::Result<()> {
    files::private_folder(&files.run.private)?;
    files::replace(&files.kept.deadline(), deadline.write().as_bytes())
}

/// All that must be there before anything is loaded.
fn prepare_to_go_back(
    job: &Job,
    files: &Files,
    deadline: &Moment,
    confirmed: &Source,
    source: &Source,
    tried: &mut Tried,
) -> Result<(), Error> {
    let path = files.kept.tried();
    kept::keep(&path, source).map_err(failed("No way back: unable to write", &path))?;
    let path = files.kept.deadline();
    set_deadline(files, deadline).map_err(failed("No way back: unable to write", &path))?;
    // Also for uncommitted changes alone: they may be committed while they are tried.
    if source != confirmed
        && let Err(error) = files::replace_on_flash(&files.before, &confirmed.config, &files.config)
    {
        let message = format!(
            "Unable to write '{}': {error}. A reboot before `confirm` or `revert` boots with the configuration that is tried.",
            files.before.display()
        );
        warn(&mut tried.diagnostics, message);
    }
    guard::start(job).map_err(|source| Error::Io {
        what: "No way back: unable to start a guard".into(),
        source,
    })
}

/// No try is under way, and none was.
fn forget(files: &Files) -> Result<(), Error> {
    // the deadline last: should this end in between, then somebody still goes back
    files
        .forget_before()
        .map_err(failed("Unable to remove", &files.before))?;
    for path in [&files.kept.tried(), &files.kept.deadline()] {
        files::remove(path).map_err(failed("Unable to remove", path))?;
    }
    Ok(())
}

/// What is tried may stay.
pub fn confirm(job: &Job) -> Result<(), Error> {
    let files = Files::of(job);
    let _lock = files.lock()?;
    let settled = settle_locked(job, &files);
    if !files.under_way() {
        settled?;
        return Err(Error::NoTry);
    }
    let (tried, confirmed) = (files.kept.tried(), files.kept.confirmed());
    files::remove(&files.before).map_err(failed("Unable to remove", &files.before))?;
    match fs::rename(&tried, &confirmed) {
        // A reload in between could not keep what it loaded: nobody knows what to go back to from now on.
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            files::remove(&confirmed).map_err(failed("Unable to remove", &confirmed))?;
        }
        other => other.map_err(failed("Unable to rename", &tried))?,
    }
    forget(&files)
}

/// Goes back now.
pub fn revert(job: &Job) -> Result<Reverted, Error> {
    let files = Files::of(job);
    let _lock = files.lock()?;
    match files.begun() || files.kept.unfinished().exists() {
        true => back::go(job, &files),
        false => Err(Error::NoTry),
    }
}

/// Goes back if the time of a try is over, or if it was cut short by a reboot. `None` if not.
pub fn settle(job: &Job) -> Result<Option<Reverted>, Error> {
    let files = Files::of(job);
    if !due(&files) {
        return Ok(None);
    }
    let _lock = files.lock()?;
    settle_locked(job, &files)
}

fn settle_locked(job: &Job, files: &Files) -> Result<Option<Reverted>, Error> {
    match due(files) {
        true => back::go(job, files).map(Some),
        false => Ok(None),
    }
}

fn due(files: &Files) -> bool {
    match files.begun() {
        true => !files.under_way(),
        false => back::unfinished(files).is_some_and(|unfinished| unfinished.left().is_zero()),
    }
}

fn warn(diagnostics: &mut Diagnostics, message: String) {
    diagnostics.push(Diagnostic {
        bare: true,
        ..Diagnostic::warning(Origin::RENDER, message)
    });
}
