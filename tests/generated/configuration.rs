/*! Configurations over every section kind and every option that there is. */

use super::random::Random;
use super::router_root::ZONES;
use super::values::{Kind, Kind::*, first, value};

/// A section kind: its options, and how many of them in a hundred are given.
struct Shape {
    kind: &'static str,
    most: usize,
    /// What a section hardly makes sense without.
    usual: &'static [(&'static str, Kind)],
    options: &'static [(&'static str, Kind)],
}

const SHARED: [(&str, Kind); 12] = [
    ("limit", Limit),
    ("limit_burst", Number),
    ("start_date", Date),
    ("stop_date", Date),
    ("start_time", Time),
    ("stop_time", Time),
    ("weekdays", Days),
    ("monthdays", MonthDays),
    ("utc_time", Bool),
    ("mark", Mark),
    ("log", Text),
    ("log_limit", Limit),
];

const SHAPES: [Shape; 8] = [
    Shape {
        kind: "defaults",
        most: 1,
        usual: &[("input", Policy), ("output", Policy), ("forward", Policy)],
        options: &[
            ("drop_invalid", Bool),
            ("tcp_reject_code", RejectCode),
            ("any_reject_code", RejectCode),
            ("synflood_protect", Bool),
            ("syn_flood", Bool),
            ("synflood_rate", Limit),
            ("synflood_burst", Number),
            ("auto_helper", Bool),
            ("flow_offloading", Bool),
            ("flow_offloading_hw", Bool),
            ("flow_offloading_devices", Device),
            ("flow_offloading_keep_dscp", Bool),
            ("flow_offloading_dscp_mark", Mark),
            ("auto_includes", Bool),
            ("tcp_syncookies", Bool),
            ("tcp_ecn", Number),
            ("tcp_window_scaling", Bool),
            ("accept_redirects", Bool),
            ("accept_source_route", Bool),
            ("custom_chains", Bool),
            ("disable_ipv6", Bool),
        ],
    },
    Shape {
        kind: "zone",
        most: 3,
        usual: &[("name", Zone), ("network", Interface), ("input", Policy)],
        options: &[
            ("enabled", Bool),
            ("family", Family),
            ("device", Device),
            ("subnet", Network),
            ("output", Policy),
            ("forward", Policy),
            ("masq", Bool),
            ("masq_allow_invalid", Bool),
            ("masq_src", Network),
            ("masq_dest", Network),
            ("masq6", Bool),
            ("mtu_fix", Bool),
            ("extra", Text),
            ("log", Number),
            ("log_limit", Limit),
            ("auto_helper", Bool),
            ("helper", Helper),
            ("counter", Bool),
            ("unheard_of", Text),
        ],
    },
    Shape {
        kind: "forwarding",
        most: 2,
        usual: &[("src", Zone), ("dest", Zone)],
        options: &[("name", Text), ("family", Family), ("enabled", Bool)],
    },
    Shape {
        kind: "rule",
        most: 4,
        usual: &[("name", Text), ("src", Zone), ("target", Target)],
        options: &[
            ("dest", Zone),
            ("proto", Proto),
            ("family", Family),
            ("device", Device),
            ("direction", Direction),
            ("ipset", SetUse),
            ("helper", Helper),
            ("set_helper", Helper),
            ("src_ip", Network),
            ("src_mac", Mac),
            ("src_port", Port),
            ("dest_ip", Network),
            ("dest_port", Port),
            ("icmp_type", Icmp),
            ("set_mark", Mark),
            ("set_xmark", Mark),
            ("dscp", Dscp),
            ("set_dscp", Dscp),
            ("counter", Bool),
            ("enabled", Bool),
        ],
    },
    Shape {
        kind: "redirect",
        most: 2,
        usual: &[
            ("name", Text),
            ("src", Zone),
            ("dest_ip", Network),
            ("src_dport", Port),
        ],
        options: &[
            ("target", Target),
            ("dest", Zone),
            ("proto", Proto),
            ("family", Family),
            ("ipset", SetUse),
            ("helper", Helper),
            ("src_ip", Network),
            ("src_mac", Mac),
            ("src_port", Port),
            ("src_dip", Network),
            ("dest_port", Port),
            ("reflection", Bool),
            ("reflection_src", Reflection),
            ("reflection_zone", Zone),
            ("counter", Bool),
            ("enabled", Bool),
        ],
    },
    Shape {
        kind: "nat",
        most: 2,
        usual: &[("name", Text), ("src", Zone), ("target", Target)],
        options: &[
            ("family", Family),
            ("device", Device),
            ("proto", Proto),
            ("src_ip", Network),
            ("src_port", Port),
            ("snat_ip", Network),
            ("snat_port", Port),
            ("dest_ip", Network),
            ("dest_port", Port),
            ("connlimit_ports", Bool),
            ("counter", Bool),
            ("enabled", Bool),
        ],
    },
    Shape {
        kind: "ipset",
        most: 2,
        usual: &[("name", SetName), ("match", SetType), ("entry", Entry)],
        options: &[
            ("comment", Text),
            ("family", Family),
            ("storage", Text),
            ("maxelem", Number),
            ("timeout", Number),
            ("counters", Bool),
            ("reload_set", Bool),
            ("loadfile", Path),
            ("enabled", Bool),
        ],
    },
    Shape {
        kind: "include",
        most: 1,
        usual: &[("path", Path), ("type", IncludeType)],
        options: &[
            ("position", Position),
            ("chain", Chain),
            ("fw4_compatible", Bool),
            ("enabled", Bool),
        ],
    },
];

