/*!
Setting options of a section, as libuci does (`uci_set` and `uci_add_list` in list.c).
*/

use std::borrow::Cow;

use super::{Opt, Section, Spanned, Value};

impl<'t> Section<'t> {
    pub(super) fn position(&self, option: &str) -> Option<usize> {
        let length = option.len();
        let is_it = |o: &Opt<'_>| o.name.len() == length && o.name == option;
        self.options.iter().position(is_it)
    }

    /// Sets the option at `position`, which keeps its place, or adds it behind all others. An item is added to the list
    /// there; an option becomes the first item of a list.
    pub(super) fn put(
        &mut self,
        position: Option<usize>,
        name: Cow<'t, str>,
        value: Spanned<'t>,
        is_item: bool,
    ) {
        let there = position.and_then(|p| self.options.get_mut(p));
        let there = match there {
            Some(option) => &mut option.value,
            None => {
                let value = match is_item {
                    true => Value::List(vec![value]),
                    false => Value::String(value),
                };
                return self.options.push(Opt {
                    name,
                    value,
                    replaces: false,
                });
            }
        };
        match there {
            _ if !is_item => *there = Value::String(value),
            Value::List(items) => items.push(value),
            Value::String(_) => {
                if let Value::String(first) = std::mem::replace(there, Value::List(Vec::new())) {
                    *there = Value::List(vec![first, value]);
                }
            }
        }
    }
}
