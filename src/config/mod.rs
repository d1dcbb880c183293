/*!
The typed configuration: one type per section kind, all values parsed and checked.

From the UCI [`Package`](crate::uci::Package), plus what netifd and procd hand over as sections of the
same kinds. What a value means is settled here once; nothing later parses a string again. Zones,
helpers and sets that other sections refer to are resolved to indexes, so a dangling reference cannot
be written down. Knows nothing of nftables.
*/

mod defaults;
mod forwarding;
mod helper;
mod include;
mod ipset;
mod lookup;
mod nat;
mod options;
mod parse;
mod raw;
mod redirect;
mod rule;
mod sections;
mod shared;
mod suggest;
mod ucode;
pub mod value;
mod zone;

pub use defaults::Defaults;
pub use forwarding::Forwarding;
pub use helper::Helper;
pub use include::{Include, IncludeKind, Position};
pub use ipset::Ipset;
#[cfg(test)]
pub(crate) use lookup::subnets;
pub use lookup::{Restriction, infer_family};
pub use nat::{Nat, NatTarget};
pub use parse::parse;
pub use redirect::{Redirect, RedirectTarget};
pub use rule::{Action, Rare, Rule};
pub use sections::{Id, SectionInfo, Sections};
pub(crate) use suggest::closest;
pub use ucode::printf_without_arguments;
pub use zone::Zone;

use crate::diagnostic::Origin;

/// All of `/etc/config/firewall` and what came over ubus; sections that are broken or disabled are
/// gone, each with a diagnostic. Each list is in the order in which fw4 treats it: ubus first.
#[derive(Debug)]
pub struct Firewall {
    pub sections: Sections,
    pub defaults: Defaults,
    pub helpers: Vec<Helper>,
    pub ipsets: Vec<Ipset>,
    pub zones: Vec<Zone>,
    pub rules: Vec<Rule>,
    pub forwardings: Vec<Forwarding>,
    pub redirects: Vec<Redirect>,
    pub nats: Vec<Nat>,
    pub includes: Vec<Include>,
    /// `config offload`, in the order of the file: the first that matches decides.
    pub offloads: Vec<Rule>,
}

impl Firewall {
    /// Is the section in use? If not it is switched off, or was left out for its mistakes.
    pub fn has(&self, origin: Origin) -> bool {
        self.defaults.origin == Some(origin)
            || self.zones.iter().any(|s| s.origin == origin)
            || self.rules.iter().any(|s| s.origin == origin)
            || self.offloads.iter().any(|s| s.origin == origin)
            || self.forwardings.iter().any(|s| s.origin == origin)
            || self.redirects.iter().any(|s| s.origin == origin)
            || self.nats.iter().any(|s| s.origin == origin)
            || self.ipsets.iter().any(|s| s.origin == origin)
            || self.includes.iter().any(|s| s.origin == origin)
    }
}

/// Index into [`Firewall::zones`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ZoneId(pub usize);

/// Index into [`Firewall::helpers`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct HelperId(pub usize);

/// Index into [`Firewall::ipsets`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct IpsetId(pub usize);
