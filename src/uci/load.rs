/*!
Finding and reading configuration files as libuci does (`uci_file_load` in file.c, `uci_load_delta` in delta.c).
*/

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

use super::builder::Places;
use super::delta::apply_changes;
use super::error::Error;
use super::parse::{MAX_FILE_SIZE, owned, parse, parse_as};
use super::{Opt, Package, name};
use crate::whole;

/// Where configurations are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directories {
    /// `/etc/config`
    pub config: PathBuf,
    /// `/var/run/uci`: a file here takes the place of the one in `config`. Empty on nearly every router.
    pub override_config: PathBuf,
    /// `/tmp/.uci`: changes not yet committed.
    pub changes: PathBuf,
}

impl Directories {
    /// libuci's own directories (uci.h), below `root`.
    pub fn below(root: &Path) -> Self {
        Directories {
            config: root.join("etc/config"),
            override_config: root.join("var/run/uci"),
            changes: root.join("tmp/.uci"),
        }
    }

    /// Where a configuration is.
    ///
    /// # Errors
    /// [`Error::BadName`]
    pub fn file(&self, package: &str) -> Result<PathBuf, Error> {
        // libuci takes names that begin with a dot for relative paths.
        if !name::is_type(package) || package.starts_with('.') || package.contains('/') {
            return Err(Error::BadName {
                name: package.to_owned(),
            });
        }
        let overriding = self.override_config.join(package);
        Ok(match overriding.exists() {
            true => overriding,
            false => self.config.join(package),
        })
    }
}

/// A configuration as it was read: what [`Source::package`] is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The file, whole.
    pub config: Vec<u8>,
    /// The changes not yet committed, if there are any.
    pub changes: Option<Vec<u8>>,
}

/// Reads configuration `package` with its uncommitted changes, as ucode's `uci.cursor().load()` does.
///
/// Changes that libuci cannot read or apply it skips silently, a changes file that is missing or
/// unreadable as well.
///
/// # Errors
///
/// All of [`Error`]; [`Error::Missing`] if there is no such configuration.
pub fn load(directories: &Directories, package: &str) -> Result<Package<'static>, Error> {
    read_source(directories, package)?.into_package(directories, package)
}

/// Reads what [`load`] makes the configuration of.
///
/// # Errors
///
/// Those of [`Error`] that are about files and names.
pub fn read_source(directories: &Directories, package: &str) -> Result<Source, Error> {
    let config = read(&directories.file(package)?)?;
    let changes = directories.changes.join(package);
    if fs::symlink_metadata(&changes).is_err() {
        return Ok(Source {
            config,
            changes: None,
        });
    }
    let changes = match trusted(&changes).and_then(|()| read(&changes)) {
        Ok(changes) => Some(changes),
        Err(error @ Error::TooLarge { .. }) => return Err(error),
        Err(_) => None,
    };
    Ok(Source { config, changes })
}

impl Source {
    /// # Errors
    ///
    /// [`Error::Syntax`]
    pub fn package(&self, directories: &Directories, package: &str) -> Result<Package<'_>, Error> {
        let mut loaded = parse(&self.config, package, &directories.file(package)?)?;
        self.change(&mut loaded);
        Ok(loaded)
    }

    /// [`Source::package`] for whoever needs nothing else of the file.
    ///
    /// # Errors
    ///
    /// [`Error::Syntax`]
    pub fn into_package(
        self,
        directories: &Directories,
        package: &str,
    ) -> Result<Package<'static>, Error> {
        let file = directories.file(package)?;
        let mut loaded = parse_as(&self.config, package, &file, owned)?;
        self.change(&mut loaded);
        Ok(loaded)
    }

    fn change(&self, package: &mut Package<'_>) {
        if let Some(changes) = &self.changes {
            apply_changes(package, changes);
            merge_equal_names(package);
        }
    }
}

/// `/tmp` is everybody's: who is there before `uci` may make `.uci` and put changes into it. libuci takes them.
///
/// # Errors
/// The file or its folder is neither root's nor ours.
pub(crate) fn trusted(file: &Path) -> Result<(), Error> {
    let own = rustix::process::geteuid().as_raw();
    let of_stranger = |path: &Path| {
        let about = fs::symlink_metadata(path);
        about.is_ok_and(|about| about.uid() != 0 && about.uid() != own)
    };
    match of_stranger(file) || file.parent().is_some_and(of_stranger) {
        true => Err(Error::NotAFile {
            file: file.to_owned(),
        }),
        false => Ok(()),
    }
}

fn read(file: &Path) -> Result<Vec<u8>, Error> {
    let io = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Error::Missing {
            file: file.to_owned(),
        },
        _ => Error::Io {
            file: file.to_owned(),
            source,
        },
    };
    // Before it is opened: opening a FIFO would wait for a writer.
    let about = fs::metadata(file).map_err(io)?;
    if !about.is_file() {
        return Err(Error::NotAFile {
            file: file.to_owned(),
        });
    }
    let too_large = |size| Error::TooLarge {
        file: file.to_owned(),
        size,
        limit: MAX_FILE_SIZE,
    };
    if about.len() > MAX_FILE_SIZE {
        return Err(too_large(about.len()));
    }
    let opened = File::open(file).map_err(io)?;
    // `uci commit` and `uci set` hold an exclusive lock while they write.
    match flock(&opened, FlockOperation::LockShared) {
        Ok(()) | Err(rustix::io::Errno::NOSYS) => {}
        Err(errno) => return Err(io(errno.into())),
    }
    let bytes = whole::read(&opened, about.len(), MAX_FILE_SIZE).map_err(io)?;
    let size = bytes.len() as u64;
    if size > MAX_FILE_SIZE {
        Err(too_large(size))
    } else {
        Ok(bytes)
    }
}

/// A change can rename an option to a name that is taken. ucode makes an object of the section, in
/// which the last value wins and the first place counts.
fn merge_equal_names(package: &mut Package<'_>) {
    let mut places = Places::new();
    for (at, section) in package.sections.iter_mut().enumerate() {
        let mut merged: Vec<Opt<'_>> = Vec::with_capacity(section.options.len());
        for option in section.options.drain(..) {
            let key = (Some(at), option.name.clone());
            match places.get(&key).and_then(|place| merged.get_mut(*place)) {
                Some(first) => first.value = option.value,
                None => {
                    places.insert(key, merged.len());
                    merged.push(option);
                }
            }
        }
        section.options = merged;
    }
}
