/*!
`/var/run/fw4.state`: what is loaded, for the verbs that look things up and for others who read it.

The shape is fw4's: zones with the devices and subnets they match, sets, networks, the rules that came
over ubus, includes.
*/

use std::collections::{HashMap, HashSet};
use std::io;
use std::net::IpAddr;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use super::files;
use crate::compile::{Compiled, CompiledZone, Flags, MatchRule, SubnetGroup};
use crate::config::value::{Device, Family, Policy, SetType, Subnet, SubnetKind};
use crate::config::{Firewall, Include, IncludeKind, Ipset, Position, Zone};
use crate::nft;
use crate::router::{Network, Router};
use crate::ruleset::{self, Dir, KeyType, Number};
use crate::text;

/// Writes the state of what was just loaded.
pub fn write(
    path: &Path,
    firewall: &Firewall,
    compiled: &Compiled,
    router: &Router,
) -> io::Result<()> {
    let zones: Vec<Json> = firewall
        .zones
        .iter()
        .zip(&compiled.zones)
        .map(|(z, c)| zone(z, c, firewall))
        .collect();
    let networks: Map<String, Json> = router
        .networks
        .iter()
        .map(|n| (n.name.clone(), network(n)))
        .collect();
    let state = json!({
        "zones": zones,
        "ipsets": firewall.ipsets.iter().map(ipset).collect::<Vec<_>>(),
        "networks": networks,
        "ubus_rules": router.ubus_rules,
        "includes": firewall.includes.iter().map(include).collect::<Vec<_>>(),
    });
    files::replace(path, &text::encode(&state.to_string()))
}

fn zone(zone: &Zone, compiled: &CompiledZone, firewall: &Firewall) -> Json {
    let mut out = Map::new();
    let mut put = |key: &str, value: Json| {
        if !value.is_null() {
            out.insert(key.to_owned(), value);
        }
    };
    let yes = |on: bool| if on { Json::Bool(true) } else { Json::Null };
    put("enabled", Json::Bool(true));
    put("name", zone.name.clone().into());
    put("network", zone.network.iter().map(device).collect());
    put("device", list(zone.device.iter().map(device)));
    put("input", policy(zone.input).into());
    put("output", policy(zone.output).into());
    put("forward", policy(zone.forward).into());
    put("masq", yes(zone.masq));
    put("masq_allow_invalid", yes(zone.masq_allow_invalid));
    put("masq6", yes(zone.masq6));
    put("mtu_fix", yes(zone.mtu_fix));
    put("log", zone.log.map_or(Json::Null, number));
    put(
        "log_limit",
        zone.log_limit.as_ref().map_or(
            Json::Null,
            |l| json!({ "rate": l.rate, "unit": nft::time_unit(l.unit) }),
        ),
    );
    put("auto_helper", Json::Bool(zone.auto_helper));
    let helpers = zone
        .helper
        .iter()
        .filter_map(|id| firewall.helpers.get(id.0));
    put("helper", list(helpers.map(|h| json!({ "name": h.name }))));
    put("counter", Json::Bool(zone.counter));
    out.insert(
        "family".into(),
        zone.family.map_or(Json::Null, |f| family_number(f).into()),
    );
    let mut put = |key: &str, value: Json| {
        out.insert(key.to_owned(), value);
    };
    put(
        "match_rules",
        compiled.match_rules.iter().map(match_rule).collect(),
    );
    for (key, groups) in [
        ("masq4_src_subnets", &compiled.masq_src[0]),
        ("masq4_dest_subnets", &compiled.masq_dest[0]),
        ("masq6_src_subnets", &compiled.masq_src[1]),
        ("masq6_dest_subnets", &compiled.masq_dest[1]),
    ] {
        put(key, groups.iter().map(subnet_group).collect());
    }
    put("sflags", flags(compiled.sflags));
    put("dflags", flags(compiled.dflags));
    put("match_devices", compiled.match_devices.clone().into());
    put(
        "match_subnets",
        compiled.match_subnets.iter().map(nft::cidr).collect(),
    );
    put(
        "related_subnets",
        compiled
            .related_subnets
            .iter()
            .map(|r| subnet(&r.subnet))
            .collect(),
    );
    put("related_physdevs", compiled.related_physdevs.clone().into());
    out.into()
}

fn device(device: &Device) -> Json {
    let name = device.name.as_deref();
    match name {
        Some(name) => json!({ "invert": device.invert, "val": name, "device": name }),
        None => json!({ "invert": device.invert, "val": "*", "any": true }),
    }
}

