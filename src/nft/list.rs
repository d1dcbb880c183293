/*!
Lists as fw4's `set()` writes them: one value bare, several in braces, doubles left out.

A value is quoted unless it looks like an address or number. The items are written to a buffer of their
own first, because only when all are there is it known whether there is more than one.
*/

use std::collections::HashSet;

use super::Printer;
use crate::text;

/// Up to so many items are compared one by one to find doubles.
const FEW: usize = 12;

/// Items as text, one after the other.
#[derive(Default)]
pub(super) struct List {
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Printer {
    /// Writes a list of items, each by `write`; in braces if there is not just one, or if `braces`.
    pub(super) fn list<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        braces: bool,
        write: impl Fn(&mut Vec<u8>, T),
    ) {
        let mut list = std::mem::take(&mut self.list);
        list.text.clear();
        list.ends.clear();
        for item in items {
            write(&mut list.text, item);
            list.ends.push(list.text.len());
        }
        let items = list.distinct();
        if let ([one], false) = (items.as_slice(), braces) {
            self.item(one);
        } else {
            self.out.extend_from_slice(b"{ ");
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    self.out.extend_from_slice(b", ");
                }
                self.item(item);
            }
            self.out.extend_from_slice(b" }");
        }
        self.list = list;
    }

    /// Names of devices.
    pub(super) fn names<'a>(&mut self, names: impl IntoIterator<Item = &'a String>, braces: bool) {
        self.list(names, braces, |out, name| {
            out.extend_from_slice(&text::encode(name))
        });
    }

    fn item(&mut self, item: &[u8]) {
        if needs_no_quotes(item) {
            self.out.extend_from_slice(item);
        } else {
            self.out.push(b'"');
            self.out.extend(
                item.iter()
                    .map(|byte| if *byte == b'"' { b'\'' } else { *byte }),
            );
            self.out.push(b'"');
        }
    }
}

impl List {
    fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts
            .zip(&self.ends)
            .filter_map(|(start, end)| self.text.get(start..*end))
    }

    /// Each item once, at its first place.
    fn distinct(&self) -> Vec<&[u8]> {
        if self.ends.len() <= FEW {
            let mut found: Vec<&[u8]> = Vec::with_capacity(self.ends.len());
            for item in self.iter() {
                if !found.contains(&item) {
                    found.push(item);
                }
            }
            return found;
        }
        let mut seen = HashSet::with_capacity(self.ends.len());
        self.iter().filter(|item| seen.insert(*item)).collect()
    }
}

/// fw4's expression `^([0-9A-Fa-f:.\/-]+)( \. [0-9A-Fa-f:.\/-]+)*$`; as in ucode one line that fits is
/// enough.
fn needs_no_quotes(item: &[u8]) -> bool {
    item.split(|byte| *byte == b'\n').any(line_needs_no_quotes)
}

fn line_needs_no_quotes(line: &[u8]) -> bool {
    let plain = |b: &u8| b.is_ascii_hexdigit() || matches!(b, b':' | b'.' | b'/' | b'-');
    let mut rest = line;
    loop {
        let len = rest.iter().take_while(|byte| plain(byte)).count();
        match rest.split_at_checked(len) {
            Some((word, after)) if !word.is_empty() => match after.strip_prefix(b" . ") {
                Some(next) => rest = next,
                None => return after.is_empty(),
            },
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(names: &[&str], braces: bool) -> String {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut printer = Printer::default();
        printer.names(&names, braces);
        String::from_utf8(printer.out).expect("ASCII")
    }

    #[test]
    fn one_name_stands_bare_and_several_in_braces() {
        assert_eq!(listed(&["eth0"], false), "\"eth0\"");
        assert_eq!(listed(&["eth0"], true), "{ \"eth0\" }");
        assert_eq!(
            listed(&["eth0", "eth1", "eth0"], false),
            "{ \"eth0\", \"eth1\" }"
        );
        assert_eq!(listed(&["eth0", "eth0"], false), "\"eth0\"");
        assert_eq!(listed(&[], true), "{  }");
    }

    #[test]
    fn names_that_look_like_hex_numbers_are_not_quoted() {
        assert_eq!(listed(&["fe0"], false), "fe0");
        assert_eq!(
            listed(&["beef", "beef.1", "gre0"], false),
            "{ beef, beef.1, \"gre0\" }"
        );
        assert_eq!(
            listed(&["3 . 4", "3 .4", "3 . "], false),
            "{ 3 . 4, \"3 .4\", \"3 . \" }"
        );
        assert_eq!(listed(&["x\nab"], false), "x\nab");
    }

    #[test]
    fn doubles_in_long_lists_are_found_too() {
        let names: Vec<String> = (0..40).map(|i| format!("eth{}", i % 20)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(listed(&names, false).matches("eth").count(), 20);
    }
}
