/*!
Commands to a [`Package`]: what libuci's `uci_parse_config` and `uci_parse_option` (file.c) do with them.

libuci looks every name up in a linked list. Files of a hundred thousand sections or options must not take
quadratic time here, hence the maps.
*/

use std::borrow::Cow;
use std::collections::HashMap;

use super::error::Problem;
use super::syntax::brief;
use super::{Opt, Package, Section, Spanned, Value};
use crate::diagnostic::Span;

/// From so many options on the names of a section's options are in a map.
const MANY_OPTIONS: usize = 32;

/// Where in the package something is: a section by its name, or an option by the place of its section and its name.
pub(super) type Places<'t> = HashMap<(Option<usize>, Cow<'t, str>), usize>;

pub(super) struct Builder<'t> {
    package: Package<'t>,
    /// The section that options go to.
    current: Option<usize>,
    /// Sections that the file names, options of sections that have many.
    places: Places<'t>,
    /// Room for the options of the next section, so that no list of them grows again and again.
    room: Vec<Opt<'t>>,
}

impl<'t> Builder<'t> {
    pub fn new(package: &str) -> Self {
        Builder {
            package: Package {
                name: package.to_owned(),
                sections: Vec::new(),
            },
            current: None,
            places: Places::new(),
            room: Vec::with_capacity(MANY_OPTIONS),
        }
    }

    pub fn finish(mut self) -> Package<'t> {
        self.close();
        self.package
    }

    /// The section has all its options for now: they get the memory that they need and no more.
    fn close(&mut self) {
        let current = self
            .current
            .and_then(|at| self.package.sections.get_mut(at));
        // One with many may be gone on with again and again.
        if let Some(Section { options, .. }) = current
            && options.len() < options.capacity().min(MANY_OPTIONS)
        {
            let mut room = std::mem::take(options);
            options.reserve_exact(room.len());
            options.append(&mut room);
            self.room = room;
        }
    }

    pub fn has_section(&self) -> bool {
        self.current.is_some()
    }

    /// `config KIND NAME`. A name seen before means that section: what follows is added to it.
    pub fn config(
        &mut self,
        kind: Cow<'t, str>,
        name: Cow<'t, str>,
        span: Span,
    ) -> Result<(), Problem> {
        self.close();
        let anonymous = name.is_empty();
        let known = if anonymous { None } else { self.find(&name) };
        if let Some(section) = known.and_then(|at| self.package.sections.get(at)) {
            if section.kind != kind {
                let (name, first, second) = (brief(&name), brief(&section.kind), brief(&kind));
                return Err(Problem::TypeChanged {
                    name,
                    first,
                    second,
                });
            }
            self.current = known;
            return Ok(());
        }
        let at = self.package.sections.len();
        let name = if anonymous {
            Cow::Owned(made_up_name(at + 1, &kind))
        } else {
            self.places.insert((None, name.clone()), at);
            name
        };
        let span = Some(span);
        self.package.sections.push(Section {
            kind,
            name,
            anonymous,
            options: std::mem::take(&mut self.room),
            span,
        });
        self.current = Some(at);
        Ok(())
    }

    fn find(&self, name: &str) -> Option<usize> {
        let named = self.places.get(&(None, Cow::Borrowed(name))).copied();
        named.or_else(|| self.find_made_up(name))
    }

    /// A file can go on with an anonymous section by the name that was made up for it.
    fn find_made_up(&self, name: &str) -> Option<usize> {
        let digits = name.strip_prefix("cfg")?;
        let number = digits.get(..digits.len().checked_sub(4)?)?;
        let at = u32::from_str_radix(number, 16).ok()?.checked_sub(1)? as usize;
        let section = self.package.sections.get(at)?;
        (section.name == name).then_some(at)
    }

    /// `option NAME VALUE`: an empty value changes nothing, not even an earlier value. Or `list NAME VALUE`: an empty
    /// value is an item like any other.
    pub fn option(&mut self, name: Cow<'t, str>, value: Spanned<'t>, is_item: bool) {
        if value.text.is_empty() && !is_item {
            return;
        }
        let Some(at) = self.current else { return };
        let Some(section) = self.package.sections.get_mut(at) else {
            return;
        };
        let is_many = section.options.len() >= MANY_OPTIONS;
        let position = match is_many {
            true => self.places.get(&(Some(at), Cow::Borrowed(&*name))).copied(),
            false => section.position(&name),
        };
        if let Some(option) = position.and_then(|p| section.options.get_mut(p))
            && !is_item
        {
            option.replaces |= match &option.value {
                Value::String(earlier) => earlier.text != value.text,
                Value::List(_) => true,
            };
        }
        section.put(position, name, value, is_item);
        if position.is_none() && section.options.len() >= MANY_OPTIONS {
            let places = section.options.iter().enumerate();
            let new = places.skip(if is_many {
                section.options.len() - 1
            } else {
                0
            });
            self.places
                .extend(new.map(|(place, option)| ((Some(at), option.name.clone()), place)));
        }
    }
}

/// The name of an anonymous section: which section of the file it is and a hash of its type
/// (`uci_fixup_section` and `djbhash` in list.c; at that moment the section has no options yet).
fn made_up_name(number: usize, kind: &str) -> String {
    let hash = kind.bytes().fold(5381_u32, |hash, b| {
        hash.wrapping_mul(33).wrapping_add(u32::from(b))
    });
    // Two digits of the number at least, four of the hash.
    let both = (number as u64) << 16 | u64::from(hash & 0xffff);
    let used = (u64::BITS - both.leading_zeros()).div_ceil(4).max(6);
    let mut digits = [0; 16];
    let mut rest = both;
    for digit in digits.iter_mut().rev() {
        *digit = b"0123456789abcdef"[(rest & 15) as usize];
        rest >>= 4;
    }
    let digits = str::from_utf8(&digits).unwrap_or_default();
    let (_, digits) = digits.split_at(digits.len() - used as usize);
    ["cfg", digits].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anonymous_sections_are_named_as_libuci_names_them() {
        assert_eq!(made_up_name(1, "defaults"), "cfg01e63d");
        assert_eq!(made_up_name(5, "rule"), "cfg0592bd");
        assert_eq!(made_up_name(8, "redirect"), "cfg083837");
        assert_eq!(made_up_name(300, "zone"), "cfg12cdc81");
    }

    #[test]
    fn a_section_that_is_gone_on_with_again_and_again_is_not_copied_each_time() {
        let span = Span {
            line: 1,
            column: 1,
            start: 0,
            end: 1,
        };
        let mut builder = Builder::new("firewall");
        let mut moves = 0;
        let mut capacity = 0;
        for number in 0..1000 {
            let value = Spanned {
                text: "1".into(),
                span: None,
            };
            let section = builder.config("rule".into(), "one".into(), span.clone());
            section.expect("of one type");
            builder.option(number.to_string().into(), value, false);
            let now = builder.package.sections[0].options.capacity();
            moves += usize::from(now != capacity);
            capacity = now;
        }
        assert!(moves < 2 * MANY_OPTIONS, "{moves}");
        assert_eq!(builder.finish().sections[0].options.len(), 1000);
    }
}
