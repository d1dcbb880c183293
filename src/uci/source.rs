/*!
A file as the grammar sees it, and the way back to lines, columns and bytes.

libuci reads with `fgets` and `strlen` (`uci_getln` in file.c), so a NUL byte has an effect: it hides the
rest of its line, newline included, and the next line is read as the continuation; a line that begins
with NUL is as good as the end of the buffer. Files with NUL bytes are what a power cut leaves behind, and
fw4 starts with them. [`Source`] takes the hidden parts out and keeps one NUL for each line that
begins with one. (libuci's buffer ends long lines early, from 31 bytes on; what it makes of a NUL there depends
on what it read before and is not copied.)
*/

use std::borrow::Cow;

use crate::diagnostic::Span;
use crate::text;

/// The text for the grammar.
pub(super) struct Source<'b> {
    pub text: Cow<'b, str>,
    bytes: &'b [u8],
    /// The parts that NUL bytes hide, in order.
    hidden: Vec<Hidden>,
    /// Whether characters are bytes, at the same offsets in the text as in the file.
    plain: bool,
}

struct Hidden {
    /// Behind so many bytes that are not hidden.
    at: usize,
    len: usize,
}

impl<'b> Source<'b> {
    pub fn new(bytes: &'b [u8]) -> Self {
        let mut hidden = Vec::new();
        let text = match bytes.contains(&0) {
            true => Cow::Owned(text::decode(&hide(bytes, &mut hidden))),
            false => text::read(bytes),
        };
        let plain = hidden.is_empty() && text.is_ascii();
        Source {
            text,
            bytes,
            hidden,
            plain,
        }
    }

    pub fn cursor(&self) -> Cursor<'_> {
        Cursor {
            source: self,
            at: 0,
            kept: 0,
            dropped: 0,
            gaps: 0,
            line: 1,
            column: 1,
            next_line: 0,
        }
    }

    /// The line of the file with this byte, without its end.
    pub fn line_at(&self, byte: u32) -> String {
        let at = (byte as usize).min(self.bytes.len());
        let (before, behind) = self.bytes.split_at(at);
        let start = before
            .iter()
            .rposition(|b| *b == b'\n')
            .map_or(0, |n| n + 1);
        let len = behind
            .iter()
            .position(|b| *b == b'\n')
            .unwrap_or(behind.len());
        let line = self.bytes.get(start..at + len).unwrap_or_default();
        text::decode(line.strip_suffix(b"\r").unwrap_or(line))
    }
}

fn hide(bytes: &[u8], hidden: &mut Vec<Hidden>) -> Vec<u8> {
    let mut kept = Vec::with_capacity(bytes.len());
    for line in bytes.split_inclusive(|b| *b == b'\n') {
        match line.iter().position(|b| *b == 0) {
            None => kept.extend_from_slice(line),
            Some(nul) => {
                let (head, _) = line.split_at(nul.max(1));
                kept.extend_from_slice(head);
                hidden.push(Hidden {
                    at: kept.len(),
                    len: line.len() - head.len(),
                });
            }
        }
    }
    kept
}

/// A place in the text that only moves forward, so that counting lines stays linear.
pub(super) struct Cursor<'s> {
    source: &'s Source<'s>,
    /// Offset into the text.
    at: usize,
    /// Bytes of the file before it that the text has ...
    kept: usize,
    /// ... and has not.
    dropped: usize,
    /// How many hidden parts lie behind.
    gaps: usize,
    line: u32,
    column: u32,
    /// Where the line after this one begins, if that was said.
    next_line: usize,
}

