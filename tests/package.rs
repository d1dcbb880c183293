//! The package on a router: its scripts under ash, its files, an upgrade, a removal.

#[path = "support/canned.rs"]
mod canned;
#[path = "support/ubus/mod.rs"]
mod support;

use std::process::Command;

use canned::Canned;
use ferrowall::ubus::{Method, Object, Request, Status, Type};
use serde_json::{Value, json};
use support::Bus;

const SCRIPT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/package/installs-on-a-router"
);

/// netifd's answer on a router with a lan bridge and a wan port.
fn interfaces() -> Value {
    json!({"interface": [
        {"interface": "lan", "up": true, "l3_device": "br-lan", "device": "br-lan", "proto": "static",
         "ipv4-address": [{"address": "192.168.1.1", "mask": 24}], "data": {}},
        {"interface": "wan", "up": true, "l3_device": "wan", "device": "wan", "proto": "dhcp",
         "ipv4-address": [{"address": "203.0.113.1", "mask": 24}], "data": {}},
    ]})
}

fn netifd_and_procd(bus: &Bus) -> Canned {
    let answer = |request: &Request| {
        let answer = match (request.object.as_str(), request.method.as_str()) {
            ("network.interface", "dump") => interfaces(),
            ("network.device", "status") => json!({"br-lan": {"devtype": "bridge"}, "wan": {}}),
            ("service", "get_data") => json!({}),
            _ => return Some(Err(Status::NotSupported)),
        };
        let answer = ferrowall::json::read(&answer.to_string()).unwrap();
        Some(Ok(answer.as_object().unwrap().into()))
    };
    let objects = vec![
        Object::new("network.interface").with(Method::new("dump")),
        Object::new("network.device").with(Method::new("status").takes("name", Type::String)),
        Object::new("service").with(Method::new("get_data").takes("type", Type::String)),
    ];
    Canned::publish(&bus.path(), objects, Box::new(answer))
}

#[test]
fn the_package_takes_over_upgrades_and_goes_and_the_rules_stay() {
    Bus::each(|bus| {
        let _answers = netifd_and_procd(bus);
        let run = Command::new(SCRIPT)
            .arg(env!("CARGO_BIN_EXE_ferrowall"))
            .arg(bus.path())
            .output()
            .unwrap();
        assert!(
            run.status.success(),
            "{}{}",
            String::from_utf8_lossy(&run.stdout),
            String::from_utf8_lossy(&run.stderr)
        );
    });
}
