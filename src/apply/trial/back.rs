/*!
Going back from a try: first the files, and that once; then the rules, again and again if need be.

A load that fails leaves the rules that were tried. The files are the owner's again from then on: what is mended in them
is never overwritten, and whatever is loaded from them ends the matter.
*/

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use super::super::files;
use super::super::load::{self, Action};
use super::super::{Error, Job, pipeline, syslog};
use super::clock::Moment;
use super::kept;
use super::paths::{Files, failed, finished};
use super::{Reverted, forget, warn};
use crate::diagnostic::Diagnostics;
use crate::netlink::Kernel;
use crate::said;
use crate::uci::{self, Source};

/// So often the rules are loaded at most, the first time included: half an hour.
const ATTEMPTS: u32 = 12;
const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// The files are back, the rules are not.
#[derive(Debug, PartialEq, Eq)]
pub struct Unfinished {
    failures: u32,
    next: Moment,
}

impl Unfinished {
    /// How long until it is tried again.
    pub fn left(&self) -> Duration {
        self.next.left()
    }

    fn write(&self) -> String {
        format!("{} {}", self.failures, self.next.write())
    }

    fn read(text: &str) -> Option<Unfinished> {
        let (failures, next) = text.split_once(' ')?;
        Some(Unfinished {
            failures: failures.parse().ok()?,
            next: Moment::read(next)?,
        })
    }
}

/// What the last attempt left to be done.
pub fn unfinished(files: &Files) -> Option<Unfinished> {
    let text = files::read_own(&files.kept.unfinished()).ok()?;
    Unfinished::read(std::str::from_utf8(&text).ok()?)
}

/// First the files, so that no later load brings back what was tried; then the rules.
pub fn go(job: &Job, files: &Files) -> Result<Reverted, Error> {
    let mut reverted = Reverted::default();
    let gone = confirmed(files).and_then(|confirmed| {
        if files.begun() {
            restore(files, &confirmed, &mut reverted);
        }
        load(job, files, confirmed, &mut reverted.diagnostics)
    });
    let Err(error) = gone else {
        syslog::alert(
            &job.root,
            "The configuration that was tried was not confirmed: the one before it is back.",
        );
        forget(files)?;
        finished(files)?;
        return Ok(reverted);
    };
    let why = error.to_string();
    let what_now = match put_off(files)? {
        Some(wait) => format!("It is tried again in {} seconds.", wait.as_secs()),
        None => {
            "It is not tried again: the rules are those that were tried, until the next reload."
                .to_owned()
        }
    };
    let message = [
        "The configuration that was tried was not confirmed, and going back failed: ",
        &why,
        ". ",
        &what_now,
    ];
    let mut message = message.concat();
    for path in &reverted.saved {
        message += &format!(" What was tried is in {}.", path.display());
    }
    syslog::alert(&job.root, &message);
    Err(error)
}

fn confirmed(files: &Files) -> Result<Source, Error> {
    // Without what was kept in memory there was a reboot: uncommitted changes and rules are gone by themselves.
    match kept::recall(&files.kept.confirmed()) {
        Some(confirmed) => Ok(confirmed),
        None => Ok(Source {
            config: files::read_own(&files.before)
                .map_err(failed("Unable to read", &files.before))?,
            changes: None,
        }),
    }
}

fn load(
    job: &Job,
    files: &Files,
    confirmed: Source,
    diagnostics: &mut Diagnostics,
) -> Result<(), Error> {
    if !files.run.state.exists() {
        return Ok(());
    }
    let prepared = pipeline::prepare_source(&job.root, &Kernel, &confirmed)
        .map(|prepared| (confirmed, prepared));
    load::attempt(job, &files.run, Action::Revert, prepared, diagnostics)
}

/// The try is over, and only the rules are left to be gone back with: when? `None` if that was tried often enough.
fn put_off(files: &Files) -> Result<Option<Duration>, Error> {
    let failures = unfinished(files).map_or(0, |before| before.failures) + 1;
    let wait = Duration::from_secs(1 << failures.min(16)).min(LONGEST_WAIT);
    let next = Moment::now().filter(|_| failures < ATTEMPTS);
    let kept = next.is_some_and(|now| {
        let unfinished = Unfinished {
            failures,
            next: now.after(wait),
        };
        let text = unfinished.write();
        files::private_folder(&files.run.private)
            .and_then(|()| files::replace(&files.kept.unfinished(), text.as_bytes()))
            .is_ok()
    });
    // In this order: should this end in between, the files are put back once more, and somebody still goes back.
    files
        .forget_before()
        .map_err(failed("Unable to remove", &files.before))?;
    let path = files.kept.deadline();
    files::remove(&path).map_err(failed("Unable to remove", &path))?;
    if kept {
        return Ok(Some(wait));
    }
    let path = files.kept.tried();
    files::remove(&path).map_err(failed("Unable to remove", &path))?;
    finished(files)?;
    Ok(None)
}

/// Puts file and uncommitted changes back, and what was tried beside them.
fn restore(files: &Files, confirmed: &Source, reverted: &mut Reverted) {
    let now = files::read_own(&files.config).ok();
    if now.as_ref() != Some(&confirmed.config) {
        if let Some(bytes) = now {
            save(&files.tried, &bytes, &files.config, reverted);
        }
        let replaced = match fs::rename(&files.before, &files.config) {
            Ok(()) => Ok(()),
            // Where there is no room for two there still is for one.
            Err(_) => files::replace_on_flash(&files.config, &confirmed.config, &files.config)
                .or_else(|_| fs::write(&files.config, &confirmed.config)),
        };
        if let Err(error) = replaced {
            let message = format!(
                "Unable to write '{}': {error}. It still holds what was tried; the next load takes it.",
                files.config.display()
            );
            warn(&mut reverted.diagnostics, message);
        }
    }
    if let Err(error) = restore_changes(files, confirmed, reverted) {
        let message = format!("Unable to write '{}': {error}", files.changes.display());
        warn(&mut reverted.diagnostics, message);
    }
}

fn restore_changes(files: &Files, confirmed: &Source, reverted: &mut Reverted) -> io::Result<()> {
    // A stranger's folder, or a link to wherever: no load takes anything from there, so nothing need be taken away.
    if uci::trusted(&files.changes).is_err() {
        return match &confirmed.changes {
            Some(_) => Err(said::other("the place belongs to another user")),
            None => Ok(()),
        };
    }
    let changes = files::read_own(&files.changes).ok();
    if changes == confirmed.changes {
        return Ok(());
    }
    if let Some(bytes) = changes {
        let mut name = files.tried.clone().into_os_string();
        name.push(".changes");
        save(Path::new(&name), &bytes, &files.changes, reverted);
    }
    match &confirmed.changes {
        Some(bytes) => files::replace(&files.changes, bytes),
        None => files::remove(&files.changes),
    }
}

/// Nobody's work is thrown away; but going back does not wait for room.
fn save(path: &Path, bytes: &[u8], like: &Path, reverted: &mut Reverted) {
    match files::replace_on_flash(path, bytes, like) {
        Ok(()) => reverted.saved.push(path.to_owned()),
        Err(error) => {
            let message = format!(
                "Unable to keep what was tried in '{}': {error}",
                path.display()
            );
            warn(&mut reverted.diagnostics, message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_to_do_survives_being_written() {
        let unfinished = Unfinished {
            failures: 3,
            next: Moment::now().unwrap().after(Duration::from_secs(8)),
        };
        assert_eq!(Unfinished::read(&unfinished.write()), Some(unfinished));
        assert_eq!(Unfinished::read("8"), None);
    }
}
