/*! `offload --json` with ten thousand connections: counted right, and quickly. */

#[path = "support/namespace.rs"]
mod namespace;
#[path = "support/router_root.rs"]
mod router_root;

use std::fs;
use std::net::{Ipv4Addr, UdpSocket};
use std::process::Stdio;
use std::time::Duration;

use namespace::{in_namespace, sh};
use router_root::{RouterRoot, ZONES};
use serde_json::Value;
use wait4::Wait4;

const CONNECTIONS: u16 = 10_000;

/// Of the processor, which a busy machine changes less than the time that passes. A release build is to take 50 ms
/// (docs/offload.md); this is a debug build.
const LONGEST: Duration = Duration::from_millis(250);

/// What is printed in the namespace is not seen.
const TOOK: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/offload-took");

#[test]
fn ten_thousand_connections_are_counted_as_conntrack_counts_them_and_soon() {
    in_namespace(
        "ten_thousand_connections_are_counted_as_conntrack_counts_them_and_soon",
        || {
            sh("ip link set lo up");
            sh(
                "nft 'table inet track { chain out { type filter hook output priority 0; ct state new; }; }'",
            );
            let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
            for port in 1..=CONNECTIONS {
                // nobody listens there, which is told to the next one that sends
                while socket
                    .send_to(b"hello", (Ipv4Addr::LOCALHOST, port))
                    .is_err()
                {}
            }
            let root = RouterRoot::new("flows", ZONES);
            let said: Value = serde_json::from_str(&root.ok(&["offload", "--json"])).expect("JSON");
            let by_hand = sh("conntrack -L -p udp 2>/dev/null | grep -c 'dport=.*dport='");
            assert_eq!(said["flows"]["total"].to_string(), by_hand.trim());
            assert_eq!(said["flows"]["total"], CONNECTIONS);

            let run = || {
                let mut command = root.command(&["offload", "--json"]);
                let mut child = command.stdout(Stdio::null()).spawn().expect("runs");
                let used = child.wait4().expect("ends").rusage;
                used.utime + used.stime
            };
            let quickest = (0..5).map(|_| run()).min().expect("five");
            let took =
                format!("offload --json, {CONNECTIONS} connections: {quickest:?} of the processor");
            fs::write(TOOK, took).expect("written");
            assert!(quickest < LONGEST, "{quickest:?}");
        },
    );
    println!("{}", fs::read_to_string(TOOK).expect("written"));
}
