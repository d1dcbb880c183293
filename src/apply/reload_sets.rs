/*! `reload-sets`: the sets hold what the configuration and its load files say now; no rule changes. */

use super::lock::Lock;
use super::pipeline::{self, Broken};
use super::{Error, Job, commit};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::netlink::{self, Batch, Kernel, Socket};
use crate::nft;
use crate::ruleset::{KeyType, Set};

/// Empties each declared set and fills it anew, all in one transaction. Sets without entries of ours belong
/// to whoever fills them and are left alone.
///
/// # Errors
/// The firewall is not loaded, the configuration cannot be read, or the kernel refuses an element.
pub fn reload_sets(job: &Job) -> Result<Diagnostics, Error> {
    let files = job.run_files();
    let _lock = Lock::acquire(&files).map_err(|source| Error::Io {
        what: format!("Unable to lock '{}'", files.lock.display()),
        source,
    })?;
    if !files.state.exists() {
        return Err(Error::NoState);
    }
    let prepared = pipeline::prepare(&job.root, &Kernel, Broken::Refuse)?;
    let kernel = |e: netlink::Error| Error::from(commit::Error::from(e));
    let mut socket = Socket::open().map_err(|e| kernel(netlink::Error::opening(e)))?;
    let existing = netlink::sets(&mut socket).map_err(kernel)?;
    let mut diagnostics = Diagnostics::default();
    let mut ready = Vec::new();
    for (set, ipset) in prepared
        .compiled
        .ruleset
        .sets
        .iter()
        .zip(&prepared.firewall.ipsets)
    {
        if set.elements.is_empty() && ipset.loadfile.is_none() {
            continue;
        }
        let there = existing.iter().find(|e| e.name == set.name);
        match there.map(|e| (e.key.as_deref() == Some(&set.key), &e.key)) {
            Some((true, _)) => ready.push(set),
            Some((false, is)) => say(&mut diagnostics, set, &other_type(set, is.as_deref())),
            None => say(
                &mut diagnostics,
                set,
                "does not exist - do you need to restart the firewall?",
            ),
        }
    }
    Batch::refill(ready)
        .map_err(|list| commit::Error::Refused(list.iter().map(ToString::to_string).collect()))?
        .commit(&mut socket)
        .map_err(kernel)?;
    Ok(diagnostics)
}

fn say(diagnostics: &mut Diagnostics, set: &Set, what: &str) {
    let message = format!("Named set '{}' {what}", set.name);
    diagnostics.push(Diagnostic {
        bare: true,
        ..Diagnostic::warning(set.origin, message)
    });
}

fn other_type(set: &Set, is: Option<&[KeyType]>) -> String {
    let is = is.map_or_else(|| "another".to_owned(), nft::set_type);
    let want = nft::set_type(&set.key);
    format!(
        "has a different type - want '{want}' but is '{is}' - do you need to restart the firewall?"
    )
}
