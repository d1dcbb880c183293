/*! Nothing gets in and nobody is locked out when the configuration cannot be loaded and there are no rules. */

#[path = "support/host.rs"]
mod host;
#[path = "support/namespace.rs"]
mod namespace;
#[path = "support/router_root.rs"]
mod router_root;

use std::fs;
use std::net::TcpListener;
use std::os::unix::net::UnixDatagram;
use std::process::Command;

use host::Host;
use namespace::{in_namespace, sh};
use router_root::{RouterRoot, ZONES};

const BROKEN: &str = "config defaults\n\toption input 'DROP\n";
const NETWORK: &str = "config interface 'lan'\n\toption device 'lan0'\n\toption proto 'static'\n\n\
                       config interface 'wan'\n\toption device 'wan0'\n";

fn router(name: &str, firewall: &str) -> RouterRoot {
    let root = RouterRoot::new(name, firewall);
    root.write("etc/config/network", NETWORK);
    root
}

fn status(root: &RouterRoot) -> serde_json::Value {
    serde_json::from_str(&root.ok(&["status", "--json"])).expect("JSON")
}

#[test]
fn a_broken_file_at_boot_leaves_the_lan_side_a_way_in_and_the_wan_side_none() {
    in_namespace(
        "a_broken_file_at_boot_leaves_the_lan_side_a_way_in_and_the_wan_side_none",
        || {
            let root = router("broken-boot", BROKEN);
            root.write(
                "etc/config/dropbear",
                "config dropbear\n\toption Port '2222'\n",
            );
            sh("ip link set lo up && echo 1 > /proc/sys/net/ipv4/ip_forward");
            let lan = Host::new("lan0", "192.168.1.2/24", "192.168.1.1/24");
            let wan = Host::new("wan0", "203.0.113.2/24", "203.0.113.1/24");
            let _open: Vec<TcpListener> = [22, 80, 2222, 9999]
                .iter()
                .map(|port| TcpListener::bind(("0.0.0.0", *port)).expect("a listener"))
                .collect();
            assert!(
                wan.reaches("203.0.113.1", 22),
                "the test can see an open router"
            );
            fs::create_dir_all(root.path().join("dev")).expect("made");
            let log = UnixDatagram::bind(root.path().join("dev/log")).expect("a logger");

            let said = root.fails(&["-q", "--by", "boot", "start"]);
            assert!(said.contains("EMERGENCY RULESET"), "{said}");
            assert!(said.contains("lan0"), "{said}");

            for port in [22, 80, 2222] {
                assert!(lan.reaches("192.168.1.1", port), "{port} from lan");
                assert!(wan.is_kept_from("203.0.113.1", port), "{port} from wan");
            }
            assert!(lan.is_kept_from("192.168.1.1", 9999));
            assert!(lan.pings("192.168.1.1"));
            assert!(!wan.pings("203.0.113.1"));
            // loopback and what the router asks for itself
            sh("timeout 1 bash -c 'exec 3<>/dev/tcp/127.0.0.1/9999'");
            sh("ping -c 1 -W 1 203.0.113.2");
            assert!(!lan.pings("203.0.113.2"), "nothing is forwarded");

            let mut line = [0; 2048];
            let length = log.recv(&mut line).expect("a line in the system log");
            let line = String::from_utf8_lossy(&line[..length]).into_owned();
            assert!(line.starts_with("<25>firewall: EMERGENCY"), "{line}");
            assert!(line.contains("firewall:2:15"), "it says why: {line}");

            let told = status(&root);
            assert_eq!(told["loaded"], false);
            assert_eq!(told["last"]["emergency"], true);
            assert!(root.ok(&["status"]).contains("EMERGENCY RULESET"));

            // Still broken: what is there stays, and is still called what it is.
            let before = sh("nft -j list ruleset");
            root.fails(&["start"]);
            assert_eq!(sh("nft -j list ruleset"), before);
            assert_eq!(status(&root)["last"]["emergency"], true);

            root.write("etc/config/firewall", ZONES);
            root.ok(&["start"]);
            assert_eq!(status(&root)["last"]["emergency"], false);
            assert!(!sh("nft list ruleset").contains("Emergency"));
            assert!(lan.pings("203.0.113.2"));
            assert!(wan.is_kept_from("203.0.113.1", 22));
        },
    );
}

