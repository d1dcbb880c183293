/*! A small router to compile for, and the result as lines of nft to hold tests against. */

use std::fs;
use std::path::{Path, PathBuf};

use super::{Compiled, compile};
use crate::config::{self, Firewall};
use crate::router::{Address, KernelFacts, Network, Refusal, Router};
use crate::{nft, uci};

/// Two zones: `lan` on br-lan, `wan` on pppoe-wan, masqueraded.
pub(super) const ZONES: &str = "
config zone
	option name lan
	list network lan
	option input ACCEPT
	option output ACCEPT
	option forward ACCEPT

config zone
	option name wan
	list network wan
	option input REJECT
	option output ACCEPT
	option forward REJECT
	option masq 1
";

const HELPERS: &str = "
config helper
	option name ftp
	option description 'FTP'
	option module nf_conntrack_ftp
	option proto tcp
	option port 21
";

/// A kernel that takes any hardware flowtable, or none.
pub(super) struct Kernel {
    pub(super) hardware: bool,
}

impl KernelFacts for Kernel {
    fn accepts_hw_flowtable(&self, devices: &[String]) -> Result<(), Refusal> {
        match devices.first() {
            Some(_) if self.hardware => Ok(()),
            device => Err(Refusal {
                device: device.cloned(),
                reason: "no TC_SETUP_FT".to_owned(),
            }),
        }
    }

    fn has_flowtable(&self) -> bool {
        false
    }
}

fn network(name: &str, device: &str, physdev: &str, addresses: &[(&str, u8)]) -> Network {
    Network {
        name: name.to_owned(),
        up: true,
        device: Some(device.to_owned()),
        physdev: Some(physdev.to_owned()),
        zone: None,
        addresses: addresses
            .iter()
            .map(|(addr, bits)| Address {
                addr: addr.parse().expect("an address"),
                bits: *bits,
            })
            .collect(),
    }
}

pub(super) fn router(root: &Path) -> Router {
    let mut router = Router::default();
    router.root = root.to_owned();
    router.kernel = 0x0606_0000;
    router.networks = vec![
        network(
            "lan",
            "br-lan",
            "br-lan",
            &[("192.168.1.1", 24), ("fd00::1", 64)],
        ),
        network("wan", "pppoe-wan", "eth1", &[("203.0.113.2", 24)]),
    ];
    router
}

/// The configuration as parsed for the router, with the module of helper `ftp` loaded.
pub(super) fn parse(text: &str, router: &Router) -> Firewall {
    fn read<'t>(text: &'t str, name: &str) -> uci::Package<'t> {
        uci::parse(text.as_bytes(), name, Path::new(name)).expect("the test's UCI text")
    }
    let (mut firewall, _) =
        config::parse(&read(text, "firewall"), &read(HELPERS, "helpers"), router);
    for helper in &mut firewall.helpers {
        helper.available = true;
    }
    firewall
}

/// Compiles [`ZONES`] and `text` for a router without a single file.
pub(super) fn compiled(text: &str) -> Compiled {
    let router = router(&PathBuf::from("/nonexistent"));
    let firewall = parse(&format!("{ZONES}{text}"), &router);
    compile(&firewall, &router, &Kernel { hardware: true })
}

/// Compiles for a router whose devices are there.
pub(super) fn offloading(test: &str, defaults: &str, sections: &str, hardware: bool) -> Compiled {
    let name = format!("ferrowall-policy-{test}-{}", std::process::id());
    let root = std::env::temp_dir().join(name);
    for device in ["br-lan", "eth1"] {
        fs::create_dir_all(root.join("sys/class/net").join(device)).expect("a folder");
    }
    let router = router(&root);
    let text = format!(
        "config defaults\n\toption flow_offloading 1\n\toption flow_offloading_hw {}\n{defaults}{ZONES}{sections}",
        u8::from(hardware)
    );
    let firewall = parse(&text, &router);
    let compiled = compile(&firewall, &router, &Kernel { hardware });
    fs::remove_dir_all(&root).expect("removed");
    compiled
}

impl Compiled {
    /// The rules of a chain as printed, without what every chain begins with.
    pub(super) fn chain(&self, name: &str) -> Vec<String> {
        let text = String::from_utf8(nft::print(&self.ruleset)).expect("UTF-8");
        let head = format!("\tchain {name} {{");
        text.lines()
            .skip_while(|line| *line != head)
            .skip(1)
            .take_while(|line| *line != "\t}")
            .map(|line| line.trim_start_matches('\t').to_owned())
            .filter(|line| !line.is_empty() && !line.starts_with("type "))
            .collect()
    }

    /// The rules of a chain that come from sections with this name.
    pub(super) fn named(&self, chain: &str, name: &str) -> Vec<String> {
        let comment = format!(" comment \"!fw4: {name}\"");
        self.chain(chain)
            .iter()
            .filter_map(|line| line.strip_suffix(&comment).map(str::to_owned))
            .collect()
    }

    pub(super) fn warnings(&self) -> Vec<String> {
        self.diagnostics.iter().map(ToString::to_string).collect()
    }
}
