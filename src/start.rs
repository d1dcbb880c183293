/*!
Where the C library hands over, and what std's `main` does before and after, as far as it is needed here.

std would also remember the arguments (nothing asks later), name the thread, say so when the stack overflows, and flush a
standard output that nothing writes to. With src/stdio.rs that is 20,000 bytes of the
program (docs/size.md).
*/

use std::ffi::{CStr, OsStr, OsString, c_char, c_int};
use std::os::fd::IntoRawFd;
use std::os::unix::ffi::OsStrExt;

use rustix::fs::{Mode, OFlags};
use rustix::io::{Errno, fcntl_getfd};
use rustix::stdio;

use crate::fault;

// The name is what the C library calls; it promises `count` strings that end with a zero byte.
#[allow(unsafe_code)]
#[unsafe(no_mangle)]
extern "C" fn main(count: c_int, words: *const *const c_char) -> c_int {
    let count = usize::try_from(count).unwrap_or(0);
    let word = |place| OsStr::from_bytes(unsafe { CStr::from_ptr(*words.add(place)) }.to_bytes());
    let words: Vec<OsString> = (0..count).map(|place| word(place).to_owned()).collect();
    // Who reads our output may stop reading: an error like others, no reason to die.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_IGN) };
    fault::watch();
    if !fill_standard_streams() {
        return 1;
    }
    ferrowall::cli::run(words.into_iter()).into()
}

/// Whoever starts us with one of the three closed would find the next file opened in its place, and our messages in it.
fn fill_standard_streams() -> bool {
    let streams = [stdio::stdin(), stdio::stdout(), stdio::stderr()];
    streams.into_iter().all(|stream| {
        // The system gives out the lowest number that is free.
        fcntl_getfd(stream) != Err(Errno::BADF)
            || rustix::fs::open("/dev/null", OFlags::RDWR, Mode::empty())
                .map(IntoRawFd::into_raw_fd)
                .is_ok()
    })
}
