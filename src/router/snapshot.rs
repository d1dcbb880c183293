/*!
A router root written from a running router, so that a bug report can be replayed on a desk.

It holds what the firewall is made from and nothing else: no wireless keys, no passwords.
*/

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::root::{Root, reason};
use super::{KernelFacts, Router};
use crate::diagnostic::Diagnostics;
use crate::text;

/// Files that the firewall reads whatever its configuration says.
const FILES: [&str; 4] = [
    "/etc/config/firewall",
    "/tmp/.uci/firewall",
    "/usr/share/firewall4/helpers",
    "/proc/version",
];

/// Folders whose files are taken, with the folders in them.
const FOLDERS: [&str; 2] = ["/etc/nftables.d", "/usr/share/nftables.d"];

/// `nftables.d/POSITION/CHAIN/FILE`
const DEPTH: usize = 3;

/// Why a snapshot could not be written.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    #[error("{} is not empty", .0.display())]
    NotEmpty(PathBuf),
    #[error("cannot write {}: {}", path.display(), reason(source))]
    Write { path: PathBuf, source: io::Error },
}

impl Router {
    /// Writes a router root to `dir`, which must be empty or not there. `files` are paths that the
    /// configuration names, such as includes and load files. What cannot be read is not in the snapshot,
    /// as it is not in the firewall; the diagnostics tell of ubus.
    pub fn snapshot(
        &self,
        dir: &Path,
        files: &[&str],
        kernel: &dyn KernelFacts,
    ) -> Result<Diagnostics, SnapshotError> {
        let copy = Copy::new(self.files(), dir)?;
        for file in FILES.iter().chain(files) {
            copy.file(file)?;
        }
        for folder in FOLDERS {
            copy.folder(folder, DEPTH)?;
        }
        let devices = self.list_dir("/sys/class/net").unwrap_or_default();
        for device in &devices {
            copy.device(device)?;
        }
        for module in self.list_dir("/sys/module").unwrap_or_default() {
            copy.make_dir(&format!("/sys/module/{module}"))?;
        }
        copy.kernel(kernel, &devices)?;
        let mut diagnostics = Diagnostics::default();
        copy.make_dir("/ubus")?;
        for (path, answer) in self.source.everything(&mut diagnostics) {
            if !answer.is_null() {
                copy.write(&path, &text::encode(&format!("{answer:#}\n")))?;
            }
        }
        Ok(diagnostics)
    }
}

/// From one root to another. Both ends are resolved below their root, so a symlink that was copied
/// cannot lead a later file out of the snapshot.
struct Copy<'a> {
    from: Root<'a>,
    to: Root<'a>,
}

impl<'a> Copy<'a> {
    fn new(from: Root<'a>, dir: &'a Path) -> Result<Copy<'a>, SnapshotError> {
        let failed = |source| SnapshotError::Write {
            path: dir.to_path_buf(),
            source,
        };
        fs::create_dir_all(dir).map_err(failed)?;
        if fs::read_dir(dir).map_err(failed)?.next().is_some() {
            return Err(SnapshotError::NotEmpty(dir.to_path_buf()));
        }
        Ok(Copy {
            from,
            to: Root::new(dir),
        })
    }

    /// Copies a file; of a symlink the link and what it leads to.
    fn file(&self, path: &str) -> Result<(), SnapshotError> {
        let mut path = normal(path);
        let mut seen = Vec::new();
        while let Some(target) = self.from.read_link(&path) {
            if seen.contains(&path) {
                return Ok(());
            }
            seen.push(path.clone());
            self.link(&path, &target)?;
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            path = normal(&if target.starts_with('/') {
                target
            } else {
                format!("{folder}/{target}")
            });
        }
        match self.from.read_file(&path) {
            Ok(content) => self.write(&path, &content),
            Err(_) => Ok(()),
        }
    }

    fn folder(&self, path: &str, depth: usize) -> Result<(), SnapshotError> {
        for name in self.from.list_dir(path).unwrap_or_default() {
            let path = format!("{path}/{name}");
            if self.from.read_link(&path).is_none() && self.from.is_dir(&path) {
                self.make_dir(&path)?;
                if depth > 1 {
                    self.folder(&path, depth - 1)?;
                }
            } else {
                self.file(&path)?;
            }
        }
        Ok(())
    }

    /// The part of sysfs that fw4 looks at; `lower_*` are symlinks there, only their names count.
    fn device(&self, device: &str) -> Result<(), SnapshotError> {
        let path = format!("/sys/class/net/{device}");
        for entry in self.from.list_dir(&path).unwrap_or_default() {
            let path = format!("{path}/{entry}");
            if entry.starts_with("lower_") {
                self.write(&path, b"")?;
            } else if entry == "flags" {
                self.write(&path, &self.from.read_file(&path).unwrap_or_default())?;
            }
        }
        Ok(())
    }

    fn kernel(&self, kernel: &dyn KernelFacts, devices: &[String]) -> Result<(), SnapshotError> {
        let capable = |device: &&String| kernel.accepts_hw_flowtable(&[(*device).clone()]).is_ok();
        let lines: String = devices
            .iter()
            .filter(capable)
            .map(|device| format!("{device}\n"))
            .collect();
        self.write("/kernel/hw-offload", &text::encode(&lines))?;
        if kernel.has_flowtable() {
            self.write("/kernel/flowtable", b"")?;
        }
        Ok(())
    }

    fn make_dir(&self, path: &str) -> Result<(), SnapshotError> {
        let act = || fs::create_dir_all(self.to.resolve(path, true)?);
        act().map_err(|source| self.failed(path, source))
    }

    /// Writes a file once: what two paths lead to is the same file.
    fn write(&self, path: &str, content: &[u8]) -> Result<(), SnapshotError> {
        let act = || {
            let place = self.place(path)?;
            match OpenOptions::new().write(true).create_new(true).open(place) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
                Err(error) => Err(error),
                Ok(mut file) => file.write_all(content),
            }
        };
        act().map_err(|source| self.failed(path, source))
    }

    fn link(&self, path: &str, target: &str) -> Result<(), SnapshotError> {
        let act = || {
            let target = text::encode(target);
            match symlink(std::ffi::OsStr::from_bytes(&target), self.place(path)?) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
                result => result,
            }
        };
        act().map_err(|source| self.failed(path, source))
    }

    /// Where a new file belongs; its folder is there afterwards.
    fn place(&self, path: &str) -> io::Result<PathBuf> {
        let place = self.to.resolve(path, false)?;
        if let Some(folder) = place.parent() {
            fs::create_dir_all(folder)?;
        }
        Ok(place)
    }

    fn failed(&self, path: &str, source: io::Error) -> SnapshotError {
        SnapshotError::Write {
            path: self.to.folder().join(path.trim_start_matches('/')),
            source,
        }
    }
}

/// The path from the root, without `.`, `..` and double slashes.
fn normal(path: &str) -> String {
    let mut names = Vec::new();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." => drop(names.pop()),
            name => names.push(name),
        }
    }
    format!("/{}", names.join("/"))
}
