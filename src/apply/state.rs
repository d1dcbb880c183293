/*!
`/var/run/fw4.state`: what is loaded, for the verbs that look things up and for others who read it.

The shape is fw4's: zones with the devices and subnets they match, sets, networks, the rules that came
over ubus, includes.
*/

use std::io;
use std::net::IpAddr;
use std::path::Path;

use crate::json::{Json, Map};

use super::files;
use crate::compile::{Compiled, CompiledZone, Flags, MatchRule, SubnetGroup};
use crate::config::value::{Device, Family, Policy, SetType, Subnet, SubnetKind};
use crate::config::{Firewall, Include, IncludeKind, Ipset, Position, Zone};
use crate::nft;
use crate::router::{Network, Router};
use crate::ruleset::{self, Dir, KeyType, Number};
use crate::{json, text};

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
    let networks: Map = router
        .networks
        .iter()
        .map(|n| (n.name.clone(), network(n)))
        .collect();
    let state = json::object(vec![
        ("zones", zones.into()),
        ("ipsets", firewall.ipsets.iter().map(ipset).collect()),
        ("networks", networks.into()),
        ("ubus_rules", router.ubus_rules.clone().into()),
        ("includes", firewall.includes.iter().map(include).collect()),
    ]);
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
        zone.log_limit.as_ref().map_or(Json::Null, |l| {
            json::object(vec![
                ("rate", l.rate.into()),
                ("unit", nft::time_unit(l.unit).into()),
            ])
        }),
    );
    put("auto_helper", Json::Bool(zone.auto_helper));
    let helpers = zone
        .helper
        .iter()
        .filter_map(|id| firewall.helpers.get(id.0));
    let helpers = helpers.map(|h| json::object(vec![("name", h.name.as_str().into())]));
    put("helper", list(helpers));
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
    json::object(vec![
        ("invert", device.invert.into()),
        ("val", name.unwrap_or("*").into()),
        match name {
            Some(name) => ("device", name.into()),
            None => ("any", true.into()),
        },
    ])
}

fn match_rule(rule: &MatchRule) -> Json {
    let masked = rule.subnets_masked.iter().map(masked_addr);
    json::object(vec![
        ("family", rule.family.map_or(0, rule_family).into()),
        ("devices_pos", names(&rule.devices_pos)),
        ("devices_neg", names(&rule.devices_neg)),
        ("devices_neg_wildcard", names(&rule.devices_neg_wildcard)),
        ("subnets_pos", cidrs(&rule.subnets_pos)),
        ("subnets_neg", cidrs(&rule.subnets_neg)),
        ("subnets_masked", list(masked)),
    ])
}

fn subnet_group(group: &SubnetGroup) -> Json {
    Json::Array(vec![
        cidrs(&group.pos),
        cidrs(&group.neg),
        list(group.masked.iter().map(masked_addr)),
    ])
}

fn masked_addr(addr: &ruleset::MaskedAddr) -> Json {
    let family = if addr.addr.is_ipv4() { 4 } else { 6 };
    json::object(vec![
        ("family", family.into()),
        ("addr", addr.addr.to_string().into()),
        ("mask", addr.mask.map(|m| m.to_string()).into()),
        ("bits", (-1).into()),
        ("invert", addr.invert.into()),
    ])
}

fn subnet(subnet: &Subnet) -> Json {
    let family = if subnet.is_v4() { 4 } else { 6 };
    let (mask, bits) = match &subnet.kind {
        SubnetKind::Bits { bits, mask } => (mask.as_ref(), Json::from(*bits)),
        SubnetKind::Mask(mask) => (mask.as_ref(), Json::from(-1)),
        SubnetKind::Range(last) => {
            return json::object(vec![
                ("family", family.into()),
                ("addr", subnet.addr.to_string().into()),
                ("addr2", last.to_string().into()),
                ("range", true.into()),
            ]);
        }
    };
    json::object(vec![
        ("family", family.into()),
        ("addr", subnet.addr.to_string().into()),
        ("mask", mask.map(ToString::to_string).into()),
        ("bits", bits),
    ])
}

fn flags(flags: Flags) -> Json {
    flags
        .names()
        .map(|name| (name.to_owned(), Json::Bool(true)))
        .collect::<Map>()
        .into()
}

