//! The router asked over ubus, and the snapshot made of what it answers.

#[path = "support/canned.rs"]
mod canned;
#[path = "support/ubus/mod.rs"]
mod support;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use canned::Canned;
use ferrowall::router::{KernelFacts, Refusal, Router, SnapshotError, SnapshotKernel};
use ferrowall::ubus::{Method, Object, Request, Status, Table, Type};
use serde_json::{Value, json};
use support::Bus;

/// A folder for one test, removed afterwards.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let n = COUNTER.fetch_add(1, Ordering::Relaxed);
        let name = format!("ferrowall-live-{}-{n}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        Folder(path)
    }

    fn write(&self, path: &str, content: &str) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

fn interfaces() -> Value {
    json!({"interface": [
        {"interface": "wan", "up": true, "l3_device": "pppoe-wan", "device": "eth1", "proto": "pppoe",
         "ipv4-address": [{"address": "192.0.2.7", "mask": 32}],
         "data": {"zone": "wan", "firewall": [{"type": "rule", "src": "wan"}]}},
        {"interface": "lan", "up": true, "device": "br-lan"},
    ]})
}

fn services() -> Value {
    json!({"dns": {"firewall": [{"type": "redirect", "src": "lan"}]}})
}

fn devices() -> Value {
    json!({"br-lan": {"devtype": "bridge"}, "lan1": {"devtype": "dsa"}})
}

fn table(json: &Value) -> Table {
    let json = ferrowall::json::read(&json.to_string()).unwrap();
    json.as_object().unwrap().into()
}

/// netifd and procd; counts how often device status was asked for.
fn netifd_and_procd(bus: &Bus) -> (Canned, Arc<AtomicU32>) {
    let asked = Arc::new(AtomicU32::new(0));
    let status_calls = asked.clone();
    let answer = move |request: &Request| {
        let answer = match (request.object.as_str(), request.method.as_str()) {
            ("network.interface", "dump") => interfaces(),
            ("network.device", "status") => {
                status_calls.fetch_add(1, Ordering::Relaxed);
                devices()
            }
            ("service", "get_data") => {
                let wanted = Table::new().with("type", "firewall");
                assert_eq!(request.arguments, wanted);
                services()
            }
            _ => return Some(Err(Status::NotSupported)),
        };
        Some(Ok(table(&answer)))
    };
    let objects = vec![
        Object::new("network.interface").with(Method::new("dump")),
        Object::new("network.device").with(Method::new("status").takes("name", Type::String)),
        Object::new("service").with(Method::new("get_data").takes("type", Type::String)),
    ];
    (
        Canned::publish(&bus.path(), objects, Box::new(answer)),
        asked,
    )
}

/// A router whose kernel takes hardware offload on one port.
struct OnePort;

impl KernelFacts for OnePort {
    fn accepts_hw_flowtable(&self, devices: &[String]) -> Result<(), Refusal> {
        let refusal = || Refusal {
            device: None,
            reason: "no".to_owned(),
        };
        if devices == ["lan1"] {
            Ok(())
        } else {
            Err(refusal())
        }
    }

    fn has_flowtable(&self) -> bool {
        true
    }
}

fn ubus_rules(router: &Router) -> Value {
    let rules: ferrowall::json::Json = router.ubus_rules.iter().cloned().collect();
    serde_json::from_str(&rules.to_string()).unwrap()
}

/// What a live router and its snapshot must agree on.
fn facts(router: &Router) -> (Value, Value, u32, Vec<String>) {
    let networks = router
        .networks
        .iter()
        .map(|network| format!("{network:?}"))
        .collect();
    let lower = router.lower_devices("br-lan");
    (networks, ubus_rules(router), router.kernel, lower)
}

