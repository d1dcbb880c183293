/*! The flowtable: whose devices it has, and whether the hardware takes the flows. */

use super::Lowering;
use crate::diagnostic::{Diagnostic, Origin};
use crate::router::{KernelFacts, Refusal};
use crate::ruleset::Flowtable;
use crate::{sort, text};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OffloadMode {
    Off,
    Software,
    Hardware,
}

/// What was asked for and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Offload {
    pub requested: OffloadMode,
    /// [`OffloadMode::Off`] too if there is no device to offload on.
    pub effective: OffloadMode,
    /// Sorted, without doubles.
    pub devices: Vec<String>,
    /// Devices that belong there too and that fw4 does not list: see
    /// [`Lowering::joined`]. They are in the kernel's flowtable and not in the printed one.
    pub joined: Vec<String>,
    /// `option flow_offloading_roaming`
    pub roaming: bool,
    /// Bridges, VLANs and PPPoE devices whose packets pass a port of the flowtable.
    pub upper: Vec<String>,
    /// Devices of the zones, or named with `flow_offloading_devices`, that do not exist now.
    pub missing: Vec<String>,
    /// Why the hardware does not do it, if it was asked to.
    pub refusal: Option<Refusal>,
}

impl Offload {
    pub(super) fn flowtable(&self) -> Option<Flowtable> {
        (self.effective != OffloadMode::Off).then(|| Flowtable {
            devices: self.devices.clone(),
            joined: self.joined.clone(),
            hardware: self.effective == OffloadMode::Hardware,
        })
    }
}

