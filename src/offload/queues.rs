/*!
Queues that offloaded flows pass by: shapers and classifiers on the way of the flowtable.

In hardware no queue sees them. In software, what leaves goes through the queue of the device it is routed to, unless that is a
bridge or, from Linux 6.19 on, a VLAN or PPPoE device; what comes in is taken over at the port, below the queue of a bridge, VLAN or PPPoE device, and behind that of the port:
what is redirected there (SQM's way to shape a download, over an ifb) never gets as far as to the flowtable. Shown by
tests/vm/guest/scenarios/qos.sh.
*/

use super::outcome::Outcome;
use crate::netlink::{Socket, qdisc};
use crate::router::Root;
use crate::text;

/// Not fq_codel, which every device of OpenWrt has.
const SHAPERS: [&str; 9] = [
    "cake", "cake_mq", "drr", "ets", "hfsc", "htb", "prio", "qfq", "tbf",
];
/// From Linux 6.19 on the flowtable puts on the header of a VLAN or PPPoE itself and sends by the port below.
const TAGS_AT_THE_PORT: u32 = 6 << 24 | 19 << 16;
/// Where filters for what comes in hang.
const INCOMING: [&str; 2] = ["ingress", "clsact"];

/// What there is now, a line each. Nothing if the kernel does not tell.
pub fn now(files: Root<'_>, loaded: &Outcome) -> Vec<String> {
    let mut lines = Vec::new();
    if loaded.effective == "off" {
        return lines;
    }
    let mut queues = Vec::new();
    if let Ok(mut socket) = Socket::route() {
        // A dump that breaks off has told something, too.
        let _ = qdisc::each(&mut socket, |number, kind| {
            queues.push((number, text::decode(kind)));
        });
    }
    let devices = loaded.devices.iter().chain(&loaded.upper);
    for device in devices {
        let number = files.read_file(&format!("/sys/class/net/{device}/ifindex"));
        let number = number.map_or_else(|_| String::new(), |text| text::decode(&text));
        for (_, kind) in queues
            .iter()
            .filter(|(n, _)| n.to_string() == number.trim())
        {
            if let Some(effect) = effect(files, loaded, device, kind) {
                let line = format!("{kind} on {device}: {effect}");
                if !lines.contains(&line) {
                    lines.push(line);
                }
            }
        }
    }
    lines
}

/// What a package sets up on a device.
#[derive(Debug, PartialEq, Eq)]
pub struct Shaped {
    pub package: &'static str,
    pub device: String,
    pub upload: bool,
    pub download: bool,
}

/// What packages will set up, whether they have started or not.
pub fn configured(files: Root<'_>, loaded: &Outcome, shaped: &[Shaped]) -> Vec<String> {
    let mut lines = Vec::new();
    for one in shaped {
        let (package, device) = (one.package, &one.device);
        for (is_shaped, what, kind) in [
            (one.upload, "upload", "htb"),
            (one.download, "download", "ingress"),
        ] {
            if let (true, Some(effect)) = (is_shaped, effect(files, loaded, device, kind)) {
                lines.push(format!("{package} on {device}, {what}: {effect}"));
            }
        }
    }
    lines
}

fn effect(files: Root<'_>, loaded: &Outcome, device: &String, kind: &str) -> Option<&'static str> {
    let upper = loaded.upper.contains(device);
    let incoming = INCOMING.contains(&kind);
    let known = incoming || SHAPERS.contains(&kind);
    if loaded.effective == "off" || !known || !(upper || loaded.devices.contains(device)) {
        return None;
    }
    let below = incoming
        || files.kernel() >= TAGS_AT_THE_PORT
        || files.is_dir(&format!("/sys/class/net/{device}/bridge"));
    if loaded.effective == "hardware" || upper && below {
        return Some("offloaded flows pass it by");
    }
    (kind == "ingress")
        .then_some("what it redirects stays on the slow path, shown as offloaded or not")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_package_shapes_is_passed_by_above_the_ports_and_in_hardware() {
        let nowhere = Root::new(std::path::Path::new("/nonexistent"));
        let mut loaded = Outcome {
            effective: "software".to_owned(),
            devices: vec!["eth1".to_owned(), "pppoe-wan".to_owned()],
            upper: vec!["pppoe-wan".to_owned()],
            ..Outcome::default()
        };
        let shaped = |device: &str, download| Shaped {
            package: "SQM",
            device: device.to_owned(),
            upload: true,
            download,
        };
        let said =
            |loaded: &Outcome, device: &str| configured(nowhere, loaded, &[shaped(device, true)]);
        assert_eq!(
            configured(nowhere, &loaded, &[shaped("pppoe-wan", false)]),
            [""; 0]
        );
        assert_eq!(
            said(&loaded, "pppoe-wan"),
            ["SQM on pppoe-wan, download: offloaded flows pass it by"]
        );
        assert_eq!(
            said(&loaded, "eth1"),
            [
                "SQM on eth1, download: what it redirects stays on the slow path, shown as offloaded or not"
            ]
        );
        assert_eq!(said(&loaded, "eth9"), [""; 0]);
        loaded.effective = "hardware".to_owned();
        assert_eq!(said(&loaded, "eth1").len(), 2);
        loaded.effective = "off".to_owned();
        assert_eq!(said(&loaded, "eth1"), [""; 0]);
    }
}