#[test]
fn without_a_ubus_folder_the_bus_is_asked() {
    Bus::each(|bus| {
        let (_canned, asked) = netifd_and_procd(bus);
        let root = Folder::new();
        for file in ["br-lan/lower_lan1", "lan1/flags"] {
            root.write(&format!("sys/class/net/{file}"), "");
        }
        let (router, diagnostics) = Router::load_over(&root.0, Some(&bus.path()));
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        let names: Vec<&str> = router.networks.iter().map(|n| n.name.as_str()).collect();
        assert_eq!(names, ["wan", "lan"]);
        assert_eq!(
            ubus_rules(&router),
            json!([
                {"type": "rule", "src": "wan", "name": "ubus:wan[pppoe] rule 0", "device": "pppoe-wan"},
                {"type": "redirect", "src": "lan", "name": "ubus:dns redirect 0"},
            ])
        );
        assert_eq!(
            asked.load(Ordering::Relaxed),
            0,
            "only hardware offload needs the devices"
        );
        assert_eq!(router.lower_devices("br-lan"), ["lan1"]);
        assert_eq!(router.lower_devices("br-lan"), ["lan1"]);
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn an_empty_bus_is_a_router_without_interfaces() {
    Bus::each(|bus| {
        let root = Folder::new();
        let (router, diagnostics) = Router::load_over(&root.0, Some(&bus.path()));
        assert!(router.networks.is_empty() && diagnostics.is_empty());
    });
}

#[test]
fn a_bus_that_cannot_be_reached_is_told_of_in_the_words_of_fw4() {
    let root = Folder::new();
    let nowhere = root.0.join("ubus.sock");
    let (router, diagnostics) = Router::load_over(&root.0, Some(&nowhere));
    assert!(router.networks.is_empty());
    let said: Vec<String> = diagnostics.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        ["Unable to connect to ubus: Unable to connect to ubus socket"]
    );
    let hint = diagnostics.iter().find_map(|d| d.hint.clone()).unwrap();
    assert!(
        hint.contains("ubus.sock: No such file or directory"),
        "{hint}"
    );
}

#[test]
fn a_snapshot_answers_as_the_router_did() {
    Bus::each(|bus| {
        let (_canned, _) = netifd_and_procd(bus);
        let root = Folder::new();
        root.write("etc/config/firewall", "config defaults\n");
        root.write("tmp/.uci/firewall", "firewall.x=rule\n");
        root.write("usr/share/firewall4/helpers", "");
        root.write("proc/version", "Linux version 6.6.93\n");
        root.write("etc/nftables.d/10-own.nft", "# own");
        root.write("usr/share/nftables.d/chain-pre/input/x.nft", "accept");
        root.write("etc/inc/real.nft", "included");
        root.write("etc/shadow", "secret");
        for device in ["br-lan", "lan1"] {
            root.write(&format!("sys/class/net/{device}/flags"), "0x1003\n");
            root.write(
                &format!("sys/class/net/{device}/address"),
                "02:00:00:00:00:01\n",
            );
        }
        root.write("sys/class/net/br-lan/lower_lan1", "");
        root.write("sys/module/nf_conntrack_ftp/refcnt", "0\n");
        symlink("/etc/inc/real.nft", root.0.join("etc/inc/link.nft")).unwrap();

        let (router, _) = Router::load_over(&root.0, Some(&bus.path()));
        let dir = Folder::new();
        let named = [
            "/etc/inc/link.nft",
            "etc/inc/missing.nft",
            "../../etc/nftables.d/10-own.nft",
        ];
        let diagnostics = router.snapshot(&dir.0, &named, &OnePort).unwrap();
        assert!(diagnostics.is_empty(), "{diagnostics:?}");

        let (replayed, diagnostics) = Router::load(&dir.0);
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        assert_eq!(facts(&replayed), facts(&router));
        assert!(replayed.has_module("nf_conntrack_ftp"));
        for file in [
            "etc/config/firewall",
            "tmp/.uci/firewall",
            "etc/nftables.d/10-own.nft",
        ] {
            assert_eq!(
                replayed.read_file(file).unwrap(),
                router.read_file(file).unwrap(),
                "{file}"
            );
        }
        assert_eq!(
            replayed.read_link("/etc/inc/link.nft").as_deref(),
            Some("/etc/inc/real.nft")
        );
        assert_eq!(
            replayed.read_file("/etc/inc/link.nft").unwrap(),
            b"included"
        );
        assert_eq!(
            replayed
                .glob("/usr/share/nftables.d/chain-pre/input/*.nft")
                .len(),
            1
        );
        assert!(!replayed.access("/etc/shadow") && !replayed.access("/sys/class/net/lan1/address"));
        let kernel = SnapshotKernel::new(&dir.0);
        assert!(kernel.has_flowtable());
        assert_eq!(kernel.accepts_hw_flowtable(&["lan1".to_owned()]), Ok(()));
        assert!(kernel.accepts_hw_flowtable(&["br-lan".to_owned()]).is_err());
    });
}

#[test]
fn a_snapshot_of_a_snapshot_is_the_same() {
    let profile = "../shared/conformance";
    let conformance = std::env::var_os("FERROWALL_CONFORMANCE").unwrap_or_else(|| profile.into());
    let profile = Path::new(&conformance).join("profiles/dsa-pppoe");
    if !profile.is_dir() {
        eprintln!("skipped: no conformance profiles");
        return;
    }
    let (router, _) = Router::load(&profile);
    let dir = Folder::new();
    router
        .snapshot(&dir.0, &[], &SnapshotKernel::new(&profile))
        .unwrap();
    let (replayed, _) = Router::load(&dir.0);
    assert_eq!(facts(&replayed), facts(&router));
    let capable = |root: &Path| {
        let list = fs::read_to_string(root.join("kernel/hw-offload")).unwrap();
        list.lines().map(str::to_owned).collect::<BTreeSet<_>>()
    };
    assert_eq!(capable(&dir.0), capable(&profile));
}

#[test]
fn a_snapshot_never_writes_outside_its_folder_nor_over_what_is_there() {
    let root = Folder::new();
    root.write("ubus/service-get_data.json", "{}");
    root.write("inner/file", "content");
    let outside = Folder::new();
    // Below the root the link leads to a folder in the root; outside it leads to another one.
    root.write(
        format!("{}/evil", outside.0.display()).trim_start_matches('/'),
        "inside",
    );
    symlink(&outside.0, root.0.join("inner/link")).unwrap();
    let (router, _) = Router::load(&root.0);
    let dir = Folder::new();
    let kernel = SnapshotKernel::new(&root.0);
    router
        .snapshot(
            &dir.0,
            &["inner/link", "inner/link/evil", "inner/file"],
            &kernel,
        )
        .unwrap();
    assert!(fs::read_dir(&outside.0).unwrap().next().is_none());
    let (replayed, _) = Router::load(&dir.0);
    assert_eq!(replayed.read_file("inner/link/evil").unwrap(), b"inside");
    let again = router.snapshot(&dir.0, &[], &kernel);
    assert!(
        matches!(again, Err(SnapshotError::NotEmpty(_))),
        "{again:?}"
    );
}

#[test]
fn the_running_system_is_a_root_like_any_other() {
    let (router, _) = Router::load_over(Path::new("/"), Some(Path::new("/nowhere")));
    assert!(router.is_live());
    let banner = fs::read_to_string("/proc/version").unwrap();
    let version = format!(
        "Linux version {}.{}",
        router.kernel >> 24,
        router.kernel >> 16 & 0xff
    );
    assert!(banner.starts_with(&version), "{banner} is not {version}");
    assert!(router.access("proc/self/exe") && router.read_link("/proc/self/exe").is_some());
    if Path::new("/sys/class/net/lo").exists() {
        assert!(router.device_exists("lo") && router.is_loopback("lo"));
        assert_eq!(router.lower_devices("lo"), ["lo"]);
    } else {
        eprintln!("skipped: no sysfs here");
    }
}