impl Lowering<'_> {
    pub(super) fn offload(&mut self, kernel: &dyn KernelFacts) -> Offload {
        let defaults = &self.firewall.defaults;
        let requested = match (defaults.flow_offloading, defaults.flow_offloading_hw) {
            (false, _) => OffloadMode::Off,
            (true, false) => OffloadMode::Software,
            (true, true) => OffloadMode::Hardware,
        };
        let mut offload = Offload {
            requested,
            effective: OffloadMode::Off,
            devices: Vec::new(),
            joined: Vec::new(),
            upper: Vec::new(),
            roaming: defaults.flow_offloading_roaming,
            missing: Vec::new(),
            refusal: None,
        };
        if requested == OffloadMode::Off {
            return offload;
        }
        let wanted = self.wanted_devices();
        offload.missing = sorted(
            wanted
                .iter()
                .filter(|device| !self.router.device_exists(device))
                .cloned()
                .collect(),
        );
        if requested == OffloadMode::Hardware && !wanted.is_empty() {
            let ports = match defaults.flow_offloading_devices {
                Some(_) => sorted(
                    wanted
                        .iter()
                        .filter(|d| self.router.device_exists(d))
                        .cloned()
                        .collect(),
                ),
                None => sorted(
                    wanted
                        .iter()
                        .flat_map(|d| self.router.lower_devices(d))
                        .collect(),
                ),
            };
            match accepted(kernel, &ports) {
                Ok(()) => {
                    offload.effective = OffloadMode::Hardware;
                    let joined = self.joined(&ports, false);
                    let together: Vec<String> = ports.iter().chain(&joined).cloned().collect();
                    // drivers without hardware offload would make the kernel refuse all of it
                    if !joined.is_empty() && kernel.accepts_hw_flowtable(&together).is_ok() {
                        offload.joined = joined;
                    }
                    offload.devices = ports;
                    return offload;
                }
                Err(refusal) => {
                    self.say_refused(&refusal);
                    offload.refusal = Some(refusal);
                }
            }
        }
        let present = wanted
            .into_iter()
            .filter(|device| self.router.device_exists(device));
        offload.devices = sorted(present.collect());
        if !offload.devices.is_empty() {
            offload.effective = OffloadMode::Software;
            offload.joined = self.joined(&offload.devices, true);
        }
        offload
    }

    /// The devices of networks that are not the ports below them.
    pub(super) fn upper(&self, offload: &Offload) -> Vec<String> {
        let mut upper = Vec::new();
        for network in &self.router.networks {
            let of_network = [&network.device, &network.physdev];
            let mut lowest = of_network.into_iter().rev().flatten();
            let ports = lowest.next().map(|d| self.router.lower_devices(d));
            let ports = ports.unwrap_or_default();
            let mut members = offload.devices.iter().chain(&offload.joined);
            if members.any(|member| ports.contains(member)) {
                let above = of_network.into_iter().flatten();
                upper.extend(above.filter(|d| !ports.contains(d)).cloned());
            }
        }
        sorted(upper)
    }

    /// Devices that belong into the flowtable beside those that fw4 lists (netifd's `device` of each network).
    ///
    /// First, what traffic is routed over: WireGuard has no `device`, a modem's is /dev/cdc-wdm0, and fw4
    /// offloads on neither. Second, in software, the ports below bridges and VLANs: the kernel follows a flow
    /// down to its port, and some time after 6.18 began to leave it alone if only the upper device is listed (before, it
    /// took that one instead). Which of them a kernel needs is what tests/vm/guest/scenarios/software.sh shows;
    /// all of them listed is right on every one. Left out: the loopback, wildcards, and what is not there
    /// now. None if the owner named the devices.
    fn joined(&self, listed: &[String], ports: bool) -> Vec<String> {
        if self.firewall.defaults.flow_offloading_devices.is_some() {
            return Vec::new();
        }
        let routed = self.zones.iter().flat_map(|zone| &zone.match_devices);
        let routed = routed.filter(|device| {
            !device.ends_with('*')
                && self.router.device_exists(device)
                && !self.router.is_loopback(device)
        });
        let below = listed.iter().filter(|_| ports);
        let below = below.flat_map(|device| self.router.lower_devices(device));
        let mut joined = sorted(routed.cloned().chain(below).collect());
        joined.retain(|device| !listed.contains(device));
        joined
    }

    /// The devices named, or those of all networks of all zones.
    fn wanted_devices(&self) -> Vec<String> {
        match &self.firewall.defaults.flow_offloading_devices {
            Some(named) => named.clone(),
            None => self
                .zones
                .iter()
                .flat_map(|zone| zone.related_physdevs.clone())
                .collect(),
        }
    }

    fn say_refused(&mut self, refusal: &Refusal) {
        let mut warning = Diagnostic::warning(
            Origin::RENDER,
            "Hardware flow offloading unavailable, falling back to software offloading",
        );
        warning.option = Some("flow_offloading_hw".to_owned());
        warning.hint = Some(match &refusal.device {
            Some(device) => format!("{device}: {}", refusal.reason),
            None => refusal.reason.clone(),
        });
        self.diagnostics.push(warning);
    }
}

fn accepted(kernel: &dyn KernelFacts, devices: &[String]) -> Result<(), Refusal> {
    if devices.is_empty() {
        let reason = "none of the zones' devices exists".to_owned();
        return Err(Refusal {
            device: None,
            reason,
        });
    }
    kernel.accepts_hw_flowtable(devices)
}

