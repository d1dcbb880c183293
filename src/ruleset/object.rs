use std::hash::{Hash, Hasher};

use super::{Limit, Network, Origin};

/// `ct helper NAME { type "NAME" protocol PROTO; }`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CtHelper {
    pub name: String,
    /// Name of the layer 4 protocol as configured; the kernel knows tcp and udp.
    pub proto: String,
    pub origin: Origin,
}

/// Which section asked for it is no part of what it does.
impl Hash for CtHelper {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let CtHelper {
            name,
            proto,
            origin: _,
        } = self;
        (name, proto).hash(state);
    }
}

/// `limit NAME { comment "..." rate N/unit }`: one bucket for all the log rules of a zone.
#[derive(Debug, Clone, PartialEq)]
pub struct LimitObject {
    pub name: String,
    pub comment: String,
    pub limit: Limit,
    pub origin: Origin,
}

/// Which section asked for it is no part of what it does.
impl Hash for LimitObject {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let LimitObject {
            name,
            comment,
            limit,
            origin: _,
        } = self;
        (name, comment, limit).hash(state);
    }
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

/// Which section asked for it is no part of what it does.
impl Hash for Define {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Define {
            zone,
            devices,
            subnets,
            origin: _,
        } = self;
        (zone, devices, subnets).hash(state);
    }
}
