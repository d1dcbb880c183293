/*!
Uncommitted changes: what `uci set` and LuCI leave in `/tmp/.uci` until `uci commit` (libuci, delta.c).

One change a line, `package.section[.option][='value']`, with a character before it that says what to do
(`uci_command_char`):

| | |
|---|---|
| | set an option, or make or retype a section |
| `+` | the same, but the section is anonymous |
| `-` | delete; a value after an option that is a list is the number of the item to delete |
| `@` | rename |
| `^` | move the section to this position |
| `\|` | add to a list |
| `~` | delete from a list whatever has this value |

libuci skips every line that it cannot read or that does not fit, without a word, and so does this.
*/

use std::borrow::Cow;

use super::name::{is_name, is_text, is_type};
use super::source::Source;
use super::syntax::Changes;
use super::{Package, Section, Spanned, Value};

/// Applies the content of a delta file to the package it was written for.
pub fn apply_changes(package: &mut Package<'_>, bytes: &[u8]) {
    let source = Source::new(bytes);
    for text in Changes::new(&source.text).flatten() {
        if let Some(change) = Change::read(&text, &package.name) {
            // `None` says that it did not fit.
            let _: Option<()> = change.apply(package);
        }
    }
}

/// One change, all parts of it valid by themselves (`uci_parse_delta_tuple`, `uci_parse_ptr`).
struct Change<'t> {
    action: Action,
    section: &'t str,
    option: Option<&'t str>,
    value: Option<&'t str>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Action {
    Set,
    /// Sets, and makes the section anonymous.
    Add,
    Delete,
    Rename,
    Reorder,
    ListAdd,
    ListDelete,
}

impl Action {
    fn read(text: &str) -> (Action, &str) {
        let mut rest = text.chars();
        let action = match rest.next() {
            Some('+') => Action::Add,
            Some('-') => Action::Delete,
            Some('@') => Action::Rename,
            Some('^') => Action::Reorder,
            Some('|') => Action::ListAdd,
            Some('~') => Action::ListDelete,
            _ => return (Action::Set, text),
        };
        (action, rest.as_str())
    }
}

impl<'t> Change<'t> {
    fn read(text: &'t str, package: &str) -> Option<Self> {
        let (action, text) = Action::read(text);
        let (path, value) = match text.split_once('=') {
            Some((path, value)) => (path, Some(value)),
            None => (text, None),
        };
        let mut parts = path.split('.');
        let (owner, section, option) = (parts.next()?, parts.next()?, parts.next());
        let named = owner == package && is_name(section) && option.is_none_or(is_name);
        if !named || parts.next().is_some() || !value.is_none_or(is_text) {
            return None;
        }
        let complete = match action {
            Action::Delete => true,
            Action::Set | Action::Add => value.is_some(),
            Action::Rename => value.is_some_and(is_name),
            Action::Reorder => value.is_some() && option.is_none(),
            Action::ListAdd | Action::ListDelete => value.is_some() && option.is_some(),
        };
        complete.then_some(Change {
            action,
            section,
            option,
            value,
        })
    }

