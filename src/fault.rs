/*!
What the program says when it finds a mistake of its own.

The package's program is compiled such that a broken promise (an index out of bounds) runs into an instruction that no
processor has, instead of into code that puts a message together (scripts/small-std): 13,000 compressed bytes less. The kernel
sends a signal, and this says where in the program it was. The same source makes the same program, so its symbols
tell the function (docs/size.md). The program ends by `abort`, as it does after a panic where it is compiled in the usual way.
*/

use std::ffi::{c_int, c_void};

const SAID: &[u8] = concat!(
    "ferrowall ",
    env!("CARGO_PKG_VERSION"),
    ": this is a bug, please report it: stopped at 0x"
)
.as_bytes();

/// An address in hexadecimal digits.
const DIGITS: usize = 16;

// A signal handler cannot be installed otherwise.
#[allow(unsafe_code)]
pub fn watch() {
    let handler: extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void) = stopped;
    // SAFETY: all zeros is a valid value of this struct: no flags, no signals held back.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = handler as usize;
    action.sa_flags = libc::SA_SIGINFO | libc::SA_RESETHAND;
    // x86 and arm say the one, aarch64 the other
    for signal in [libc::SIGILL, libc::SIGTRAP] {
        // SAFETY: the handler does only what signal-safety(7) lets it do.
        unsafe { libc::sigaction(signal, &action, std::ptr::null_mut()) };
    }
}

// The same.
#[allow(unsafe_code)]
extern "C" fn stopped(_signal: c_int, about: *mut libc::siginfo_t, _context: *mut c_void) {
    unsafe extern "C" {
        /// The program's first byte in memory; the linker knows it.
        static __ehdr_start: u8;
    }
    // SAFETY: the kernel hands over what sigaction(2) says it does.
    let place = unsafe { (*about).si_addr() } as usize;
    let place = place.wrapping_sub(&raw const __ehdr_start as usize);
    let mut line = [0; SAID.len() + DIGITS + 1];
    for (place, byte) in line.iter_mut().zip(SAID) {
        *place = *byte;
    }
    for (nth, digit) in line.iter_mut().skip(SAID.len()).take(DIGITS).enumerate() {
        let value = place as u64 >> (4 * (DIGITS - 1 - nth)) & 0xF;
        *digit = b"0123456789abcdef"[value as usize];
    }
    if let Some(end) = line.last_mut() {
        *end = b'\n';
    }
    // SAFETY: as above.
    unsafe {
        libc::write(libc::STDERR_FILENO, line.as_ptr().cast(), line.len());
        libc::abort()
    }
}
