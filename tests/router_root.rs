//! A router read from a folder, file access included.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use ferrowall::router::{Address, KernelFacts, Root, Router, SnapshotKernel, reason};
use serde_json::{Value, json};

/// A router root of its own for one test, removed afterwards.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path =
            std::env::temp_dir().join(format!("ferrowall-router-{}-{name}", std::process::id()));
        fs::create_dir(&path).unwrap();
        Folder(path)
    }

    fn write(&self, path: &str, content: &str) -> &Folder {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    fn dir(&self, path: &str) -> &Folder {
        fs::create_dir_all(self.0.join(path)).unwrap();
        self
    }

    fn link(&self, path: &str, target: &str) -> &Folder {
        symlink(target, self.0.join(path)).unwrap();
        self
    }

    fn answers(&self, interfaces: &Value, services: &Value) -> &Folder {
        self.write("ubus/network.interface-dump.json", &interfaces.to_string());
        self.write("ubus/service-get_data.json", &services.to_string())
    }

    fn load(&self) -> Router {
        let (router, diagnostics) = Router::load(&self.0);
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        router
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

fn ubus_rules(router: &Router) -> Value {
    let rules: ferrowall::json::Json = router.ubus_rules.iter().cloned().collect();
    serde_json::from_str(&rules.to_string()).unwrap()
}

fn address(addr: &str, bits: u8) -> Address {
    Address {
        addr: addr.parse().unwrap(),
        bits,
    }
}

#[test]
fn interfaces_become_networks_in_order() {
    let root = Folder::new("networks");
    root.write("proc/version", "Linux version 6.6.93 (builder@host)\n");
    root.answers(
        &json!({"interface": [
            {"interface": "wan", "up": true, "l3_device": "pppoe-wan", "device": "eth1",
             "ipv4-address": [{"address": "192.0.2.7", "mask": 32}],
             "ipv6-address": [{"address": "2001:db8::7", "mask": 64}],
             "ipv6-prefix-assignment": [{"address": "fd00::", "mask": 60, "local-address": {"address": "fd00::1", "mask": 60}},
                                        {"address": "fd01::", "mask": 60}],
             "data": {"zone": "wan"}},
            {"interface": "lan", "up": false, "device": "br-lan"},
        ]}),
        &json!({}),
    );
    let router = root.load();
    assert_eq!(router.kernel, 6 << 24 | 6 << 16 | 93);
    let names: Vec<&str> = router.networks.iter().map(|n| n.name.as_str()).collect();
    assert_eq!(names, ["wan", "lan"]);
    let wan = router.network("wan").unwrap();
    assert!(wan.up);
    assert_eq!(
        (wan.device.as_deref(), wan.physdev.as_deref()),
        (Some("pppoe-wan"), Some("eth1"))
    );
    assert_eq!(wan.zone.as_deref(), Some("wan"));
    assert_eq!(
        wan.addresses,
        [
            address("192.0.2.7", 32),
            address("2001:db8::7", 64),
            address("fd00::1", 60)
        ]
    );
    let lan = router.network("lan").unwrap();
    assert_eq!(
        (lan.up, lan.device.as_deref(), lan.physdev.as_deref()),
        (false, Some("br-lan"), Some("br-lan"))
    );
}

#[test]
fn a_network_listed_twice_keeps_its_place_and_takes_the_last_content() {
    let root = Folder::new("twice");
    root.answers(
        &json!({"interface": [
            {"interface": "a", "device": "eth0"}, {"interface": "b"}, {"interface": "a", "device": "eth1"},
        ]}),
        &Value::Null,
    );
    let networks = root.load().networks;
    assert_eq!(networks.len(), 2);
    assert_eq!(
        (networks[0].name.as_str(), networks[0].device.as_deref()),
        ("a", Some("eth1"))
    );
}

#[test]
fn rules_from_ubus_are_named_after_where_they_come_from() {
    let root = Folder::new("rules");
    root.answers(
        &json!({"interface": [
            {"interface": "wan6", "proto": "464xlat", "l3_device": "464-wan6", "device": "@wan6", "data": {"firewall": [
                {"type": "nat", "target": "SNAT"},
                {"name": "own", "src": "wan", "device": "other"},
                {"type": "ipset", "name": "kept"},
            ]}},
        ]}),
        &json!({
            "dns": {"firewall": [{"type": "redirect", "name": "lost"}], "main": {"firewall": [{"type": ""}]}},
            "none": {"firewall": {"type": "rule"}, "main": null},
        }),
    );
    assert_eq!(
        ubus_rules(&root.load()),
        json!([
            {"type": "nat", "target": "SNAT", "name": "ubus:wan6[464xlat] nat 0", "device": "464-wan6"},
            {"name": "ubus:wan6[464xlat] rule 1", "src": "wan", "device": "other"},
            {"type": "ipset", "name": "kept", "device": "464-wan6"},
            {"type": "redirect", "name": "ubus:dns redirect 0"},
            {"type": "", "name": "ubus:dns[main] rule 0"},
        ])
    );
}

#[test]
fn a_rule_without_device_says_so_and_keys_keep_their_place() {
    let root = Folder::new("nodevice");
    root.answers(
        &json!({"interface": [{"proto": "none", "data": {"firewall": [{"name": "x", "type": 5}, ["a"]]}}]}),
        &Value::Null,
    );
    let rules = ubus_rules(&root.load());
    assert_eq!(
        rules.to_string(),
        r#"[{"name":"ubus:null[none] 5 0","type":5,"device":null},{"0":"a","name":"ubus:null[none] rule 1","device":null}]"#
    );
}

/// Every place of the answers filled with every kind of value: ucode's behaviour where it has one, and
/// never a panic.
#[test]
fn odd_types_in_odd_places_are_survived() {
    let odd = || {
        let plain = json!([null, true, false, 0, 5, -1, 1.5, 1e300, "", "text", "\u{0}", [], [null], {}, {"type": 3}]);
        plain.as_array().unwrap().clone()
    };
    let root = Folder::new("odd");
    let load = |interfaces: Value, services: Value| {
        root.answers(&interfaces, &services);
        Router::load(&root.0).0
    };
    let mut networks = 0;
    for value in odd() {
        load(value.clone(), value.clone());
        load(json!({"interface": value}), json!({"svc": value}));
        load(
            json!({"interface": [value]}),
            json!({"svc": {"firewall": value, "inst": {"firewall": [value]}}}),
        );
        load(
            json!({"interface": [{"data": {"firewall": [value]}}]}),
            json!({"svc": {"firewall": [value]}}),
        );
        for key in [
            "interface",
            "up",
            "device",
            "l3_device",
            "proto",
            "data",
            "ipv4-address",
            "ipv6-address",
            "ipv6-prefix-assignment",
        ] {
            let mut interface = json!({"interface": "n"});
            interface[key] = value.clone();
            networks += load(json!({"interface": [interface]}), Value::Null)
                .networks
                .len();
            interface[key] = json!([value]);
            load(json!({"interface": [interface]}), Value::Null);
            interface[key] = json!([{"address": value, "mask": value, "local-address": {"address": "::1", "mask": value}}]);
            load(json!({"interface": [interface]}), Value::Null);
        }
    }
    // Only a name of null makes no network.
    assert_eq!(networks, 9 * odd().len() - 1);
}

#[test]
fn addresses_that_are_none_are_left_out() {
    let root = Folder::new("addresses");
    root.answers(
        &json!({"interface": [{"interface": "n", "ipv4-address": [
            {"address": "192.0.2.1", "mask": 33}, {"address": "::1", "mask": 24}, {"address": "192.0.2.2"},
            {"address": "192.0.2.3", "mask": 24},
        ]}]}),
        &Value::Null,
    );
    assert_eq!(
        root.load().networks[0].addresses,
        [address("192.0.2.3", 24)]
    );
}

#[test]
fn broken_recordings_are_reported_and_missing_ones_are_not() {
    let root = Folder::new("broken");
    root.dir("ubus");
    root.load();
    root.write("ubus/network.interface-dump.json", "{ nonsense");
    let (router, diagnostics) = Router::load(&root.0);
    assert!(router.networks.is_empty());
    let said: Vec<String> = diagnostics.iter().map(|d| d.message.clone()).collect();
    assert_eq!(said.len(), 1);
    assert!(
        said[0].contains("network.interface-dump.json is no JSON"),
        "{said:?}"
    );
}

#[test]
fn bridges_and_vlans_resolve_to_their_ports() {
    let root = Folder::new("lower");
    root.dir("ubus").write(
        "ubus/network.device-status.json",
        &json!({"br-lan": {"devtype": "bridge"}, "br-lan.3": {"devtype": "vlan"}, "lan1": {"devtype": "dsa"}, "ring": {"devtype": "vlan"}})
            .to_string(),
    );
    for file in [
        "br-lan.3/lower_br-lan",
        "br-lan/lower_lan2",
        "br-lan/lower_lan1",
        "br-lan/flags",
        "lan1/lower_eth0",
        "lan2/flags",
    ] {
        root.write(&format!("sys/class/net/{file}"), "");
    }
    root.write("sys/class/net/ring/lower_ring", "");
    let router = root.load();
    assert_eq!(router.lower_devices("br-lan.3"), ["lan1", "lan2"]);
    assert_eq!(router.lower_devices("lan1"), ["lan1"]);
    assert_eq!(router.lower_devices("/dev/cdc-wdm0"), [""; 0]);
    assert_eq!(router.lower_devices("ring"), [""; 0]);
    assert!(router.device_exists("lan1") && !router.device_exists("lan9"));
}

#[test]
fn the_loopback_flag_is_read_from_sysfs() {
    let root = Folder::new("loopback");
    root.dir("ubus")
        .write("sys/class/net/lo/flags", "0x9\n")
        .write("sys/class/net/eth0/flags", "0x1003\n");
    root.write("sys/class/net/odd/flags", "what\n");
    let router = root.load();
    assert!(router.is_loopback("lo"));
    assert!(
        !router.is_loopback("eth0") && !router.is_loopback("odd") && !router.is_loopback("none")
    );
}

#[test]
fn symlinks_never_lead_out_of_the_root() {
    let root = Folder::new("links");
    root.write("tmp/run/state", "inside");
    root.link("var", "/tmp")
        .link("up", "../../../../../../tmp/run")
        .link("loop", "loop")
        .link("tmp/file", "run/state");
    root.link("passwd", "/etc/passwd");
    let files = Root::new(&root.0);
    for path in [
        "/var/run/state",
        "var/file",
        "up/state",
        "//var/./run/../run/state",
        "../../tmp/run/state",
    ] {
        assert_eq!(files.read_file(path).unwrap(), b"inside", "{path}");
    }
    assert!(!files.access("passwd"));
    assert_eq!(files.read_link("passwd").as_deref(), Some("/etc/passwd"));
    assert_eq!(files.read_link("tmp/run/state"), None);
    for (path, said) in [
        ("loop", "Too many levels of symbolic links"),
        ("", "No such file or directory"),
        ("nowhere/../tmp/run/state", "No such file or directory"),
        ("tmp/run/state/", "Not a directory"),
        ("tmp", "Is a directory"),
    ] {
        assert_eq!(reason(&files.read_file(path).unwrap_err()), said, "{path}");
    }
}

#[test]
fn only_regular_files_are_read() {
    assert_eq!(
        reason(
            &Root::new(Path::new("/"))
                .read_file("/dev/zero")
                .unwrap_err()
        ),
        "Not a regular file"
    );
    let root = Folder::new("sparse");
    let file = fs::File::create(root.0.join("huge")).unwrap();
    file.set_len(ferrowall::router::MAX_FILE + 1).unwrap();
    assert_eq!(
        reason(&Root::new(&root.0).read_file("huge").unwrap_err()),
        "File too large"
    );
}

#[test]
fn listings_and_patterns_are_in_order_of_bytes() {
    let root = Folder::new("glob");
    root.dir("ubus");
    for file in [
        "20-b.nft",
        "10-a.nft",
        "B.nft",
        "\u{fc}.nft",
        ".hidden.nft",
        "readme",
    ] {
        root.write(&format!("usr/share/nftables.d/chain-pre/in*/{file}"), "");
    }
    root.link("usr/share/nftables.d/chain-pre/in*/40.nft", "nowhere.nft");
    let router = root.load();
    assert_eq!(
        router.list_dir("/usr/share/nftables.d/chain-pre").unwrap(),
        ["in*"]
    );
    assert_eq!(router.list_dir("/usr/share/nftables.d/chain-post"), None);
    let dir = "/usr/share/nftables.d/chain-pre/in*";
    let expected: Vec<String> = ["10-a.nft", "20-b.nft", "40.nft", "B.nft", "\u{fc}.nft"]
        .iter()
        .map(|f| format!("{dir}/{f}"))
        .collect();
    assert_eq!(router.glob(&format!("{dir}/*.nft")), expected);
    assert_eq!(
        router.glob("usr/share/nft*/chain-pre"),
        ["usr/share/nftables.d/chain-pre"]
    );
    assert_eq!(router.glob("/usr/share/none/*.nft"), [""; 0]);
}

#[test]
fn recorded_kernel_takes_hardware_offload_only_for_listed_devices() {
    let root = Folder::new("kernel");
    let kernel = SnapshotKernel::new(&root.0);
    let devices = |names: &[&str]| names.iter().map(|n| n.to_string()).collect::<Vec<_>>();
    assert!(!kernel.has_flowtable());
    root.write("kernel/hw-offload", "lan1\nlan2\n\n")
        .write("kernel/flowtable", "");
    assert!(kernel.has_flowtable());
    assert_eq!(
        kernel.accepts_hw_flowtable(&devices(&["lan1", "lan2"])),
        Ok(())
    );
    let refusal = kernel
        .accepts_hw_flowtable(&devices(&["lan1", "wlan0"]))
        .unwrap_err();
    assert_eq!(refusal.device.as_deref(), Some("wlan0"));
    assert!(kernel.accepts_hw_flowtable(&[]).is_err());
    assert!(kernel.accepts_hw_flowtable(&devices(&[""])).is_err());
}
