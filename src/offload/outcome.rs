/*! What a load made of the wish to offload: kept in the record, told by `status` and `offload`. */

use crate::json::Json;

use crate::compile::{Offload, OffloadMode};
use crate::json;

/// What was asked for and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// `off`, `software` or `hardware`.
    pub requested: String,
    pub effective: String,
    pub devices: Vec<String>,
    /// Why the effective mode is not the requested one.
    pub reason: Option<String>,
}

impl Default for Outcome {
    fn default() -> Self {
        let off = mode(OffloadMode::Off).to_owned();
        Outcome {
            requested: off.clone(),
            effective: off,
            devices: Vec::new(),
            reason: None,
        }
    }
}

impl Outcome {
    pub fn new(offload: &Offload) -> Self {
        let so = match offload.effective {
            OffloadMode::Software => "; running in software",
            _ => "",
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
            reason: refused.or(no_device),
        }
    }

    pub(crate) fn fields(&self) -> Vec<(&'static str, Json)> {
        vec![
            ("requested", self.requested.as_str().into()),
            ("effective", self.effective.as_str().into()),
            ("devices", json::texts(&self.devices)),
            ("reason", json::maybe(self.reason.as_deref())),
        ]
    }

    /// `None` if something is missing.
    pub(crate) fn from_json(outcome: &Json) -> Option<Outcome> {
        Some(Outcome {
            requested: json::owned(outcome, "requested")?,
            effective: json::owned(outcome, "effective")?,
            devices: json::text_items(outcome, "devices"),
            reason: json::owned(outcome, "reason"),
        })
    }

    /// The kernel would not have the flowtable.
    pub fn unavailable(&mut self, reason: String) {
        self.effective = mode(OffloadMode::Off).into();
        self.devices.clear();
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
