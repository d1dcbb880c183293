/*!
Fail closed: what stands in the kernel when the configuration cannot be loaded and there are no rules yet.

A router that boots with a broken configuration must neither be open nor out of reach. Established connections,
loopback, what IPv6 cannot do without, and the ways by which an owner at the lan side repairs it; everything else is
dropped, nothing new is forwarded.

What is the lan side comes from the configuration's zone `lan` as far as it can be read, and from `/etc/config/network`.
netifd is not asked: at boot it is not there yet, and later it may be what is broken.
*/

use std::path::Path;

use super::{Error, Job, commit, syslog};
use crate::config::Firewall;
use crate::config::value::Device;
use crate::netlink::{self, LoadError, Socket};
use crate::ruleset::{
    BaseChain, Chain, ChainType, Dir, Family, Hook, Item, L4, Match, Origin, Part, Policy,
    PortRange, Priority, Rule, Ruleset, Statement, Verdict,
};
use crate::uci::{self, Directories, Section, Value};

/// The zone, and netifd's network, that an owner manages the router from.
const LAN: &str = "lan";
/// Its device on a router whose `/etc/config/network` does not say.
const BRIDGE: &str = "br-lan";
/// SSH, LuCI
const MANAGEMENT: [u16; 3] = [22, 80, 443];
/// Without an address and names no browser finds LuCI: DNS, DHCP, DHCPv6.
const SERVICES: [u16; 3] = [53, 67, 547];
/// `IFNAMSIZ` with its zero (linux/if.h)
const NAME_MAX: usize = 15;
/// Errors, and what finds neighbours and routers (RFC 4890, section 4.4.1).
const ICMPV6: [u8; 8] = [1, 2, 3, 4, 133, 134, 135, 136];
const ECHO_REQUEST: [(Family, u8); 2] = [(Family::V4, 8), (Family::V6, 128)];

/// Loads it if there are no rules of this firewall. The devices that management gets in by, if it did.
pub fn load(job: &Job, firewall: Option<&Firewall>) -> Result<Option<Vec<String>>, Error> {
    let kernel = |e: netlink::Error| Error::from(commit::Error::from(e));
    let mut socket = Socket::open().map_err(|e| kernel(netlink::Error::opening(e)))?;
    let chains = netlink::rules(&mut socket).map_err(kernel)?;
    if chains.iter().any(|chain| *chain.name == *c"input") {
        return Ok(None);
    }
    let devices = lan_devices(&job.root, firewall);
    let ports = management_ports(&job.root);
    let mut load = |conntrack| {
        let ruleset = ruleset(&devices, &ports, conntrack);
        netlink::load(&mut socket, &ruleset, netlink::Way::Update)
    };
    // Connection tracking is a module of its own; if it is what is missing, then closed without it.
    match load(true).or_else(|_| load(false)) {
        Ok(_) => Ok(Some(devices)),
        Err(LoadError::Kernel(error)) => Err(kernel(error)),
        Err(other) => Err(commit::Error::Refused(vec![other.to_string()]).into()),
    }
}

/// Loads it as [`load`] does, and says so where it must be heard. What was said, if it was loaded.
pub fn close(job: &Job) -> Result<Option<String>, Error> {
    let devices = load(job, None)?;
    Ok(devices.map(|devices| proclaim(job, &devices, "it was killed")))
}

/// Tells the system log; the same for standard error.
pub fn proclaim(job: &Job, devices: &[String], why: &str) -> String {
    let message = format!(
        "EMERGENCY RULESET: the firewall could not be loaded and there were no rules. The router can now be reached \
         only from {} (SSH, LuCI, DHCP, DNS, ping), and it forwards nothing. Mend what is wrong, then: \
         /etc/init.d/firewall restart",
        devices.join(", ")
    );
    syslog::alert(&job.root, &[&message, " (", why, ")"].concat());
    message
}

