/*!
A file to a [`Package`], strictly: libuci reads all of it or, after one mistake anywhere, nothing
(`uci_import` in file.c with UCI_FLAG_STRICT, which is what `uci` and ucode's cursor use).
*/

use std::path::Path;

use super::builder::Builder;
use super::error::{Error, Problem, SyntaxError};
use super::load::MAX_FILE_SIZE;
use super::source::{Cursor, Source};
use super::syntax::{Command, Fault, Keyword, each_command};
use super::{Package, Spanned, name};
use crate::diagnostic::Span;

/// Reads `bytes`, the content of `file`, as the package of that name. A `package` line in it does not
/// change the name: libuci ignores it when it loads a file.
///
/// # Errors
///
/// [`Error::Syntax`] for the first thing libuci would refuse, [`Error::TooLarge`] above [`MAX_FILE_SIZE`].
pub fn parse(bytes: &[u8], package: &str, file: &Path) -> Result<Package, Error> {
    let size = bytes.len() as u64;
    if size > MAX_FILE_SIZE {
        return Err(Error::TooLarge {
            file: file.to_owned(),
            size,
            limit: MAX_FILE_SIZE,
        });
    }
    let source = Source::new(bytes);
    let mut cursor = source.cursor();
    let mut builder = Builder::new(package);
    each_command(&source.text, |command| {
        let done = match command {
            Ok(command) => execute(command, &mut builder, &mut cursor),
            Err(fault) => Err(Refusal::of(fault, &mut cursor)),
        };
        done.map_err(
            |Refusal {
                 problem,
                 span,
                 quote_opened,
             }| {
                let source_line = source.line_at(span.start);
                Box::new(SyntaxError {
                    file: file.to_owned(),
                    span,
                    problem,
                    source_line,
                    quote_opened,
                })
            },
        )
    })?;
    Ok(builder.finish())
}

/// Why the file is refused, and where in it.
struct Refusal {
    problem: Problem,
    span: Span,
    quote_opened: Option<u32>,
}

impl Refusal {
    fn new(problem: Problem, span: Span) -> Self {
        Refusal {
            problem,
            span,
            quote_opened: None,
        }
    }

    fn of(fault: Fault, cursor: &mut Cursor<'_>) -> Self {
        let opened = fault.quote_opened.map(|at| cursor.span(at, at).line);
        let span = cursor.span(fault.start, fault.end);
        let quote_opened = opened.filter(|line| *line < span.line);
        Refusal {
            problem: fault.problem,
            span,
            quote_opened,
        }
    }
}

fn execute(
    command: Command,
    builder: &mut Builder,
    cursor: &mut Cursor<'_>,
) -> Result<(), Refusal> {
    let Command {
        keyword,
        start,
        first,
        second,
    } = command;
    let whole = cursor.span(start, start + 1);
    let first_span = cursor.span(first.start, first.end);
    let second_span = cursor.span(second.start, second.end);
    let (first, second) = (first.text, second.text);

    let keyword_name = keyword.name();
    if matches!(keyword, Keyword::Option | Keyword::List) && !builder.has_section() {
        return Err(Refusal::new(Problem::OutsideSection(keyword_name), whole));
    }
    if first.is_empty() {
        return Err(Refusal::new(
            Problem::MissingArgument(keyword_name, keyword.argument()),
            whole,
        ));
    }
    match keyword {
        Keyword::Package if !name::is_package_name(&first) => {
            Err(Refusal::new(Problem::InvalidPackageName(first), first_span))
        }
        Keyword::Package => Ok(()),
        Keyword::Config => {
            if !name::is_type(&first) {
                return Err(Refusal::new(Problem::InvalidType(first), first_span));
            }
            if !second.is_empty() && !name::is_name(&second) {
                return Err(Refusal::new(Problem::InvalidName(second), second_span));
            }
            let end = if second.is_empty() {
                first_span.end
            } else {
                second_span.end
            };
            builder
                .config(first, second, Span { end, ..whole })
                .map_err(|problem| Refusal::new(problem, second_span))
        }
        Keyword::Option | Keyword::List => {
            if !name::is_name(&first) {
                return Err(Refusal::new(Problem::InvalidName(first), first_span));
            }
            let value = Spanned {
                text: second,
                span: Some(second_span),
            };
            match keyword {
                Keyword::List => builder.list(first, value),
                _ => builder.option(first, value),
            }
            Ok(())
        }
    }
}