impl Cursor<'_> {
    /// The place of a piece of the text. It must not begin before the end of the piece asked for last.
    pub fn span(&mut self, start: usize, end: usize) -> Span {
        if self.at <= start && end < self.next_line {
            return Span {
                line: self.line,
                column: self.column + (start - self.at) as u32,
                start: start as u32,
                end: end as u32,
            };
        }
        self.advance(start);
        let mut span = Span {
            line: self.line,
            column: self.column,
            start: self.byte(),
            end: 0,
        };
        self.advance(end);
        span.end = self.byte();
        span
    }

    /// Here begins a line, or what is left of one, and there the next one: nobody needs to look for the line's end.
    pub fn line(&mut self, start: usize, next: usize) {
        if self.source.plain {
            if start == self.next_line && start > self.at {
                self.at = start;
                self.kept = start;
                self.line += 1;
                self.column = 1;
            } else {
                self.advance(start);
            }
            self.next_line = next;
        }
    }

    fn byte(&self) -> u32 {
        u32::try_from(self.kept + self.dropped).unwrap_or(u32::MAX)
    }

    fn advance(&mut self, to: usize) {
        let passed = self.source.text.get(self.at..to).unwrap_or_default();
        self.at = self.at.max(to);
        if self.source.plain {
            let mut rest = passed.as_bytes();
            while let Some(end) = rest.iter().position(|b| *b == b'\n') {
                rest = rest.get(end + 1..).unwrap_or_default();
                self.line += 1;
                self.column = 1;
            }
            self.column += rest.len() as u32;
            self.kept += passed.len();
            return;
        }
        for c in passed.chars() {
            self.column += 1;
            if c == '\n' {
                self.line += 1;
                self.column = 1;
            }
            self.kept += text::encode(c.encode_utf8(&mut [0; 4])).len();
            self.pass_hidden();
        }
    }

    fn pass_hidden(&mut self) {
        while let Some(gap) = self
            .source
            .hidden
            .get(self.gaps)
            .filter(|g| g.at <= self.kept)
        {
            self.dropped += gap.len;
            self.gaps += 1;
            // the last line of a file may have no end
            let end = (self.kept + self.dropped).checked_sub(1);
            if end.and_then(|end| self.source.bytes.get(end)) == Some(&b'\n') {
                self.line += 1;
                self.column = 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span_of(bytes: &[u8], needle: &str) -> Span {
        let source = Source::new(bytes);
        let start = source.text.find(needle).unwrap();
        source.cursor().span(start, start + needle.len())
    }

    #[test]
    fn a_last_line_that_nul_hides_is_no_line_more() {
        let source = Source::new(b"a\nlist n\0x");
        let end = source.text.len();
        let span = source.cursor().span(end, end);
        assert_eq!((span.line, span.start), (2, 10));
        assert_eq!(span_of(b"list\0x\ny", "y").line, 2);
    }

    #[test]
    fn columns_count_characters_and_offsets_count_bytes() {
        let span = span_of("a\nBüro x".as_bytes(), "x");
        assert_eq!(
            span,
            Span {
                line: 2,
                column: 6,
                start: 8,
                end: 9
            }
        );
    }

    #[test]
    fn a_byte_that_is_no_utf8_is_one_character() {
        let span = span_of(b"a\nB\xfcro x", "x");
        assert_eq!(
            span,
            Span {
                line: 2,
                column: 6,
                start: 7,
                end: 8
            }
        );
    }

    #[test]
    fn nul_hides_the_rest_of_its_line_and_joins_the_next() {
        assert_eq!(Source::new(b"abc\0def\nghi\n").text, "abcghi\n");
        assert_eq!(Source::new(b"\0\0def\nghi\n").text, "\0ghi\n");
        assert_eq!(Source::new(b"abc\0").text, "abc");
    }

    #[test]
    fn places_behind_hidden_text_are_those_of_the_file() {
        let span = span_of(b"abc\0def\ngh x", "x");
        assert_eq!(
            span,
            Span {
                line: 2,
                column: 4,
                start: 11,
                end: 12
            }
        );
        let span = span_of(b"\0\0\0\n\nx", "x");
        assert_eq!(
            span,
            Span {
                line: 3,
                column: 1,
                start: 5,
                end: 6
            }
        );
    }

    #[test]
    fn the_offending_line_comes_without_its_end() {
        let source = Source::new(b"one\ntwo\r\nthree");
        assert_eq!(source.line_at(5), "two");
        assert_eq!(source.line_at(99), "three");
        assert_eq!(source.line_at(0), "one");
    }
}
