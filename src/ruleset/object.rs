use super::{Limit, Network, Origin};

/// `ct helper NAME { type "NAME" protocol PROTO; }`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CtHelper {
    pub name: String,
    /// Name of the layer 4 protocol as configured; the kernel knows tcp and udp.
    pub proto: String,
    pub origin: Origin,
}

/// `limit NAME { comment "..." rate N/unit }`: one bucket for all the log rules of a zone.
#[derive(Debug, Clone, PartialEq)]
pub struct LimitObject {
    pub name: String,
    pub comment: String,
    pub limit: Limit,
    pub origin: Origin,
}

/// `define ZONE_devices = { ... }` and `define ZONE_subnets = { ... }`: nothing for the kernel, but raw
/// snippets use them as `$lan_devices`, `$lan_subnets`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Define {
    pub zone: String,
    pub devices: Vec<String>,
    pub subnets: Vec<Network>,
    pub origin: Origin,
}
