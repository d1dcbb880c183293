/*! What a load made of the wish to offload: kept in the record, told by `status` and `offload`. */

use serde::{Deserialize, Serialize};

use crate::compile::{Offload, OffloadMode};

/// What was asked for and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
