/*!
Text to commands: what grammar/uci.pest found, with quotes and backslashes taken off.
*/

use std::borrow::Cow;

use pest::Parser;
use pest::iterators::Pair;

use super::command::{Argument, Command, Keyword};
use super::error::Problem;
use super::plain;
use super::source::Cursor;

#[derive(pest_derive::Parser)]
#[grammar = "../grammar/uci.pest"]
struct Grammar;

/// What is wrong, and with which part of the text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub problem: Problem,
    pub start: usize,
    pub end: usize,
    /// Where an argument before it begins that goes on for several lines.
    pub quote_opened: Option<usize>,
}

impl Fault {
    pub fn new(problem: Problem, start: usize, end: usize) -> Self {
        Fault {
            problem,
            start,
            end,
            quote_opened: None,
        }
    }
}

/// Words of a file in messages: the beginning will do.
pub(super) fn brief(word: &str) -> String {
    const ENOUGH: usize = 40;
    match word.char_indices().nth(ENOUGH) {
        Some((at, _)) => format!("{}...", word.split_at(at).0),
        None => word.to_owned(),
    }
}

/// So much text is parsed at once, unless one command is longer.
const CHUNK: usize = 1 << 10;

/// Hands over the commands of a file, one after the other, until one is wrong.
pub(super) fn each_command<'t>(
    text: &'t str,
    cursor: &mut Cursor<'_>,
    run: impl FnMut(Command<'t>, &mut Cursor<'_>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    each(text, cursor, plain::line, run)
}

/// What `simple` cannot read is parsed with the grammar.
///
/// It is parsed in chunks, so that the parser's tokens, which take several times the room of
/// the text, do not add up. A chunk may end anywhere. What is wrong with that can only be in its
/// last command, because an argument that is cut off takes all the text to the end of the chunk;
/// the next chunk begins with that command again.
fn each<'t>(
    text: &'t str,
    cursor: &mut Cursor<'_>,
    simple: impl Fn(&'t str, usize) -> Option<(Option<Command<'t>>, usize)>,
    mut run: impl FnMut(Command<'t>, &mut Cursor<'_>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut at = 0;
    let mut size = CHUNK;
    while at < text.len() {
        if let Some((command, next)) = simple(text, at) {
            cursor.line(at, next);
            at = next;
            if let Some(command) = command {
                run(command, cursor)?;
            }
            continue;
        }
        let mut end = text.len().min(at + size);
        while !text.is_char_boundary(end) {
            end += 1;
        }
        let chunk = text.get(at..end).unwrap_or_default();
        let Ok(parsed) = Grammar::parse(Rule::commands, chunk) else {
            // Not with this grammar, which accepts everything.
            return Err(unknown(chunk, at));
        };
        let mut commands = parsed.flat_map(Pair::into_inner).peekable();
        let start = at;
        at = end;
        while let Some(command) = commands.next() {
            if end < text.len() && commands.peek().is_none() {
                at = start + command.as_span().start();
                break;
            }
            let keyword = match command.as_rule() {
                Rule::option => Keyword::Option,
                Rule::list => Keyword::List,
                Rule::config => Keyword::Config,
                Rule::package => Keyword::Package,
                Rule::unknown => {
                    let at = start + command.as_span().start();
                    return Err(unknown(command.as_str(), at));
                }
                // A comment.
                _ => continue,
            };
            run(read_command(keyword, command, start)?, cursor)?;
        }
        // Not even one command fitted in.
        size = if at == start { size * 2 } else { CHUNK };
    }
    Ok(())
}

fn unknown(text: &str, start: usize) -> Fault {
    let word = text
        .split([' ', '\t', '\n', '\r'])
        .next()
        .unwrap_or_default();
    let problem = match Keyword::read(word) {
        // No blank follows it.
        Some(keyword) => Problem::MissingArgument(keyword.name(), keyword.argument()),
        None => Problem::UnknownCommand(brief(word)),
    };
    Fault::new(problem, start, start + word.len())
}

fn read_command<'t>(
    keyword: Keyword,
    pair: Pair<'t, Rule>,
    offset: usize,
) -> Result<Command<'t>, Fault> {
    let start = offset + pair.as_span().start();
    let mut arguments: Vec<Argument<'t>> = Vec::with_capacity(2);
    // Where an argument begins whose quotes hold a line end.
    let mut quote_opened = None;
    for part in pair.into_inner() {
        let (rule, raw, span) = (part.as_rule(), part.as_str(), part.as_span());
        let (start, end) = (offset + span.start(), offset + span.end());
        let touching = arguments
            .last_mut()
            .filter(|argument| argument.end == start);
        match rule {
            Rule::bare => arguments.push(Argument {
                text: Cow::Borrowed(raw),
                start,
                end,
            }),
            Rule::none => arguments.push(Argument {
                text: Cow::Borrowed(""),
                start,
                end: start,
            }),
            Rule::quoted | Rule::more => {
                let begin = touching.as_ref().map_or(start, |argument| argument.start);
                if raw.contains('\n') && raw.contains(['\'', '"']) {
                    quote_opened = Some(begin);
                }
                match touching {
                    Some(argument) if rule == Rule::more => {
                        argument.text.to_mut().push_str(&unquote(raw));
                        argument.end = end;
                    }
                    _ => arguments.push(Argument {
                        text: unquote(raw),
                        start,
                        end,
                    }),
                }
            }
            // The beginning of the argument is where to look: the quote that is left over may be
            // far from the one that was forgotten.
            Rule::open => {
                let begin = touching.map_or(start, |argument| argument.start);
                return Err(Fault::new(Problem::UnterminatedQuote, begin, start + 1));
            }
            Rule::extra if !unquote(raw).is_empty() => {
                let fault = Fault::new(Problem::ExtraArgument, start, end);
                return Err(Fault {
                    quote_opened,
                    ..fault
                });
            }
            Rule::dangling => return Err(Fault::new(Problem::DanglingSemicolon, start, end)),
            // An empty extra argument, and what a `#` or `;` hides.
            _ => {}
        }
    }
    let absent = |at| Argument {
        text: Cow::Borrowed(""),
        start: at,
        end: at,
    };
    let mut arguments = arguments.into_iter();
    let first = arguments.next().unwrap_or_else(|| absent(start));
    let second = arguments.next().unwrap_or_else(|| absent(first.end));
    Ok(Command {
        keyword,
        start,
        first,
        second,
        is_named: false,
    })
}

