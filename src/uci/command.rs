/*! A command of a UCI file, as it is written: `config`, `option`, `list` or `package` with its arguments. */

use std::borrow::Cow;

/// A word or quoted text. Empty if it is not there, which is the same to libuci.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Argument<'t> {
    pub text: Cow<'t, str>,
    /// Where it stands in the text, quotes included.
    pub start: usize,
    pub end: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keyword {
    Package,
    Config,
    Option,
    List,
}

impl Keyword {
    pub fn name(self) -> &'static str {
        match self {
            Keyword::Package => "package",
            Keyword::Config => "config",
            Keyword::Option => "option",
            Keyword::List => "list",
        }
    }

    /// What its first argument is.
    pub fn argument(self) -> &'static str {
        if self == Keyword::Config {
            "a type"
        } else {
            "a name"
        }
    }

    /// A word of a file, in full or abbreviated.
    pub fn read(word: &str) -> Option<Self> {
        [
            Keyword::Package,
            Keyword::Config,
            Keyword::Option,
            Keyword::List,
        ]
        .into_iter()
        .find(|k| word == k.name() || k.name().get(..1) == Some(word))
    }
}

/// One command with its arguments: `package NAME`, `config TYPE NAME`, `option NAME VALUE`, `list
/// NAME VALUE`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Command<'t> {
    pub keyword: Keyword,
    pub start: usize,
    pub first: Argument<'t>,
    pub second: Argument<'t>,
    /// Reading it has shown that the first argument is a name.
    pub is_named: bool,
}