    fn apply(&self, package: &mut Package<'_>) -> Option<()> {
        let at = package.sections.iter().position(|s| s.name == self.section);
        let value = self.value.unwrap_or_default();
        match (self.action, self.option) {
            (Action::Set | Action::Add, None) => return self.set_section(package, at, value),
            (Action::Set | Action::Add, Some(option)) => {
                package.sections.get_mut(at?)?.change(option, value);
            }
            (Action::Delete, None) => {
                package.sections.remove(at?);
            }
            (Action::Delete, Some(option)) => {
                let section = package.sections.get_mut(at?)?;
                let position = section.position(option)?;
                match &mut section.options.get_mut(position)?.value {
                    Value::List(items) if !value.is_empty() => {
                        let item = usize::try_from(leading_number(value)?).ok()?;
                        if item < items.len() {
                            items.remove(item);
                        }
                    }
                    _ => {
                        section.options.remove(position);
                    }
                }
            }
            (Action::Rename, None) => {
                let section = package.sections.get_mut(at?)?;
                section.name = Cow::Owned(value.to_owned());
                section.anonymous = false;
            }
            (Action::Rename, Some(option)) => {
                let section = package.sections.get_mut(at?)?;
                let position = section.position(option)?;
                section.options.get_mut(position)?.name = Cow::Owned(value.to_owned());
            }
            (Action::Reorder, _) => {
                let section = package.sections.remove(at?);
                let position = usize::try_from(leading_number(value).unwrap_or(0)).unwrap_or(0);
                package
                    .sections
                    .insert(position.min(package.sections.len()), section);
            }
            (Action::ListAdd, option) => {
                let section = package.sections.get_mut(at?)?;
                let position = section.position(option?);
                let name = Cow::Owned(option?.to_owned());
                section.put(position, name, uncommitted(value), true);
            }
            (Action::ListDelete, option) => {
                let section = package.sections.get_mut(at?)?;
                let position = section.position(option?)?;
                if let Value::List(items) = &mut section.options.get_mut(position)?.value {
                    items.retain(|item| item.text != value);
                }
            }
        }
        Some(())
    }

    /// Makes, retypes or (with an empty type) deletes a section.
    fn set_section(&self, package: &mut Package<'_>, at: Option<usize>, kind: &str) -> Option<()> {
        if kind.is_empty() {
            package.sections.remove(at?);
            return Some(());
        }
        if !is_type(kind) {
            return None;
        }
        let anonymous = self.action == Action::Add;
        match at {
            Some(at) => {
                let section = package.sections.get_mut(at)?;
                // libuci overwrites a type of equal length and otherwise makes a new section, which
                // is a named one.
                section.anonymous =
                    anonymous || section.anonymous && section.kind.len() == kind.len();
                section.kind = Cow::Owned(kind.to_owned());
            }
            None => package.sections.push(Section {
                kind: Cow::Owned(kind.to_owned()),
                name: Cow::Owned(self.section.to_owned()),
                anonymous,
                options: Vec::new(),
                span: None,
            }),
        }
        Some(())
    }
}

impl Section<'_> {
    /// Sets an option, or deletes it if the value is empty.
    fn change(&mut self, option: &str, value: &str) {
        let position = self.position(option);
        match position.and_then(|p| self.options.get(p)).map(|o| &o.value) {
            Some(Value::String(old)) if old.text == value => {}
            _ if value.is_empty() => {
                if let Some(position) = position {
                    self.options.remove(position);
                }
            }
            _ => {
                let name = Cow::Owned(option.to_owned());
                self.put(position, name, uncommitted(value), false);
            }
        }
    }
}

fn uncommitted(text: &str) -> Spanned<'static> {
    Spanned {
        text: Cow::Owned(text.to_owned()),
        span: None,
    }
}

/// The number a text begins with, as C's `strtol` finds it and an `int` keeps it (libuci has
/// `strtoul` for positions and `sscanf` for items).
fn leading_number(text: &str) -> Option<i32> {
    let text = text.trim_start_matches([' ', '\t', '\n', '\r', '\x0B', '\x0C']);
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut number = None;
    for digit in digits
        .bytes()
        .map_while(|b| b.checked_sub(b'0').filter(|d| *d < 10))
    {
        let digit = i64::from(if negative {
            -i16::from(digit)
        } else {
            i16::from(digit)
        });
        number = Some(
            number
                .unwrap_or(0_i64)
                .saturating_mul(10)
                .saturating_add(digit),
        );
    }
    number.map(|n| n as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_c_reads_them() {
        for (text, number) in [
            ("12", Some(12)),
            (" -3x", Some(-3)),
            ("+4", Some(4)),
            ("many", None),
            ("", None),
            ("99999999999999999999", Some(-1)),
            ("4294967297", Some(1)),
        ] {
            assert_eq!(leading_number(text), number, "{text}");
        }
    }
}
