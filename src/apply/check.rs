/*! `check`: would this configuration load? Changes nothing. */

use super::commit::{self, Change};
use super::pipeline::{self, Broken};
use super::{Error, Job};
use crate::config::Sections;
use crate::diagnostic::Diagnostics;
use crate::router::KernelFacts;

/// What was found.
#[derive(Debug)]
pub struct Checked {
    pub diagnostics: Diagnostics,
    pub sections: Sections,
    /// What the kernel would not take, if anything.
    pub refused: Option<String>,
}

/// Tries the ruleset out as it would be loaded: over netlink, or with raw nft files through nft, or both.
/// Sections that the kernel refuses are named, as a load would leave them out.
///
/// # Errors
/// The configuration cannot be read, or nobody can be asked.
pub fn check(job: &Job, kernel: &dyn KernelFacts) -> Result<Checked, Error> {
    let mut prepared = pipeline::prepare(&job.root, kernel, Broken::Refuse)?;
    let tried = commit::commit(&mut prepared, job, Change::Check);
    let mut diagnostics = prepared.diagnostics;
    let refused = match tried {
        Ok(done) => {
            diagnostics.merge(done.diagnostics);
            None
        }
        Err(commit::Error::Refused(why)) => Some(why.join("\n")),
        Err(e) => return Err(e.into()),
    };
    Ok(Checked {
        diagnostics,
        sections: prepared.firewall.sections,
        refused,
    })
}
