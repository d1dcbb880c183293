/*! The answer of `ferrowall offload`. */

use std::fmt;
use std::net::IpAddr;

use crate::json::Json;

use super::flows::{Counter, Flows};
use super::outcome::Outcome;
use super::ppe::{self, Engine};
use super::queues;
use crate::json;
use crate::netlink::{self, Socket, conntrack};
use crate::router::Root;

/// All that there is to say about flow offloading now.
#[derive(Debug)]
pub struct View {
    /// What was asked for at the last load and what came of it.
    pub loaded: Outcome,
    /// `None` if connections cannot be read; `flows_error` says why.
    pub flows: Option<Flows>,
    pub flows_error: Option<String>,
    /// Queues that offloaded flows pass by, a line each.
    pub conflicts: Vec<String>,
    /// Packet engines of the hardware.
    pub ppe: Vec<Engine>,
    /// MediaTek's Wireless Ethernet Dispatch is there.
    pub wed: bool,
    /// What offloading needs from the kernel, and whether it is there.
    pub settings: Vec<Setting>,
}

/// A module or a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    pub name: &'static str,
    pub ok: bool,
    /// What to do if it is not.
    pub hint: &'static str,
}

impl View {
    pub fn json(&self) -> Json {
        let mut fields = self.loaded.fields();
        fields.retain(|(name, _)| *name != "conflicts");
        fields.extend([
            ("flows", self.flows.as_ref().map_or(Json::Null, Flows::json)),
            ("flows_error", json::maybe(self.flows_error.as_deref())),
            ("conflicts", json::texts(&self.conflicts)),
            ("ppe", self.ppe.iter().map(Engine::json).collect()),
            ("wed", self.wed.into()),
            (
                "settings",
                self.settings.iter().map(Setting::json).collect(),
            ),
        ]);
        json::object(fields)
    }
}

impl Setting {
    fn json(&self) -> Json {
        json::object(vec![
            ("name", self.name.into()),
            ("ok", self.ok.into()),
            ("hint", self.hint.into()),
        ])
    }
}

/// Looks at the kernel and the hardware. `local`: the router's own addresses.
pub fn view(files: Root<'_>, loaded: Outcome, local: &[IpAddr]) -> View {
    let (flows, flows_error) = match count(local) {
        Ok(flows) => (Some(flows), None),
        Err(error) => (None, Some(error.to_string())),
    };
    let mut conflicts = queues::now(files, &loaded);
    conflicts.extend_from_slice(&loaded.conflicts);
    View {
        loaded,
        flows,
        flows_error,
        conflicts,
        ppe: ppe::engines(files),
        wed: ppe::has_wed(files),
        settings: settings(files),
    }
}

fn count(local: &[IpAddr]) -> Result<Flows, netlink::Error> {
    let mut socket = Socket::open().map_err(netlink::Error::opening)?;
    let mut counter = Counter::new(local);
    conntrack::each(&mut socket, |connection| counter.add(connection))?;
    Ok(counter.finish())
}

fn settings(files: Root<'_>) -> Vec<Setting> {
    let module = |name: &str| files.is_dir(&format!("/sys/module/{name}"));
    let on = |path: &str| {
        files
            .read_file(path)
            .is_ok_and(|text| text.trim_ascii() == b"1")
    };
    vec![
        Setting {
            name: "nft_flow_offload",
            ok: module("nft_flow_offload"),
            hint: "install kmod-nft-offload",
        },
        Setting {
            name: "nf_flow_table_inet",
            ok: module("nf_flow_table_inet"),
            hint: "install kmod-nft-offload",
        },
        Setting {
            name: "nf_flow_table",
            ok: module("nf_flow_table"),
            hint: "install kmod-nf-flow",
        },
        Setting {
            name: "net.netfilter.nf_conntrack_acct",
            ok: on("/proc/sys/net/netfilter/nf_conntrack_acct"),
            hint: "without it bytes and packets of connections are not counted: sysctl -w net.netfilter.nf_conntrack_acct=1",
        },
    ]
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "flow offload: requested {}, effective {}",
            self.loaded.requested, self.loaded.effective
        )?;
        match &self.loaded.reason {
            Some(reason) => writeln!(f, ": {reason}")?,
            None => writeln!(f)?,
        }
        if !self.loaded.devices.is_empty() {
            writeln!(f, "devices: {}", self.loaded.devices.join(" "))?;
        }
        if !self.loaded.software_devices.is_empty() {
            let devices = self.loaded.software_devices.join(" ");
            writeln!(f, "beside them, in software: {devices}")?;
        }
        match (&self.flows, &self.flows_error) {
            (Some(flows), _) => {
                writeln!(
                    f,
                    "flows: {} offloaded in hardware, {} in software, of {} connections",
                    flows.hardware, flows.software, flows.total
                )?;
                if let Some(share) = flows.share_of_bytes {
                    let permille = (share * 1000.0 + 0.5) as u32;
                    let (percent, tenths) = (permille / 10, permille % 10);
                    writeln!(
                        f,
                        "share of forwarded bytes in offloaded flows: {percent}.{tenths} %"
                    )?;
                }
                for flow in &flows.top {
                    writeln!(
                        f,
                        "  {:>12} bytes  {:8}  {} {} -> {}",
                        flow.bytes, flow.offload, flow.protocol, flow.src, flow.dst
                    )?;
                }
            }
            (None, error) => writeln!(
                f,
                "flows: unknown ({})",
                error.as_deref().unwrap_or("not asked")
            )?,
        }
        for conflict in &self.conflicts {
            writeln!(f, "conflict: {conflict}")?;
        }
        for engine in &self.ppe {
            writeln!(
                f,
                "{}: {} bound, {} unbound, {} finished",
                engine.name, engine.bound, engine.unbound, engine.finished
            )?;
        }
        if self.wed {
            writeln!(f, "Wireless Ethernet Dispatch: present")?;
        }
        for setting in self.settings.iter().filter(|s| !s.ok) {
            writeln!(f, "missing: {} ({})", setting.name, setting.hint)?;
        }
        Ok(())
    }
}
