/*! The text path: one `nft -f -` for a whole ruleset. */

use std::fs::File;
use std::io::{self, Read, Write};

use crate::spawn::{Stream, pipe, spawn};
use crate::text;

/// What to have nft do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Load,
    /// `-c`: everything but the change itself.
    Check,
}

/// nft said no, or could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("nft cannot be started: {0}")]
    Start(io::Error),
    #[error("nft: {0}")]
    Io(io::Error),
    /// Its own words, with `/dev/stdin:LINE:COLUMN` in front.
    #[error("{said}")]
    Refused { said: String },
}

/// Feeds the text to nft. One transaction: all of it or nothing.
pub fn run(ruleset: &[u8], mode: Mode, echo: bool) -> Result<(), Error> {
    let mut words: Vec<&[u8]> = vec![b"nft"];
    if echo {
        words.push(b"-e");
    }
    if mode == Mode::Check {
        words.push(b"-c");
    }
    words.extend([b"-f".as_slice(), b"-"]);
    let (its_input, input) = pipe().map_err(Error::Start)?;
    let (errors, its_errors) = pipe().map_err(Error::Start)?;
    let output = if echo { Stream::Same } else { Stream::Null };
    let streams = [Stream::To(its_input), output, Stream::To(its_errors)];
    let mut child = spawn(c"nft", &words, streams).map_err(Error::Start)?;
    match File::from(input).write_all(ruleset) {
        // it gave up reading: its exit status and words say why
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => {}
        other => other.map_err(Error::Io)?,
    }
    let mut said = Vec::new();
    let read = File::from(errors).read_to_end(&mut said);
    let status = child.wait().map_err(Error::Io)?;
    read.map_err(Error::Io)?;
    match status.success() {
        true => Ok(()),
        false => Err(Error::Refused {
            said: text::decode(said.trim_ascii_end()),
        }),
    }
}

/// One complaint of nft.
#[derive(Debug, PartialEq, Eq)]
pub struct Complaint {
    /// The line of the text fed to it, from 1; none if it is about a file that text includes.
    pub line: Option<usize>,
    pub message: String,
}

/// Takes nft's words apart: `/dev/stdin:12:3-9: Error: ...`, then the line and a marker below it. A
/// complaint about an included file keeps that file's name and line in its message.
pub fn complaints(said: &str) -> Vec<Complaint> {
    let head = |line: &str| line.contains(": Error: ");
    said.lines()
        .filter(|line| head(line))
        .map(|line| {
            let (place, message) = line.split_once(": Error: ").unwrap_or(("", line));
            match place
                .strip_prefix("/dev/stdin:")
                .or_else(|| place.strip_prefix("-:"))
            {
                Some(position) => Complaint {
                    line: position
                        .split(':')
                        .next()
                        .and_then(|line| line.parse().ok()),
                    message: message.to_owned(),
                },
                None => Complaint {
                    line: None,
                    message: line.to_owned(),
                },
            }
        })
        .collect()
}

/// A mistake that the kernel finds only by walking the whole table (masquerade in a filter chain, a loop of
/// jumps) makes it refuse every rule after it with the same error: of such a run at the end only the first
/// counts. Should others be wrong by themselves, the next try names them.
pub fn first_causes(mut complaints: Vec<Complaint>) -> Vec<Complaint> {
    let run = complaints.last().map(|last| {
        complaints
            .iter()
            .rev()
            .take_while(|c| c.line.is_some() && c.message == last.message)
            .count()
    });
    complaints.truncate(complaints.len() - run.unwrap_or(0).saturating_sub(1));
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complaint_names_its_line_or_its_file() {
        let said = "/dev/stdin:14:3-9: Error: syntax error, unexpected foo\n\tfoo\n\t^^^\n\
                    In file included from /dev/stdin:40:2-30:\n\
                    /etc/nftables.d/x.nft:2:1-4: Error: Could not process rule: No such file or directory\n";
        let found = complaints(said);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].line, Some(14));
        assert_eq!(found[1].line, None);
        assert!(
            found[1]
                .message
                .starts_with("/etc/nftables.d/x.nft:2:1-4: Error:")
        );
    }

    #[test]
    fn of_a_run_of_the_same_complaint_the_first_counts() {
        let complaint = |line, message: &str| Complaint {
            line: Some(line),
            message: message.to_owned(),
        };
        let said = vec![
            complaint(3, "other"),
            complaint(10, "not supported"),
            complaint(11, "not supported"),
        ];
        assert_eq!(
            first_causes(said),
            [complaint(3, "other"), complaint(10, "not supported")]
        );
        assert_eq!(first_causes(Vec::new()), []);
    }
}
