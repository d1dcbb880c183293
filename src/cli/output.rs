/*! Standard output and standard error, in fw4's manner. A closed pipe is no error: the reader had enough. */

use std::cell::Cell;
use std::io;

use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::{stdio, text};

/// For whom diagnostics are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// Beside a printed ruleset: what fw4 says and nothing else, unless asked with `-v`.
    Printing,
    /// Beside an act: what is ours too.
    Loading,
}

pub struct Output {
    quiet: bool,
    verbose: bool,
    /// The reader of standard output went away.
    closed: Cell<bool>,
}

impl Output {
    pub fn new(quiet: bool, verbose: bool) -> Self {
        Output {
            quiet,
            verbose,
            closed: Cell::new(false),
        }
    }

    /// Bytes to standard output.
    pub fn bytes(&self, bytes: &[u8]) -> io::Result<()> {
        match stdio::output(bytes) {
            Err(e) if e.kind() == io::ErrorKind::BrokenPipe => {
                self.closed.set(true);
                Ok(())
            }
            other => other,
        }
    }

    pub fn is_closed(&self) -> bool {
        self.closed.get()
    }

    pub fn line(&self, line: &str) -> io::Result<()> {
        let mut bytes = text::encode(line).into_owned();
        bytes.push(b'\n');
        self.bytes(&bytes)
    }

    /// Why the command failed: silent with `-q`, as fw4's `die`.
    pub fn error(&self, message: &str) {
        if !self.quiet {
            self.stderr(message);
        }
    }

    /// Said in any case, as fw4's own `warn`.
    pub fn bare(&self, message: &str) {
        self.stderr(message);
    }

    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Is somebody looking at standard error?
    pub fn is_terminal(&self) -> bool {
        stdio::error_is_seen()
    }

    /// How far a long work is, in a line that the next one replaces; only for somebody who looks.
    pub fn progress(&self, text: &str) {
        if self.is_terminal() && !self.quiet {
            stdio::error(&text::encode(&["\r\x1b[K", text].concat()));
        }
    }

    pub fn diagnostics(&self, diagnostics: &Diagnostics, said: Said) {
        let mut lines = String::new();
        for d in diagnostics.iter() {
            // an error is a section left out: never a secret
            let shown = said == Said::Loading || self.verbose || d.severity == Severity::Error;
            if (self.quiet && !d.bare) || (d.silent_in_fw4 && !shown) {
                continue;
            }
            self.render(d, &mut lines);
            lines.push('\n');
        }
        if !lines.is_empty() {
            lines.pop();
            self.stderr(&lines);
        }
    }

    fn render(&self, d: &Diagnostic, out: &mut String) {
        if d.bare || !self.is_terminal() {
            out.push_str(&d.to_string());
        } else {
            out.push_str(&format!("\x1b[33m{}\x1b[m", d.message));
        }
        if self.verbose {
            if let Some(span) = &d.span {
                out.push_str(&format!(
                    "\n    at /etc/config/firewall:{}:{}",
                    span.line, span.column
                ));
            }
            if let Some(hint) = &d.hint {
                out.push_str(&format!("\n    hint: {hint}"));
            }
        }
    }

    fn stderr(&self, text: &str) {
        let mut bytes = text::encode(text).into_owned();
        bytes.push(b'\n');
        stdio::error(&bytes);
    }
}
