/*!
What a reload spares itself (reading large sets back, reading the rules back, compiling) changes nothing: whatever happened
since the last one, it ends where one ends that has no record of a load to go by.

`FERROWALL_STEPS` says how many steps (100 otherwise, a part of the thousands that were tried).
*/

use std::fs;
use std::thread::sleep;
use std::time::Duration;

use ferrowall::text;

use super::mutated::{State, state};
use super::namespace::{in_namespace, sh, try_sh};
use super::random::Random;
use super::{configuration, router, router_root::RouterRoot, router_root::ZONES};

/// Names, kinds and load files of sets that are large enough to be summed up.
const SETS: [(&str, &str, &str); 3] = [
    ("hosts", "src_ip", "etc/sets/many-hosts"),
    ("nets", "src_net", "etc/sets/many-nets"),
    ("doors", "dest_ip dest_port", "etc/sets/many-doors"),
];

/// A router and what is configured on it.
struct Bench {
    root: RouterRoot,
    sections: Vec<Vec<u8>>,
    /// One of any kind, for one step: a load that had something to tell is compiled again.
    odd: Vec<u8>,
    random: Random,
}

impl Bench {
    fn new(seed: u64) -> Bench {
        let mut bench = Bench {
            root: router("shortcuts"),
            sections: vec![ZONES.as_bytes().to_vec()],
            odd: Vec::new(),
            random: Random(seed),
        };
        for set @ (name, kind, file) in &SETS {
            bench.fill(set);
            let section = format!(
                "config ipset\n\toption name '{name}'\n\toption match '{kind}'\n\toption loadfile '/{file}'\n"
            );
            bench.sections.push(section.into_bytes());
        }
        bench.configure();
        bench
    }

    fn configure(&self) {
        let file = self.root.path().join("etc/config/firewall");
        let text = [&*self.sections.concat(), &self.odd].concat();
        fs::write(file, text).expect("written");
    }

    /// Another load file for this set, of which much is as before.
    fn fill(&mut self, (name, _, file): &(&str, &str, &str)) {
        let path = self.root.path().join(file);
        let mut lines: Vec<String> = fs::read_to_string(&path)
            .unwrap_or_default()
            .lines()
            .map(str::to_owned)
            .collect();
        let keep = self.random.pick(&[0, 200, 255, 256, 257, 400, 1000]);
        lines.truncate(keep);
        for _ in 0..self.random.pick(&[1, 10, 300]) {
            let (a, b) = (self.random.below(256), self.random.below(256));
            lines.push(match *name {
                "hosts" => format!("10.0.{a}.{b}"),
                "nets" => format!("10.{a}.{b}.0/{}", self.random.pick(&[22, 24, 25])),
                _ => format!("10.0.{a}.{b} {}", 1 + b),
            });
        }
        fs::write(path, lines.join("\n") + "\n").expect("written");
    }

    /// A section that nothing is to be said of.
    fn section(&mut self) -> Vec<u8> {
        let port = 1 + self.random.below(9);
        let set = self.random.pick(&SETS).0;
        let section = match self.random.below(4) {
            0 => format!(
                "config rule\n\toption src 'wan'\n\toption proto 'tcp'\n\toption dest_port '{port}'\n\toption target 'ACCEPT'\n"
            ),
            1 => format!(
                "config rule\n\toption src 'wan'\n\toption ipset '{set}'\n\toption target 'DROP'\n"
            ),
            2 => format!(
                "config redirect\n\toption src 'wan'\n\toption dest 'lan'\n\toption proto 'udp'\n\toption src_dport '{port}'\n\toption dest_ip '192.168.1.{port}'\n\toption target 'DNAT'\n"
            ),
            _ => format!(
                "config rule\n\toption src 'lan'\n\toption dest 'wan'\n\toption src_ip '192.168.1.{port}'\n\toption target 'REJECT'\n"
            ),
        };
        section.into_bytes()
    }