fn match_rule(rule: &MatchRule) -> Json {
    let masked = rule.subnets_masked.iter().map(masked_addr);
    json!({
        "family": rule.family.map_or(0, rule_family),
        "devices_pos": list(rule.devices_pos.iter().cloned()),
        "devices_neg": list(rule.devices_neg.iter().cloned()),
        "devices_neg_wildcard": list(rule.devices_neg_wildcard.iter().cloned()),
        "subnets_pos": list(rule.subnets_pos.iter().map(nft::cidr)),
        "subnets_neg": list(rule.subnets_neg.iter().map(nft::cidr)),
        "subnets_masked": list(masked),
    })
}

fn subnet_group(group: &SubnetGroup) -> Json {
    json!([
        list(group.pos.iter().map(nft::cidr)),
        list(group.neg.iter().map(nft::cidr)),
        list(group.masked.iter().map(masked_addr)),
    ])
}

fn masked_addr(addr: &ruleset::MaskedAddr) -> Json {
    json!({
        "family": if addr.addr.is_ipv4() { 4 } else { 6 },
        "addr": addr.addr.to_string(),
        "mask": addr.mask.map(|m| m.to_string()),
        "bits": -1,
        "invert": addr.invert,
    })
}

fn subnet(subnet: &Subnet) -> Json {
    let family = if subnet.is_v4() { 4 } else { 6 };
    let addr = subnet.addr.to_string();
    match &subnet.kind {
        SubnetKind::Bits { bits, mask } => {
            json!({ "family": family, "addr": addr, "mask": mask.map(|m| m.to_string()), "bits": bits })
        }
        SubnetKind::Mask(mask) => {
            json!({ "family": family, "addr": addr, "mask": mask.map(|m| m.to_string()), "bits": -1 })
        }
        SubnetKind::Range(last) => {
            json!({ "family": family, "addr": addr, "addr2": last.to_string(), "range": true })
        }
    }
}

fn flags(flags: Flags) -> Json {
    flags
        .names()
        .map(|name| (name.to_owned(), Json::Bool(true)))
        .collect::<Map<_, _>>()
        .into()
}

fn ipset(set: &Ipset) -> Json {
    let types: Vec<&str> = set.key.iter().map(|k| key_type(*k)).collect();
    let matches: Vec<Json> = set
        .directions
        .iter()
        .zip(&set.types)
        .map(|(d, t)| json!([direction(*d), set_type(*t)]))
        .collect();
    let mut flags = Vec::new();
    if set.interval {
        flags.push("interval");
    }
    if set.timeout.as_f64() >= 0.0 {
        flags.push("timeout");
    }
    json!({
        "enabled": true,
        "name": set.name,
        "comment": set.comment,
        "family": family_number(set.family),
        "match": matches,
        "maxelem": set.maxelem.map(number),
        "timeout": number(set.timeout),
        "loadfile": set.loadfile,
        "fw4types": set.types.iter().map(|t| set_type(*t)).collect::<Vec<_>>(),
        "types": types,
        "directions": set.directions.iter().map(|d| direction(*d)).collect::<Vec<_>>(),
        "interval": set.interval,
        "flags": flags,
        "entries": set.entries.iter().map(nft::element_fields).collect::<Vec<_>>(),
    })
}

fn network(network: &Network) -> Json {
    let mut out = json!({
        "up": network.up,
        "device": network.device,
        "physdev": network.physdev,
        "zone": network.zone,
    });
    if let (false, Some(map)) = (network.addresses.is_empty(), out.as_object_mut()) {
        let addresses: Vec<Json> = network
            .addresses
            .iter()
            .map(|a| subnet(&Subnet::from(a)))
            .collect();
        map.insert("ipaddrs".into(), addresses.into());
    }
    out
}

fn include(include: &Include) -> Json {
    let (kind, position, chain) = match &include.kind {
        IncludeKind::Script => ("script", "table-append", None),
        IncludeKind::Nftables(position) => match position {
            Position::RulesetPre => ("nftables", "ruleset-prepend", None),
            Position::RulesetPost => ("nftables", "ruleset-append", None),
            Position::TablePre => ("nftables", "table-prepend", None),
            Position::TablePost => ("nftables", "table-append", None),
            Position::ChainPre(chain) => ("nftables", "chain-prepend", Some(chain)),
            Position::ChainPost(chain) => ("nftables", "chain-append", Some(chain)),
        },
    };
    let mut out =
        json!({ "enabled": true, "path": include.path, "type": kind, "position": position });
    if let (Some(chain), Some(map)) = (chain, out.as_object_mut()) {
        map.insert("chain".into(), chain.as_str().into());
    }
    out
}

