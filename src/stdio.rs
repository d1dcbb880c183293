/*!
Standard output and standard error, written to at once.

Those of std come with a buffer, a lock and what flushes them in the end; this program writes whole answers from one thread.
*/

use std::io;
use std::os::fd::BorrowedFd;

use rustix::io::Errno;
use rustix::stdio;

/// All of it, or why not.
fn write(to: BorrowedFd<'_>, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match rustix::io::write(to, bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

pub fn output(bytes: &[u8]) -> io::Result<()> {
    write(stdio::stdout(), bytes)
}

/// If nobody reads it, nothing can be done about that.
pub fn error(bytes: &[u8]) {
    let _ = write(stdio::stderr(), bytes);
}

/// A line of the daemon's log: procd reads its standard error.
pub fn log(line: String) {
    error((line + "\n").as_bytes());
}

/// Somebody is looking at standard error.
pub fn error_is_seen() -> bool {
    rustix::termios::isatty(stdio::stderr())
}