/// In the order of their bytes, each once.
fn sorted(mut devices: Vec<String>) -> Vec<String> {
    sort::by(&mut devices, |a, b| text::encode(a).cmp(&text::encode(b)));
    devices.dedup();
    devices
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::super::testing::{Kernel, ZONES, parse, router};
    use super::*;
    use crate::compile::compile;

    /// A router root with these devices, removed in the end.
    struct Devices(PathBuf);

    impl Devices {
        fn new(test: &str, devices: &[&str]) -> Self {
            let root =
                std::env::temp_dir().join(format!("ferrowall-{test}-{}", std::process::id()));
            for device in devices {
                fs::create_dir_all(root.join("sys/class/net").join(device)).expect("a folder");
            }
            fs::create_dir_all(root.join("ubus")).expect("a folder");
            Devices(root)
        }

        fn offload(&self, defaults: &str, hardware: bool) -> (Offload, usize) {
            let router = router(&self.0);
            let text = format!("config defaults\n{defaults}{ZONES}");
            let firewall = parse(&text, &router);
            let compiled = compile(&firewall, &router, &Kernel { hardware });
            (compiled.offload, compiled.diagnostics.iter().count())
        }
    }

    impl Drop for Devices {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    const BOTH: &str = "\toption flow_offloading 1\n\toption flow_offloading_hw 1\n";

    #[test]
    fn software_offload_takes_the_devices_that_exist() {
        let devices = Devices::new("software", &["br-lan"]);
        let (offload, warnings) = devices.offload("\toption flow_offloading 1\n", true);
        assert_eq!(offload.effective, OffloadMode::Software);
        assert_eq!(offload.devices, ["br-lan"]);
        assert_eq!(offload.missing, ["eth1"]);
        assert_eq!(warnings, 0);
    }

    /// A tunnel and a modem, as netifd reports them: their `device` is nothing, or no network device.
    #[test]
    fn devices_that_fw4_overlooks_are_joined_and_not_printed() {
        let devices = Devices::new("joined", &["br-lan", "eth1", "pppoe-wan", "wg0", "wwan0"]);
        let mut router = router(&devices.0);
        let network = |name: &str, l3: &str, device: Option<&str>| crate::router::Network {
            name: name.to_owned(),
            up: true,
            device: Some(l3.to_owned()),
            physdev: device.map(str::to_owned),
            zone: None,
            addresses: Vec::new(),
        };
        router.networks.extend([
            network("pppoe", "pppoe-wan", Some("eth1")),
            network("pppoe6", "pppoe-wan", None),
            network("vpn", "wg0", None),
            network("modem", "wwan0", Some("/dev/cdc-wdm0")),
        ]);
        let zone = "config zone\n\toption name out\n\toption network 'pppoe pppoe6 vpn modem'\n";
        let text = format!("config defaults\n\toption flow_offloading 1\n{ZONES}{zone}");
        let firewall = parse(&text, &router);
        let compiled = compile(&firewall, &router, &Kernel { hardware: false });
        assert_eq!(compiled.offload.devices, ["br-lan", "eth1"]);
        assert_eq!(compiled.offload.joined, ["pppoe-wan", "wg0", "wwan0"]);
        assert_eq!(compiled.offload.upper, ["pppoe-wan"]);
        let printed = String::from_utf8(crate::nft::print(&compiled.ruleset)).expect("UTF-8");
        assert!(
            printed.contains("devices = { \"br-lan\", \"eth1\" };"),
            "{printed}"
        );
    }

    #[test]
    fn hardware_that_refuses_leaves_software_and_a_word() {
        let devices = Devices::new("refused", &["br-lan", "eth1"]);
        let (offload, warnings) = devices.offload(BOTH, false);
        assert_eq!(offload.requested, OffloadMode::Hardware);
        assert_eq!(offload.effective, OffloadMode::Software);
        assert_eq!(offload.devices, ["br-lan", "eth1"]);
        assert_eq!(
            offload
                .refusal
                .and_then(|refusal| refusal.device)
                .as_deref(),
            Some("br-lan")
        );
        assert_eq!(warnings, 1);
        let (offload, _) = devices.offload(BOTH, true);
        assert_eq!(offload.effective, OffloadMode::Hardware);
    }

    #[test]
    fn without_devices_there_is_no_flowtable() {
        let devices = Devices::new("nothing", &[]);
        let (offload, _) = devices.offload("\toption flow_offloading 1\n", true);
        assert_eq!(offload.effective, OffloadMode::Off);
        assert_eq!(offload.flowtable(), None);
    }

    #[test]
    fn devices_can_be_named() {
        let devices = Devices::new("named", &["br-lan", "eth1", "wan0"]);
        let named = "\toption flow_offloading 1\n\tlist flow_offloading_devices wan0\n\
            \tlist flow_offloading_devices gone0\n";
        let (offload, _) = devices.offload(named, true);
        assert_eq!(offload.devices, ["wan0"]);
        assert_eq!(offload.missing, ["gone0"]);
    }
}