/// fw4 keeps null where a list would be empty.
fn list<T: Into<Json>>(items: impl Iterator<Item = T>) -> Json {
    let items: Vec<Json> = items.map(Into::into).collect();
    if items.is_empty() {
        Json::Null
    } else {
        items.into()
    }
}

fn policy(policy: Policy) -> &'static str {
    match policy {
        Policy::Accept => "accept",
        Policy::Reject => "reject",
        Policy::Drop => "drop",
    }
}

fn family_number(family: Family) -> u8 {
    match family {
        Family::Any => 0,
        Family::V4 => 4,
        Family::V6 => 6,
    }
}

fn rule_family(family: ruleset::Family) -> u8 {
    match family {
        ruleset::Family::V4 => 4,
        ruleset::Family::V6 => 6,
    }
}

fn key_type(key: KeyType) -> &'static str {
    match key {
        KeyType::Ipv4Addr => "ipv4_addr",
        KeyType::Ipv6Addr => "ipv6_addr",
        KeyType::EtherAddr => "ether_addr",
        KeyType::InetService => "inet_service",
    }
}

fn set_type(kind: SetType) -> &'static str {
    match kind {
        SetType::Ip => "ip",
        SetType::Port => "port",
        SetType::Mac => "mac",
        SetType::Net => "net",
    }
}

fn direction(dir: Dir) -> &'static str {
    match dir {
        Dir::Src => "src",
        Dir::Dst => "dst",
    }
}

fn number(n: Number) -> Json {
    match n {
        Number::Int(n) => i64::try_from(n).map_or_else(|_| (n as f64).into(), Into::into),
        Number::Double(d) => d.into(),
    }
}

/// What the verbs `network`, `device` and `zone` read back; the file may be fw4's own.
#[derive(Debug, Deserialize)]
pub struct State {
    #[serde(default)]
    zones: Option<Vec<StateZone>>,
    #[serde(default)]
    networks: Option<HashMap<String, StateInterface>>,
}

#[derive(Debug, Deserialize)]
struct StateInterface {
    #[serde(default)]
    ipaddrs: Option<Vec<StateAddress>>,
}

#[derive(Debug, Deserialize)]
struct StateAddress {
    #[serde(default)]
    addr: Option<IpAddr>,
}

#[derive(Debug, Deserialize)]
struct StateZone {
    name: String,
    #[serde(default)]
    network: Option<Vec<StateNetwork>>,
    #[serde(default)]
    match_rules: Option<Vec<StateRule>>,
}

#[derive(Debug, Deserialize)]
struct StateNetwork {
    #[serde(default)]
    device: Option<String>,
}

#[derive(Debug, Deserialize)]
struct StateRule {
    #[serde(default)]
    devices_pos: Option<Vec<String>>,
}

impl State {
    /// # Errors
    /// The file cannot be read, or is not JSON of this shape.
    pub fn read(path: &Path) -> io::Result<State> {
        let bytes = std::fs::read(path)?;
        Ok(serde_json::from_str(&text::decode(&bytes))?)
    }

    /// The zone that covers a network of netifd.
    pub fn zone_of_network(&self, network: &str) -> Option<&str> {
        self.zones()
            .find(|z| z.networks().any(|n| n == network))
            .map(|z| z.name.as_str())
    }

    /// The zone that covers a device.
    pub fn zone_of_device(&self, device: &str) -> Option<&str> {
        self.zones()
            .find(|z| z.devices().any(|d| d == device))
            .map(|z| z.name.as_str())
    }

    /// The devices of a zone, `None` if there is no such zone.
    pub fn devices_of_zone(&self, name: &str) -> Option<Vec<&str>> {
        self.zones()
            .find(|z| z.name == name)
            .map(|z| z.devices().collect())
    }

    /// The router's own addresses.
    pub fn addresses(&self) -> HashSet<IpAddr> {
        let interfaces = self.networks.iter().flat_map(HashMap::values);
        interfaces
            .flat_map(|i| i.ipaddrs.iter().flatten())
            .filter_map(|a| a.addr)
            .collect()
    }

    fn zones(&self) -> impl Iterator<Item = &StateZone> {
        self.zones.iter().flatten()
    }
}

impl StateZone {
    fn networks(&self) -> impl Iterator<Item = &str> {
        self.network
            .iter()
            .flatten()
            .filter_map(|n| n.device.as_deref())
    }

    fn devices(&self) -> impl Iterator<Item = &str> {
        self.match_rules
            .iter()
            .flatten()
            .filter_map(|r| r.devices_pos.as_ref())
            .flatten()
            .map(String::as_str)
    }
}
