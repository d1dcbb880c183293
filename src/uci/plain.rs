/*!
Lines as `uci` and LuCI write them: `option NAME 'VALUE'`, `config TYPE 'NAME'`, comments, empty lines.

The grammar could read them too, but takes many times as long, and a large configuration consists of nothing else.
What is written in any other way is left to it.
*/

use super::command::{Argument, Command, Keyword};

/// What the line is that begins there, if it is so simple: its command, if it has one, and where the next line begins.
pub(super) fn line(text: &str, at: usize) -> Option<(Option<Command>, usize)> {
    let start = blanks(text, at);
    let rest = text.as_bytes().get(start..)?;
    let keyword = match rest {
        [] | [b'\n', ..] => return Some((None, start + 1)),
        [b'#', ..] => {
            let ends = |b: &u8| matches!(b, b'\n' | 0);
            let length = rest.iter().position(ends).unwrap_or(rest.len());
            return (rest.get(length) != Some(&0)).then_some((None, start + length + 1));
        }
        [b'o', ..] => Keyword::Option,
        [b'l', ..] => Keyword::List,
        _ => Keyword::Config,
    };
    let behind = start + keyword.name().len();
    let begin = blanks(text, behind);
    if begin == behind || !rest.starts_with(keyword.name().as_bytes()) {
        return None;
    }
    let first = word(text, begin)?;
    let begin = blanks(text, first.end);
    let second = match text.as_bytes().get(begin) {
        None | Some(b'\n') if keyword == Keyword::Config => argument(text, begin..begin, 0)?,
        _ if begin == first.end => return None,
        Some(b'\'') => quoted(text, begin)?,
        _ => word(text, begin)?,
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
    };
    Some((Some(command), end + 1))
}

/// Where something else than blanks comes.
fn blanks(text: &str, at: usize) -> usize {
    run(text, at, |b| matches!(b, b' ' | b'\t'))
}

fn run(text: &str, at: usize, of: impl Fn(&u8) -> bool) -> usize {
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    at + rest.iter().take_while(|b| of(b)).count()
}

fn word(text: &str, at: usize) -> Option<Argument> {
    let end = run(text, at, |b| {
        b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.')
    });
    (end > at).then(|| argument(text, at..end, 0))?
}

fn quoted(text: &str, at: usize) -> Option<Argument> {
    let end = run(text, at + 1, |b| !matches!(b, b'\'' | b'\n' | 0));
    match text.as_bytes().get(end) {
        Some(b'\'') => argument(text, at..end + 1, 1),
        _ => None,
    }
}

/// With so many bytes of quotes at both ends.
fn argument(text: &str, at: std::ops::Range<usize>, quotes: usize) -> Option<Argument> {
    Some(Argument {
        text: text.get(at.start + quotes..at.end - quotes)?.to_owned(),
        start: at.start,
        end: at.end,
    })
}
