/*!
What is wrong with a configuration, said to the router's owner.

A [`Diagnostic`] is made where the mistake is seen (`config`, `compile`) and shown elsewhere (`cli`).
It keeps fw4's words, because scripts match on them, and beside them where in the file the mistake is.
*/

use std::fmt;

use crate::sort;

/// A place in a file: line and column count from 1, in characters as an editor shows them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Span {
    pub line: u32,
    pub column: u32,
    /// Byte offsets into the file, end exclusive.
    pub start: u32,
    pub end: u32,
}

/// Which section something comes from: its number in [`crate::config::Sections`], counted from 1.
///
/// Sections are numbered in the order in which fw4 treats them, so that sorting diagnostics by their
/// origin puts them in fw4's order. [`Origin::ROUTER`] comes before all sections, [`Origin::RENDER`] after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin(pub u32);

impl Origin {
    /// No section: said while the router was read, before fw4 looks at the first section.
    pub const ROUTER: Origin = Origin(0);
    /// No section: said while the ruleset is put together.
    pub const RENDER: Origin = Origin(u32::MAX);
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    Error,
    Warning,
    Note,
}

impl Severity {
    /// As in `status --json`.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// One problem. `message` is the whole of fw4's line, without the leading `[!] `.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostic {
    pub severity: Severity,
    pub origin: Origin,
    /// Which finding of `lint` this is; empty for what fw4 says too.
    pub code: &'static str,
    pub option: Option<String>,
    pub value: Option<String>,
    /// Where in the configuration file, if it comes from there.
    pub span: Option<Span>,
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// fw4 writes this one bare, without `[!] `, and even when asked to be quiet.
    pub bare: bool,
    /// Ours only: fw4 says nothing here, so `print` does not either unless asked with `-v`.
    pub silent_in_fw4: bool,
}

impl Diagnostic {
    pub fn warning(origin: Origin, message: impl Into<String>) -> Self {
        Diagnostic {
            severity: Severity::Warning,
            origin,
            code: "",
            option: None,
            value: None,
            span: None,
            message: message.into(),
            hint: None,
            bare: false,
            silent_in_fw4: false,
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.bare {
            f.write_str(&self.message)
        } else {
            write!(f, "[!] {}", self.message)
        }
    }
}

/// Diagnostics of all stages, in the order fw4 would have said them.
#[derive(Debug, Default)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Takes over what a later stage had to say; within one section earlier stages come first.
    pub fn merge(&mut self, later: Diagnostics) {
        self.0.extend(later.0);
        sort::by(&mut self.0, |a, b| a.origin.cmp(&b.origin));
    }

    /// Takes over what was said of sections that come after all those here.
    pub fn extend(&mut self, next: Diagnostics) {
        self.0.extend(next.0);
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, Diagnostic> {
        self.0.iter_mut()
    }

    /// Sorts by a number that each has; what is equal stays as it was.
    pub fn sort_by_key(&mut self, key: impl Fn(&Diagnostic) -> u32) {
        sort::by(&mut self.0, |a, b| key(a).cmp(&key(b)));
    }

    /// How many there are of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.0.iter().filter(|d| d.severity == severity).count()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
