/*! One caller at a time: the lock fw4 and everybody who follows it takes, `/var/run/fw4.lock`. */

use std::fs::{File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};

use super::files::{self, RunFiles};
use crate::netlink::drain;

/// Held until dropped. Scripts that we start do not inherit it (the file is close-on-exec).
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Waits until nobody else holds the lock (flock(2), as the flock command of busybox), and repairs what somebody
    /// left behind who was killed while holding it.
    ///
    /// # Errors
    /// The lock file cannot be made or opened, or is a symbolic link or no file.
    pub fn acquire(files: &RunFiles) -> io::Result<Lock> {
        let path = &files.lock;
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true).mode(0o600);
        options.custom_flags(libc::O_NOFOLLOW | libc::O_CLOEXEC | libc::O_NONBLOCK);
        let file = files::in_folder(path, || options.open(path))?;
        let about = file.metadata()?;
        if !about.is_file() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        // Who can open the file can hold the lock for ever; a shell that redirects makes it readable for all.
        if about.mode() & 0o077 != 0 {
            file.set_permissions(Permissions::from_mode(0o600))?;
        }
        file.lock()?;
        drain::recover(&files.draining);
        Ok(Lock { _file: file })
    }
}
