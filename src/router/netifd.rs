/*!
netifd's interfaces: the answer of `ubus call network.interface dump`.
*/

use std::net::IpAddr;

use crate::json::{Json, Map};

use super::value::{member, or_else, text, truthy};
use super::{Address, Network};

/// Networks and the firewall rules that protocol handlers attached to their interfaces, as fw4's
/// `read_ubus()` gathers them.
#[derive(Debug, Default)]
pub(super) struct Interfaces {
    pub networks: Vec<Network>,
    pub rules: Vec<Json>,
    /// Entries that are no objects: fw4 dies of them, we leave them out.
    pub unreadable: Vec<String>,
}

impl Interfaces {
    pub fn read(dump: &Json) -> Interfaces {
        let mut found = Interfaces::default();
        for interface in member(dump, "interface").as_array().into_iter().flatten() {
            // An array is an object without names to ucode.
            if interface.as_object().is_none() && interface.as_array().is_none() {
                found.unreadable.push(format!(
                    "network.interface dump lists '{}'",
                    text(interface)
                ));
                continue;
            }
            found.add_rules(interface);
            let name = member(interface, "interface");
            if !name.is_null() {
                found.add_network(network(text(name), interface));
            }
        }
        found
    }

    fn add_network(&mut self, network: Network) {
        match self.networks.iter_mut().find(|n| n.name == network.name) {
            Some(known) => *known = network,
            None => self.networks.push(network),
        }
    }

    fn add_rules(&mut self, interface: &Json) {
        let rules = member(member(interface, "data"), "firewall");
        let name = text(member(interface, "interface"));
        let owner = format!("{name}[{}]", text(member(interface, "proto")));
        for (n, rule) in rules.as_array().into_iter().flatten().enumerate() {
            let Some(mut rule) = named_rule(rule, &owner, n) else {
                self.unreadable.push(format!(
                    "interface '{name}' has a firewall rule '{}'",
                    text(rule)
                ));
                continue;
            };
            let device = or_else(
                rule.get("device").unwrap_or(&Json::Null),
                l3_device(interface),
            )
            .clone();
            rule.insert("device".to_owned(), device);
            self.rules.push(Json::Object(rule));
        }
    }
}

/// A rule that came over ubus, with the name that fw4 gives it; only an ipset keeps its own.
pub(super) fn named_rule(rule: &Json, owner: &str, n: usize) -> Option<Map> {
    let mut named = match rule {
        Json::Object(map) => map.clone(),
        Json::Array(items) => items
            .iter()
            .enumerate()
            .map(|(i, item)| (i.to_string(), item.clone()))
            .collect(),
        _ => return None,
    };
    let kind = member(rule, "type");
    let name = if kind == "ipset" {
        member(rule, "name").clone()
    } else {
        let kind = if truthy(kind) {
            text(kind)
        } else {
            "rule".to_owned()
        };
        Json::String(format!("ubus:{owner} {kind} {n}"))
    };
    named.insert("name".to_owned(), name);
    Some(named)
}

fn l3_device(interface: &Json) -> &Json {
    or_else(member(interface, "l3_device"), member(interface, "device"))
}

fn network(name: String, interface: &Json) -> Network {
    // fw4 asks whether a device is there by its truth: an empty name is none.
    let device = |value: &Json| truthy(value).then(|| text(value));
    Network {
        name,
        up: truthy(member(interface, "up")),
        device: device(l3_device(interface)),
        physdev: device(member(interface, "device")),
        zone: member(member(interface, "data"), "zone")
            .as_str()
            .map(str::to_owned),
        addresses: addresses(interface),
    }
}

/// An entry whose address or prefix length is none is left out; fw4 would write it into the ruleset,
/// which nft then refuses as a whole.
fn addresses(interface: &Json) -> Vec<Address> {
    let list = |key| member(interface, key).as_array().into_iter().flatten();
    let v4 = list("ipv4-address").filter_map(|entry| address(entry, false));
    let v6 = list("ipv6-address").filter_map(|entry| address(entry, true));
    let assigned = list("ipv6-prefix-assignment")
        .filter_map(|entry| address(member(entry, "local-address"), true));
    v4.chain(v6).chain(assigned).collect()
}

fn address(entry: &Json, v6: bool) -> Option<Address> {
    let addr: IpAddr = member(entry, "address").as_str()?.parse().ok()?;
    let bits = u8::try_from(member(entry, "mask").as_u64()?).ok()?;
    let longest = if v6 { 128 } else { 32 };
    (addr.is_ipv6() == v6 && bits <= longest).then_some(Address { addr, bits })
}
