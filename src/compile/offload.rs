/*! The flowtable: whose devices it has, and whether the hardware takes the flows. */

use super::Lowering;
use crate::config::Action;
use crate::config::value::Offloading;
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
    /// In hardware: the flowtable in software beside it, with all devices, if some flows belong there.
    pub software: Option<Flowtable>,
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
            software: None,
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
            let answer = accepted(kernel, &ports);
            let capable = match &answer {
                Ok(()) => ports.clone(),
                Err(_) => self.capable(kernel, &ports),
            };
            if !capable.is_empty() {
                offload.effective = OffloadMode::Hardware;
                self.second_table = answer.is_err() || self.wants_software();
                if self.second_table {
                    offload.software = Some(self.in_software(&wanted));
                }
            }
            match answer {
                Ok(()) => {
                    let joined = self.joined(&ports, false);
                    let together: Vec<String> = ports.iter().chain(&joined).cloned().collect();
                    // drivers without hardware offload would make the kernel refuse all of it
                    if !joined.is_empty() && kernel.accepts_hw_flowtable(&together).is_ok() {
                        offload.joined = joined;
                    }
                }
                Err(refusal) => {
                    let refused = ports.iter().filter(|port| !capable.contains(port));
                    self.say_refused(&refusal, refused.cloned().collect(), !capable.is_empty());
                    offload.refusal = Some(refusal);
                }
            }
            if !capable.is_empty() {
                offload.devices = capable;
                return offload;
            }
        }
        let Flowtable {
            devices, joined, ..
        } = self.in_software(&wanted);
        if !devices.is_empty() {
            offload.effective = OffloadMode::Software;
            offload.devices = devices;
            offload.joined = joined;
        }
        offload
    }

    fn in_software(&self, wanted: &[String]) -> Flowtable {
        let present = wanted.iter().filter(|d| self.router.device_exists(d));
        let devices = sorted(present.cloned().collect());
        Flowtable {
            joined: self.joined(&devices, true),
            devices,
            hardware: false,
        }
    }

    /// Is a section's `action software` to be told from hardware?
    fn wants_software(&self) -> bool {
        let mut offloads = self.firewall.offloads.iter();
        let software = Some(Action::Offload(Offloading::Software));
        offloads.any(|rule| rule.action == software)
    }

    /// Those of the ports that take a flowtable in hardware, and, for [`Lowering::between`], the devices that packets are routed over
    /// whose ports all do. The forward hook does not see which port of a bridge a packet takes, and a flow in hardware with a
    /// port elsewhere would be fast in one direction only: so nothing if there are no two such devices.
    fn capable(&mut self, kernel: &dyn KernelFacts, ports: &[String]) -> Vec<String> {
        let one = |port: &&String| {
            kernel
                .accepts_hw_flowtable(std::slice::from_ref(*port))
                .is_ok()
        };
        let capable: Vec<String> = ports.iter().filter(one).cloned().collect();
        let routed = self.zones.iter().flat_map(|zone| &zone.match_devices);
        let networks = &self.router.networks;
        let whole = routed.filter(|device| {
            let mut of_device = networks
                .iter()
                .filter(|n| n.device.as_ref() == Some(device));
            let below = of_device.find_map(|network| network.physdev.as_ref());
            let below = self.router.lower_devices(below.unwrap_or(device));
            !below.is_empty() && below.iter().all(|port| capable.contains(port))
        });
        let between = sorted(whole.cloned().collect());
        if between.len() < 2 || kernel.accepts_hw_flowtable(&capable).is_err() {
            return Vec::new();
        }
        self.between = between;
        capable
    }

    /// The devices of networks that are not the ports below them.
    pub(super) fn upper(&self, offload: &Offload) -> Vec<String> {
        let mut upper = Vec::new();
        for network in &self.router.networks {
            let of_network = [&network.device, &network.physdev];
            let mut lowest = of_network.into_iter().rev().flatten();
            let ports = lowest.next().map(|d| self.router.lower_devices(d));
            let ports = ports.unwrap_or_default();
            let members = offload.devices.iter().chain(&offload.joined);
            let second = offload.software.iter().flat_map(Flowtable::members);
            let mut members = members.chain(second);
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

    fn say_refused(&mut self, refusal: &Refusal, refused: Vec<String>, others: bool) {
        let message = match others {
            true => format!(
                "Hardware flow offloading unavailable on {}, whose flows are offloaded in software",
                refused.join(", ")
            ),
            false => "Hardware flow offloading unavailable, falling back to software offloading"
                .to_owned(),
        };
        let mut warning = Diagnostic::warning(Origin::RENDER, message);
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

    /// A third network on a bridge of its own over a port without hardware, in zone lan.
    fn mixed(test: &str, capable: &str, bridged: bool) -> crate::compile::Compiled {
        let devices = Devices::new(test, &["br-lan", "br-usb", "eth1", "pppoe-wan", "usb0"]);
        let put = |path: &str, text: &str| {
            let path = devices.0.join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, text).expect("written");
        };
        put("kernel/hw-offload", capable);
        put("sys/class/net/lan1/flags", "0x1003");
        put("sys/class/net/br-lan/lower_lan1", "");
        put("sys/class/net/br-usb/lower_usb0", "");
        if bridged {
            put("sys/class/net/br-lan/lower_usb0", "");
        }
        let status = r#"{"br-lan": {"devtype": "bridge"}, "br-usb": {"devtype": "bridge"}}"#;
        put("ubus/network.device-status.json", status);
        let (mut loaded, _) = crate::router::Router::load(&devices.0);
        loaded.networks = router(&devices.0).networks;
        let mut router = loaded;
        router.networks.push(crate::router::Network {
            name: "usb".to_owned(),
            up: true,
            device: Some("br-usb".to_owned()),
            physdev: Some("br-usb".to_owned()),
            zone: None,
            addresses: Vec::new(),
        });
        let zones = ZONES.replace("list network lan", "option network 'lan usb'");
        let firewall = parse(&format!("config defaults\n{BOTH}{zones}"), &router);
        let kernel = crate::router::SnapshotKernel::new(&devices.0);
        compile(&firewall, &router, &kernel)
    }

    #[test]
    fn a_port_without_hardware_leaves_it_to_the_others() {
        let compiled = mixed("mixed", "lan1\neth1\n", false);
        let offload = &compiled.offload;
        assert_eq!(offload.effective, OffloadMode::Hardware);
        assert_eq!(offload.devices, ["eth1", "lan1"]);
        let second = offload.software.as_ref().expect("a second flowtable");
        assert_eq!(second.devices, ["br-lan", "br-usb", "eth1"]);
        assert_eq!(second.joined, ["lan1", "pppoe-wan", "usb0"]);
        assert_eq!(offload.upper, ["br-lan", "br-usb", "pppoe-wan"]);
        assert_eq!(
            compiled.chain("flow_offload"),
            [
                "iifname { \"br-lan\", \"pppoe-wan\" } oifname { \"br-lan\", \"pppoe-wan\" } flow offload @ft;",
                "meta mark set mark or 0x2000000",
            ]
        );
        let said = compiled.warnings();
        assert_eq!(said.len(), 1);
        assert!(
            said[0].contains("unavailable on usb0, whose flows"),
            "{said:?}"
        );
    }

    #[test]
    fn a_bridge_with_such_a_port_is_offloaded_in_software_as_a_whole() {
        let compiled = mixed("mixed-bridge", "lan1\neth1\n", true);
        assert_eq!(compiled.offload.effective, OffloadMode::Software);
        assert_eq!(compiled.offload.software, None);
        assert_eq!(
            compiled.chain("forward")[0],
            "meta l4proto { tcp, udp } flow offload @ft;"
        );
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
