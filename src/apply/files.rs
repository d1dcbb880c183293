/*! Where the run files are, and how they are written: whole or not at all. */

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The files that outlive a command.
#[derive(Debug, Clone)]
pub struct RunFiles {
    /// fw4's lock.
    pub lock: PathBuf,
    /// fw4's state: exists while the firewall is loaded.
    pub state: PathBuf,
    /// Ours: how the last load went.
    pub record: PathBuf,
}

impl RunFiles {
    pub fn below(root: &Path) -> Self {
        let run = root.join("var/run");
        RunFiles {
            lock: run.join("fw4.lock"),
            state: run.join("fw4.state"),
            record: run.join("ferrowall.json"),
        }
    }
}

/// Replaces a file in one step: readers see the old one or the new one, also after a crash. Links are
/// replaced, never followed.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}", std::process::id()));
    let draft = PathBuf::from(name);
    let written = write_new(&draft, bytes).and_then(|()| fs::rename(&draft, path));
    if written.is_err() {
        // what is left of the draft helps nobody; the error that matters is the first one
        let _ = fs::remove_file(&draft);
    }
    written
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let _ = fs::remove_file(path);
    let mut file: File = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .custom_flags(libc::O_NOFOLLOW)
        .open(path)?;
    file.write_all(bytes)
}

/// Removes a file that may not be there.
pub fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
