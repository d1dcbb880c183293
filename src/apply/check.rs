/*! `check`: would this configuration load? Changes nothing. */

use super::nft_process::{self, Mode};
use super::pipeline::{self, Broken};
use super::{Error, Job, commit};
use crate::config::Sections;
use crate::diagnostic::Diagnostics;
use crate::nft;
use crate::router::KernelFacts;

/// What was found.
#[derive(Debug)]
pub struct Checked {
    pub diagnostics: Diagnostics,
    pub sections: Sections,
    /// What the kernel would not take, if anything.
    pub refused: Option<String>,
}

/// # Errors
/// The configuration cannot be read, or nobody can be asked.
pub fn check(job: &Job, kernel: &dyn KernelFacts) -> Result<Checked, Error> {
    let prepared = pipeline::prepare(&job.root, kernel, Broken::Refuse)?;
    let text = nft::print(&prepared.compiled.ruleset);
    let refused = match nft_process::run(&text, Mode::Check, job.echo) {
        Ok(()) => None,
        Err(nft_process::Error::Refused { said }) => Some(said),
        Err(e) => return Err(commit::Error::from(e).into()),
    };
    Ok(Checked {
        diagnostics: prepared.diagnostics,
        sections: prepared.firewall.sections,
        refused,
    })
}
