//! Every input of a load, changed one by one: none may be taken for the one before.

use std::cell::Cell;
use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use super::*;
use crate::apply::record::Requester;
use crate::apply::{Backend, fingerprint, snippets, state};
use crate::diagnostic::Diagnostics;
use crate::offload::Outcome;
use crate::router::Refusal;

const CONFIG: &str = "
config defaults
	option flow_offloading 1
	option flow_offloading_hw 1
	option auto_helper 1

config zone
	option name lan
	option network lan
	option device extra0

config zone
	option name wan
	option network wan
	option masq 1

config ipset
	option name listed
	option match dest_net
	option loadfile /etc/listed.txt

config include
	option path /etc/own.nft
	option type nftables
	option position table-post
";

/// Takes hardware flowtables, or not.
struct Hardware(Cell<bool>);

impl KernelFacts for Hardware {
    fn accepts_hw_flowtable(&self, _: &[String]) -> Result<(), Refusal> {
        self.0.get().then_some(()).ok_or(Refusal {
            device: None,
            reason: "no".to_owned(),
        })
    }

    fn has_flowtable(&self) -> bool {
        false
    }
}

struct Bench {
    job: Job,
    kernel: Hardware,
}

impl Bench {
    fn new(name: &str) -> Bench {
        let root = format!("ferrowall-unchanged-{name}-{}", std::process::id());
        let bench = Bench {
            job: Job {
                root: std::env::temp_dir().join(root),
                backend: Backend::Auto,
                echo: false,
                requested_by: Requester::Cli,
            },
            kernel: Hardware(Cell::new(true)),
        };
        let interfaces = r#"{"interface":[
            {"interface":"lan","up":true,"uptime":7,"l3_device":"br0","device":"br0","data":{},
             "ipv4-address":[{"address":"192.168.1.1","mask":24}]},
            {"interface":"wan","up":true,"uptime":7,"l3_device":"eth1","device":"eth1","data":{}}]}"#;
        for (path, text) in [
            ("etc/config/firewall", CONFIG),
            ("tmp/.uci/firewall", "firewall.@zone[0].input='ACCEPT'\n"),
            ("etc/config/sqm", "config queue\n"),
            ("etc/config/qosify", "config device\n"),
            ("etc/listed.txt", "192.0.2.0/24\n"),
            ("etc/own.nft", "# nothing\n"),
            ("etc/nftables.d/own.nft", "# nothing\n"),
            ("usr/share/nftables.d/chain-pre/input/a.nft", "# nothing\n"),
            (
                "usr/share/firewall4/helpers",
                "config helper\n\toption name ftp\n\toption module nf_conntrack_ftp\n\toption family ipv4\n\
                 \toption proto tcp\n\toption port 21\n",
            ),
            ("sys/module/nf_conntrack_ftp/refcnt", "0\n"),
            ("proc/version", "Linux version 6.6.0\n"),
            ("sys/class/net/br0/flags", "0x1003\n"),
            ("sys/class/net/br0/lower_port0", ""),
            ("sys/class/net/port0/flags", "0x1003\n"),
            ("sys/class/net/port0/ifindex", "5\n"),
            ("sys/class/net/eth1/flags", "0x1003\n"),
            ("ubus/network.interface-dump.json", interfaces),
            (
                "ubus/network.device-status.json",
                r#"{"br0":{"devtype":"bridge","statistics":1}}"#,
            ),
            (
                "ubus/service-get_data.json",
                r#"{"s":{"firewall":[{"type":"rule","src":"wan"}]}}"#,
            ),
        ] {
            bench.write(path, text);
        }
        bench
    }

    fn path(&self, path: &str) -> PathBuf {
        self.job.root.join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("written");
    }

    /// What a load asks, in its order.
    fn load(&self) -> Record {
        let source = pipeline::read(&self.job.root).expect("a configuration");
        let package = source
            .package(
                &crate::uci::Directories::below(&self.job.root),
                pipeline::PACKAGE,
            )
            .expect("UCI");
        let (router, said) = Router::load(&self.job.root);
        let mut prepared =
            pipeline::prepare_router(&self.kernel, std::borrow::Cow::Owned(package), router, said);
        let mut offload = Outcome::new(&prepared.compiled.offload);
        let mut diagnostics = Diagnostics::default();
        crate::apply::shaped::report(&self.job, &prepared, &mut offload, &mut diagnostics);
        let fingerprint = fingerprint::of(&mut prepared);
        snippets::with_content(&prepared.compiled.ruleset, &prepared.router);
        state::write(
            &self.job.run_files().state,
            &prepared.firewall,
            &prepared.compiled,
            &prepared.router,
        )
        .expect("a state");
        paths::loaded(&self.job, &source).expect("kept");
        Record {
            action: "reload".to_owned(),
            requested_by: Requester::Cli,
            time: 0,
            duration_ms: 0,
            generation: 1,
            error: None,
            path: None,
            snippets: Vec::new(),
            written: None,
            // asked of the kernel here, which is not the one of this root
            offload: Outcome {
                effective: "off".to_owned(),
                ..offload
            },
            fingerprint: Some(fingerprint),
            moment: None,
            held: Default::default(),
            emergency: false,
            ended_connections: None,
            offload_policy: None,
            diagnostics: Json::Null,
            inputs: note(
                &self.job,
                &source,
                &prepared.router,
                crate::apply::files::STATE,
            ),
        }
    }

    fn is_same(&self, last: &Record) -> bool {
        let Ok(source) = pipeline::read(&self.job.root) else {
            return false;
        };
        let (router, _) = Router::load(&self.job.root);
        is_same(&self.job, &self.kernel, last, &source, &router)
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.job.root);
    }
}

