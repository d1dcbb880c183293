/*!
Network devices in `/sys/class/net`.
*/

use std::collections::HashSet;

use crate::json::Json;

use super::value::member;
use super::{Asked, Kind, Router, short};
use crate::text;

/// `IFF_LOOPBACK` of include/uapi/linux/if.h.
const IFF_LOOPBACK: i64 = 0x8;

impl Router {
    /// Is there a device of this name now?
    pub fn device_exists(&self, device: &str) -> bool {
        self.access(&sysfs(device))
    }

    /// Does the device carry the loopback flag? No, if it does not exist.
    pub fn is_loopback(&self, device: &str) -> bool {
        let flags = self
            .read_file(&format!("{}/flags", sysfs(device)))
            .unwrap_or_default();
        integer(text::decode(&flags).trim()).is_some_and(|flags| flags & IFF_LOOPBACK != 0)
    }

    /// The ports below a bridge or VLAN, through all layers, as `lower_*` in sysfs tells; any other device
    /// stands for itself, one that does not exist for nothing. Each once, depth first, in order of names.
    pub fn lower_devices(&self, device: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut todo = vec![device.to_owned()];
        // sysfs knows no circles, a router root may.
        let mut seen = HashSet::new();
        while let Some(device) = todo.pop() {
            let Some(entries) = self.list_dir(&sysfs(&device)) else {
                continue;
            };
            if !seen.insert(device.clone()) {
                continue;
            }
            match self.device_type(&device, &self.asked) {
                Some("vlan" | "bridge") => {
                    let lower = entries
                        .iter()
                        .rev()
                        .filter_map(|entry| entry.strip_prefix("lower_"));
                    todo.extend(lower.map(str::to_owned));
                }
                _ => found.push(device),
            }
        }
        found
    }

    pub fn device_type(&self, device: &str, asked: &Asked) -> Option<&str> {
        let kind = member(member(self.device_status(), device), "devtype").as_str();
        asked.note(
            Kind::DeviceType,
            device,
            kind.map_or(0, |kind| short(kind.as_bytes())),
        );
        kind
    }

    /// `ubus call network.device status`, asked for when first needed: only hardware offload does.
    fn device_status(&self) -> &Json {
        self.device_status
            .get_or_init(|| self.source.device_status())
    }
}

fn sysfs(device: &str) -> String {
    format!("/sys/class/net/{device}")
}

/// A C-style integer, as sysfs writes flags (`0x1103`).
fn integer(text: &str) -> Option<i64> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) => i64::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}