fn ipset(set: &Ipset) -> Json {
    let matches: Vec<Json> = set
        .directions
        .iter()
        .zip(&set.types)
        .map(|(d, t)| Json::Array(vec![direction(*d).into(), set_type(*t).into()]))
        .collect();
    let mut flags: Vec<Json> = Vec::new();
    if set.interval {
        flags.push("interval".into());
    }
    if set.timeout.as_f64() >= 0.0 {
        flags.push("timeout".into());
    }
    json::object(vec![
        ("enabled", true.into()),
        ("name", set.name.as_str().into()),
        ("comment", json::maybe(set.comment.as_deref())),
        ("family", family_number(set.family).into()),
        ("match", matches.into()),
        ("maxelem", set.maxelem.map_or(Json::Null, number)),
        ("timeout", number(set.timeout)),
        ("loadfile", json::maybe(set.loadfile.as_deref())),
        ("fw4types", set.types.iter().map(|t| set_type(*t)).collect()),
        ("types", set.key.iter().map(|k| key_type(*k)).collect()),
        (
            "directions",
            set.directions.iter().map(|d| direction(*d)).collect(),
        ),
        ("interval", set.interval.into()),
        ("flags", flags.into()),
        (
            "entries",
            set.entries.iter().map(nft::element_fields).collect(),
        ),
    ])
}

fn network(network: &Network) -> Json {
    let mut out = vec![
        ("up", network.up.into()),
        ("device", json::maybe(network.device.as_deref())),
        ("physdev", json::maybe(network.physdev.as_deref())),
        ("zone", json::maybe(network.zone.as_deref())),
    ];
    if !network.addresses.is_empty() {
        let addresses: Vec<Json> = network
            .addresses
            .iter()
            .map(|a| subnet(&Subnet::from(a)))
            .collect();
        out.push(("ipaddrs", addresses.into()));
    }
    json::object(out)
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
    let mut out = vec![
        ("enabled", true.into()),
        ("path", include.path.as_str().into()),
        ("type", kind.into()),
        ("position", position.into()),
    ];
    if let Some(chain) = chain {
        out.push(("chain", chain.as_str().into()));
    }
    json::object(out)
}

fn names(names: &[String]) -> Json {
    list(names.iter().map(String::as_str))
}

fn cidrs(subnets: &[ruleset::Network]) -> Json {
    list(subnets.iter().map(nft::cidr))
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
#[derive(Debug)]
pub struct State(Json);

impl State {
    /// # Errors
    /// The file cannot be read, or is not a JSON object.
    pub fn read(path: &Path) -> io::Result<State> {
        let bytes = files::read_own(path)?;
        let state: Json = json::read(&text::decode(&bytes))?;
        match state.as_object() {
            Some(_) => Ok(State(state)),
            None => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    /// The zone that covers a network of netifd.
    pub fn zone_of_network(&self, network: &str) -> Option<&str> {
        let covers = |zone: &Json| {
            let mut networks = json::items(zone, "network").iter();
            networks.any(|n| json::text(n, "device") == Some(network))
        };
        self.zone(&covers).and_then(name)
    }

    /// The zone that covers a device.
    pub fn zone_of_device(&self, device: &str) -> Option<&str> {
        self.zone(&|zone| devices(zone).contains(&device))
            .and_then(name)
    }

    /// The devices of a zone, `None` if there is no such zone.
    pub fn devices_of_zone(&self, wanted: &str) -> Option<Vec<&str>> {
        self.zone(&|zone| name(zone) == Some(wanted)).map(devices)
    }

    /// The router's own addresses.
    pub fn addresses(&self) -> Vec<IpAddr> {
        let networks = self.0.get("networks").and_then(Json::as_object);
        let mut addresses = Vec::new();
        for network in networks.into_iter().flat_map(Map::values) {
            for address in json::items(network, "ipaddrs") {
                addresses
                    .extend(json::text(address, "addr").and_then(|a| a.parse::<IpAddr>().ok()));
            }
        }
        addresses
    }

    fn zone(&self, wanted: &dyn Fn(&Json) -> bool) -> Option<&Json> {
        json::items(&self.0, "zones").iter().find(|z| wanted(z))
    }
}

fn name(zone: &Json) -> Option<&str> {
    json::text(zone, "name")
}

fn devices(zone: &Json) -> Vec<&str> {
    let rules = json::items(zone, "match_rules").iter();
    rules
        .flat_map(|rule| json::items(rule, "devices_pos"))
        .filter_map(Json::as_str)
        .collect()
}
