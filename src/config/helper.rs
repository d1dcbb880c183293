use super::value::{Family, PortRange, Proto};
use crate::diagnostic::Origin;

/// `config helper` in `/usr/share/firewall4/helpers`: a conntrack helper of the kernel.
#[derive(Debug, Clone, PartialEq)]
pub struct Helper {
    pub origin: Origin,
    pub name: String,
    pub description: Option<String>,
    pub module: Option<String>,
    pub family: Option<Family>,
    /// Empty, or one protocol, never [`Proto::Any`].
    pub proto: Option<Proto>,
    pub port: Option<PortRange>,
    /// Its kernel module is loaded (`/sys/module/MODULE`).
    pub available: bool,
}
