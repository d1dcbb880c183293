use super::value::{
    Dscp, Family, HelperMatch, IcmpType, Inv, Limit, Mark, NetworkMatch, PortRange, Proto,
    Schedule, SetMatch, ZoneRef,
};
use super::{HelperId, ZoneId};
use crate::diagnostic::Origin;
use crate::ruleset::MarkChange;

/// `config rule`
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    pub origin: Origin,
    /// Its name, or the section's id. `None` (printed as nothing) only for odd ubus rules.
    pub name: Option<String>,
    pub family: Option<Family>,
    pub src: Option<ZoneRef>,
    pub dest: Option<ZoneRef>,
    pub device: Option<String>,
    /// `direction` out: the device is the outgoing one.
    pub egress: bool,
    pub ipset: Option<SetMatch>,
    pub helper: Option<HelperMatch>,
    /// `set_helper`, whatever the target: it takes part in finding the family.
    pub set_helper: Option<HelperId>,
    pub proto: Vec<Proto>,
    pub src_ip: Vec<NetworkMatch>,
    pub src_mac: Vec<Inv<[u8; 6]>>,
    pub src_port: Vec<Inv<PortRange>>,
    pub dest_ip: Vec<NetworkMatch>,
    pub dest_port: Vec<Inv<PortRange>>,
    pub icmp_type: Vec<IcmpType>,
    pub limit: Option<Limit>,
    pub schedule: Schedule,
    pub mark: Option<Mark>,
    pub dscp: Option<Dscp>,
    pub counter: bool,
    /// The log prefix, if it logs.
    pub log: Option<String>,
    pub log_limit: Option<Limit>,
    pub action: Option<Action>,
}

/// `option target` with what it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    Accept,
    Reject,
    Drop,
    Notrack {
        src: ZoneId,
    },
    Helper {
        src: ZoneId,
        helper: HelperId,
    },
    Mark(MarkChange),
    Dscp(u8),
    /// `dnat`, `snat`, `masquerade`: accepted as a rule's target by fw4 and printed as a bare word, which
    /// nft refuses.
    Nat(&'static str),
}
