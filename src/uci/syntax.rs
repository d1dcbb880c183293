/*!
Text to commands: what grammar/uci.pest found, with quotes and backslashes taken off.
*/

use pest::Parser;
use pest::iterators::Pair;

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

impl Argument {
    pub fn fault(&self, problem: Problem) -> Fault {
        Fault {
            problem,
            start: self.start,
            end: self.end,
            quote_opened: None,
        }
    }
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

/// So much text is parsed at once, unless one command is longer.
const CHUNK: usize = 16 << 10;

/// Hands over the commands of a file, one after the other, until `run` refuses one.
///
/// The file is parsed in chunks, so that the parser's tokens, which take several times the room of the text, do
/// not add up. A chunk may end anywhere. What is wrong with that can only be in its last command, because an argument
/// that is cut off takes all the text to the end of the chunk; the next chunk begins with that command again.
pub(super) fn each_command<E>(
    text: &str,
    mut run: impl FnMut(Result<Command, Fault>) -> Result<(), E>,
) -> Result<(), E> {
    let mut at = 0;
    let mut size = CHUNK;
    while at < text.len() {
        let mut end = text.len().min(at + size);
        while !text.is_char_boundary(end) {
            end += 1;
        }
        let chunk = text.get(at..end).unwrap_or_default();
        let Ok(parsed) = Grammar::parse(Rule::commands, chunk) else {
            // Not with this grammar, which accepts everything.
            return run(Err(unknown(chunk, at)));
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
                    run(Err(unknown(
                        command.as_str(),
                        start + command.as_span().start(),
                    )))?;
                    continue;
                }
                // A comment.
                _ => continue,
            };
            run(read_command(keyword, command, start))?;
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
    let command_start = offset + pair.as_span().start();
    let mut first: Option<Argument> = None;
    let mut second: Option<Argument> = None;
    let mut second_begins = false;
    // Where an argument begins whose quotes hold a line end.
    let mut quote_opened = None;
    for part in pair.into_inner() {
        let (rule, raw, span) = (part.as_rule(), part.as_str(), part.as_span());
        let (start, end) = (offset + span.start(), offset + span.end());
        let fault = |problem, start, quote_opened| {
            Err(Fault {
                problem,
                start,
                end,
                quote_opened,
            })
        };
        let word = second
            .as_mut()
            .or(first.as_mut())
            .filter(|word| word.end == start);
        match rule {
            Rule::bare | Rule::quoted | Rule::more | Rule::none => {
                if rule != Rule::none && spans_lines(raw) {
                    quote_opened = Some(start);
                }
                let argument = match rule {
                    Rule::bare => Argument {
                        text: raw.to_owned(),
                        start,
                        end,
                    },
                    Rule::none => Argument {
                        text: String::new(),
                        start,
                        end: start,
                    },
                    _ => Argument {
                        text: unquote(raw),
                        start,
                        end,
                    },
                };
                match word {
                    Some(word) if rule == Rule::more => {
                        word.text.push_str(&argument.text);
                        word.end = end;
                    }
                    _ if second_begins => second = Some(argument),
                    _ => {
                        second_begins = true;
                        first = Some(argument);
                    }
                }
            }
            // The beginning of the argument is where to look: the quote that is left over may be far from the one that
            // was forgotten.
            Rule::open => {
                let start = word.map_or(start, |word| word.start);
                return fault(Problem::UnterminatedQuote, start, None);
            }
            Rule::extra if !unquote(raw).is_empty() => {
                return fault(Problem::ExtraArgument, start, quote_opened);
            }
            Rule::dangling => return fault(Problem::DanglingSemicolon, start, None),
            // An empty extra argument, and what a `#` or `;` hides.
            _ => {}
        }
    }
    let absent = |at| Argument {
        text: String::new(),
        start: at,
        end: at,
    };
    let first = first.unwrap_or_else(|| absent(command_start));
    let second = second.unwrap_or_else(|| absent(first.end));
    Ok(Command {
        keyword,
        start: command_start,
        first,
        second,
    })
}

fn spans_lines(raw: &str) -> bool {
    raw.contains('\n') && raw.contains(['\'', '"'])
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

/// Takes quotes and backslashes off, as libuci's `parse_str` does: single quotes keep everything, elsewhere a
/// backslash keeps the next character, or joins two lines.
fn unquote(raw: &str) -> String {
    // As nearly all values are written.
    let simple = raw
        .strip_prefix('\'')
        .and_then(|raw| raw.strip_suffix('\''));
    if let Some(text) = simple.filter(|text| !text.contains('\'')) {
        return text.to_owned();
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
