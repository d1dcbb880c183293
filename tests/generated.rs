/*!
What holds for every configuration: nothing brings the program down, what it prints can be loaded or the section at
fault is named, and no text in a configuration becomes a rule, a chain or a table that nobody asked for.
*/

#[path = "support/namespace.rs"]
mod namespace;
#[path = "support/router_root.rs"]
mod router_root;

#[path = "generated/configuration.rs"]
mod configuration;
#[path = "generated/mutated.rs"]
mod mutated;
#[path = "generated/random.rs"]
mod random;
#[path = "generated/shortcuts.rs"]
mod shortcuts;
#[path = "generated/values.rs"]
mod values;

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::process::Output;

use ferrowall::apply::{Broken, Prepared, prepare};
use ferrowall::config::Sections;
use ferrowall::diagnostic::Origin;
use ferrowall::router::SnapshotKernel;
use ferrowall::ruleset::Ruleset;
use ferrowall::{nft, text};
use namespace::{in_namespace, sh};
use random::Random;
use router_root::{RouterRoot, ZONES};
use serde_json::Value as Json;

/// Rules in each chain, by family, table and chain.
type Counts = BTreeMap<(String, String, String), usize>;

fn router(name: &str) -> RouterRoot {
    let root = RouterRoot::new(name, "");
    for (path, content) in values::FILES {
        root.write(path.trim_start_matches('/'), content);
    }
    root.write("sys/module/nf_conntrack_ftp/refcnt", "0\n");
    root.write("usr/share/firewall4/helpers", "");
    root
}

