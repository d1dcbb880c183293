/*! The text path: one `nft -f -` for a whole ruleset. */

use std::io::{self, Write};
use std::process::{Command, Stdio};

use crate::text;

/// What to have nft do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Load,
    /// `-c`: everything but the change itself.
    Check,
}

/// nft said no, or could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("nft cannot be started: {0}")]
    Start(io::Error),
    #[error("nft: {0}")]
    Io(io::Error),
    /// Its own words, with `/dev/stdin:LINE:COLUMN` in front.
    #[error("{said}")]
    Refused { said: String },
}

/// Feeds the text to nft. One transaction: all of it or nothing.
pub fn run(ruleset: &[u8], mode: Mode, echo: bool) -> Result<(), Error> {
    let mut command = Command::new("nft");
    if echo {
        command.arg("-e");
    }
    if mode == Mode::Check {
        command.arg("-c");
    }
    command.args(["-f", "-"]);
    let stdout = if echo {
        Stdio::inherit()
    } else {
        Stdio::null()
    };
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(stdout)
        .stderr(Stdio::piped())
        .spawn()
        .map_err(Error::Start)?;
    if let Some(mut stdin) = child.stdin.take() {
        match stdin.write_all(ruleset) {
            // it gave up reading: its exit status and words say why
            Err(e) if e.kind() == io::ErrorKind::BrokenPipe => {}
            other => other.map_err(Error::Io)?,
        }
    }
    let output = child.wait_with_output().map_err(Error::Io)?;
    match output.status.success() {
        true => Ok(()),
        false => Err(Error::Refused {
            said: text::decode(output.stderr.trim_ascii_end()),
        }),
    }
}
