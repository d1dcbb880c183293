/*!
Why a configuration file could not be read, said so that its owner can mend it.
*/

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::caret;
use crate::diagnostic::Span;

/// A configuration file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{}: no such file", file.display())]
    Missing { file: PathBuf },
    #[error("{}: not a regular file", file.display())]
    NotAFile { file: PathBuf },
    #[error("{}: {source}", file.display())]
    Io { file: PathBuf, source: io::Error },
    #[error("{}: {size} bytes is too much for a configuration file ({limit} at most)", file.display())]
    TooLarge {
        file: PathBuf,
        size: u64,
        limit: u64,
    },
    /// libuci takes only visible ASCII characters.
    #[error("'{name}' cannot be the name of a configuration")]
    BadName { name: String },
    #[error(transparent)]
    Syntax(#[from] Box<SyntaxError>),
}

impl Error {
    /// What is wrong with the text, if it was read at all.
    pub fn syntax(&self) -> Option<&SyntaxError> {
        match self {
            Error::Syntax(error) => Some(error),
            _ => None,
        }
    }
}

/// The first thing in a file that libuci refuses; it then refuses the whole file.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub struct SyntaxError {
    pub(super) file: PathBuf,
    pub(super) span: Span,
    pub(super) problem: Problem,
    pub(super) source_line: String,
    pub(super) quote_opened: Option<u32>,
}

/// What is wrong. The texts are for people; libuci's own are in file.c, `uci_parse_error`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    #[error("unknown command '{0}', expected config, option, list or package")]
    UnknownCommand(String),
    #[error("';' must be followed by another command on the same line")]
    DanglingSemicolon,
    #[error("{0} without {1}")]
    MissingArgument(&'static str, &'static str),
    #[error("too many arguments, a value with blanks needs quotes")]
    ExtraArgument,
    #[error("this quote is never closed")]
    UnterminatedQuote,
    #[error("invalid name '{0}', only letters, digits and '_' are allowed")]
    InvalidName(String),
    #[error("invalid package name '{0}', only letters, digits, '_' and '-' are allowed")]
    InvalidPackageName(String),
    #[error("invalid section type '{0}', only visible ASCII characters are allowed")]
    InvalidType(String),
    #[error("{0} before the first config line")]
    OutsideSection(&'static str),
    #[error("section '{name}' is already a {first}, it cannot become a {second}")]
    TypeChanged {
        name: String,
        first: String,
        second: String,
    },
}

impl SyntaxError {
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The place in the file; its line and column count from 1.
    pub fn span(&self) -> &Span {
        &self.span
    }

    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// The whole line of the file, however long.
    pub fn source_line(&self) -> &str {
        &self.source_line
    }

    /// The line in which a value of this command begins, if it goes on for several lines. Then a missing
    /// quote there is the likely reason for the error here.
    pub fn quote_opened(&self) -> Option<u32> {
        self.quote_opened
    }

    /// What is wrong and why, in one line, without the place.
    pub fn message(&self) -> String {
        match self.quote_opened {
            Some(line) => format!(
                "{} (a quote that opens in line {line} stays open beyond the end of that line)",
                self.problem
            ),
            None => self.problem.to_string(),
        }
    }
}

impl fmt::Display for SyntaxError {
    /// `file:line:column: message`, then the line and a caret below it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Span { line, column, .. } = &self.span;
        writeln!(
            f,
            "{}:{line}:{column}: {}",
            self.file.display(),
            caret::printable(&self.message())
        )?;
        f.write_str(&caret::below(&self.source_line, *column, 1))
    }
}
