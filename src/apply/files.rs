/*! Where the run files are, and how they are written: whole or not at all. */

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::router::MAX_FILE;
use crate::{said, whole};

/// fw4's state, as a path of the router.
pub const STATE: &str = "/var/run/fw4.state";

/// So much of a file is compared at a time.
const PIECE: usize = 16 << 10;

/// The files that outlive a command.
#[derive(Debug, Clone)]
pub struct RunFiles {
    /// fw4's lock.
    pub lock: PathBuf,
    /// fw4's state: exists while the firewall is loaded.
    pub state: PathBuf,
    /// Ours: how the last load went.
    pub record: PathBuf,
    /// Ours alone, see [`private_folder`]: what a try goes back to, and when.
    pub private: PathBuf,
    /// Ours: exists while flows are leaving the hardware, see `netlink::drain`.
    pub draining: PathBuf,
}

impl RunFiles {
    pub fn below(root: &Path) -> Self {
        let run = root.join("var/run");
        RunFiles {
            lock: run.join("fw4.lock"),
            state: run.join("fw4.state"),
            record: run.join("ferrowall.json"),
            private: run.join("ferrowall"),
            draining: run.join("ferrowall.draining"),
        }
    }
}

/// Makes sure of a folder that nobody else can look or write into.
///
/// # Errors
/// It cannot be made, or something is there that is not ours: a link, a file, another user's folder.
pub fn private_folder(path: &Path) -> io::Result<()> {
    if let Some(above) = path.parent() {
        fs::create_dir_all(above)?;
    }
    match DirBuilder::new().mode(0o700).create(path) {
        Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(e),
        _ => {}
    }
    let found = fs::symlink_metadata(path)?;
    let own = found.uid() == rustix::process::geteuid().as_raw();
    match found.is_dir() && own && found.mode() & 0o077 == 0 {
        true => Ok(()),
        false => Err(said::other("it is not a folder of ours alone")),
    }
}

/// A file of ours, and how long it is: no link is followed, nothing but a file is read.
fn open_own(path: &Path) -> io::Result<(File, u64)> {
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
        .open(path)?;
    let about = file.metadata()?;
    if !about.is_file() || about.uid() != rustix::process::geteuid().as_raw() {
        return Err(io::ErrorKind::InvalidData.into());
    }
    Ok((file, about.len()))
}

/// Reads a file of ours, see [`open_own`].
pub fn read_own(path: &Path) -> io::Result<Vec<u8>> {
    let (file, length) = open_own(path)?;
    whole::read(&file, length, MAX_FILE)
}

/// Does a file of ours hold just these parts, one behind the other? It is never in memory as a whole.
pub fn holds(path: &Path, parts: &[&[u8]]) -> io::Result<bool> {
    let (mut file, length) = open_own(path)?;
    if length != parts.iter().map(|part| part.len() as u64).sum::<u64>() {
        return Ok(false);
    }
    let mut buffer = Vec::new();
    for piece in parts.iter().flat_map(|part| part.chunks(PIECE)) {
        buffer.resize(piece.len(), 0);
        file.read_exact(&mut buffer)?;
        if buffer != piece {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Replaces a file in one step: readers see the old one or the new one, also after a crash. Links are
/// replaced, never followed.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    replace_parts(path, &[bytes])
}

/// The same with parts that come one behind the other.
pub fn replace_parts(path: &Path, parts: &[&[u8]]) -> io::Result<()> {
    write(path, parts, &|_| Ok(()))
}

/// The same for flash: also a loss of power leaves one of the two whole. Who may read it is as with the file `like`.
pub fn replace_on_flash(path: &Path, bytes: &[u8], like: &Path) -> io::Result<()> {
    let mode = fs::symlink_metadata(like)
        .ok()
        .filter(fs::Metadata::is_file);
    write(path, &[bytes], &|file| {
        if let Some(mode) = &mode {
            file.set_permissions(mode.permissions())?;
        }
        file.sync_all()
    })
}

fn write(path: &Path, parts: &[&[u8]], finish: &dyn Fn(&File) -> io::Result<()>) -> io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}", std::process::id()));
    let draft = PathBuf::from(name);
    let written = in_folder(path, || write_new(&draft, parts))
        .and_then(|file| finish(&file))
        .and_then(|()| fs::rename(&draft, path));
    if written.is_err() {
        // what is left of the draft helps nobody; the error that matters is the first one
        let _ = fs::remove_file(&draft);
    }
    written
}

fn write_new(path: &Path, parts: &[&[u8]]) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    options.custom_flags(libc::O_NOFOLLOW);
    let mut file = match options.open(path) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
            fs::remove_file(path)?;
            options.open(path)
        }
        other => other,
    }?;
    for part in parts {
        file.write_all(part)?;
    }
    Ok(file)
}

/// Does something with a file that needs its folder, and makes that first if it is missing.
pub fn in_folder<T>(path: &Path, mut act: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    match (act(), path.parent()) {
        (Err(e), Some(folder)) if e.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(folder)?;
            act()
        }
        (done, _) => done,
    }
}

/// Removes a file that may not be there.
pub fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