#[test]
fn what_the_kernel_or_nft_refuses_at_boot_closes_the_router_too() {
    in_namespace(
        "what_the_kernel_or_nft_refuses_at_boot_closes_the_router_too",
        || {
            let root = router("refused-boot", ZONES);
            root.write("etc/nftables.d/broken.nft", "this is no nft\n");
            assert!(root.fails(&["start"]).contains("EMERGENCY RULESET"));
            assert!(sh("nft list ruleset").contains("policy drop"));
            assert_eq!(root.ok(&["stop"]), "");
            assert_eq!(sh("nft list tables"), "");

            let open = format!("{ZONES}\nconfig defaults\n").replacen(
                "config defaults",
                "config defaults\n\toption fail_closed '0'",
                1,
            );
            root.write("etc/config/firewall", &open);
            let said = root.fails(&["start"]);
            assert!(!said.contains("EMERGENCY"), "{said}");
            assert_eq!(sh("nft list tables"), "", "as the owner wants it");

            // Nobody knows what a file that cannot be read would have said.
            root.write("etc/config/firewall", &format!("{open}\noption '"));
            assert!(root.fails(&["start"]).contains("EMERGENCY RULESET"));
        },
    );
}

#[test]
fn a_running_ruleset_is_never_replaced_by_the_emergency_one() {
    in_namespace(
        "a_running_ruleset_is_never_replaced_by_the_emergency_one",
        || {
            let root = router("running", ZONES);
            root.ok(&["start"]);
            let before = sh("nft -j list ruleset");
            root.write("etc/config/firewall", BROKEN);
            for verb in ["reload", "restart"] {
                let said = root.fails(&[verb]);
                assert!(!said.contains("EMERGENCY"), "{said}");
            }
            // as after a crash of everything but the kernel
            fs::remove_dir_all(root.path().join("var/run")).expect("removed");
            let said = root.fails(&["start"]);
            assert!(!said.contains("EMERGENCY"), "{said}");
            assert_eq!(root.ok(&["emergency"]), "");
            assert_eq!(sh("nft -j list ruleset"), before);
            assert_eq!(status(&root)["last"]["emergency"], false);
        },
    );
}

#[test]
fn the_lan_side_is_what_the_configuration_calls_lan() {
    in_namespace("the_lan_side_is_what_the_configuration_calls_lan", || {
        let devices = || {
            let rules = sh("nft list chain inet fw4 input | grep 'udp dport'");
            let mut names: Vec<String> = rules
                .split('"')
                .skip(1)
                .step_by(2)
                .map(str::to_owned)
                .collect();
            names.pop(); // the comment
            names.sort();
            names
        };
        let zone = "config zone\n\toption name 'lan'\n\tlist network 'home'\n\tlist network 'den'\n\toption device 'tap7'\n";
        let network = "config interface 'home'\n\toption type 'bridge'\n\toption ifname 'eth0 eth1'\n\n\
                       config interface 'den'\n\toption device 'eth2.7'\n\nconfig interface 'wan'\n\toption device 'wan0'\n";
        for (network, firewall, want) in [
            (network, zone, &["br-home", "eth2.7", "tap7"][..]),
            (NETWORK, "config '", &["lan0"]),
            ("", "config '", &["br-lan"]),
            (
                "config interface 'lan'\n\toption device 'longer-than-a-name-can-be'\n",
                "config '",
                &["br-lan"],
            ),
        ] {
            let root = router("lan-side", firewall);
            root.write("etc/config/network", network);
            // refused whatever the zones are
            root.write("etc/nftables.d/broken.nft", "this is no nft\n");
            root.fails(&["start"]);
            assert_eq!(devices(), want);
            root.ok(&["stop"]);
        }
    });
}

#[test]
fn the_init_script_closes_the_router_if_start_is_killed() {
    in_namespace(
        "the_init_script_closes_the_router_if_start_is_killed",
        || {
            let root = router("killed-start", ZONES);
            let script = concat!(env!("CARGO_MANIFEST_DIR"), "/files/etc/init.d/firewall");
            let fake = root.path().join("ferrowall");
            let text = format!(
                "#!/bin/sh\ncase \"$*\" in *start*) kill -9 $$;; esac\nexec {} --root {} \"$@\"\n",
                router_root::BIN,
                root.path().display()
            );
            fs::write(&fake, text).expect("written");
            let harness = format!(
                "chmod +x {fake}; procd_open_instance() {{ :; }}; procd_set_param() {{ :; }}; procd_close_instance() {{ :; }}; \
             . {script}; FERROWALL={fake}; start_service",
                fake = fake.display(),
            );
            let output = Command::new("sh")
                .args(["-c", &harness])
                .output()
                .expect("sh runs");
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(said.contains("EMERGENCY RULESET"), "{said}");
            assert!(sh("nft list ruleset").contains("policy drop"));
        },
    );
}
