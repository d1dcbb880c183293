/*!
UCI configuration files, read exactly as libuci reads them.

Bytes in, a [`Package`] of sections and options out, each with its [`Span`]. Knows syntax
(grammar/uci.pest) and the uncommitted changes in `/tmp/.uci`, and nothing of firewalls.

[`load`] is what `uci.cursor().load()` does in ucode, [`parse`] the part of it that needs no files.
*/

mod builder;
mod command;
mod delta;
mod edit;
mod error;
mod load;
mod name;
mod parse;
mod plain;
mod source;
mod syntax;

use std::borrow::Cow;

use crate::diagnostic::Span;

pub use delta::apply_changes;
pub use error::{Error, Problem, SyntaxError};
pub(crate) use load::trusted;
pub use load::{Directories, Source, load, read_source};
pub use parse::parse;

/// One configuration file: `firewall`, `helpers`. Its words are borrowed from the file where they stand there as they are:
/// a large configuration has a hundred thousand of them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Package<'t> {
    pub name: String,
    pub sections: Vec<Section<'t>>,
}

/// `config TYPE 'NAME'`, with its options in the order libuci keeps them.
#[derive(Debug, Clone, PartialEq)]
pub struct Section<'t> {
    /// `.type`
    pub kind: Cow<'t, str>,
    /// `.name`: given, or made up by libuci (`cfg0a1b2c`) if the section is anonymous.
    pub name: Cow<'t, str>,
    pub anonymous: bool,
    pub options: Vec<Opt<'t>>,
    /// The `config` command (`None` if an uncommitted change adds the section).
    pub span: Option<Span>,
}

/// `option NAME VALUE`, or all the `list NAME VALUE` lines of one name.
#[derive(Debug, Clone, PartialEq)]
pub struct Opt<'t> {
    pub name: Cow<'t, str>,
    pub value: Value<'t>,
    /// An earlier line of the file gave it another value, which is lost (libuci keeps the last one).
    pub replaces: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Value<'t> {
    String(Spanned<'t>),
    List(Vec<Spanned<'t>>),
}

/// A value and where it stands (`None` if it comes from an uncommitted change).
#[derive(Debug, Clone, PartialEq)]
pub struct Spanned<'t> {
    pub text: Cow<'t, str>,
    pub span: Option<Span>,
}

impl<'t> Section<'t> {
    pub fn option(&self, name: &str) -> Option<&Opt<'t>> {
        self.options.iter().find(|o| o.name == name)
    }
}
