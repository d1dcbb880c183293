/*! The zones as they were loaded, from the state file. */

use serde::{Deserialize, Serialize};

use super::{Error, Job};
use crate::text;

/// One zone. The file may be fw4's own.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LoadedZone {
    pub name: String,
    /// `accept`, `reject` or `drop`, as the others.
    pub input: Option<String>,
    pub output: Option<String>,
    pub forward: Option<String>,
    pub masq: bool,
    pub masq6: bool,
    /// Those of netifd that the configuration names; `*` for all.
    pub networks: Vec<String>,
    /// What the rules match, sets of devices with `*` at their end included.
    pub devices: Vec<String>,
    pub subnets: Vec<String>,
}

#[derive(Deserialize)]
struct State {
    zones: Option<Vec<Zone>>,
}

#[derive(Deserialize)]
struct Zone {
    name: String,
    input: Option<String>,
    output: Option<String>,
    forward: Option<String>,
    masq: Option<bool>,
    masq6: Option<bool>,
    network: Option<Vec<Network>>,
    match_devices: Option<Vec<String>>,
    match_subnets: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Network {
    device: Option<String>,
}

/// In the configuration's order. Does not wait for a load that is under way.
///
/// # Errors
/// The firewall is not loaded.
pub fn zones(job: &Job) -> Result<Vec<LoadedZone>, Error> {
    let bytes = std::fs::read(job.run_files().state).map_err(|_| Error::NoState)?;
    let state: State = serde_json::from_str(&text::decode(&bytes)).map_err(|_| Error::NoState)?;
    Ok(state
        .zones
        .into_iter()
        .flatten()
        .map(LoadedZone::from)
        .collect())
}

impl From<Zone> for LoadedZone {
    fn from(zone: Zone) -> LoadedZone {
        let networks = zone.network.into_iter().flatten();
        LoadedZone {
            name: zone.name,
            input: zone.input,
            output: zone.output,
            forward: zone.forward,
            masq: zone.masq.unwrap_or(false),
            masq6: zone.masq6.unwrap_or(false),
            networks: networks
                .map(|n| n.device.unwrap_or_else(|| "*".to_owned()))
                .collect(),
            devices: zone.match_devices.unwrap_or_default(),
            subnets: zone.match_subnets.unwrap_or_default(),
        }
    }
}
