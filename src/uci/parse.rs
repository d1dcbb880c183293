/*!
A file to a [`Package`], strictly: libuci reads all of it or, after one mistake anywhere, nothing
(`uci_import` in file.c with UCI_FLAG_STRICT, which is what `uci` and ucode's cursor use).
*/

use std::path::Path;

use super::builder::Builder;
use super::command::{Argument, Command, Keyword};
use super::error::{Error, Problem, SyntaxError};
use super::source::{Cursor, Source};
use super::syntax::{Fault, brief, each_command};
use super::{Package, Spanned, name};

/// No configuration is larger than this; what is, is no configuration.
pub const MAX_FILE_SIZE: u64 = 16 << 20;

/// Reads `bytes`, the content of `file`, as the package of that name. A `package` line in it does not
/// change the name: libuci ignores it when it loads a file.
///
/// # Errors
///
/// [`Error::Syntax`] for the first thing libuci would refuse, [`Error::TooLarge`] above
/// [`MAX_FILE_SIZE`].
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
        command
            .and_then(|command| execute(command, &mut builder, &mut cursor))
            .map_err(|fault| Box::new(syntax_error(fault, &source, file)))
    })?;
    Ok(builder.finish())
}

fn syntax_error(fault: Fault, source: &Source<'_>, file: &Path) -> SyntaxError {
    let span = source.cursor().span(fault.start, fault.end);
    let opened = fault
        .quote_opened
        .map(|at| source.cursor().span(at, at).line);
    SyntaxError {
        file: file.to_owned(),
        problem: fault.problem,
        source_line: source.line_at(span.start),
        quote_opened: opened.filter(|line| *line < span.line),
        span,
    }
}

fn execute(command: Command, builder: &mut Builder, cursor: &mut Cursor<'_>) -> Result<(), Fault> {
    let Command {
        keyword,
        start,
        first,
        second,
    } = command;
    let (first_at, second_at) = (first.start..first.end, second.start..second.end);
    let at_first = |problem| Fault::new(problem, first_at.start, first_at.end);
    let at_second = |problem| Fault::new(problem, second_at.start, second_at.end);
    let at_command = |problem| Fault::new(problem, start, first_at.end.max(start));

    let is_option = matches!(keyword, Keyword::Option | Keyword::List);
    if is_option && !builder.has_section() {
        return Err(at_command(Problem::OutsideSection(keyword.name())));
    }
    if first.text.is_empty() {
        return Err(at_command(Problem::MissingArgument(
            keyword.name(),
            keyword.argument(),
        )));
    }
    if is_option && !name::is_name(&first.text) {
        return Err(at_first(Problem::InvalidName(brief(&first.text))));
    }
    match keyword {
        Keyword::Package if !name::is_package_name(&first.text) => {
            return Err(at_first(Problem::InvalidPackageName(brief(&first.text))));
        }
        Keyword::Package => {}
        Keyword::Config => {
            if !name::is_type(&first.text) {
                return Err(at_first(Problem::InvalidType(brief(&first.text))));
            }
            if !second.text.is_empty() && !name::is_name(&second.text) {
                return Err(at_second(Problem::InvalidName(brief(&second.text))));
            }
            let end = if second.text.is_empty() {
                first.end
            } else {
                second.end
            };
            let span = cursor.span(start, end);
            builder
                .config(first.text, second.text, span)
                .map_err(at_second)?;
        }
        Keyword::Option => builder.option(first.text, placed(second, cursor)),
        Keyword::List => builder.list(first.text, placed(second, cursor)),
    }
    Ok(())
}

fn placed(value: Argument, cursor: &mut Cursor<'_>) -> Spanned {
    Spanned {
        text: value.text,
        span: Some(cursor.span(value.start, value.end)),
    }
}