#[test]
fn each_file_of_a_router_that_says_something_else_is_seen_and_nothing_else_is() {
    let bench = Bench::new("files");
    let last = bench.load();
    assert!(bench.is_same(&last), "{}", last.inputs);
    let replaced = [
        ("etc/config/firewall", "config defaults\n"),
        ("tmp/.uci/firewall", "firewall.@zone[0].input='DROP'\n"),
        ("etc/config/sqm", "config queue\n\toption enabled 1\n"),
        ("etc/config/qosify", "config interface\n"),
        ("etc/listed.txt", "192.0.3.0/24\n"),
        ("etc/own.nft", "chain mine {}\n"),
        ("etc/nftables.d/own.nft", "chain mine {}\n"),
        ("usr/share/nftables.d/chain-pre/input/a.nft", "accept\n"),
        ("usr/share/firewall4/helpers", "config helper\n"),
        ("proc/version", "Linux version 5.15.0\n"),
        ("sys/class/net/br0/flags", "0x1008\n"),
        ("sys/class/net/port0/ifindex", "9\n"),
        (
            "ubus/network.interface-dump.json",
            r#"{"interface":[{"interface":"lan","up":true,"l3_device":"br9","device":"br9","data":{}}]}"#,
        ),
        (
            "ubus/network.device-status.json",
            r#"{"br0":{"devtype":"vlan"}}"#,
        ),
        (
            "ubus/service-get_data.json",
            r#"{"s":{"firewall":[{"type":"rule","src":"lan"}]}}"#,
        ),
        ("var/run/fw4.state", "{}"),
    ];
    for (path, text) in replaced {
        let before = fs::read_to_string(bench.path(path)).expect(path);
        bench.write(path, text);
        assert!(!bench.is_same(&last), "{path} says something else");
        fs::remove_file(bench.path(path)).expect(path);
        assert!(!bench.is_same(&last), "{path} is gone");
        bench.write(path, &before);
        assert!(bench.is_same(&last), "{path} is as before");
    }
    let added = [
        "var/run/uci/firewall",
        "etc/nftables.d/more.nft",
        "usr/share/nftables.d/chain-pre/input/more.nft",
        "usr/share/nftables.d/table-post/more.nft",
        "usr/share/nftables.d/chain-post/forward/more.nft",
        "sys/class/net/br0/lower_port1",
        "sys/class/net/extra0/flags",
        "var/run/ferrowall/try",
        "var/run/ferrowall/unfinished",
        "var/run/ferrowall/over",
        "etc/firewall.before-try",
    ];
    for path in added {
        let text = if path.contains("uci") {
            "config rule\n"
        } else {
            ""
        };
        bench.write(path, text);
        assert!(!bench.is_same(&last), "{path} came");
        fs::remove_file(bench.path(path)).expect(path);
        if let Some(folder) = path.strip_suffix("/flags") {
            fs::remove_dir(bench.path(folder)).expect(folder);
        }
        for folder in ["table-post", "chain-post/forward", "chain-post"] {
            let _ = fs::remove_dir(bench.path("usr/share/nftables.d").join(folder));
        }
        assert!(bench.is_same(&last), "{path} went");
    }
    // Seconds go by, packets come and go.
    let dump = fs::read_to_string(bench.path("ubus/network.interface-dump.json")).expect("it");
    let later = dump.replace("\"uptime\":7", "\"uptime\":8");
    bench.write("ubus/network.interface-dump.json", &later);
    bench.write(
        "ubus/network.device-status.json",
        r#"{"br0":{"devtype":"bridge","statistics":2}}"#,
    );
    assert!(bench.is_same(&last));
}

