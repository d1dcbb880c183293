/*!
Text to commands: what grammar/uci.pest found, with quotes and backslashes taken off.
*/

use pest::Parser;
use pest::iterators::{Pair, Pairs};

use super::error::Problem;

#[derive(pest_derive::Parser)]
#[grammar = "../grammar/uci.pest"]
struct Grammar;

/// A word or quoted text. Empty if it is not there, which is the same to libuci.
#[derive(Debug, Clone)]
pub(super) struct Argument {
    pub text: String,
    /// Where it stands in the text, quotes included.
    pub start: usize,
    pub end: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keyword {
    Package,
    Config,
    Option,
    List,
}

impl Keyword {
    pub fn name(self) -> &'static str {
        match self {
            Keyword::Package => "package",
            Keyword::Config => "config",
            Keyword::Option => "option",
            Keyword::List => "list",
        }
    }

    /// What its first argument is.
    pub fn argument(self) -> &'static str {
        if self == Keyword::Config {
            "a type"
        } else {
            "a name"
        }
    }

    /// A word of a file, in full or abbreviated.
    fn read(word: &str) -> Option<Self> {
        [
            Keyword::Package,
            Keyword::Config,
            Keyword::Option,
            Keyword::List,
        ]
        .into_iter()
        .find(|k| word == k.name() || k.name().get(..1) == Some(word))
    }
}

/// One command with its arguments: `package NAME`, `config TYPE NAME`, `option NAME VALUE`, `list NAME VALUE`.
#[derive(Debug)]
pub(super) struct Command {
    pub keyword: Keyword,
    pub start: usize,
    pub first: Argument,
    pub second: Argument,
}

/// What is wrong, and with which part of the text.
#[derive(Debug)]
pub(super) struct Fault {
    pub problem: Problem,
    pub start: usize,
    pub end: usize,
    /// Where an argument before it begins that goes on for several lines.
    pub quote_opened: Option<usize>,
}

/// The commands of a file, one after the other. Only one of them is in memory as a tree at any time.
pub(super) struct Commands<'s> {
    text: &'s str,
    at: usize,
    /// Whether the next command stands behind another one on the same line.
    chained: bool,
}

impl<'s> Commands<'s> {
    pub fn new(text: &'s str) -> Self {
        Commands {
            text,
            at: 0,
            chained: false,
        }
    }

    /// Reads up to the end of one command or line; `None` at the end of the file. What was read may have been
    /// an empty line, hence the second `Option`.
    pub fn step(&mut self) -> Option<Result<Option<Command>, Fault>> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let rule = if self.chained {
            Rule::chained
        } else {
            Rule::line
        };
        let offset = self.at;
        // The rules accept everything; should one not, the rest of the file is no command.
        let Some(statement) = Grammar::parse(rule, rest).ok().and_then(|mut p| p.next()) else {
            self.at = self.text.len();
            return Some(Err(unknown(rest, offset)));
        };
        self.at += statement.as_span().end().max(1);

        let mut command = None;
        self.chained = true;
        for pair in statement.into_inner() {
            match pair.as_rule() {
                Rule::eol => self.chained = false,
                Rule::unknown => {
                    return Some(Err(unknown(pair.as_str(), offset + pair.as_span().start())));
                }
                Rule::option => command = Some((Keyword::Option, pair)),
                Rule::list => command = Some((Keyword::List, pair)),
                Rule::config => command = Some((Keyword::Config, pair)),
                Rule::package => command = Some((Keyword::Package, pair)),
                // The text of a comment.
                _ => {}
            }
        }
        Some(
            command
                .map(|(keyword, pair)| read_command(keyword, pair, offset))
                .transpose(),
        )
    }
}

fn unknown(text: &str, start: usize) -> Fault {
    let word = text
        .split([' ', '\t', '\n', '\r'])
        .next()
        .unwrap_or_default();
    let problem = match Keyword::read(word) {
        // No blank follows it.
        Some(keyword) => Problem::MissingArgument(keyword.name(), keyword.argument()),
        None => Problem::UnknownCommand(word.chars().take(40).collect()),
    };
    Fault {
        problem,
        start,
        end: start + word.len(),
        quote_opened: None,
    }
}

fn read_command(keyword: Keyword, pair: Pair<'_, Rule>, offset: usize) -> Result<Command, Fault> {
    let start = offset + pair.as_span().start();
    let mut first = None;
    let mut second = None;
    // Where the last argument is, and where one begins whose quotes hold a line end.
    let mut last = start..start;
    let mut quote_opened = None;
    for part in pair.into_inner() {
        let span = part.as_span();
        let (start, end) = (offset + span.start(), offset + span.end());
        let fault = |problem, start, quote_opened| {
            Err(Fault {
                problem,
                start,
                end,
                quote_opened,
            })
        };
        match part.as_rule() {
            Rule::bare | Rule::value | Rule::none => {
                let raw = if part.as_rule() == Rule::none {
                    ""
                } else {
                    part.as_str()
                };
                if raw.contains('\n') && raw.contains(['\'', '"']) {
                    quote_opened = Some(start);
                }
                last = start..start + raw.len();
                let argument = Argument {
                    text: unquote(raw),
                    start,
                    end: last.end,
                };
                if first.is_none() {
                    first = Some(argument)
                } else {
                    second = Some(argument)
                }
            }
            // The beginning of the argument is where to look: the quote that is left over at the end may be far from
            // the one that was forgotten.
            Rule::open => {
                let begin = if last.end == start { last.start } else { start };
                return fault(Problem::UnterminatedQuote, begin, None);
            }
            Rule::extra => {
                if !unquote(part.as_str()).is_empty() {
                    return fault(Problem::ExtraArgument, start, quote_opened);
                }
                last = start..end;
            }
            Rule::dangling => return fault(Problem::DanglingSemicolon, start, None),
            // Text that a `#` or `;` hides.
            _ => {}
        }
    }
    let absent = Argument {
        text: String::new(),
        start: last.end,
        end: last.end,
    };
    let first = first.unwrap_or_else(|| absent.clone());
    Ok(Command {
        keyword,
        start,
        first,
        second: second.unwrap_or(absent),
    })
}

/// The changes of a delta file, one after the other, unquoted; `None` for one that libuci ignores for its form.
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
            .and_then(|mut p: Pairs<'_, Rule>| p.next());
        let end = line
            .as_ref()
            .map_or(self.text.len(), |l| l.as_span().end().max(1));
        self.text = self.text.get(end..).unwrap_or_default();

        let mut change = None;
        for part in line?.into_inner() {
            match part.as_rule() {
                Rule::bare | Rule::value => change = Some(unquote(part.as_str())),
                Rule::open | Rule::junk => return Some(None),
                _ => {}
            }
        }
        Some(change)
    }
}

/// Takes quotes and backslashes off, as libuci's `parse_str` does: single quotes keep everything, elsewhere a
/// backslash keeps the next character, or joins two lines.
fn unquote(raw: &str) -> String {
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
    out
}

#[cfg(test)]
mod tests {
    use super::*;

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
