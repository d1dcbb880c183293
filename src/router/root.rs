/*!
Files of a router, below its root folder.

With `--root DIR` every path of the router is taken below `DIR`, and a symlink with an absolute
target (`/var -> /tmp` on OpenWrt) leads to another place below `DIR`, never out of it. With `/` as
the root the kernel resolves paths as ever. A relative path counts from the root, since the init
script runs fw4 in `/`.
*/

use std::cell::RefCell;
use std::ffi::OsStr;
use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::asked::{Asked, Kind, short};
use crate::sorted::Sorted;
use crate::{said, sort, text, whole};

/// No file we read is larger: a set's load file of a million networks is about 20 MiB.
pub const MAX_FILE: u64 = 64 << 20;

/// As many symlinks as Linux follows in one path (`MAXSYMLINKS` in include/linux/namei.h).
const MAX_LINKS: usize = 40;

/// The root folder of a router: `/`, or a folder laid out like one.
#[derive(Debug, Clone, Copy)]
pub struct Root<'a> {
    path: &'a Path,
    asked: Option<&'a Asked>,
    passed: Option<&'a Passed>,
}

/// Folders on the way to the files of a router root, by their paths: is there one? Symlinks are not among them. For one look at
/// a router, in which folders stay where they are. On the running system the kernel walks.
#[derive(Debug, Default)]
pub struct Passed(RefCell<Sorted<Vec<u8>, bool>>);