/// The changes of a delta file, one after the other, unquoted; `None` for one that libuci ignores
/// for its form.
pub(super) struct Changes<'s> {
    text: &'s str,
}

impl<'s> Changes<'s> {
    pub fn new(text: &'s str) -> Self {
        Changes { text }
    }
}

impl Iterator for Changes<'_> {
    type Item = Option<String>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.text.is_empty() {
            return None;
        }
        let line = Grammar::parse(Rule::change, self.text)
            .ok()
            .and_then(|mut pairs| pairs.next());
        let end = line
            .as_ref()
            .map_or(self.text.len(), |line| line.as_span().end().max(1));
        self.text = self.text.get(end..).unwrap_or_default();

        let mut change = String::new();
        for part in line?.into_inner() {
            match part.as_rule() {
                Rule::bare => change.push_str(part.as_str()),
                Rule::more => change.push_str(&unquote(part.as_str())),
                Rule::open | Rule::junk => return Some(None),
                _ => {}
            }
        }
        Some(Some(change))
    }
}

/// Takes quotes and backslashes off, as libuci's `parse_str` does: single quotes keep everything,
/// elsewhere a backslash keeps the next character, or joins two lines.
fn unquote(raw: &str) -> Cow<'_, str> {
    // As nearly all values are written.
    let simple = raw
        .strip_prefix('\'')
        .and_then(|raw| raw.strip_suffix('\''));
    if let Some(text) = simple.filter(|text| !text.contains('\'')) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    let mut in_double = false;
    while let Some(at) = rest.find(if in_double {
        &['"', '\\'][..]
    } else {
        &['\'', '"', '\\'][..]
    }) {
        let (text, special) = rest.split_at(at);
        out.push_str(text);
        let mut behind = special.chars();
        match behind.next() {
            Some('"') => in_double = !in_double,
            Some('\'') => {
                let (text, closed) = behind
                    .as_str()
                    .split_once('\'')
                    .unwrap_or((behind.as_str(), ""));
                out.push_str(text);
                behind = closed.chars();
            }
            _ => {
                if let Some(joined) = behind.as_str().strip_prefix("\r\n") {
                    behind = joined.chars();
                } else {
                    out.extend(behind.next().filter(|c| !matches!(c, '\n' | '\0')));
                }
            }
        }
        rest = behind.as_str();
    }
    out.push_str(rest);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::super::source::Source;
    use super::*;
    use crate::diagnostic::Span;

    /// All commands up to the first mistake.
    fn commands<'t>(
        text: &'t str,
        simple: impl Fn(&'t str, usize) -> Option<(Option<Command<'t>>, usize)>,
    ) -> (Vec<(Command<'t>, Span)>, Option<Fault>) {
        let mut all = Vec::new();
        let source = Source::new(text.as_bytes());
        let fault = each(text, &mut source.cursor(), simple, |command, cursor| {
            let place = cursor.span(command.first.end, command.second.end);
            let command = Command {
                is_named: false,
                ..command
            };
            all.push((command, place));
            Ok(())
        });
        (all, fault.err())
    }

    #[test]
    fn simple_lines_are_what_the_grammar_says_they_are_and_where() {
        const PIECES: [&str; 36] = [
            "config ", "config", "option ", "option", "list ", "list\t", "o ", "c ", "l ",
            "package ", "rule", "rule", "name", "a.b-c", "'a'", "'wan'", "'a b'", "'a'b", "\"a\"",
            "''", "'", "\n", "\n", "\n", "\n\t", "\n ", " ", " ", "\t", "# c", ";", "\r\n", "\\",
            "\0", "\u{e4}", "\u{b}",
        ];
        let mut number = 1u64;
        let mut next = |limit: usize| {
            number = number.wrapping_mul(6364136223846793005).wrapping_add(1);
            (number >> 33) as usize % limit
        };
        let mut read = 0;
        for _ in 0..30_000 {
            let text: String = (0..next(30)).map(|_| PIECES[next(PIECES.len())]).collect();
            let quick = commands(&text, plain::line);
            read += quick.0.len() + usize::from(quick.1.is_some());
            assert_eq!(quick, commands(&text, |_, _| None), "{text:?}");
        }
        assert!(read > 30_000, "hardly anything is a command: {read}");
    }

    #[test]
    fn quotes_are_taken_off_piece_by_piece() {
        for (raw, text) in [
            ("plain", "plain"),
            ("'l'a\"n\"", "lan"),
            ("'it'\\''s'", "it's"),
            (r#""a \"b\" \\ \n""#, r#"a "b" \ n"#),
            (r"'a\'", r"a\"),
            ("a\\\nb", "ab"),
            ("\"a\\\r\nb\"", "ab"),
            ("\"'\"", "'"),
            ("a\\", "a"),
            ("''", ""),
        ] {
            assert_eq!(unquote(raw), text, "{raw}");
        }
    }
}
