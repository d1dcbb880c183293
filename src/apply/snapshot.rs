/*! `snapshot`: what the firewall sees of this router, as a folder for `--root`. */

use std::path::Path;

use super::pipeline::{self, Broken};
use super::{Error, Job};
use crate::config::IncludeKind;
use crate::diagnostic::Diagnostics;
use crate::netlink::Kernel;

/// Copies the configuration, what it refers to, and the router's answers.
///
/// # Errors
/// The folder is not empty, or cannot be written.
pub fn snapshot(job: &Job, folder: &Path) -> Result<Diagnostics, Error> {
    let prepared = pipeline::prepare(&job.root, &Kernel, Broken::Empty)?;
    let includes = prepared.firewall.includes.iter();
    let mut files: Vec<&str> = includes
        .filter(|i| i.kind != IncludeKind::Script)
        .map(|i| i.path.as_str())
        .collect();
    files.extend(
        prepared
            .firewall
            .ipsets
            .iter()
            .filter_map(|s| s.loadfile.as_deref()),
    );
    Ok(prepared.router.snapshot(folder, &files, &Kernel)?)
}