/// Puts the configuration of this number in place.
fn configure(root: &RouterRoot, number: u64) {
    let mut random = Random(number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    // the first numbers of neighbouring seeds look alike
    for _ in 0..8 {
        random.below(2);
    }
    let place =
        |path: &str, bytes: Vec<u8>| fs::write(root.path().join(path), bytes).expect("written");
    place("etc/config/firewall", configuration::firewall(&mut random));
    place(
        "usr/share/firewall4/helpers",
        configuration::helpers(&mut random),
    );
}

fn prepared(root: &RouterRoot) -> Prepared {
    prepare(
        root.path(),
        &SnapshotKernel::new(root.path()),
        Broken::Refuse,
    )
    .expect("libuci could read it")
}

#[test]
fn no_configuration_brings_the_program_down() {
    let root = router("generated-print");
    let mut rules = 0;
    for number in 0..2000 {
        configure(&root, number);
        let prepared = prepared(&root);
        let text = nft::print(&prepared.compiled.ruleset);
        assert!(text.starts_with(b"table inet fw4\n"));
        rules += model(&prepared.compiled.ruleset).values().sum::<usize>();
    }
    assert!(
        rules > 20_000,
        "hardly anything was configured: {rules} rules"
    );
}

#[test]
fn every_configuration_loads_over_netlink_as_asked_or_names_what_is_wrong() {
    in_namespace(
        "every_configuration_loads_over_netlink_as_asked_or_names_what_is_wrong",
        || loads("netlink", 10_000..10_180),
    );
}

#[test]
fn every_configuration_loads_as_text_as_asked_or_names_what_is_wrong() {
    in_namespace(
        "every_configuration_loads_as_text_as_asked_or_names_what_is_wrong",
        || loads("nft", 10_000..10_180),
    );
}

#[test]
fn hostile_text_in_any_option_stays_text_over_netlink() {
    in_namespace("hostile_text_in_any_option_stays_text_over_netlink", || {
        hostile("netlink")
    });
}

#[test]
fn hostile_text_in_any_option_stays_text_through_nft() {
    in_namespace("hostile_text_in_any_option_stays_text_through_nft", || {
        hostile("nft")
    });
}

#[test]
fn text_in_a_value_does_not_become_a_rule_or_a_table() {
    in_namespace("text_in_a_value_does_not_become_a_rule_or_a_table", || {
        // fw4 prints one protocol as a bare word, and a name of several lines without quotes
        let more =
            "accept\n}\n}\ntable inet evil {\nchain c {\ntype filter hook input priority 0\n}\n#";
        let configuration = format!(
            "{ZONES}\nconfig rule\n\toption name 'proto'\n\toption src 'wan'\n\tlist proto '47 {more}'\n\toption target 'DROP'\n\
                 config nat\n\toption name 'device'\n\toption device 'ab\n{more}'\n\toption target 'ACCEPT'\n\
                 config rule\n\toption name 'name {more}'\n\toption src 'wan'\n\toption proto 'udp'\n\toption target 'DROP'\n"
        );
        for (backend, left_out) in [("nft", 3), ("netlink", 2)] {
            let root = RouterRoot::new(&format!("injection-{backend}"), &configuration);
            let started = root.run(&["--backend", backend, "start"]);
            assert_eq!(started.status.code(), Some(0));
            assert_eq!(as_asked(&root, &started), Ok(left_out), "{backend}");
            let checked = root.run(&["--backend", backend, "check"]);
            let said = String::from_utf8_lossy(&checked.stderr);
            assert!(
                said.contains("error: Section @rule[0] (proto) skipped: "),
                "{said}"
            );
            sh("nft flush ruleset");
        }
    });
}

fn loads(backend: &str, numbers: std::ops::Range<u64>) {
    let root = router(&format!("generated-{backend}"));
    let (mut loaded, mut without, mut refused, mut wrong) = (0, 0, 0, Vec::new());
    for number in numbers {
        configure(&root, number);
        match outcome(&root, backend) {
            Ok(Some(left_out)) => {
                loaded += 1;
                without += left_out;
            }
            Ok(None) => refused += 1,
            Err(why) => wrong.push(format!("configuration {number}: {why}")),
        }
    }
    eprintln!(
        "{backend}: {loaded} loaded, {without} sections left out, {refused} refused as a whole"
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // hostile values are in most of them; what is judged here must not be empty
    assert!(
        loaded > 100 && without > 10,
        "{loaded} loaded, {without} sections left out"
    );
}

/// Loads what is configured: how many sections were left out of it, or `None` if all of it was refused. Nothing stays.
fn outcome(root: &RouterRoot, backend: &str) -> Result<Option<usize>, String> {
    let started = root.run(&["--backend", backend, "start"]);
    let outcome = match started.status.code() {
        Some(0) => as_asked(root, &started).map(Some),
        Some(1) => refused_with_reason(root, backend, &started).map(|()| None),
        other => Err(format!("exit status {other:?}")),
    };
    sh("nft flush ruleset");
    let state = root.path().join("var/run/fw4.state");
    if state.exists() {
        fs::remove_file(state).expect("removed");
    }
    outcome.map_err(|why| format!("{why}\n{}", String::from_utf8_lossy(&started.stderr)))
}

/// Every hostile value in every option of every kind of section. By default those of the defaults, and of zones and includes
/// that keep all from loading, only in part: `FERROWALL_HOSTILE_ALL=1` tries all.
fn hostile(backend: &str) {
    let root = router(&format!("hostile-{backend}"));
    root.write(
        "usr/share/firewall4/helpers",
        "config helper\n\toption name 'ftp'\n\toption module 'nf_conntrack_ftp'\n\toption proto 'tcp'\n\toption port '21'\n",
    );
    let (mut loaded, mut refused, mut wrong) = (0, 0, Vec::new());
    let mut load = |sections: &[Vec<u8>]| {
        let configuration = [ZONES.as_bytes(), &sections.concat()].concat();
        fs::write(root.path().join("etc/config/firewall"), configuration).expect("written");
        match outcome(&root, backend) {
            Ok(Some(_)) => loaded += sections.len(),
            Ok(None) => {
                refused += sections.len();
                return false;
            }
            Err(why) => {
                wrong.push([&String::from_utf8_lossy(&sections.concat()), "\n", &*why].concat())
            }
        }
        true
    };
    // by default a part of those that have to go one by one
    let step = match std::env::var_os("FERROWALL_HOSTILE_ALL") {
        Some(_) => 1,
        None => 12,
    };
    for (n, value) in values::HOSTILE.into_iter().enumerate() {
        let kinds = ["rule", "redirect", "nat", "forwarding", "ipset"];
        load(&configuration::each_option(&kinds, value));
        // without a zone or an include nothing is loaded at all: then one by one
        for kind in ["zone", "include", "defaults"] {
            let sections = configuration::each_option(&[kind], value);
            if kind == "defaults" || !load(&sections) {
                for section in sections.chunks(1).skip(n % step).step_by(step) {
                    load(section);
                }
            }
        }
    }
    eprintln!("{backend}: {loaded} sections loaded or left out, {refused} kept all from loading");
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(loaded > 20 * refused, "{loaded} loaded, {refused} not");
}

/// The kernel has the rules of the model less the sections reported as left out, and nothing else. How
/// many were left out.
fn as_asked(root: &RouterRoot, started: &Output) -> Result<usize, String> {
    let Prepared {
        mut compiled,
        firewall,
        ..
    } = prepared(root);
    let record = record(root)?;
    let mut left_out = HashSet::new();
    for d in record["diagnostics"].as_array().into_iter().flatten() {
        if d["severity"] == "error" {
            left_out.insert(named(&firewall.sections, d)?);
        }
    }
    let left_out: Vec<_> = left_out.into_iter().collect();
    compiled.ruleset.leave_out(&left_out);
    if String::from_utf8_lossy(&started.stderr).contains("Flow offloading is not available") {
        compiled.ruleset.leave_out_flowtable();
    }
    let (mut asked, there) = (model(&compiled.ruleset), kernel()?);
    let included = key("included");
    if there.contains_key(&included) {
        // /etc/inc/chain.nft has it, if it was included
        asked.insert(included, 1);
    }
    if asked != there {
        let differs = |(key, count): &(&_, &usize)| there.get(*key) != Some(*count);
        let missing: Vec<_> = asked.iter().filter(differs).collect();
        let differs = |(key, count): &(&_, &usize)| asked.get(*key) != Some(*count);
        let found: Vec<_> = there.iter().filter(differs).collect();
        return Err(format!("asked for {missing:?}, found {found:?}"));
    }
    Ok(left_out.len())
}

/// How the last load went.
fn record(root: &RouterRoot) -> Result<Json, String> {
    let record = fs::read(root.path().join("var/run/ferrowall.json")).map_err(|e| e.to_string())?;
    serde_json::from_str(&text::decode(&record)).map_err(|e| e.to_string())
}

/// The section a diagnostic is about, which must have a place.
fn named(sections: &Sections, d: &Json) -> Result<Origin, String> {
    let message = d["message"].as_str().unwrap_or_default();
    let helper = message.starts_with("Helper definition '");
    let file = match helper {
        true => "/usr/share/firewall4/helpers",
        false => "/etc/config/firewall",
    };
    if d["file"] != file || !d["line"].is_u64() {
        return Err(format!("no place: {d}"));
    }
    let mut all = (1..)
        .map(Origin)
        .map_while(|origin| Some((origin, sections.get(origin)?)));
    all.find(|(_, section)| match helper {
        true => section.kind == "helper" && section.name.as_deref() == d["name"].as_str(),
        false => section.id().as_deref() == d["section"].as_str(),
    })
    .map(|(origin, _)| origin)
    .ok_or_else(|| format!("no section: {d}"))
}

/// What cannot be left out is named with its line, or the raw nft file with its own, and nothing of it was loaded.
fn refused_with_reason(root: &RouterRoot, backend: &str, started: &Output) -> Result<(), String> {
    let said = String::from_utf8_lossy(&started.stderr);
    let section = said
        .lines()
        .any(|line| line.starts_with("Section ") && line.contains(" at /etc/config/firewall:"));
    let file = match backend {
        "netlink" => said.contains("raw nft files cannot be loaded over netlink: /"),
        _ => ["/etc/sets/", "/etc/inc/"].iter().any(|folder| {
            said.lines()
                .any(|line| line.contains(folder) && line.contains(": Error: "))
        }),
    };
    if !section && !file {
        return Err("no section is named".to_owned());
    }
    // the emergency ruleset stands in for all of it
    let chains = kernel()?.into_keys().map(|(_, _, chain)| chain);
    let ours = chains.filter(|chain| chain.contains('_')).count();
    match record(root)?["emergency"] == true && ours == 0 {
        true => Ok(()),
        false => Err("something was loaded, or nothing at all".to_owned()),
    }
}

fn key(chain: &str) -> (String, String, String) {
    (
        "inet".to_owned(),
        "fw4".to_owned(),
        text::encode(chain).escape_ascii().to_string(),
    )
}

fn model(ruleset: &Ruleset) -> Counts {
    let mut counts = Counts::new();
    for chain in &ruleset.chains {
        *counts.entry(key(&chain.name)).or_default() += chain.rules().count();
    }
    counts
}

/// All tables, chains and rules of this namespace.
fn kernel() -> Result<Counts, String> {
    let listed = namespace::try_sh("nft -j list ruleset");
    let listing: Json = serde_json::from_str(&text::decode(&listed.stdout))
        .map_err(|e| format!("nft list: {e}: {}", String::from_utf8_lossy(&listed.stderr)))?;
    let mut counts = Counts::new();
    for object in listing["nftables"].as_array().into_iter().flatten() {
        let of = |object: &Json, chain: &str| {
            let field = |name: &str| object[name].as_str().unwrap_or("?").to_owned();
            (field("family"), field("table"), field(chain))
        };
        if let Some(table) = object.get("table")
            && (table["family"] != "inet" || table["name"] != "fw4")
        {
            return Err(format!("a table nobody asked for: {table}"));
        }
        if let Some(chain) = object.get("chain") {
            counts.entry(of(chain, "name")).or_default();
        }
        if let Some(rule) = object.get("rule") {
            *counts.entry(of(rule, "chain")).or_default() += 1;
        }
    }
    Ok(counts)
}