const HELPER: Shape = Shape {
    kind: "helper",
    most: 1,
    usual: &[("name", Text), ("proto", Proto), ("port", Port)],
    options: &[("description", Text), ("family", Family)],
};

/// A whole `/etc/config/firewall` that libuci can read.
pub fn firewall(random: &mut Random) -> Vec<u8> {
    let mut out = match random.percent(60) {
        true => ZONES.as_bytes().to_vec(),
        false => Vec::new(),
    };
    for shape in &SHAPES {
        for _ in 0..random.below(shape.most + 1) {
            section(random, shape, &mut out);
        }
    }
    if random.percent(5) {
        out.extend(b"config unheard_of\n\toption x '1'\n");
    }
    out
}

/// One section of any kind.
pub fn any_section(random: &mut Random) -> Vec<u8> {
    let mut out = Vec::new();
    let shape = &SHAPES[random.below(SHAPES.len())];
    section(random, shape, &mut out);
    out
}

/// Sections of these kinds, one for each option there is: that option says `value`, the others what fits.
pub fn each_option(kinds: &[&str], value: &[u8]) -> Vec<Vec<u8>> {
    let mut sections = Vec::new();
    for shape in SHAPES.iter().filter(|shape| kinds.contains(&shape.kind)) {
        let shared = match shape.kind {
            "rule" | "redirect" | "nat" => &SHARED[..],
            _ => &[],
        };
        for (name, kind) in shape.usual.iter().chain(shape.options).chain(shared) {
            // `nft -j list` dies of a device whose name is no UTF-8, and then nothing could be counted
            if matches!(kind, Device) && std::str::from_utf8(value).is_err() {
                continue;
            }
            let mut out = format!("config {}\n", shape.kind).into_bytes();
            for (usual, kind) in shape.usual.iter().filter(|(usual, _)| usual != name) {
                // sections of one name are one to nft
                let own = format!("own{}", sections.len());
                let fits = match *usual {
                    "name" => own.as_bytes(),
                    _ => first(*kind).as_bytes(),
                };
                option(usual.as_bytes(), fits, false, &mut out);
            }
            option(name.as_bytes(), value, sections.len() % 3 == 0, &mut out);
            sections.push(out);
        }
    }
    sections
}

/// Helper definitions: two that are in order, and now and then one that is not.
pub fn helpers(random: &mut Random) -> Vec<u8> {
    let mut out = b"config helper\n\toption name 'ftp'\n\toption module 'nf_conntrack_ftp'\n\
        \toption proto 'tcp'\n\toption port '21'\n\
        config helper\n\toption name 'sip'\n\toption module 'nf_conntrack_ftp'\n\
        \toption proto 'udp'\n\toption port '5060'\n"
        .to_vec();
    if random.percent(10) {
        section(random, &HELPER, &mut out);
        option(b"module", b"nf_conntrack_ftp", false, &mut out);
    }
    out
}

fn section(random: &mut Random, shape: &Shape, out: &mut Vec<u8>) {
    out.extend(format!("config {}\n", shape.kind).bytes());
    for (name, kind) in shape.usual {
        if random.percent(90) {
            given(random, name, *kind, out);
        }
    }
    // few options at a time: many would leave nothing to load
    for _ in 0..random.below(5) {
        let (name, kind) = random.pick(shape.options);
        given(random, name, kind, out);
    }
    if matches!(shape.kind, "rule" | "redirect" | "nat") && random.percent(30) {
        let (name, kind) = random.pick(&SHARED);
        given(random, name, kind, out);
    }
}

fn given(random: &mut Random, name: &str, kind: Kind, out: &mut Vec<u8>) {
    let list = random.percent(12);
    for _ in 0..if list { 1 + random.below(3) } else { 1 } {
        option(name.as_bytes(), &value(random, kind), list, out);
    }
}

/// In single quotes; a single quote itself stands outside of them.
fn option(name: &[u8], value: &[u8], list: bool, out: &mut Vec<u8>) {
    out.extend(if list { &b"\tlist "[..] } else { b"\toption " });
    out.extend(name);
    out.extend(b" '");
    for byte in value {
        match byte {
            b'\'' => out.extend(b"'\\''"),
            other => out.push(*other),
        }
    }
    out.extend(b"'\n");
}
