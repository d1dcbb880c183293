/*! A printed ruleset, handed out page by page: a ubus message holds 1 MiB at most. */

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::time::{Duration, Instant};

use crate::text;
use crate::ubus::{Status, Table, Value};

/// Bytes of a page unless told.
const LENGTH: i64 = 64 << 10;

/// Bytes of a page at most.
const MOST: i64 = 512 << 10;

/// The text is kept for as long as someone may come for its next page.
const KEEP: Duration = Duration::from_secs(30);

/// Which part of the text is asked for, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    pub offset: u64,
    length: u64,
}

impl Page {
    pub fn of(arguments: &Table) -> Result<Page, Status> {
        let number = |name, default| match arguments.get(name) {
            None | Some(Value::Null) => Some(default),
            Some(value) => value.as_i64(),
        };
        let offset = number("offset", 0).and_then(|n| u64::try_from(n).ok());
        let length = number("length", LENGTH)
            .filter(|n| *n > 0)
            .map(|n| n.min(MOST) as u64);
        match (offset, length) {
            (Some(offset), Some(length)) => Ok(Page { offset, length }),
            _ => Err(Status::InvalidArgument),
        }
    }
}

/// The text as it was when its first page was asked for.
#[derive(Debug)]
pub struct Printed {
    text: File,
    /// When to forget it.
    pub due: Instant,
}

impl Printed {
    pub fn new(text: File, now: Instant) -> Printed {
        Printed {
            text,
            due: now + KEEP,
        }
    }

    /// A page ends with a line where it can, else with a character. `next` is where to go on.
    pub fn page(&mut self, page: Page, now: Instant) -> Result<Table, Status> {
        self.due = now + KEEP;
        let (bytes, total) = self.read(page).map_err(|_| Status::SystemError)?;
        if page.offset > total {
            return Err(Status::InvalidArgument);
        }
        let next = page.offset + bytes.len() as u64;
        Ok(Table::new()
            .with("text", text::decode(&bytes))
            .with("offset", page.offset as i64)
            .with("next", next as i64)
            .with("total", total as i64)
            .with("done", next == total))
    }

    fn read(&self, page: Page) -> io::Result<(Vec<u8>, u64)> {
        let total = self.text.metadata()?.len();
        let left = total.saturating_sub(page.offset);
        let mut bytes = vec![0; page.length.min(left) as usize];
        self.text.read_exact_at(&mut bytes, page.offset)?;
        if page.length < left {
            let line = bytes.iter().rposition(|b| *b == b'\n').map(|i| i + 1);
            // the last byte that begins a character; that one may not be whole
            let start = |b: &u8| b & 0xc0 != 0x80;
            let end = line.or_else(|| bytes.iter().rposition(start).filter(|i| *i > 0));
            bytes.truncate(end.unwrap_or(bytes.len()));
        }
        Ok((bytes, total))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::{MemfdFlags, memfd_create};

    fn printed(text: &str) -> Printed {
        let file = File::from(memfd_create("test", MemfdFlags::CLOEXEC).unwrap());
        file.write_all_at(text.as_bytes(), 0).unwrap();
        Printed::new(file, Instant::now())
    }

    fn pages(text: &str, length: i64) -> Vec<String> {
        let mut printed = printed(text);
        let mut out = Vec::new();
        let mut offset = 0;
        loop {
            let asked = Table::new().with("offset", offset).with("length", length);
            let page = printed
                .page(Page::of(&asked).unwrap(), Instant::now())
                .unwrap();
            out.push(page.get("text").and_then(Value::as_str).unwrap().to_owned());
            offset = page.get("next").and_then(Value::as_i64).unwrap();
            if page.get("done").and_then(Value::as_bool).unwrap() {
                return out;
            }
        }
    }

    #[test]
    fn pages_end_with_lines_or_at_least_characters() {
        assert_eq!(pages("one\ntwo\nthree\n", 9), ["one\ntwo\n", "three\n"]);
        assert_eq!(pages("äöü", 3), ["ä", "ö", "ü"]);
        assert_eq!(pages("", 10), [""]);
        assert_eq!(pages("äö", 1).concat().len(), "äö".len() * 4);
    }

    #[test]
    fn pages_that_cannot_be_are_refused() {
        for (offset, length) in [(-1, 1), (0, 0), (0, -1)] {
            let asked = Table::new().with("offset", offset).with("length", length);
            assert_eq!(Page::of(&asked), Err(Status::InvalidArgument));
        }
        let beyond = Page::of(&Table::new().with("offset", 4)).unwrap();
        assert_eq!(
            printed("one").page(beyond, Instant::now()),
            Err(Status::InvalidArgument)
        );
    }
}
