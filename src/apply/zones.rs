/*! The zones as they were loaded, from the state file. */

use crate::json::Json;

use super::{Error, Job, files};
use crate::{json, text};

/// One zone. The file may be fw4's own.
#[derive(Debug, Clone, PartialEq)]
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

/// In the configuration's order. Does not wait for a load that is under way.
///
/// # Errors
/// The firewall is not loaded.
pub fn zones(job: &Job) -> Result<Vec<LoadedZone>, Error> {
    let bytes = files::read_own(&job.run_files().state).map_err(|_| Error::NoState)?;
    let state: Json = crate::json::read(&text::decode(&bytes)).map_err(|_| Error::NoState)?;
    let zones = json::items(&state, "zones").iter();
    Ok(zones.filter_map(LoadedZone::from_state).collect())
}

impl LoadedZone {
    fn from_state(zone: &Json) -> Option<LoadedZone> {
        let yes = |key: &str| zone.get(key).and_then(Json::as_bool).unwrap_or(false);
        let networks = json::items(zone, "network").iter();
        Some(LoadedZone {
            name: json::owned(zone, "name")?,
            input: json::owned(zone, "input"),
            output: json::owned(zone, "output"),
            forward: json::owned(zone, "forward"),
            masq: yes("masq"),
            masq6: yes("masq6"),
            networks: networks
                .map(|n| json::text(n, "device").unwrap_or("*").to_owned())
                .collect(),
            devices: json::text_items(zone, "match_devices"),
            subnets: json::text_items(zone, "match_subnets"),
        })
    }

    pub fn json(&self) -> Json {
        json::object(vec![
            ("name", self.name.as_str().into()),
            ("input", json::maybe(self.input.as_deref())),
            ("output", json::maybe(self.output.as_deref())),
            ("forward", json::maybe(self.forward.as_deref())),
            ("masq", self.masq.into()),
            ("masq6", self.masq6.into()),
            ("networks", json::texts(&self.networks)),
            ("devices", json::texts(&self.devices)),
            ("subnets", json::texts(&self.subnets)),
        ])
    }
}
