/*!
Setting options of a section, as libuci does (`uci_set` and `uci_add_list` in list.c).
*/

use super::{Opt, Section, Spanned, Value};

impl Section {
    pub(super) fn position(&self, option: &str) -> Option<usize> {
        self.options.iter().position(|o| o.name == option)
    }

    /// Sets the option at `position`, which keeps its place, or adds it behind all others.
    pub(super) fn set(&mut self, position: Option<usize>, name: String, value: Spanned) {
        match position.and_then(|p| self.options.get_mut(p)) {
            Some(option) => option.value = Value::String(value),
            None => self.options.push(Opt {
                name,
                value: Value::String(value),
                replaces: false,
            }),
        }
    }

    /// As [`Section::set`], and notes whether that loses what another line of the same file said.
    pub(super) fn replace(&mut self, position: Option<usize>, name: String, value: Spanned) {
        if let Some(option) = position.and_then(|p| self.options.get_mut(p)) {
            option.replaces |= match &option.value {
                Value::String(earlier) => earlier.text != value.text,
                Value::List(_) => true,
            };
        }
        self.set(position, name, value);
    }

    /// Adds to the list at `position`; an option there becomes the first item of a list.
    pub(super) fn add(&mut self, position: Option<usize>, name: String, item: Spanned) {
        match position
            .and_then(|p| self.options.get_mut(p))
            .map(|o| &mut o.value)
        {
            Some(Value::List(items)) => items.push(item),
            Some(value @ Value::String(_)) => {
                if let Value::String(first) = std::mem::replace(value, Value::List(Vec::new())) {
                    *value = Value::List(vec![first, item]);
                }
            }
            None => self.options.push(Opt {
                name,
                value: Value::List(vec![item]),
                replaces: false,
            }),
        }
    }
}
