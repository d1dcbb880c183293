/*!
Reading the options of one section in fw4's manner (`parse_options`, `parse_opt`, `parse_list`).

Options are asked for in the order of fw4's tables, so that mistakes are reported in its order; the
first invalid one ends the section ([`Invalid`]), and [`Options::finish`] names the options nobody asked for.
*/

use std::borrow::Cow;

use super::raw::{Item, Raw, RawValue, Scalar, list_text};
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

pub(super) struct Options<'r, 'a> {
    raw: &'r Raw<'a>,
    diagnostics: &'r mut Diagnostics,
    asked: Vec<&'static str>,
    /// Which of the section's options have been asked for.
    known: Vec<bool>,
    /// Of each option a bit. A section has few of the options that are asked for.
    given: u64,
    /// An invalid option counts as not given, and the section goes on: where fw4 would crash.
    forgiving: bool,
}

impl<'r, 'a> Options<'r, 'a> {
    pub fn new(raw: &'r Raw<'a>, diagnostics: &'r mut Diagnostics) -> Self {
        Options {
            raw,
            diagnostics,
            asked: Vec::with_capacity(40),
            known: vec![false; raw.options.len()],
            given: raw.options.iter().fold(0, |bits, o| bits | bit(o.name)),
            forgiving: false,
        }
    }

    pub fn forgiving(raw: &'r Raw<'a>, diagnostics: &'r mut Diagnostics) -> Self {
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
        parse: impl Fn(&Scalar<'a>) -> Option<T>,
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
    fn given(&mut self, name: &'static str) -> Result<Option<&'r Item<'a>>> {
        match self.ask(name) {
            None | Some(RawValue::Null) => Ok(None),
            Some(RawValue::One(item)) => Ok(Some(item)),
            Some(RawValue::Many(items)) => {
                let mut d = self.diagnostic(format!("option '{name}' must not be a list"));
                d.option = Some(name.into());
                d.value = Some(list_text(items));
                d.span = items.first().and_then(|i| i.span.cloned());
                d.hint = Some(format!("write it as one line: option {name} 'VALUE'"));
                self.diagnostics.push(d);
                self.forgive().map(|()| None)
            }
        }
    }

    fn ask(&mut self, name: &'static str) -> Option<&'r RawValue<'a>> {
        self.asked.push(name);
        if self.given & bit(name) == 0 {
            return None;
        }
        let raw = self.raw;
        let at = raw.options.iter().position(|o| o.name == name)?;
        if let Some(known) = self.known.get_mut(at) {
            *known = true;
        }
        raw.options.get(at).map(|o| &o.value)
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
        parse: impl Fn(&Scalar<'a>) -> Option<T>,
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
        parse: impl Fn(&Scalar<'a>) -> Option<T>,
    ) -> Result<T> {
        if let None | Some(RawValue::Null) = self.raw.option(name) {
            self.asked.push(name);
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

    /// A list, or one value split at blanks; each item may give several values. Empty if not given.
    pub fn list<T, I>(
        &mut self,
        name: &'static str,
        parse: impl Fn(&Scalar<'a>) -> Option<I>,
    ) -> Result<Vec<T>>
    where
        I: IntoIterator<Item = T>,
    {
        let mut out = Vec::new();
        for item in self.items(name).iter() {
            match parse(&item.value) {
                Some(values) => out.extend(values),
                None => return Err(self.invalid(name, item)),
            }
        }
        Ok(out)
    }

    /// The values of a list, one by one.
    #[inline(never)]
    fn items(&mut self, name: &'static str) -> Cow<'r, [Item<'a>]> {
        match self.ask(name) {
            None | Some(RawValue::Null) => Cow::Borrowed(&[]),
            Some(RawValue::Many(items)) => Cow::Borrowed(items),
            Some(RawValue::One(item)) => match &item.value {
                Scalar::Json(_) => Cow::Borrowed(std::slice::from_ref(item)),
                Scalar::Text(Cow::Borrowed(text)) if ucode::is_word(text) => {
                    Cow::Borrowed(std::slice::from_ref(item))
                }
                value => Cow::Owned(
                    ucode::words(&value.text())
                        .map(|word| Item {
                            value: Scalar::Text(word.to_owned().into()),
                            span: item.span,
                        })
                        .collect(),
                ),
            },
        }
    }

    /// The same with a default for where nothing is given.
    pub fn list_or<T, I>(
        &mut self,
        name: &'static str,
        parse: impl Fn(&Scalar<'a>) -> Option<I>,
        default: Vec<T>,
    ) -> Result<Vec<T>>
    where
        I: IntoIterator<Item = T>,
    {
        let given = !matches!(self.raw.option(name), None | Some(RawValue::Null));
        let list = self.list(name, parse)?;
        Ok(if given { list } else { default })
    }

    /// An option that fw4 reads and has no use for; it says so if the value is a valid one.
    pub fn unused<T>(
        &mut self,
        name: &'static str,
        fate: Fate,
        parse: impl Fn(&Scalar<'a>) -> Option<T>,
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
        for (option, known) in self.raw.options.iter().zip(&self.known) {
            let name = option.name;
            if *known || name.starts_with('.') || name == "type" || self.asked.contains(&name) {
                continue;
            }
            let mut d = self.at_option(name, format!("specifies unknown option '{name}'"));
            d.hint = super::suggest::closest(name, self.asked.iter().copied())
                .map(|known| format!("did you mean '{known}'?"));
            self.diagnostics.push(d);
        }
    }

    fn invalid(&mut self, name: &str, item: &Item<'_>) -> Invalid {
        let value = item.value.text();
        let mut d = self.diagnostic(format!("option '{name}' specifies invalid value '{value}'"));
        d.option = Some(name.into());
        d.value = Some(value.into_owned());
        d.span = item.span.cloned();
        d.hint = super::suggest::accepted(name).map(str::to_owned);
        self.diagnostics.push(d);
        Invalid
    }

    fn diagnostic(&self, message: String) -> Diagnostic {
        Diagnostic::warning(self.raw.origin, format!("{} {message}", self.raw.label()))
    }

    fn at_option(&self, name: &str, message: String) -> Diagnostic {
        at_option(self.raw, name, message)
    }
}

/// Names with different bits are different.
fn bit(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let end = |byte: Option<&u8>| byte.map_or(0, |byte| u32::from(*byte));
    1u64.rotate_left(bytes.len() as u32 * 7 + end(bytes.first()) * 3 + end(bytes.last()))
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
    diagnostics.push(at_option(raw, option, message.to_owned()));
}

/// Something that is no mistake: the section is switched off.
pub(super) fn note(raw: &Raw<'_>, diagnostics: &mut Diagnostics, option: &str, message: &str) {
    let mut d = at_option(raw, option, message.to_owned());
    d.severity = Severity::Note;
    diagnostics.push(d);
}

fn at_option(raw: &Raw<'_>, name: &str, message: String) -> Diagnostic {
    let mut d = Diagnostic::warning(raw.origin, format!("{} {message}", raw.label()));
    d.option = Some(name.into());
    let (value, span) = match raw.option(name) {
        Some(RawValue::One(item)) => (Some(item.value.text().into_owned()), item.span),
        Some(RawValue::Many(items)) => (Some(list_text(items)), items.first().and_then(|i| i.span)),
        Some(RawValue::Null) | None => (None, None),
    };
    d.value = value;
    d.span = span.cloned();
    d
}
