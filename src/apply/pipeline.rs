/*! From the files and the router to a ruleset: the stages in their order, changing nothing. */

use std::borrow::Cow;
use std::path::Path;

use crate::compile::{self, Compiled};
use crate::config::{self, Firewall};
use crate::diagnostic::Diagnostics;
use crate::netlink::Held;
use crate::router::{Asked, KernelFacts, Kind, Refusal, Router, short};
use crate::uci::{self, Directories, Package, Source};

/// The configuration of this section kind, and where its helpers are.
pub const PACKAGE: &str = "firewall";
const HELPERS: &str = "/usr/share/firewall4/helpers";

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
    /// The kernel holds this ruleset, since then: see `netlink::moment`.
    pub known: Option<String>,
    /// What the kernel holds in large sets, if that is known.
    pub held: Held,
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
    let package = match uci::load(&Directories::below(root), PACKAGE) {
        Err(e) if broken == Broken::Refuse => return Err(e),
        other => other.unwrap_or_else(|_| empty(PACKAGE)),
    };
    Ok(prepare_package(root, kernel, package))
}

/// The configuration as it is now, to be prepared by [`prepare_source`].
pub fn read(root: &Path) -> Result<Source, uci::Error> {
    uci::read_source(&Directories::below(root), PACKAGE)
}

/// [`prepare`] for a configuration that was read before.
pub fn prepare_source(
    root: &Path,
    kernel: &dyn KernelFacts,
    source: &Source,
) -> Result<Prepared, uci::Error> {
    let package = source.package(&Directories::below(root), PACKAGE)?;
    Ok(prepare_package(root, kernel, package))
}

fn prepare_package(root: &Path, kernel: &dyn KernelFacts, package: Package<'_>) -> Prepared {
    let (router, diagnostics) = Router::load(root);
    prepare_router(kernel, Cow::Owned(package), router, diagnostics)
}

/// What is left to do when the configuration and the router have been read.
pub fn prepare_router(
    kernel: &dyn KernelFacts,
    package: Cow<'_, Package<'_>>,
    router: Router,
    mut diagnostics: Diagnostics,
) -> Prepared {
    let (firewall, compiled, said) = compile(kernel, package, &router);
    diagnostics.merge(said);
    Prepared {
        router,
        firewall,
        compiled,
        diagnostics,
        end_flows: false,
        known: None,
        held: Held::default(),
    }
}

/// What another configuration makes of the same router.
pub fn recompile(
    root: &Path,
    kernel: &dyn KernelFacts,
    source: &Source,
    router: &Router,
) -> Result<(Firewall, Compiled), uci::Error> {
    let package = source.package(&Directories::below(root), PACKAGE)?;
    let (firewall, compiled, _) = compile(kernel, Cow::Owned(package), router);
    Ok((firewall, compiled))
}

fn compile(
    kernel: &dyn KernelFacts,
    package: Cow<'_, Package<'_>>,
    router: &Router,
) -> (Firewall, Compiled, Diagnostics) {
    // without helpers a firewall still works; fw4 does not mind either
    let helpers = router.read_file(HELPERS).ok();
    let helpers = helpers.as_ref();
    let helpers = helpers.and_then(|text| uci::parse(text, "helpers", Path::new(HELPERS)).ok());
    let helpers = helpers.unwrap_or_else(|| empty("helpers"));
    let (firewall, mut diagnostics) = config::parse(&package, &helpers, router);
    // The ruleset takes its memory.
    drop(package);
    let kernel = Noting {
        kernel,
        asked: router.asked(),
    };
    let mut compiled = compile::compile(&firewall, router, &kernel);
    diagnostics.merge(std::mem::take(&mut compiled.diagnostics));
    (firewall, compiled, diagnostics)
}

/// Another configuration than the firewall's; nothing, where there is none.
pub(super) fn other_package(root: &Path, package: &str, asked: &Asked) -> Option<Package<'static>> {
    let directories = Directories::below(root);
    let source = uci::read_source(&directories, package).ok();
    let answer = |source: &Source| {
        let changes = source.changes.as_ref().map_or(0, |changes| short(changes));
        short(&source.config).rotate_left(1) ^ changes
    };
    asked.note(Kind::Package, package, source.as_ref().map_or(0, answer));
    source?.into_package(&directories, package).ok()
}

/// The kernel, with what is asked of it noted.
pub(super) struct Noting<'a> {
    pub kernel: &'a dyn KernelFacts,
    pub asked: &'a Asked,
}

impl KernelFacts for Noting<'_> {
    fn accepts_hw_flowtable(&self, devices: &[String]) -> Result<(), Refusal> {
        let answer = self.kernel.accepts_hw_flowtable(devices);
        let refused = answer.as_ref().err();
        let short = refused.map_or(0, |why| short(why.reason.as_bytes()));
        self.asked.note(Kind::Hardware, &devices.join("\n"), short);
        answer
    }

    /// Not noted: it tells what the kernel has, and says nothing of what it is to have.
    fn has_flowtable(&self) -> bool {
        self.kernel.has_flowtable()
    }
}

fn empty(name: &str) -> Package<'static> {
    Package {
        name: name.to_owned(),
        sections: Vec::new(),
    }
}
