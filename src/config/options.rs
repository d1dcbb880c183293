/*!
Reading the options of one section in fw4's manner (`parse_options`, `parse_opt`, `parse_list`).

Options are asked for in the order of fw4's tables, so that mistakes are reported in its order; the
first invalid one ends the section ([`Invalid`]), and [`Options::finish`] names the options nobody asked for.
*/

use std::borrow::Cow;

use super::raw::{Item, Raw, RawOption, RawValue, Scalar, list_text};
use super::ucode;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};

/// The section is not to be used; why has been said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Invalid;

pub(super) type Result<T> = std::result::Result<T, Invalid>;

/// What fw4 does with an option beside parsing it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Unsupported,
    Deprecated,
}

/// So many options have a kind of section at most: `config offload` has 38.
const MOST: usize = 40;

pub(super) struct Options<'r, 'd> {
    raw: &'r Raw<'r>,
    diagnostics: &'d mut Diagnostics,
    /// The options that have been asked for, and how many these are.
    asked: Vec<&'static str>,
    count: usize,
    /// Which of the section's first 64 options are among them: the first has the lowest bit.
    known: u64,
    /// Of each option a bit. A section has few of the options that are asked for.
    given: u64,
    /// An invalid option counts as not given, and the section goes on: where fw4 would crash.
    forgiving: bool,
}

impl<'r, 'd> Options<'r, 'd> {
    pub fn new(raw: &'r Raw<'r>, diagnostics: &'d mut Diagnostics) -> Self {
        Options {
            raw,
            diagnostics,
            asked: vec![""; MOST],
            count: 0,
            known: 0,
            given: raw.options.iter().fold(0, |bits, o| bits | bit(o.name)),
            forgiving: false,
        }
    }

    pub fn forgiving(raw: &'r Raw<'r>, diagnostics: &'d mut Diagnostics) -> Self {
        Options {
            forgiving: true,
            ..Self::new(raw, diagnostics)
        }
    }

