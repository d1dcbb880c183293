//! Each stage by itself, within this process: its CPU time, and its share of all of them.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use ferrowall::netlink::{Batch, Prior, Socket};
use ferrowall::router::{Router, SnapshotKernel};
use ferrowall::{compile, config, nft, uci};

use crate::configuration::Configuration;
use crate::measure::{self, median};

const STAGES: [&str; 8] = [
    "parse",
    "router",
    "config",
    "compile",
    "print",
    "read back",
    "encode",
    "commit",
];
/// Not part of a load over netlink.
const PRINT: usize = 4;
const ROUNDS_MAX: usize = 25;
const BUDGET: Duration = Duration::from_secs(8);

/// Milliseconds of each stage.
type Round = [f64; STAGES.len()];

/// All four take turns; the second is held against the first, the fourth against the third.
pub fn run(configurations: &[Configuration; 4]) {
    let mut rounds: Vec<Vec<Round>> = vec![Vec::new(); configurations.len()];
    let begun = Instant::now();
    let mut done = 0;
    while done < 3 || (done < ROUNDS_MAX && begun.elapsed() < BUDGET) {
        for (configuration, rounds) in configurations.iter().zip(&mut rounds) {
            rounds.push(round(configuration));
        }
        done += 1;
    }

    println!(
        "\nEach stage, {done} rounds: ms of CPU, and its share of a load (print is no part of it)"
    );
    for (number, configuration) in configurations.iter().enumerate() {
        println!("  [{}] {}", number + 1, configuration.title);
    }
    let title = |number: usize| format!("[{}] ms", number + 1);
    print!("{:>12}", "");
    for number in 0..configurations.len() {
        print!("{:>12}{:>7}", title(number), "share");
    }
    println!("{:>12}{:>12}", "[2]/[1]", "[4]/[3]");
    for (stage, name) in STAGES.iter().enumerate() {
        line(name, &rounds, |round| round[stage], stage != PRINT);
    }
    line("ours", &rounds, ours, true);
    line("all", &rounds, whole, true);
}

/// A load over netlink.
fn whole(round: &Round) -> f64 {
    round.iter().sum::<f64>() - round[PRINT]
}

/// Without what the kernel does.
fn ours(round: &Round) -> f64 {
    whole(round) - round[STAGES.len() - 1] - round[STAGES.len() - 3]
}

fn line(name: &str, rounds: &[Vec<Round>], time: impl Fn(&Round) -> f64, part: bool) {
    print!("{name:>12}");
    for rounds in rounds {
        let ms = median(rounds.iter().map(&time).collect());
        let share = median(rounds.iter().map(|r| time(r) / whole(r)).collect());
        print!("{ms:>12.3}");
        if part {
            print!("{:>6.1}%", 100.0 * share);
        } else {
            print!("{:>7}", "");
        }
    }
    for (many, few) in [(1, 0), (3, 2)] {
        let pairs = rounds[many].iter().zip(&rounds[few]);
        let ratio = median(pairs.map(|(a, b)| time(a) / time(b)).collect());
        print!("{ratio:>12.1}");
    }
    println!();
}

fn round(configuration: &Configuration) -> Round {
    let root = configuration.root();
    let text = fs::read(root.join("etc/config/firewall")).expect("a configuration");
    let helpers = fs::read(root.join("usr/share/firewall4/helpers")).expect("helpers");
    let helpers = uci::parse(&helpers, "helpers", Path::new("helpers")).expect("UCI");
    let mut socket = Socket::open().expect("a netlink socket");
    let (parse, package) =
        measure::cpu(|| uci::parse(&text, "firewall", Path::new("firewall")).expect("UCI"));
    let (router, (found, _)) = measure::cpu(|| Router::load(root));
    let (config, (firewall, _)) = measure::cpu(|| config::parse(&package, &helpers, &found));
    let kernel = SnapshotKernel::new(root);
    let (compile, compiled) = measure::cpu(|| compile::compile(&firewall, &found, &kernel));
    let ruleset = &compiled.ruleset;
    let (print, _) = measure::cpu(|| nft::print(ruleset));
    // So that what is replaced is the same ruleset and not that of the round before.
    let prior = Prior::read(&mut socket, ruleset).expect("the prior state");
    renew(ruleset, &prior)
        .commit(&mut socket)
        .expect("a first load");

    let (read, prior) = measure::cpu(|| Prior::read(&mut socket, ruleset).expect("a dump"));
    let (encode, batch) = measure::cpu(|| renew(ruleset, &prior));
    let (commit, _) = measure::cpu(|| batch.commit(&mut socket).expect("a load"));
    [parse, router, config, compile, print, read, encode, commit]
        .map(|time| 1000.0 * time.as_secs_f64())
}

fn renew(ruleset: &ferrowall::ruleset::Ruleset, prior: &Prior) -> Batch {
    let Ok(batch) = Batch::renew(ruleset, prior) else {
        panic!("the ruleset cannot be encoded");
    };
    batch
}
