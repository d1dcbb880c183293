use super::HelperId;
use super::value::{Device, Family, Limit, NetworkMatch, Number, Policy};
use crate::diagnostic::Origin;

/// `config zone`
#[derive(Debug, Clone, PartialEq)]
pub struct Zone {
    pub origin: Origin,
    pub name: String,
    /// As configured, or inferred from its subnets.
    pub family: Option<Family>,
    /// `list network`, then the networks that name this zone themselves (`data.zone`).
    pub network: Vec<Device>,
    pub device: Vec<Device>,
    pub subnet: Vec<NetworkMatch>,
    pub input: Policy,
    pub output: Policy,
    pub forward: Policy,
    pub masq: bool,
    pub masq_allow_invalid: bool,
    pub masq_src: Vec<NetworkMatch>,
    pub masq_dest: Vec<NetworkMatch>,
    pub masq6: bool,
    pub mtu_fix: bool,
    /// Bit 0: log refused packets, bit 1: log MSS clamping.
    pub log: Option<Number>,
    pub log_limit: Option<Limit>,
    /// The zone's option and that of the defaults, together.
    pub auto_helper: bool,
    pub helper: Vec<HelperId>,
    pub counter: bool,
}
