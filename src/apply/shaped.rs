/*! Devices that other packages shape, and what offloading means for them. */

use super::Job;
use super::pipeline::{self, Prepared};
use crate::diagnostic::{Diagnostic, Diagnostics, Origin};
use crate::offload::{self, Outcome, Shaped};
use crate::router::Router;
use crate::uci::{Section, Value};

const HINT: &str =
    "keep the flows that matter out with `config offload`, see docs/offload-and-qos.md";

/// Says what is set up or will be; what will be is noted in the outcome.
pub(super) fn report(
    job: &Job,
    prepared: &Prepared,
    outcome: &mut Outcome,
    diagnostics: &mut Diagnostics,
) {
    let files = prepared.router.files();
    outcome.conflicts = offload::configured(files, outcome, &configured(job, &prepared.router));
    let now = offload::shaped_now(files, outcome);
    for line in outcome.conflicts.iter().chain(&now) {
        let mut d = Diagnostic::warning(Origin::RENDER, line.as_str());
        d.hint = Some(HINT.to_owned());
        d.silent_in_fw4 = true;
        diagnostics.push(d);
    }
}

/// By `/etc/config/sqm` and `/etc/config/qosify`.
fn configured(job: &Job, router: &Router) -> Vec<Shaped> {
    let sections = |package| {
        pipeline::other_package(&job.root, package, router.asked())
            .map_or(Vec::new(), |read| read.sections)
    };
    let mut found = Vec::new();
    for section in sections("sqm") {
        if section.kind == "queue" && text(&section, "enabled") == Some("1") {
            // a speed of 0 leaves a direction alone
            let speed = |direction| text(&section, direction) != Some("0");
            found.extend(text(&section, "interface").map(|device| Shaped {
                package: "SQM",
                device: device.to_owned(),
                upload: speed("upload"),
                download: speed("download"),
            }));
        }
    }
    for section in sections("qosify") {
        let Some(name) = text(&section, "name").filter(|_| text(&section, "disabled") != Some("1"))
        else {
            continue;
        };
        let device = match &*section.kind {
            "device" => Some(name.to_owned()),
            "interface" => router.network(name).and_then(|n| n.device.clone()),
            _ => None,
        };
        let is_on = |direction| text(&section, direction) != Some("0");
        found.extend(device.map(|device| Shaped {
            package: "qosify",
            device,
            upload: is_on("egress"),
            download: is_on("ingress"),
        }));
    }
    found
}

fn text<'a>(section: &'a Section, option: &str) -> Option<&'a str> {
    match &section.option(option)?.value {
        Value::String(value) => Some(&value.text),
        Value::List(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::apply::{Backend, Requester};

    #[test]
    fn shaped_devices_are_found_in_the_packages_configuration() {
        let root = std::env::temp_dir().join(format!("ferrowall-shaped-{}", std::process::id()));
        fs::create_dir_all(root.join("etc/config")).expect("a folder");
        let sqm = "config queue\n\toption enabled 1\n\toption interface pppoe-wan\n\toption download 0\n\
            config queue\n\toption enabled 0\n\toption interface eth9\n";
        fs::write(root.join("etc/config/sqm"), sqm).expect("written");
        let qosify = "config interface wan\n\toption name wan\n\
            config interface off\n\toption name lan\n\toption disabled 1\n\
            config device\n\toption name wan0\n";
        fs::write(root.join("etc/config/qosify"), qosify).expect("written");
        let job = Job {
            root: root.clone(),
            backend: Backend::Auto,
            echo: false,
            requested_by: Requester::Cli,
        };
        let mut router = Router::default();
        router.networks.push(crate::router::Network {
            name: "wan".to_owned(),
            up: true,
            device: Some("eth1".to_owned()),
            physdev: None,
            zone: None,
            addresses: Vec::new(),
        });
        let found = configured(&job, &router);
        fs::remove_dir_all(&root).expect("removed");
        let shaped = |package, device: &str, download| Shaped {
            package,
            device: device.to_owned(),
            upload: true,
            download,
        };
        assert_eq!(
            found,
            [
                shaped("SQM", "pppoe-wan", false),
                shaped("qosify", "eth1", true),
                shaped("qosify", "wan0", true)
            ]
        );
    }
}