    /// A single value, `None` if not given.
    ///
    /// The generic functions here are compiled once for each kind of value. They do no more than parse; all that is the
    /// same for every kind is in functions of their own.
    pub fn opt<T>(
        &mut self,
        name: &'static str,
        parse: impl Fn(&Scalar<'r>) -> Option<T>,
    ) -> Result<Option<T>> {
        let Some(item) = self.given(name)? else {
            return Ok(None);
        };
        match parse(&item.value) {
            None => self.refuse(name, item).map(|()| None),
            value => Ok(value),
        }
    }

    /// What is given for an option of a single value.
    #[inline(never)]
    fn given(&mut self, name: &'static str) -> Result<Option<&'r Item<'r>>> {
        match self.ask(name) {
            None | Some(RawValue::Null) => Ok(None),
            Some(RawValue::One(item)) => Ok(Some(item)),
            Some(RawValue::Many(items)) => self.not_a_list(name, items).map(|()| None),
        }
    }

    #[inline(never)]
    fn not_a_list(&mut self, name: &str, items: &[Item<'_>]) -> Result<()> {
        let mut d = self.diagnostic(format!("option '{name}' must not be a list"));
        d.option = Some(name.into());
        d.value = Some(list_text(items));
        d.span = items.first().and_then(|i| i.span.cloned());
        d.hint = Some(format!("write it as one line: option {name} 'VALUE'"));
        self.diagnostics.push(d);
        self.forgive()
    }

    /// Most options are not given. This is all that is done for them, and is part of its few callers.
    #[inline(always)]
    fn ask(&mut self, name: &'static str) -> Option<&'r RawValue<'r>> {
        self.note(name);
        match self.given & bit(name) {
            0 => None,
            _ => self.find(name),
        }
    }

    /// Asks for several at once: true if none of them is given. Else they are to be asked for one by one.
    pub fn has_none(&mut self, names: &[&'static str]) -> bool {
        let none = names.iter().all(|name| self.given & bit(name) == 0);
        if none {
            names.iter().for_each(|name| self.note(name));
        }
        none
    }

    #[inline(always)]
    fn note(&mut self, name: &'static str) {
        debug_assert!(self.count < MOST, "more options than MOST");
        if let Some(place) = self.asked.get_mut(self.count) {
            *place = name;
        }
        self.count += 1;
    }

    #[inline(never)]
    fn find(&mut self, name: &str) -> Option<&'r RawValue<'r>> {
        for (at, option) in self.raw.options.iter().enumerate() {
            if option.name.len() == name.len() && option.name == name {
                self.known |= place(at);
                return Some(&option.value);
            }
        }
        None
    }

    #[inline(never)]
    fn refuse(&mut self, name: &str, item: &Item<'_>) -> Result<()> {
        self.invalid(name, item);
        self.forgive()
    }

    fn forgive(&self) -> Result<()> {
        if self.forgiving { Ok(()) } else { Err(Invalid) }
    }

    /// A single value that may not be negated with `!`; `inverted` says whether it is.
    pub fn opt_plain<T>(
        &mut self,
        name: &'static str,
        parse: impl Fn(&Scalar<'r>) -> Option<T>,
        inverted: impl Fn(&T) -> bool,
    ) -> Result<Option<T>> {
        match self.opt(name, parse)? {
            Some(value) if inverted(&value) => self.negated(name).map(|()| None),
            value => Ok(value),
        }
    }

    #[inline(never)]
    fn negated(&mut self, name: &str) -> Result<()> {
        let mut d = self.at_option(name, format!("option '{name}' must not be negated"));
        d.hint = Some("remove the !".into());
        self.diagnostics.push(d);
        self.forgive()
    }

    pub fn required<T>(
        &mut self,
        name: &'static str,
        parse: impl Fn(&Scalar<'r>) -> Option<T>,
    ) -> Result<T> {
        if let None | Some(RawValue::Null) = self.ask(name) {
            return Err(self.missing(name));
        }
        self.opt(name, parse)?.ok_or(Invalid)
    }

    #[inline(never)]
    fn missing(&mut self, name: &str) -> Invalid {
        let mut d = self.diagnostic(format!("option '{name}' is mandatory but not set"));
        d.option = Some(name.into());
        d.hint = Some(format!("add a line: option {name} 'VALUE'"));
        self.diagnostics.push(d);
        Invalid
    }

    /// A list, or one value split at blanks. Empty if not given.
    pub fn list<T>(
        &mut self,
        name: &'static str,
        parse: impl Fn(&Scalar<'r>) -> Option<T>,
    ) -> Result<Vec<T>> {
        let Some(items) = self.items(name) else {
            return Ok(Vec::new());
        };
        let mut out = Vec::with_capacity(items.len());
        for item in items.iter() {
            out.push(parse(&item.value).ok_or_else(|| self.invalid(name, item))?);
        }
        Ok(out)
    }

    /// The values of a list, one by one; `None` if not given.
    #[inline(never)]
    pub(super) fn items(&mut self, name: &'static str) -> Option<Cow<'r, [Item<'r>]>> {
        match self.ask(name)? {
            RawValue::Null => None,
            RawValue::Many(items) => Some(Cow::Borrowed(items)),
            RawValue::One(item) => Some(match &item.value {
                Scalar::Json(_) => Cow::Borrowed(std::slice::from_ref(item)),
                Scalar::Text(text) if ucode::is_word(text) => {
                    Cow::Borrowed(std::slice::from_ref(item))
                }
                value => Cow::Owned(
                    ucode::words(value.text())
                        .map(|word| Item {
                            value: Scalar::Text(word),
                            span: item.span,
                        })
                        .collect(),
                ),
            }),
        }
    }

    /// An option that fw4 reads and has no use for; it says so if the value is a valid one.
    pub fn unused<T>(
        &mut self,
        name: &'static str,
        fate: Fate,
        parse: impl Fn(&Scalar<'r>) -> Option<T>,
    ) -> Result<()> {
        if self.opt(name, parse)?.is_some() {
            self.useless(name, fate);
        }
        Ok(())
    }

    #[inline(never)]
    fn useless(&mut self, name: &str, fate: Fate) {
        let what = match fate {
            Fate::Unsupported => "is not supported by fw4",
            Fate::Deprecated => "is deprecated by fw4",
        };
        let d = self.at_option(name, format!("option '{name}' {what}"));
        self.diagnostics.push(d);
    }

    /// All options have been asked for: names those that mean nothing here.
    pub fn finish(self) {
        let options = self.raw.options.len();
        let all = place(options).wrapping_sub(1);
        if self.known != all || options > 64 {
            self.name_unknown();
        }
    }

    #[cold]
    fn name_unknown(self) {
        let asked = self.asked.get(..self.count).unwrap_or_default();
        for (at, option) in self.raw.options.iter().enumerate() {
            let RawOption { name, value } = option;
            let known = self.known & place(at) != 0 || asked.contains(name);
            if known || name.starts_with('.') || *name == "type" {
                continue;
            }
            let message = format!("specifies unknown option '{name}'");
            let mut d = about(self.raw, name, Some(value), &message);
            d.hint = super::suggest::closest(name, asked.iter().copied())
                .map(|known| format!("did you mean '{known}'?"));
            self.diagnostics.push(d);
        }
    }

    pub(super) fn invalid(&mut self, name: &str, item: &Item<'_>) -> Invalid {
        let value = item.value.text();
        let mut d = self.diagnostic(format!("option '{name}' specifies invalid value '{value}'"));
        d.option = Some(name.into());
        d.value = Some(value.to_owned());
        d.span = item.span.cloned();
        d.hint = super::suggest::accepted(name).map(str::to_owned);
        self.diagnostics.push(d);
        Invalid
    }

    fn diagnostic(&self, message: String) -> Diagnostic {
        Diagnostic::warning(self.raw.origin, format!("{} {message}", self.raw.label()))
    }

    fn at_option(&self, name: &str, message: String) -> Diagnostic {
        at_option(self.raw, name, &message)
    }
}

/// Names with different bits are different. The factors are such that what rules and redirects usually have shares its
/// bit with no other option of theirs.
#[inline(always)]
fn bit(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let end = |byte: Option<&u8>| byte.map_or(0, |byte| u32::from(*byte));
    1u64.rotate_left(bytes.len() as u32 * 4 + end(bytes.first()) + end(bytes.last()) * 8)
}

/// Of the first 64 options each has a bit, the others none.
fn place(at: usize) -> u64 {
    1u64.checked_shl(at as u32).unwrap_or(0)
}

/// Something to say about a section, in fw4's manner: `Section @rule[0] (name) MESSAGE`.
pub(super) fn warn(raw: &Raw<'_>, diagnostics: &mut Diagnostics, message: &str) {
    diagnostics.push(Diagnostic::warning(
        raw.origin,
        format!("{} {message}", raw.label()),
    ));
}

/// The same, pointing at one of its options.
pub(super) fn warn_at(raw: &Raw<'_>, diagnostics: &mut Diagnostics, option: &str, message: &str) {
    diagnostics.push(at_option(raw, option, message));
}

/// Something that is no mistake: the section is switched off.
pub(super) fn note(raw: &Raw<'_>, diagnostics: &mut Diagnostics, option: &str, message: &str) {
    let mut d = at_option(raw, option, message);
    d.severity = Severity::Note;
    diagnostics.push(d);
}

fn at_option(raw: &Raw<'_>, name: &str, message: &str) -> Diagnostic {
    about(raw, name, raw.option(name), message)
}

fn about(raw: &Raw<'_>, name: &str, value: Option<&RawValue<'_>>, message: &str) -> Diagnostic {
    let mut d = Diagnostic::warning(raw.origin, format!("{} {message}", raw.label()));
    d.option = Some(name.into());
    let (value, span) = match value {
        Some(RawValue::One(item)) => (Some(item.value.text().to_owned()), item.span),
        Some(RawValue::Many(items)) => (Some(list_text(items)), items.first().and_then(|i| i.span)),
        Some(RawValue::Null) | None => (None, None),
    };
    d.value = value;
    d.span = span.cloned();
    d
}
