/*! Which record is there: tells without reading it whether there was another load. */

use std::fs;
use std::os::unix::fs::MetadataExt;

use super::Job;

/// Of one record file. Each load writes a new one, so that two are never equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    file: u64,
    written: (i64, i64),
}

/// `None` if nothing was loaded since boot.
pub fn stamp(job: &Job) -> Option<Stamp> {
    let meta = fs::metadata(job.run_files().record).ok()?;
    Some(Stamp {
        file: meta.ino(),
        written: (meta.mtime(), meta.mtime_nsec()),
    })
}