#[test]
fn what_is_no_file_is_seen_as_well() {
    let mut bench = Bench::new("others");
    let last = bench.load();
    let module = bench.path("sys/module/nf_conntrack_ftp");
    let aside = bench.path("sys/aside");
    fs::rename(&module, &aside).expect("moved");
    assert!(!bench.is_same(&last), "a kernel module is gone");
    fs::rename(&aside, &module).expect("moved");
    bench.kernel.0.set(false);
    assert!(!bench.is_same(&last), "the hardware refuses");
    bench.kernel.0.set(true);
    for backend in [Backend::Netlink, Backend::Nft] {
        bench.job.backend = backend;
        assert!(!bench.is_same(&last), "another way into the kernel");
    }
    bench.job.backend = Backend::Auto;
    assert!(bench.is_same(&last));
    let own = bench.path("etc/own.nft");
    fs::remove_file(&own).expect("removed");
    symlink("nowhere", &own).expect("a link");
    assert!(!bench.is_same(&last), "a link to nowhere");
}

#[test]
fn a_record_is_of_the_configuration_that_was_kept_with_it() {
    let bench = Bench::new("kept");
    let last = bench.load();
    let more = "config include\n\toption path /etc/run.sh\n\toption type script\n";
    bench.write("etc/config/firewall", &[CONFIG, more].concat());
    assert!(!bench.is_same(&last));
    // A load of it that the kernel had nothing to do for, killed before it wrote its state, ran the script and wrote its record.
    let source = pipeline::read(&bench.job.root).expect("a configuration");
    paths::loaded(&bench.job, &source).expect("kept");
    assert!(!bench.is_same(&last));
    bench.write("etc/config/firewall", CONFIG);
    assert!(
        !bench.is_same(&last),
        "it is back in the file, not in what is kept"
    );
    assert!(bench.is_same(&bench.load()));
}

/// Of each kind one is asked by the configuration above, so that no kind is without its line in the tables above.
#[test]
fn every_kind_of_question_is_among_those_that_were_changed() {
    let bench = Bench::new("kinds");
    let inputs = bench.load().inputs;
    let asked: HashSet<char> = inputs
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|one| one.as_str()?.chars().next())
        .collect();
    for kind in Kind::ALL {
        assert!(asked.contains(&(kind as u8 as char)), "{kind:?}");
    }
}

#[test]
fn a_record_without_inputs_or_with_torn_ones_says_nothing() {
    let bench = Bench::new("torn");
    let last = bench.load();
    let with = |inputs: Json| Record {
        inputs,
        ..last.clone()
    };
    let Json::Array(items) = &last.inputs else {
        panic!("a list")
    };
    for inputs in [
        Json::Null,
        Json::Array(Vec::new()),
        Json::from("f/etc/config/firewall"),
        Json::Array(items[..items.len() - 1].to_vec()),
        Json::Array(vec!["?".into(), 1u64.into()]),
        Json::Array(vec!["".into(), 1u64.into()]),
        Json::Array(vec![1u64.into(), "b".into()]),
    ] {
        assert!(!bench.is_same(&with(inputs.clone())), "{inputs}");
    }
    let text = with(last.inputs.clone()).json().to_string();
    assert!(!text.contains("nf_conntrack_ftp"), "no part of `status`");
}

/// The stages that make the ruleset have no other way to the router than the one that notes.
#[test]
fn no_stage_asks_past_the_router() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut todo: Vec<PathBuf> = ["config", "compile", "ruleset", "nft"]
        .map(|stage| source.join(stage))
        .to_vec();
    let mut seen = 0;
    while let Some(path) = todo.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).expect("a folder");
            todo.extend(entries.map(|entry| entry.expect("an entry").path()));
            continue;
        }
        let text = fs::read_to_string(&path).expect("a source file");
        let for_tests = path.ends_with("testing.rs") || path.ends_with("tests.rs");
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        for word in [
            "fs::",
            "File::",
            "env::var",
            "Socket",
            "Command::",
            "Root::",
            "SystemTime",
            "Instant",
        ] {
            assert!(
                for_tests || !text.contains(word),
                "{}: {word}",
                path.display()
            );
        }
        seen += 1;
    }
    assert!(seen > 50);
}
