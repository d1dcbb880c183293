/*! What `check` finds: errors planted in configurations that are otherwise as somebody wrote them. */

// router_root and conformance each bring the temporary folder along
#![allow(clippy::duplicate_mod)]

#[path = "support/conformance.rs"]
mod conformance;
#[path = "support/namespace.rs"]
mod namespace;
#[path = "support/router_root.rs"]
mod router_root;

#[path = "check/command.rs"]
mod command;
#[path = "check/configurations.rs"]
mod configurations;
#[path = "check/mutated.rs"]
mod mutated;
#[path = "check/planted.rs"]
mod planted;

use std::path::Path;

use ferrowall::apply::{self, Backend, Checked, Job, Requester};
use ferrowall::router::SnapshotKernel;

/// Checks a router root in this process.
fn check(root: &Path) -> Checked {
    let job = Job {
        root: root.to_path_buf(),
        backend: Backend::Auto,
        echo: false,
        requested_by: Requester::Cli,
    };
    apply::check(&job, &SnapshotKernel::new(root)).expect("a router root can always be checked")
}
