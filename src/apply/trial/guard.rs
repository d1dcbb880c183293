/*!
The guard: a process that waits for the end of a try, and then has this program go back.

It has a session of its own, so that it outlives the terminal, the SSH connection and the daemon that the try was
begun from. It holds nothing: killed, it leaves the deadline to the daemon and to the next command.
*/

use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use super::super::Job;

/// How often it looks whether it is still needed, and whether time went on while the router slept.
const LOOK: Duration = Duration::from_secs(1);

/// This program for the same router, with the same way into the kernel. Not by its name: the package may be
/// replaced during the try.
fn again(job: &Job) -> Command {
    let mut command = Command::new("/proc/self/exe");
    command
        .arg0("ferrowall")
        .arg("--root")
        .arg(&job.root)
        .args(["--backend", job.backend.name()])
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// Starts one; it is on guard when this returns.
pub fn start(job: &Job) -> io::Result<()> {
    let mut child = again(job)
        .arg("guard")
        .current_dir("/")
        .stdout(Stdio::piped())
        .spawn()?;
    let mut word = [0];
    match child.stdout.take() {
        Some(mut said) => said.read_exact(&mut word),
        None => Err(io::ErrorKind::BrokenPipe.into()),
    }
}

/// What the guard does. Comes back only if it is not needed any more, or cannot do its work.
pub fn guard(job: &Job) -> io::Error {
    if let Err(error) = rustix::process::setsid() {
        return error.into();
    }
    if let Err(error) = io::stdout()
        .write_all(b"!")
        .and_then(|()| io::stdout().flush())
    {
        return error;
    }
    loop {
        match super::left(job) {
            None => std::process::exit(0),
            Some(left) if left.is_zero() => {
                let gone_back = again(job)
                    .args(["revert", "--if-due"])
                    .stdout(Stdio::null())
                    .status();
                if let Err(error) = gone_back {
                    return error;
                }
                // It may be due again: rules that the kernel refused, or a deadline that moved on while a long load ended.
                sleep(LOOK);
            }
            Some(left) => sleep(left.min(LOOK)),
        }
    }
}
