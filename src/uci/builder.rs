/*!
Commands to a [`Package`]: what libuci's `uci_parse_config` and `uci_parse_option` (file.c) do with them.

libuci looks every name up in a linked list. Files of a hundred thousand sections or options must not take
quadratic time here, hence the maps.
*/

use std::collections::HashMap;

use super::error::Problem;
use super::syntax::brief;
use super::{Opt, Package, Section, Spanned};
use crate::diagnostic::Span;

/// From so many options on a section gets a map of their names.
const MANY_OPTIONS: usize = 32;

pub(super) struct Builder {
    package: Package,
    /// The section that options go to.
    current: Option<usize>,
    /// The first section of each name.
    sections: HashMap<String, usize>,
    /// The options of each section that has many.
    options: HashMap<usize, HashMap<String, usize>>,
    /// Room for the options of the next section, so that no list of them grows again and again.
    room: Vec<Opt>,
}

impl Builder {
    pub fn new(package: &str) -> Self {
        Builder {
            package: Package {
                name: package.to_owned(),
                sections: Vec::new(),
            },
            current: None,
            sections: HashMap::new(),
            options: HashMap::new(),
            room: Vec::new(),
        }
    }

    pub fn finish(mut self) -> Package {
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
    pub fn config(&mut self, kind: String, name: String, span: Span) -> Result<(), Problem> {
        self.close();
        let anonymous = name.is_empty();
        let known = self.sections.get(&name).filter(|_| !anonymous).copied();
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
        let number = self.package.sections.len() + 1;
        let name = if anonymous {
            made_up_name(number, &kind)
        } else {
            name
        };
        let at = self.package.sections.len();
        self.sections.entry(name.clone()).or_insert(at);
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

    /// `option NAME VALUE`. An empty value changes nothing, not even an earlier value.
    pub fn option(&mut self, name: String, value: Spanned) {
        if !value.text.is_empty() {
            self.edit(name, value, Section::replace);
        }
    }

    /// `list NAME VALUE`. An empty value is an item like any other.
    pub fn list(&mut self, name: String, value: Spanned) {
        self.edit(name, value, Section::add);
    }

    fn edit(
        &mut self,
        name: String,
        value: Spanned,
        change: fn(&mut Section, Option<usize>, String, Spanned),
    ) {
        let Some(at) = self.current else { return };
        let Some(section) = self.package.sections.get_mut(at) else {
            return;
        };
        if section.options.len() < MANY_OPTIONS {
            change(section, section.position(&name), name, value);
            return;
        }
        let known = self.options.entry(at).or_insert_with(|| {
            section
                .options
                .iter()
                .enumerate()
                .map(|(n, o)| (o.name.clone(), n))
                .collect()
        });
        let position = known.get(&name).copied();
        if position.is_none() {
            known.insert(name.clone(), section.options.len());
        }
        change(section, position, name, value);
    }
}

/// The name of an anonymous section: which section of the file it is and a hash of its type
/// (`uci_fixup_section` and `djbhash` in list.c; at that moment the section has no options yet).
fn made_up_name(number: usize, kind: &str) -> String {
    let hash = kind.bytes().fold(5381_u32, |hash, b| {
        hash.wrapping_mul(33).wrapping_add(u32::from(b))
    });
    let mut name = String::with_capacity(12);
    name.push_str("cfg");
    hexadecimal(&mut name, number, 2);
    hexadecimal(&mut name, hash as usize & 0xffff, 4);
    name
}

/// With so many digits at least.
fn hexadecimal(out: &mut String, number: usize, digits: u32) {
    let digits = digits.max((usize::BITS - number.leading_zeros()).div_ceil(4));
    for place in (0..digits).rev() {
        let digit = number >> (4 * place) & 15;
        out.extend(char::from_digit(digit as u32, 16));
    }
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
                text: "1".to_owned(),
                span: None,
            };
            let kind = "rule".to_owned();
            let section = builder.config(kind, "one".to_owned(), span.clone());
            section.expect("of one type");
            builder.option(number.to_string(), value);
            let now = builder.package.sections[0].options.capacity();
            moves += usize::from(now != capacity);
            capacity = now;
        }
        assert!(moves < 2 * MANY_OPTIONS, "{moves}");
        assert_eq!(builder.finish().sections[0].options.len(), 1000);
    }
}