fn ruleset(devices: &[String], ports: &[u16], conntrack: bool) -> Ruleset {
    let state = conntrack.then(|| rule(vec![Match::CtStateVmap { drop_invalid: true }], None));
    let lan = || Match::IfName {
        dir: Dir::Src,
        names: devices.to_vec(),
        invert: false,
    };
    let to = |proto: L4, ports: &[u16]| {
        let port = Match::Port {
            proto,
            dir: Dir::Dst,
            ports: ports
                .iter()
                .map(|p| PortRange { min: *p, max: *p })
                .collect(),
            invert: false,
        };
        accept(vec![lan(), port])
    };
    let icmp = |family, types: Vec<u8>| Match::IcmpType { family, types };
    let mut input = vec![accept(vec![Match::Loopback(Dir::Src)])];
    input.extend(state.clone());
    input.push(accept(vec![icmp(Family::V6, ICMPV6.to_vec())]));
    input.push(to(L4::Tcp, ports));
    input.push(to(L4::Tcp, &SERVICES[..1]));
    input.push(to(L4::Udp, &SERVICES));
    for (family, echo) in ECHO_REQUEST {
        input.push(accept(vec![lan(), icmp(family, vec![echo])]));
    }
    Ruleset {
        chains: vec![
            chain("input", Hook::Input, input),
            chain("forward", Hook::Forward, state.into_iter().collect()),
        ],
        ..Ruleset::default()
    }
}

fn chain(name: &str, hook: Hook, items: Vec<Item>) -> Chain {
    Chain {
        name: name.to_owned(),
        base: Some(BaseChain {
            kind: ChainType::Filter,
            hook,
            priority: Priority::Filter,
            policy: Policy::Drop,
        }),
        items,
        part: Part::Filter,
    }
}

fn accept(matches: Vec<Match>) -> Item {
    rule(matches, Some(Statement::Verdict(Verdict::Accept)))
}

fn rule(matches: Vec<Match>, statement: Option<Statement>) -> Item {
    Item::Rule(Rule {
        matches,
        statements: statement.into_iter().collect(),
        comment: Some("!fw4: Emergency".to_owned()),
        origin: Origin::RENDER,
    })
}

/// Those of the configuration's zone `lan`, or of the network of that name.
fn lan_devices(root: &Path, firewall: Option<&Firewall>) -> Vec<String> {
    let zones = firewall.map_or(&[][..], |firewall| &firewall.zones);
    let zone = zones.iter().find(|zone| zone.name == LAN);
    let names = |devices: &[Device]| -> Vec<String> {
        let plain = devices.iter().filter(|device| !device.invert);
        plain.filter_map(|device| device.name.clone()).collect()
    };
    let (mut devices, networks) = match zone {
        Some(zone) => (names(&zone.device), names(&zone.network)),
        None => (Vec::new(), vec![LAN.to_owned()]),
    };
    let package = uci::load(&Directories::below(root), "network").unwrap_or_default();
    for section in &package.sections {
        if section.kind == "interface" && networks.iter().any(|network| *network == section.name) {
            match values(section, "type").any(|kind| kind == "bridge") {
                true => devices.push(["br-", &section.name].concat()),
                false => {
                    let named = values(section, "device").chain(values(section, "ifname"));
                    devices.extend(named.map(str::to_owned));
                }
            }
        }
    }
    devices.retain(|name| {
        let odd = |c: char| c == '/' || c == '@' || c.is_whitespace();
        !name.is_empty() && name.len() <= NAME_MAX && !name.contains(odd)
    });
    if devices.is_empty() {
        devices.push(BRIDGE.to_owned());
    }
    devices
}

/// The usual ones, and where dropbear listens.
fn management_ports(root: &Path) -> Vec<u16> {
    let dropbear = uci::load(&Directories::below(root), "dropbear").unwrap_or_default();
    let configured = dropbear.sections.iter().flat_map(|s| values(s, "Port"));
    let own = configured.filter_map(|port| port.parse().ok());
    MANAGEMENT.into_iter().chain(own).collect()
}

/// The words of an option, be it a list or not.
fn values<'a>(section: &'a Section, option: &str) -> impl Iterator<Item = &'a str> {
    let values = match section.option(option).map(|option| &option.value) {
        Some(Value::List(values)) => values.as_slice(),
        Some(Value::String(value)) => std::slice::from_ref(value),
        None => &[],
    };
    values
        .iter()
        .flat_map(|value| value.text.split_whitespace())
}