impl<'a> Root<'a> {
    /// For what no ruleset is made of: nobody notes what is asked.
    pub fn new(path: &'a Path) -> Root<'a> {
        Root {
            path,
            asked: None,
            passed: None,
        }
    }

    /// Whatever is asked is noted.
    pub fn noting(path: &'a Path, asked: &'a Asked, passed: &'a Passed) -> Root<'a> {
        Root {
            path,
            asked: Some(asked),
            passed: Some(passed),
        }
    }

    pub(super) fn folder(self) -> &'a Path {
        self.path
    }

    fn note(self, kind: Kind, path: &str, answer: u64) {
        if let Some(asked) = self.asked {
            asked.note(kind, path, answer);
        }
    }

    /// Is this the running system's own root?
    pub fn is_live(self) -> bool {
        self.path == Path::new("/")
    }

    /// The whole content of a regular file. Devices, fifos and sockets are refused before they are
    /// opened (opening alone can block or act), files above [`MAX_FILE`] are not read.
    pub fn read_file(self, path: &str) -> io::Result<Vec<u8>> {
        let read = self.read(path);
        match &read {
            Ok(content) => self.note(Kind::File, path, short(content)),
            Err(error) => {
                let why = error.raw_os_error().unwrap_or_default();
                self.note(Kind::File, path, why as u64);
            }
        }
        read
    }

    fn read(self, path: &str) -> io::Result<Vec<u8>> {
        let (real, about) = self.find(path)?;
        regular(&about)?;
        let file = OpenOptions::new()
            .read(true)
            .custom_flags(libc::O_NONBLOCK)
            .open(real)?;
        // Somebody may have put something else in its place.
        let about = file.metadata()?;
        regular(&about)?;
        let content = whole::read(&file, about.len(), MAX_FILE)?;
        if content.len() as u64 > MAX_FILE {
            return Err(io::Error::from_raw_os_error(libc::EFBIG));
        }
        Ok(content)
    }

    /// Where a path leads to, symlinks followed, and what is there.
    fn find(self, path: &str) -> io::Result<(PathBuf, fs::Metadata)> {
        let place = self.resolve(path, false)?;
        let about = fs::symlink_metadata(&place)?;
        if !about.is_symlink() {
            return Ok((place, about));
        }
        let place = self.resolve(path, true)?;
        let about = fs::metadata(&place)?;
        Ok((place, about))
    }

    /// Does the path exist, a symlink's target included (ucode's `fs.access(path)`)?
    pub fn access(self, path: &str) -> bool {
        let is_there = self.find(path).is_ok();
        self.note(Kind::Exists, path, is_there.into());
        is_there
    }

    /// Is it a folder, symlinks followed?
    pub fn is_dir(self, path: &str) -> bool {
        let is_dir = self.find(path).is_ok_and(|(_, about)| about.is_dir());
        self.note(Kind::Folder, path, is_dir.into());
        is_dir
    }

    /// Does the path itself exist, be it a symlink to nowhere?
    pub fn is_entry(self, path: &str) -> bool {
        let about = self.resolve(path, false).and_then(fs::symlink_metadata);
        self.note(Kind::Entry, path, about.is_ok().into());
        about.is_ok()
    }

    /// What a symlink says, as it says it; `None` if it is none (ucode's `fs.readlink(path)`).
    pub fn read_link(self, path: &str) -> Option<String> {
        let target = self.resolve(path, false).and_then(fs::read_link).ok();
        let bytes = target.as_ref().map(|target| target.as_os_str().as_bytes());
        self.note(Kind::Link, path, bytes.map_or(0, short));
        bytes.map(text::decode)
    }

    /// The names in a folder in order of their bytes; `None` if it cannot be read (ucode's
    /// `fs.lsdir(path)`).
    pub fn list_dir(self, path: &str) -> Option<Vec<String>> {
        let names = self.names(path);
        let all = names.as_ref().map(|names| names.join("\0"));
        self.note(
            Kind::Names,
            path,
            all.map_or(0, |all| short(all.as_bytes())),
        );
        names
    }

    fn names(self, path: &str) -> Option<Vec<String>> {
        let entries = self.resolve(path, true).and_then(fs::read_dir).ok()?;
        let mut names: Vec<Vec<u8>> = entries
            .flatten()
            .map(|e| e.file_name().into_vec())
            .collect();
        sort::by(&mut names, Vec::cmp);
        Some(names.iter().map(|name| text::decode(name)).collect())
    }

    /// Where a path of the router really is, free of symlinks up to its last name; that one is followed
    /// if `follow_last`. A last name that does not exist is no error, so that files can be made there.
    pub fn resolve(self, path: &str, follow_last: bool) -> io::Result<PathBuf> {
        if path.is_empty() {
            return Err(io::Error::from_raw_os_error(libc::ENOENT));
        }
        let path = text::encode(path);
        if self.is_live() {
            return Ok(self.path.join(OsStr::from_bytes(&path)));
        }
        let mut todo = path.into_owned();
        let mut at = 0;
        let mut here = self.path.to_path_buf();
        let mut depth = 0;
        let mut links = 0;
        let mut exists = true;
        while let Some((name, more)) = next_name(&todo, at) {
            at = todo.len() - more.len();
            if name == b"." || name == b".." {
                if !fs::symlink_metadata(&here)?.is_dir() {
                    return Err(io::Error::from_raw_os_error(libc::ENOTDIR));
                }
                if name == b".." && depth > 0 {
                    here.pop();
                    depth -= 1;
                }
                continue;
            }
            here.push(OsStr::from_bytes(name));
            depth += 1;
            if !more.is_empty()
                && let Some(passed) = self.passed
                && let Some(there) = passed.0.borrow().get(here.as_os_str().as_bytes())
            {
                exists &= *there;
                continue;
            }
            let follow = exists && (follow_last || !more.is_empty());
            match follow.then(|| fs::read_link(&here)) {
                Some(Ok(target)) => {
                    links += 1;
                    if links > MAX_LINKS {
                        return Err(io::Error::from_raw_os_error(libc::ELOOP));
                    }
                    if target.is_absolute() {
                        here = self.path.to_path_buf();
                        depth = 0;
                    } else {
                        here.pop();
                        depth -= 1;
                    }
                    todo = [target.as_os_str().as_bytes(), more].concat();
                    at = 0;
                }
                // Nor is anything below it there (the names `.` and `..` above ask for themselves).
                Some(Err(error)) => {
                    exists = error.kind() != io::ErrorKind::NotFound;
                    if let Some(passed) = self.passed.filter(|_| !more.is_empty()) {
                        let here = here.as_os_str().as_bytes().to_vec();
                        passed.0.borrow_mut().insert(here, exists);
                    }
                }
                None => {}
            }
        }
        Ok(here)
    }
}

/// The first name of what is left of a path, and what follows it. A slash at the end demands a folder, as `/.` would.
fn next_name(path: &[u8], from: usize) -> Option<(&[u8], &[u8])> {
    let path = path.get(from..)?;
    let start = path.iter().position(|b| *b != b'/');
    let Some(start) = start else {
        // Of `/` alone nothing is demanded: that is the root.
        return (from > 0 && !path.is_empty()).then_some((b".", b""));
    };
    let path = path.get(start..)?;
    let end = path.iter().position(|b| *b == b'/');
    path.split_at_checked(end.unwrap_or(path.len()))
}

fn regular(meta: &fs::Metadata) -> io::Result<()> {
    if meta.is_dir() {
        Err(io::Error::from_raw_os_error(libc::EISDIR))
    } else if !meta.is_file() {
        Err(said::error(
            io::ErrorKind::InvalidInput,
            "Not a regular file",
        ))
    } else {
        Ok(())
    }
}

/// What libc says of an error ("No such file or directory"), as ucode's `fs.error()` does; without the
/// number that Rust adds.
pub fn reason(error: &io::Error) -> String {
    let said = error.to_string();
    match error
        .raw_os_error()
        .and_then(|n| said.strip_suffix(&format!(" (os error {n})")))
    {
        Some(plain) => plain.to_owned(),
        None => said,
    }
}
