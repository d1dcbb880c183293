use super::value::{Family, ZoneRef};
use crate::diagnostic::Origin;

/// `config forwarding`
#[derive(Debug, Clone, PartialEq)]
pub struct Forwarding {
    pub origin: Origin,
    pub name: Option<String>,
    /// As configured, or inferred from the zones.
    pub family: Option<Family>,
    pub src: ZoneRef,
    pub dest: ZoneRef,
}
