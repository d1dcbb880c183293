use super::value::{Family, Inv, Limit, Mark, NetworkMatch, PortRange, Proto, Schedule, ZoneRef};
use crate::diagnostic::Origin;

/// `config nat`
#[derive(Debug, Clone, PartialEq)]
pub struct Nat {
    pub origin: Origin,
    pub name: Option<String>,
    pub family: Option<Family>,
    pub src: Option<ZoneRef>,
    /// Outgoing device, printed as it is.
    pub device: Option<String>,
    pub proto: Vec<Proto>,
    pub src_ip: Option<NetworkMatch>,
    pub src_port: Option<Inv<PortRange>>,
    pub snat_ip: Option<NetworkMatch>,
    pub snat_port: Option<PortRange>,
    pub dest_ip: Option<NetworkMatch>,
    pub dest_port: Option<Inv<PortRange>>,
    pub limit: Option<Limit>,
    pub schedule: Schedule,
    pub mark: Option<Mark>,
    pub counter: bool,
    pub log: Option<String>,
    pub target: NatTarget,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NatTarget {
    Accept,
    Snat,
    Masquerade,
}
