/*! `config include` of type script: run once the ruleset is in the kernel. */

use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::compile::Script;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::router::{MAX_FILE, Router};
use crate::said;
use crate::spawn::{Stream, spawn};

/// As long as fw4 gives a script.
const PATIENCE: Duration = Duration::from_secs(30);

/// What every script finds defined before its first line, as under fw4, and the script itself. Its path is
/// an argument, never part of the shell's text.
const PROLOGUE: &str = r#"
config() { echo "You cannot use UCI in firewall includes!" >&2; exit 1; }
. "$1"
"#;

/// Runs the scripts one after another; a script that fails is reported and the next one runs.
pub fn run(scripts: &[Script], router: &Router, diagnostics: &mut Diagnostics) {
    for script in scripts {
        let code = match source(&router.path(&script.path)) {
            Ok(code) => code,
            Err(e) => {
                say(
                    diagnostics,
                    script,
                    format!("Include '{}' cannot be run: {e}", script.path),
                );
                continue;
            }
        };
        if code != 0 {
            say(
                diagnostics,
                script,
                format!("Include '{}' failed with exit code {code}", script.path),
            );
        }
    }
}

fn say(diagnostics: &mut Diagnostics, script: &Script, message: String) {
    diagnostics.push(Diagnostic {
        bare: true,
        ..Diagnostic::warning(script.origin, message)
    });
}

/// Sources the script in a shell of its own. The exit status, or minus the signal that ended it.
fn source(path: &Path) -> io::Result<i32> {
    use std::os::unix::process::ExitStatusExt;

    // The shell would read a device, a pipe or a huge file for as long as it may.
    let about = fs::metadata(path)?;
    if about.len() > MAX_FILE {
        return Err(io::Error::from_raw_os_error(libc::EFBIG));
    }
    if !about.is_file() {
        return Err(said::error(
            io::ErrorKind::InvalidInput,
            "Not a regular file",
        ));
    }
    let path = path.as_os_str().as_bytes();
    let words = [b"sh", b"-c", PROLOGUE.as_bytes(), b"sh", path];
    let streams = [Stream::Null, Stream::Same, Stream::Same];
    let mut child = spawn(c"/bin/sh", &words, streams)?;
    let until = Instant::now() + PATIENCE;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status
                .code()
                .unwrap_or_else(|| -status.signal().unwrap_or(0)));
        }
        if Instant::now() >= until {
            child.kill()?;
            child.wait()?;
            return Ok(-libc::SIGKILL);
        }
        thread::sleep(Duration::from_millis(10));
    }
}
