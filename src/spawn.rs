/*!
Other programs, run beside this one.

`std::process::Command` can do much more (another environment, another folder, callbacks in the child); what is left
here is a call of posix_spawn(3), for a tenth of the machine code (docs/size.md).
*/

// std has no safe door to posix_spawn but the whole of `Command`.
#![allow(unsafe_code)]

use std::ffi::{CStr, CString, c_char};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::ptr;

use rustix::io::Errno;
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};

/// What one of the three standard streams of the child is.
#[derive(Debug)]
pub enum Stream {
    /// Ours.
    Same,
    Null,
    To(OwnedFd),
}

#[derive(Debug)]
pub struct Child {
    pid: Pid,
    /// Known once it was waited for: its number may be another's then.
    status: Option<ExitStatus>,
}

/// Reading end and writing end; neither passes to a child but as one of its [`Stream`]s.
pub fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    Ok(pipe_with(PipeFlags::CLOEXEC)?)
}

/// Starts a program, looked for in PATH unless there is a slash in its name. `words` are its arguments, its own name first.
pub fn spawn(program: &CStr, words: &[&[u8]], streams: [Stream; 3]) -> io::Result<Child> {
    unsafe extern "C" {
        /// environ(7)
        static environ: *const *mut c_char;
    }
    let words: Vec<CString> = words
        .iter()
        .map(|word| CString::new(*word).map_err(|_| io::ErrorKind::InvalidInput))
        .collect::<Result<_, _>>()?;
    let mut argv: Vec<*mut c_char> = words.iter().map(|word| word.as_ptr().cast_mut()).collect();
    argv.push(ptr::null_mut());
    let mut setup = Setup::new()?;
    for (number, stream) in (0..).zip(&streams) {
        setup.stream(number, stream)?;
    }
    let mut pid = 0;
    // SAFETY: both lists of strings end with a null pointer, and everything lives until the child has its copy.
    done(unsafe {
        let (actions, attributes) = (&raw const setup.actions, &raw const setup.attributes);
        libc::posix_spawnp(
            &mut pid,
            program.as_ptr(),
            actions,
            attributes,
            argv.as_ptr(),
            environ,
        )
    })?;
    match Pid::from_raw(pid) {
        Some(pid) => Ok(Child { pid, status: None }),
        None => Err(io::ErrorKind::NotFound.into()),
    }
}

impl Child {
    pub fn pid(&self) -> Pid {
        self.pid
    }

    pub fn wait(&mut self) -> io::Result<ExitStatus> {
        loop {
            match self.poll(WaitOptions::empty()) {
                Ok(Some(status)) => return Ok(status),
                Ok(None) | Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// `None`: it still runs.
    pub fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        Ok(self.poll(WaitOptions::NOHANG)?)
    }

    fn poll(&mut self, how: WaitOptions) -> Result<Option<ExitStatus>, Errno> {
        if self.status.is_none() {
            let ended = waitpid(Some(self.pid), how)?;
            self.status = ended.map(|(_, status)| ExitStatus::from_raw(status.as_raw()));
        }
        Ok(self.status)
    }

    /// Kills it, if it still runs.
    pub fn kill(&self) -> io::Result<()> {
        if self.status.is_none() {
            kill_process(self.pid, Signal::KILL)?;
        }
        Ok(())
    }
}

/// What posix_spawn is to do between fork and exec.
struct Setup {
    actions: libc::posix_spawn_file_actions_t,
    attributes: libc::posix_spawnattr_t,
}

impl Setup {
    /// The child handles SIGPIPE as programs expect it, which this one ignores (src/start.rs).
    fn new() -> io::Result<Setup> {
        // SAFETY: plain C structs; they are made what they are to be before anything else looks at them. Those of musl
        // and glibc hold no pointers into themselves, so that they may be moved.
        unsafe {
            let mut setup = Setup {
                actions: std::mem::zeroed(),
                attributes: std::mem::zeroed(),
            };
            done(libc::posix_spawn_file_actions_init(&mut setup.actions))?;
            done(libc::posix_spawnattr_init(&mut setup.attributes))?;
            let mut signals: libc::sigset_t = std::mem::zeroed();
            libc::sigemptyset(&mut signals);
            libc::sigaddset(&mut signals, libc::SIGPIPE);
            let attributes = &mut setup.attributes;
            done(libc::posix_spawnattr_setsigdefault(attributes, &signals))?;
            let flags = libc::POSIX_SPAWN_SETSIGDEF as libc::c_short;
            done(libc::posix_spawnattr_setflags(attributes, flags))?;
            Ok(setup)
        }
    }

    fn stream(&mut self, number: i32, stream: &Stream) -> io::Result<()> {
        let actions = &mut self.actions;
        // SAFETY: the struct was initialized, the path ends with a zero byte.
        done(match stream {
            Stream::Same => 0,
            Stream::Null => unsafe {
                let null = c"/dev/null".as_ptr();
                libc::posix_spawn_file_actions_addopen(actions, number, null, libc::O_RDWR, 0)
            },
            Stream::To(file) => unsafe {
                libc::posix_spawn_file_actions_adddup2(actions, file.as_raw_fd(), number)
            },
        })
    }
}

impl Drop for Setup {
    fn drop(&mut self) {
        // SAFETY: both were initialized, or are all zeros, which these functions take for empty.
        unsafe {
            libc::posix_spawn_file_actions_destroy(&mut self.actions);
            libc::posix_spawnattr_destroy(&mut self.attributes);
        }
    }
}

/// These functions answer with the error number.
fn done(errno: i32) -> io::Result<()> {
    match errno {
        0 => Ok(()),
        errno => Err(io::Error::from_raw_os_error(errno)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::io::Read;

    #[test]
    fn a_child_gets_its_words_and_streams_and_says_how_it_ended() {
        let (reading, writing) = pipe().unwrap();
        let script = b"read line; echo \"$0:$1:$line\"; echo said >&2; kill -PIPE $$";
        let words: [&[u8]; 5] = [b"sh", b"-c", script, b"zero", b"l\xe4n"];
        let streams = [Stream::Null, Stream::To(writing), Stream::Null];
        let mut child = spawn(c"sh", &words, streams).unwrap();
        let mut said = Vec::new();
        File::from(reading).read_to_end(&mut said).unwrap();
        assert_eq!(said, b"zero:l\xe4n:\n");
        let status = child.wait().unwrap();
        assert_eq!(status.signal(), Some(libc::SIGPIPE));
        assert_eq!(child.try_wait().unwrap(), Some(status));
        child.kill().unwrap();
    }

    #[test]
    fn a_program_that_is_not_there_and_a_word_that_cannot_be_handed_over_are_errors() {
        let streams = || [Stream::Same, Stream::Same, Stream::Same];
        match spawn(c"/nowhere/at/all", &[b"all"], streams()) {
            Err(missing) => assert_eq!(missing.kind(), io::ErrorKind::NotFound),
            // As posix_spawn(3) lets it be where vfork is only fork, under qemu-user.
            Ok(mut child) => assert_eq!(child.wait().unwrap().code(), Some(127)),
        }
        let zero = spawn(c"true", &[b"true", b"\0"], streams()).unwrap_err();
        assert_eq!(zero.kind(), io::ErrorKind::InvalidInput);
    }
}
