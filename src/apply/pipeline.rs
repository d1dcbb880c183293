/*! From the files and the router to a ruleset: the stages in their order, changing nothing. */

use std::path::Path;

use crate::compile::{self, Compiled};
use crate::config::{self, Firewall};
use crate::diagnostic::Diagnostics;
use crate::router::{KernelFacts, Router};
use crate::uci::{self, Directories, Package};

/// The configuration of this section kind, and where its helpers are.
const PACKAGE: &str = "firewall";
const HELPERS: &str = "usr/share/firewall4/helpers";

/// All that the stages made of one configuration.
#[derive(Debug)]
pub struct Prepared {
    pub router: Router,
    pub firewall: Firewall,
    pub compiled: Compiled,
    /// Of all stages, in fw4's order.
    pub diagnostics: Diagnostics,
    /// Flows that are offloaded now came into the flowtable by other rules, and are to be asked again.
    pub end_flows: bool,
}

/// What to do with a configuration file that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// It is an error: nothing must be loaded from it.
    Refuse,
    /// As fw4 does for `print`: an empty configuration takes its place.
    Empty,
}

/// Runs all stages.
///
/// # Errors
/// `/etc/config/firewall` is missing, unreadable or not UCI, and `broken` does not forgive that.
pub fn prepare(
    root: &Path,
    kernel: &dyn KernelFacts,
    broken: Broken,
) -> Result<Prepared, uci::Error> {
    let firewall = match uci::load(&Directories::below(root), PACKAGE) {
        Err(e) if broken == Broken::Refuse => return Err(e),
        other => other.unwrap_or_else(|_| empty(PACKAGE)),
    };
    // without helpers a firewall still works; fw4 does not mind either
    let helpers = uci::load_file(&root.join(HELPERS)).unwrap_or_else(|_| empty("helpers"));
    let (router, mut diagnostics) = Router::load(root);
    let (firewall, said) = config::parse(&firewall, &helpers, &router);
    diagnostics.merge(said);
    let mut compiled = compile::compile(&firewall, &router, kernel);
    diagnostics.merge(std::mem::take(&mut compiled.diagnostics));
    Ok(Prepared {
        router,
        firewall,
        compiled,
        diagnostics,
        end_flows: false,
    })
}

fn empty(name: &str) -> Package {
    Package {
        name: name.to_owned(),
        sections: Vec::new(),
    }
}
