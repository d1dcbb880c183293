/*!
Lines as `uci` and LuCI write them: `option NAME 'VALUE'`, `config TYPE 'NAME'`, comments, empty lines.

The grammar could read them too, but takes many times as long, and a large configuration consists of nothing else.
What is written in any other way is left to it.
*/

use std::borrow::Cow;
use std::ops::Range;

use super::command::{Argument, Command, Keyword};

/// What the line is that begins there, if it is so simple: its command, if it has one, and where the next line begins.
pub(super) fn line(text: &str, at: usize) -> Option<(Option<Command<'_>>, usize)> {
    let start = blanks(text, at);
    let rest = text.as_bytes().get(start..)?;
    let (keyword, length) = match rest {
        [] | [b'\n', ..] => return Some((None, start + 1)),
        [b'#', ..] => {
            let ends = |b: &u8| matches!(b, b'\n' | 0);
            let length = rest.iter().position(ends).unwrap_or(rest.len());
            return (rest.get(length) != Some(&0)).then_some((None, start + length + 1));
        }
        _ if rest.first_chunk() == Some(b"option") => (Keyword::Option, 6),
        _ if rest.first_chunk() == Some(b"list") => (Keyword::List, 4),
        _ if rest.first_chunk() == Some(b"config") => (Keyword::Config, 6),
        _ => return None,
    };
    let begin = blanks(text, start + length);
    if begin == start + length {
        return None;
    }
    let is_named = keyword != Keyword::Config;
    let first = word(text, begin, if is_named { NAME } else { WORD })?;
    let begin = blanks(text, first.end);
    let second = match text.as_bytes().get(begin) {
        None | Some(b'\n') if keyword == Keyword::Config => argument(text, begin..begin, 0)?,
        _ if begin == first.end => return None,
        Some(b'\'') => quoted(text, begin)?,
        _ => word(text, begin, WORD)?,
    };
    let end = blanks(text, second.end);
    if !matches!(text.as_bytes().get(end), None | Some(b'\n')) {
        return None;
    }
    let command = Command {
        keyword,
        start,
        first,
        second,
        is_named,
    };
    Some((Some(command), end + 1))
}

/// Of a name.
const NAME: u8 = 1;
/// Of a word without quotes.
const WORD: u8 = 2;
/// Between single quotes.
const QUOTED: u8 = 4;

/// What each byte can be.
const KINDS: [u8; 256] = {
    let mut kinds = [QUOTED; 256];
    let mut byte = 0;
    while byte < 256 {
        kinds[byte] |= match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' => NAME | WORD,
            b'-' | b'.' => WORD,
            _ => 0,
        };
        byte += 1;
    }
    kinds[b'\'' as usize] = 0;
    kinds[b'\n' as usize] = 0;
    kinds[0] = 0;
    kinds
};

/// Where something else than blanks comes. Mostly there is one or none, for which a call is too much.
#[inline(always)]
fn blanks(text: &str, mut at: usize) -> usize {
    while matches!(text.as_bytes().get(at), Some(b' ' | b'\t')) {
        at += 1;
    }
    at
}

/// Where something else comes than what is of this kind.
fn run(text: &str, at: usize, kind: u8) -> usize {
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    let ends = |byte: &u8| KINDS[usize::from(*byte)] & kind == 0;
    at + rest.iter().position(ends).unwrap_or(rest.len())
}

fn word(text: &str, at: usize, kind: u8) -> Option<Argument<'_>> {
    let end = run(text, at, kind);
    (end > at).then(|| argument(text, at..end, 0))?
}

fn quoted(text: &str, at: usize) -> Option<Argument<'_>> {
    let end = run(text, at + 1, QUOTED);
    match text.as_bytes().get(end) {
        Some(b'\'') => argument(text, at..end + 1, 1),
        _ => None,
    }
}

/// With so many bytes of quotes at both ends.
fn argument(text: &str, at: Range<usize>, quotes: usize) -> Option<Argument<'_>> {
    Some(Argument {
        text: Cow::Borrowed(text.get(at.start + quotes..at.end - quotes)?),
        start: at.start,
        end: at.end,
    })
}
