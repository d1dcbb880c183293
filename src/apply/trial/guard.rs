/*!
The guard: a process that waits for the end of a try, and then has this program go back.

It has a session of its own, so that it outlives the terminal, the SSH connection and the daemon that the try was
begun from. It holds nothing: killed, it leaves the deadline to the daemon and to the next command.
*/

use std::fs::File;
use std::io::{self, Read};
use std::thread::sleep;
use std::time::Duration;

use super::super::Job;
use crate::spawn::{Child, Stream, pipe, spawn};
use crate::stdio;

/// How often it looks whether it is still needed, and whether time went on while the router slept.
const LOOK: Duration = Duration::from_secs(1);

/// This program for the same router, with the same way into the kernel. Not by its name: the package may be
/// replaced during the try.
fn again(job: &Job, verb: &[&str], output: Stream) -> io::Result<Child> {
    spawn(
        c"/proc/self/exe",
        &job.command_line(verb),
        [Stream::Null, output, Stream::Null],
    )
}

/// Starts one; it is on guard when this returns.
pub fn start(job: &Job) -> io::Result<()> {
    let (said, says) = pipe()?;
    again(job, &["guard"], Stream::To(says))?;
    File::from(said).read_exact(&mut [0])
}

/// What the guard does, until it is not needed any more.
///
/// # Errors
/// It cannot do its work.
pub fn guard(job: &Job) -> io::Result<()> {
    rustix::process::setsid()?;
    // no file system is kept from being unmounted
    rustix::process::chdir("/")?;
    stdio::output(b"!")?;
    loop {
        match super::left(job) {
            None => return Ok(()),
            Some(left) if left.is_zero() => {
                again(job, &["revert", "--if-due"], Stream::Null)?.wait()?;
                // It may be due again: rules that the kernel refused, or a deadline that moved on while a long load ended.
                sleep(LOOK);
            }
            Some(left) => sleep(left.min(LOOK)),
        }
    }
}
