/*!
What the router is right now: netifd's interfaces, procd's services, devices, kernel.

From the live system (ubus, sysfs, procfs), or from a router root, a folder laid out like a router
(`--root`, made by `ferrowall snapshot`). Knows nothing of UCI or nftables.
*/

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

/// Everything the later stages may ask of the router.
#[derive(Debug)]
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
}

/// One logical interface of netifd.
#[derive(Debug, Clone, PartialEq)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

    /// A path of the router, below the root. Symlinks with absolute targets stay inside the root.
    pub fn path(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }

    /// Where `path` leads; see [`Router::path`].
    pub fn is_live(&self) -> bool {
        self.root == Path::new("/")
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