    /// Something happens, to the configuration, the router or the kernel. What it was.
    fn happens(&mut self) -> String {
        let what = self.random.below(13);
        let own = 1 + SETS.len();
        match what {
            0 | 1 => {
                let section = self.section();
                self.sections.push(section);
            }
            2 => {
                self.odd = configuration::any_section(&mut self.random);
            }
            3 if self.sections.len() > own => {
                let at = own + self.random.below(self.sections.len() - own);
                self.sections.remove(at);
            }
            4 => {
                // the sets change places, or one is there twice
                let (one, other) = (self.random.below(3), self.random.below(3));
                match self.random.percent(80) {
                    true => self.sections.swap(1 + one, 1 + other),
                    false => self.sections.push(self.sections[1 + one].clone()),
                }
            }
            5 | 6 => {
                let set = self.random.pick(&SETS);
                self.fill(&set);
            }
            7 => {
                let set = self.random.pick(&SETS).0;
                let act = match self.random.below(3) {
                    0 => format!("nft flush set inet fw4 {set}"),
                    1 => "nft add element inet fw4 hosts '{ 10.9.9.9 }'".to_owned(),
                    _ => "nft add element inet fw4 nets '{ 10.0.0.0/9 }'".to_owned(),
                };
                // the set may have been refused
                try_sh(&act);
                return act;
            }
            8 => {
                let act = self.random.pick(&[
                    "nft add table ip other",
                    "nft delete table ip other",
                    "nft add rule inet fw4 input counter",
                    "nft insert rule inet fw4 forward counter",
                    "nft flush chain inet fw4 input_wan",
                    "nft flush table inet fw4",
                ]);
                try_sh(act);
                return act.to_owned();
            }
            9 => {
                let lines = sh("nft -a list chain inet fw4 input");
                let handles = lines.lines().filter(|line| line.starts_with("\t\t"));
                let handles: Vec<&str> = handles
                    .filter_map(|line| Some(line.split_once("# handle ")?.1))
                    .collect();
                if !handles.is_empty() {
                    let handle = self.random.pick(&handles);
                    sh(&format!("nft delete rule inet fw4 input handle {handle}"));
                }
            }
            10 => {
                let address = self.random.below(3);
                let interfaces = format!(
                    r#"{{"interface":[{{"interface":"wan","up":true,"l3_device":"wan0","ipv4-address":[{{"address":"203.0.113.{address}","mask":24}}]}},
                        {{"interface":"lan","up":true,"l3_device":"lan0","ipv4-address":[{{"address":"192.168.{address}.1","mask":24}}]}}]}}"#
                );
                self.root
                    .write("ubus/network.interface-dump.json", &interfaces);
            }
            11 => {
                // Another reload was killed at some moment.
                let section = self.section();
                self.sections.push(section);
                self.configure();
                let mut reload = self.root.command(&["--backend", "netlink", "reload"]);
                let mut reload = reload.spawn().expect("ferrowall runs");
                sleep(Duration::from_micros(self.random.below(8000) as u64));
                reload.kill().expect("killed");
                reload.wait().expect("its end");
            }
            _ => {}
        }
        format!("{what}")
    }

    /// Reloads, and says what the kernel has then; `None` if it was refused, which changes nothing.
    fn reload(&self) -> Option<State> {
        let reload = self.root.run(&["--backend", "netlink", "reload"]);
        let shown = || state().expect("nft shows it");
        reload.status.success().then(shown)
    }

    fn record(&self) -> serde_json::Value {
        let record = fs::read(self.root.path().join("var/run/ferrowall.json")).expect("a record");
        serde_json::from_str(&text::decode(&record)).expect("JSON")
    }
}

#[test]
fn whatever_a_reload_spares_itself_it_ends_where_one_without_a_record_does() {
    let wanted = std::env::var("FERROWALL_STEPS").ok();
    let wanted: u64 = wanted.and_then(|n| n.parse().ok()).unwrap_or(100);
    in_namespace(
        "shortcuts::whatever_a_reload_spares_itself_it_ends_where_one_without_a_record_does",
        || {
            let (mut refused, mut uncompiled) = (0, 0);
            for seed in 0..wanted.div_ceil(20) {
                sh("nft flush ruleset");
                let mut bench = Bench::new(0x9e37_79b9_7f4a_7c15 ^ (seed << 32 | 77));
                bench.root.ok(&["--backend", "netlink", "start"]);
                let mut story = Vec::new();
                for _ in 0..20 {
                    bench.odd.clear();
                    for _ in 0..=bench.random.below(2) {
                        story.push(bench.happens());
                    }
                    bench.configure();
                    let before = state();
                    let Some(short) = bench.reload() else {
                        refused += 1;
                        assert!(
                            state() == before,
                            "{seed}: {story:?}: refused, and not as before"
                        );
                        continue;
                    };
                    uncompiled += usize::from(!bench.record()["inputs"].is_null());
                    let record = bench.root.path().join("var/run/ferrowall.json");
                    let kept = fs::read(&record).expect("a record");
                    fs::remove_file(&record).expect("removed");
                    let long = bench.reload().expect("what was loaded is loaded again");
                    let apart = short.apart(&long);
                    assert!(apart.is_empty(), "{seed}: {story:?}: {apart:#?}");
                    assert_eq!(
                        bench.record()["written"]["update"],
                        "none",
                        "{seed}: {story:?}"
                    );
                    // The next one goes by the record of the first, and nobody but us made a transaction.
                    if bench.random.percent(50) {
                        fs::write(&record, kept).expect("written");
                    }
                }
            }
            eprintln!(
                "{wanted} steps, {refused} refused, {uncompiled} that another could follow without compiling"
            );
            assert!(uncompiled as u64 * 4 > wanted && refused * 4 < wanted);
        },
    );
}
