/*! This program, run anew for one act. */

use std::fs::File;
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use rustix::fs::{MemfdFlags, memfd_create};
use rustix::process::{PidfdFlags, pidfd_open};

use super::act::Act;
use crate::apply::{Job, Stamp, stamp};
use crate::spawn::{Child, Stream, spawn};

/// A load that hangs is ended then. Long, as each script include may take half a minute.
const PATIENCE: Duration = Duration::from_secs(300);

/// A child at work.
#[derive(Debug)]
pub struct Run {
    pub act: Act,
    /// When to end it.
    pub due: Instant,
    /// The record there was before.
    pub before: Option<Stamp>,
    child: Child,
    /// Becomes readable when the child ends. `None` where the kernel (before 5.3) has no such thing.
    pidfd: Option<OwnedFd>,
    /// What it prints, for those acts that answer by printing: memory, not pipes, so that nobody has to
    /// read while it writes.
    output: Option<Output>,
}

#[derive(Debug)]
struct Output {
    text: File,
    errors: File,
}

/// What came of it.
#[derive(Debug)]
pub struct Ended {
    pub status: ExitStatus,
    /// What it printed.
    pub text: Option<File>,
    /// What it complained of, as far as anyone would read.
    pub errors: Vec<u8>,
}

impl Run {
    pub fn start(job: &Job, act: Act, now: Instant) -> io::Result<Run> {
        let mut words = job.command_line(act.arguments());
        let seconds;
        if let Act::Try(timeout) = act {
            seconds = timeout.to_string();
            words.push(seconds.as_bytes());
        }
        // A script include may leave a process behind that holds on to its standard error: that is the
        // daemon's own (procd's log), not ours to collect.
        let mut output = None;
        let mut streams = [Stream::Null, Stream::Null, Stream::Same];
        if act.prints() {
            let (text, errors) = (memory()?, memory()?);
            let to = |file: &File| file.try_clone().map(|file| Stream::To(file.into()));
            streams = [Stream::Null, to(&text)?, to(&errors)?];
            output = Some(Output { text, errors });
        }
        let before = stamp(job);
        // Not by its name: that leads to another program, or none, once the package was replaced.
        let child = spawn(c"/proc/self/exe", &words, streams)?;
        let pidfd = pidfd_open(child.pid(), PidfdFlags::empty()).ok();
        Ok(Run {
            act,
            due: now + PATIENCE,
            before,
            child,
            pidfd,
            output,
        })
    }

    /// To wait for the end with.
    pub fn pidfd(&self) -> Option<BorrowedFd<'_>> {
        self.pidfd.as_ref().map(std::os::fd::AsFd::as_fd)
    }

    /// Has it ended?
    pub fn ended(&mut self) -> io::Result<Option<Ended>> {
        let Some(status) = self.child.try_wait()? else {
            return Ok(None);
        };
        let mut errors = Vec::new();
        let output = self.output.take();
        if let Some(output) = &output {
            errors.resize(2048, 0);
            let read = output.errors.read_at(&mut errors, 0).unwrap_or(0);
            errors.truncate(read);
        }
        Ok(Some(Ended {
            status,
            text: output.map(|output| output.text),
            errors,
        }))
    }

    /// Ends what takes too long. The kernel's rules are what they were before or what they were to be, never
    /// in between.
    pub fn hurry(&mut self, now: Instant) {
        if self.due <= now {
            self.due = now + PATIENCE;
            // it fails only if the child was faster
            let _ = self.child.kill();
        }
    }
}

fn memory() -> io::Result<File> {
    Ok(memfd_create("ferrowall", MemfdFlags::CLOEXEC)?.into())
}
