/*!
A file to a [`Package`], strictly: libuci reads all of it or, after one mistake anywhere, nothing
(`uci_import` in file.c with UCI_FLAG_STRICT, which is what `uci` and ucode's cursor use).
*/

use std::borrow::Cow;
use std::path::Path;

use super::builder::Builder;
use super::command::{Command, Keyword};
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
pub fn parse<'t>(bytes: &'t [u8], package: &str, file: &Path) -> Result<Package<'t>, Error> {
    parse_as(bytes, package, file, |text| text)
}

/// What becomes of words that are borrowed from the file.
type Keep<'b, 't> = fn(Cow<'b, str>) -> Cow<'t, str>;

/// The words belong to the package.
pub(super) fn owned(text: Cow<'_, str>) -> Cow<'static, str> {
    Cow::Owned(text.into_owned())
}

/// [`parse`]
pub(super) fn parse_as<'b, 't>(
    bytes: &'b [u8],
    package: &str,
    file: &Path,
    keep: Keep<'b, 't>,
) -> Result<Package<'t>, Error> {
    let size = bytes.len() as u64;
    if size > MAX_FILE_SIZE {
        return Err(Error::TooLarge {
            file: file.to_owned(),
            size,
            limit: MAX_FILE_SIZE,
        });
    }
    let source = Source::new(bytes);
    let read = match &source.text {
        Cow::Borrowed(text) => read(text, package, &source, keep),
        Cow::Owned(text) => read(text, package, &source, owned),
    };
    read.map_err(|fault| Box::new(syntax_error(fault, &source, file)).into())
}

/// `text` is that of the source.
fn read<'s, 't>(
    text: &'s str,
    package: &str,
    source: &Source<'_>,
    keep: Keep<'s, 't>,
) -> Result<Package<'t>, Fault> {
    let mut builder = Builder::new(package);
    each_command(text, &mut source.cursor(), |command, cursor| {
        execute(command, keep, &mut builder, cursor)
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

fn execute<'s, 't>(
    command: Command<'s>,
    keep: Keep<'s, 't>,
    builder: &mut Builder<'t>,
    cursor: &mut Cursor<'_>,
) -> Result<(), Fault> {
    let Command {
        keyword,
        start,
        first,
        second,
        is_named,
    } = command;
    let (first_at, second_at) = (first.start..first.end, second.start..second.end);
    let (first, second) = (keep(first.text), keep(second.text));
    let at_first = |problem| Fault::new(problem, first_at.start, first_at.end);
    let at_second = |problem| Fault::new(problem, second_at.start, second_at.end);
    let at_command = |problem| Fault::new(problem, start, first_at.end.max(start));

    let is_option = matches!(keyword, Keyword::Option | Keyword::List);
    if is_option && !builder.has_section() {
        return Err(at_command(Problem::OutsideSection(keyword.name())));
    }
    if first.is_empty() {
        return Err(at_command(Problem::MissingArgument(
            keyword.name(),
            keyword.argument(),
        )));
    }
    if is_option && !is_named && !name::is_name(&first) {
        return Err(at_first(Problem::InvalidName(brief(&first))));
    }
    match keyword {
        Keyword::Package if !name::is_package_name(&first) => {
            return Err(at_first(Problem::InvalidPackageName(brief(&first))));
        }
        Keyword::Package => {}
        Keyword::Config => {
            if !name::is_type(&first) {
                return Err(at_first(Problem::InvalidType(brief(&first))));
            }
            if !second.is_empty() && !name::is_name(&second) {
                return Err(at_second(Problem::InvalidName(brief(&second))));
            }
            let end = if second.is_empty() {
                first_at.end
            } else {
                second_at.end
            };
            let span = cursor.span(start, end);
            builder.config(first, second, span).map_err(at_second)?;
        }
        Keyword::Option | Keyword::List => {
            let value = Spanned {
                text: second,
                span: Some(cursor.span(second_at.start, second_at.end)),
            };
            builder.option(first, value, keyword == Keyword::List);
        }
    }
    Ok(())
}
