/*! What a load made of the wish to offload: kept in the record, told by `status` and `offload`. */

use crate::json::Json;

use crate::compile::{Offload, OffloadMode};
use crate::json;
use crate::ruleset::Flowtable;

/// What was asked for and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// `off`, `software` or `hardware`.
    pub requested: String,
    pub effective: String,
    pub devices: Vec<String>,
    /// Those of the flowtable in software beside one in hardware.
    pub software_devices: Vec<String>,
    /// Bridges, VLANs and PPPoE devices above them.
    pub upper: Vec<String>,
    /// Why the effective mode is not the requested one.
    pub reason: Option<String>,
    /// Flows in software follow stations that move.
    pub roaming: bool,
    /// What packages are configured to do with devices on the way, that offloaded flows pass by.
    pub conflicts: Vec<String>,
}

impl Default for Outcome {
    fn default() -> Self {
        let off = mode(OffloadMode::Off).to_owned();
        Outcome {
            requested: off.clone(),
            effective: off,
            devices: Vec::new(),
            software_devices: Vec::new(),
            upper: Vec::new(),
            reason: None,
            roaming: false,
            conflicts: Vec::new(),
        }
    }
}

impl Outcome {
    pub fn new(offload: &Offload) -> Self {
        let so = match offload.effective {
            OffloadMode::Software => "; running in software",
            OffloadMode::Hardware => "; what goes over it runs in software",
            OffloadMode::Off => "",
        };
        let refused = offload
            .refusal
            .as_ref()
            .map(|refusal| match &refusal.device {
                Some(device) => {
                    format!(
                        "hardware offload: refused by {device} ({}){so}",
                        refusal.reason
                    )
                }
                None => format!("hardware offload: refused ({}){so}", refusal.reason),
            });
        let no_device = (offload.effective == OffloadMode::Off
            && offload.requested != OffloadMode::Off)
            .then(|| "no zone has a device to offload on".to_owned());
        Outcome {
            requested: mode(offload.requested).into(),
            effective: mode(offload.effective).into(),
            devices: if offload.effective == OffloadMode::Off {
                Vec::new()
            } else {
                offload
                    .devices
                    .iter()
                    .chain(&offload.joined)
                    .cloned()
                    .collect()
            },
            software_devices: offload
                .software
                .iter()
                .flat_map(Flowtable::members)
                .cloned()
                .collect(),
            upper: offload.upper.clone(),
            reason: refused.or(no_device),
            roaming: offload.roaming && offload.effective == OffloadMode::Software,
            conflicts: Vec::new(),
        }
    }

    pub(crate) fn fields(&self) -> Vec<(&'static str, Json)> {
        vec![
            ("requested", self.requested.as_str().into()),
            ("effective", self.effective.as_str().into()),
            ("devices", json::texts(&self.devices)),
            ("software_devices", json::texts(&self.software_devices)),
            ("upper", json::texts(&self.upper)),
            ("reason", json::maybe(self.reason.as_deref())),
            ("roaming", self.roaming.into()),
            ("conflicts", json::texts(&self.conflicts)),
        ]
    }

    /// `None` if something is missing.
    pub(crate) fn from_json(outcome: &Json) -> Option<Outcome> {
        Some(Outcome {
            requested: json::owned(outcome, "requested")?,
            effective: json::owned(outcome, "effective")?,
            devices: json::text_items(outcome, "devices"),
            software_devices: json::text_items(outcome, "software_devices"),
            upper: json::text_items(outcome, "upper"),
            reason: json::owned(outcome, "reason"),
            roaming: outcome.get("roaming").and_then(Json::as_bool) == Some(true),
            conflicts: json::text_items(outcome, "conflicts"),
        })
    }

    /// The kernel would not have the flowtable.
    pub fn unavailable(&mut self, reason: String) {
        self.effective = mode(OffloadMode::Off).into();
        self.devices.clear();
        self.software_devices.clear();
        self.reason = Some(reason);
    }
}

fn mode(mode: OffloadMode) -> &'static str {
    match mode {
        OffloadMode::Off => "off",
        OffloadMode::Software => "software",
        OffloadMode::Hardware => "hardware",
    }
}
