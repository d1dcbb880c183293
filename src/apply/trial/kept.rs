/*!
Configurations kept in memory (`/var/run/ferrowall`, tmpfs): the confirmed one, which was loaded last other than to be
tried, and the tried one. From the confirmed one the rules can be made again, whatever became of the file.
*/

use std::io;
use std::path::{Path, PathBuf};

use super::super::files::{self, RunFiles};
use crate::uci::Source;

/// Where they are.
#[derive(Debug)]
pub struct Kept {
    folder: PathBuf,
}

impl Kept {
    pub fn of(files: &RunFiles) -> Kept {
        Kept {
            folder: files.private.clone(),
        }
    }

    pub fn confirmed(&self) -> PathBuf {
        self.folder.join("confirmed")
    }

    pub fn tried(&self) -> PathBuf {
        self.folder.join("tried")
    }

    /// The deadline of a try that is under way.
    pub fn deadline(&self) -> PathBuf {
        self.folder.join("try")
    }

    /// There while a try is over and the flash, which cannot be written to, still says that it is under way.
    pub fn over(&self) -> PathBuf {
        self.folder.join("over")
    }

    /// There while a try is over, its files are back and its rules are not.
    pub fn unfinished(&self) -> PathBuf {
        self.folder.join("unfinished")
    }
}

/// Keeps a configuration, unless it is kept already. What cannot be kept is removed: an older one would be wrong.
pub fn keep(path: &Path, source: &Source) -> io::Result<()> {
    if is_kept(path, source) {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(path);
    let head = head(source);
    let kept = files::private_folder(folder)
        .and_then(|()| files::replace_parts(path, &parts(&head, source)));
    if kept.is_err() {
        files::remove(path)?;
    }
    kept
}

fn is_kept(path: &Path, source: &Source) -> bool {
    files::holds(path, &parts(&head(source), source)).unwrap_or(false)
}

pub fn recall(path: &Path) -> Option<Source> {
    decode(&files::read_own(path).ok()?)
}

/// How long the file is and the changes are (`-` for none), then both.
fn head(source: &Source) -> String {
    let changes = source.changes.as_deref();
    let length = changes.map_or_else(|| "-".to_owned(), |changes| changes.len().to_string());
    format!("{} {length}\n", source.config.len())
}

fn parts<'a>(head: &'a str, source: &'a Source) -> [&'a [u8]; 3] {
    let changes = source.changes.as_deref().unwrap_or_default();
    [head.as_bytes(), &source.config, changes]
}

fn decode(bytes: &[u8]) -> Option<Source> {
    let (head, rest) = bytes.split_at_checked(bytes.iter().position(|b| *b == b'\n')? + 1)?;
    let (config, changes) = std::str::from_utf8(head).ok()?.trim_end().split_once(' ')?;
    let (config, rest) = rest.split_at_checked(config.parse().ok()?)?;
    let changes = match changes {
        "-" => rest.is_empty().then_some(None)?,
        length => (length.parse() == Ok(rest.len())).then_some(Some(rest.to_vec()))?,
    };
    Some(Source {
        config: config.to_vec(),
        changes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back_whole_and_a_cut_file_not_at_all() {
        for changes in [None, Some(b"firewall.a=b\n".to_vec()), Some(Vec::new())] {
            let source = Source {
                config: b"config rule\n\xff\n".to_vec(),
                changes,
            };
            let bytes = parts(&head(&source), &source).concat();
            assert_eq!(decode(&bytes), Some(source));
            for length in 0..bytes.len() {
                assert_eq!(decode(&bytes[..length]), None);
            }
        }
    }
}
