/*!
What the router is right now: netifd's interfaces, procd's services, devices, kernel.

From the live system (ubus, sysfs, procfs), or from a router root, a folder laid out like a router
(`--root`, made by `ferrowall snapshot`). Knows nothing of UCI or nftables.
*/

mod asked;
mod devices;
mod glob;
mod kernel;
mod netifd;
mod root;
mod services;
mod snapshot;
mod source;
mod value;

use std::cell::OnceCell;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use crate::diagnostic::Diagnostics;
use crate::json::Json;

pub use asked::{Asked, Kind, short};
pub use kernel::SnapshotKernel;
use root::Passed;
pub use root::{MAX_FILE, Root, reason};
pub use snapshot::SnapshotError;
use source::Source;

/// Everything the later stages may ask of the router.
#[derive(Debug, Default)]
pub struct Router {
    /// `/`, or the folder given with `--root`.
    pub root: PathBuf,
    /// From `ubus call network.interface dump`, in netifd's order, names unique (the last one wins, in
    /// the place of the first, as in a ucode object).
    pub networks: Vec<Network>,
    /// `data.firewall` of interfaces and services, in fw4's order, each a JSON object with `name` and
    /// `device` already set as fw4's `read_ubus()` sets them.
    pub ubus_rules: Vec<Json>,
    /// `(major << 24) | (minor << 16) | patch` from `/proc/version`, 0 if unreadable.
    pub kernel: u32,
    /// Where to ask for more.
    source: Source,
    /// See [`Router::lower_devices`].
    device_status: OnceCell<Json>,
    asked: Asked,
    passed: Passed,
}

/// One logical interface of netifd.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct Network {
    pub name: String,
    pub up: bool,
    /// `l3_device`, else `device`.
    pub device: Option<String>,
    /// `device`
    pub physdev: Option<String>,
    /// `data.zone`
    pub zone: Option<String>,
    pub addresses: Vec<Address>,
}

/// An address with its prefix length, as netifd reports it (IPv4, IPv6, local address of a prefix
/// assignment, in this order).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Address {
    pub addr: IpAddr,
    pub bits: u8,
}

/// Why the kernel would not take a hardware flowtable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The device that refused, if one could be singled out.
    pub device: Option<String>,
    pub reason: String,
}

impl Router {
    pub fn network(&self, name: &str) -> Option<&Network> {
        self.networks.iter().find(|n| n.name == name)
    }

    /// Asks the router below `root` (`/` is the running system). Never fails: what could not be learnt is
    /// missing and said in the diagnostics.
    pub fn load(root: &Path) -> (Router, Diagnostics) {
        Router::load_over(root, None)
    }

    /// As [`Router::load`], with ubusd listening at `socket` and not at `$UBUS_SOCKET` or its usual place.
    pub fn load_over(root: &Path, socket: Option<&Path>) -> (Router, Diagnostics) {
        let mut diagnostics = Diagnostics::default();
        let source = Source::new(root, socket);
        let answers = source.answers(&mut diagnostics);
        let interfaces = netifd::Interfaces::read(&answers.interfaces);
        let (service_rules, odd_services) = services::rules(&answers.services);
        for odd in interfaces.unreadable.into_iter().chain(odd_services) {
            diagnostics.push(source::odd_answer(odd));
        }
        let mut ubus_rules = interfaces.rules;
        ubus_rules.extend(service_rules);
        let (asked, passed) = (Asked::default(), Passed::default());
        let router = Router {
            root: root.to_path_buf(),
            source,
            networks: interfaces.networks,
            ubus_rules,
            kernel: Root::noting(root, &asked, &passed).kernel(),
            device_status: OnceCell::new(),
            asked,
            passed,
        };
        router.note_bus(&router.asked);
        (router, diagnostics)
    }

    /// Where a path of the router really is, below the root. Symlinks with absolute targets stay inside.
    pub fn path(&self, path: &str) -> PathBuf {
        let files = self.files();
        files
            .resolve(path, true)
            .unwrap_or_else(|_| self.root.join(path.trim_start_matches('/')))
    }

    /// What was asked of it so far.
    pub fn asked(&self) -> &Asked {
        &self.asked
    }

    /// What came over ubus.
    pub fn note_bus(&self, asked: &Asked) {
        let mut hasher = DefaultHasher::new();
        self.networks.hash(&mut hasher);
        for rule in &self.ubus_rules {
            hasher.write(rule.to_string().as_bytes());
        }
        asked.note(Kind::Bus, "", hasher.finish());
    }

    /// The router's files. What [`Root`] offers is offered here again, as most callers have a router.
    pub fn files(&self) -> Root<'_> {
        self.files_noting(&self.asked)
    }

    /// The same for somebody who notes apart what is asked.
    pub fn files_noting<'a>(&'a self, asked: &'a Asked) -> Root<'a> {
        Root::noting(&self.root, asked, &self.passed)
    }

    /// See [`Root::read_file`].
    pub fn read_file(&self, path: &str) -> io::Result<Vec<u8>> {
        self.files().read_file(path)
    }

    /// See [`Root::access`].
    pub fn access(&self, path: &str) -> bool {
        self.files().access(path)
    }

    /// See [`Root::read_link`].
    pub fn read_link(&self, path: &str) -> Option<String> {
        self.files().read_link(path)
    }

    /// See [`Root::list_dir`].
    pub fn list_dir(&self, path: &str) -> Option<Vec<String>> {
        self.files().list_dir(path)
    }

    /// Paths matching a pattern as glob(3) finds them, in order of their bytes.
    pub fn glob(&self, pattern: &str) -> Vec<String> {
        glob::glob(self.files(), pattern)
    }

    /// Is the kernel module loaded or built in with parameters (a folder in `/sys/module`)?
    pub fn has_module(&self, name: &str) -> bool {
        self.files().is_dir(&format!("/sys/module/{name}"))
    }

    /// Is this the running system and not a router root?
    pub fn is_live(&self) -> bool {
        self.files().is_live()
    }
}

/// What only the kernel can answer; the live answer comes over netlink, a router root's from
/// `kernel/hw-offload` and `kernel/flowtable`.
pub trait KernelFacts {
    /// Would a flowtable with `flags offload` on all these devices be accepted? Changes nothing.
    fn accepts_hw_flowtable(&self, devices: &[String]) -> Result<(), Refusal>;
    /// Does `table inet fw4` have a flowtable `ft` now?
    fn has_flowtable(&self) -> bool;
}
