use super::ZoneId;
use super::value::{
    Family, HelperMatch, Inv, Limit, Mark, NetworkMatch, PortRange, Proto, ReflectionSource,
    Schedule, SetMatch, ZoneRef,
};
use crate::diagnostic::Origin;

/// `config redirect`
#[derive(Debug, Clone, PartialEq)]
pub struct Redirect {
    pub origin: Origin,
    pub name: Option<String>,
    pub family: Option<Family>,
    pub target: RedirectTarget,
    pub src: Option<ZoneRef>,
    pub dest: Option<ZoneRef>,
    pub ipset: Option<SetMatch>,
    pub helper: Option<HelperMatch>,
    pub proto: Vec<Proto>,
    pub src_ip: Option<NetworkMatch>,
    pub src_mac: Vec<Inv<[u8; 6]>>,
    pub src_port: Option<Inv<PortRange>>,
    pub src_dip: Option<NetworkMatch>,
    pub src_dport: Option<Inv<PortRange>>,
    pub dest_ip: Option<NetworkMatch>,
    /// As configured; for DNAT `src_dport` stands in if it is missing.
    pub dest_port: Option<Inv<PortRange>>,
    pub limit: Option<Limit>,
    pub schedule: Schedule,
    pub mark: Option<Mark>,
    pub reflection: bool,
    pub reflection_src: ReflectionSource,
    pub reflection_zone: Vec<ZoneRef>,
    pub counter: bool,
    pub log: Option<String>,
    pub log_limit: Option<Limit>,
}

/// Each with the zone whose chain it goes into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RedirectTarget {
    Dnat { src: ZoneId },
    Snat { dest: ZoneId },
}
