//! Whole commands on the same configuration, beside the bare commit of what they commit.

use std::cell::Cell;
use std::ffi::{OsStr, OsString};
use std::time::Duration;

use ferrowall::apply::{self, Broken};
use ferrowall::netlink::{Batch, Prior, Socket};
use ferrowall::nft;
use ferrowall::router::SnapshotKernel;
use ferrowall::ruleset::Ruleset;

use crate::configuration::Configuration;
use crate::contest::{self, Contender, Row};
use crate::measure::{self, Sample};

/// What is measured: the release binary, unless this variable has another program's words.
const PROGRAM: &str = "BENCH_PROGRAM";

fn program() -> String {
    std::env::var(PROGRAM).unwrap_or_else(|_| env!("CARGO_BIN_EXE_ferrowall").to_owned())
}

pub fn run(configuration: &Configuration) -> Vec<Row> {
    let root = configuration.root();
    let prepared = apply::prepare(root, &SnapshotKernel::new(root), Broken::Refuse);
    let ruleset = prepared.expect("a configuration").compiled.ruleset;
    let text = nft::print(&ruleset);
    let sets = anonymous_sets(&text);
    // fw4's text empties the table but no sets; `restart` makes them anew.
    let named = ruleset.sets.iter();
    let flush: String = named
        .map(|set| format!("flush set inet fw4 {}\n", set.name))
        .collect();
    let file = configuration.write("ruleset.nft", [flush.as_bytes(), &text].concat());
    let batch = replacement(&ruleset);
    println!(
        "\n{}: {} messages, {} KiB, {sets} anonymous sets",
        configuration.title,
        batch.messages(),
        batch.len() / 1024
    );
    drop(text);
    let sendmsg = Cell::new(Duration::ZERO);

    let pipe = format!(
        "{{ printf '{}'; {} --root '{}' print; }} | nft -f -",
        flush.replace('\n', "\\n"),
        program(),
        root.display()
    );
    let mut contenders = vec![
        whole(
            "ferrowall restart",
            ferrowall(root.as_os_str(), "restart"),
            &[],
        ),
        whole("ferrowall print | nft -f -", ["sh", "-c", &pipe], &[]),
        whole(
            "nft -f of the same text",
            ["nft".as_ref(), "-f".as_ref(), file.as_os_str()],
            &[],
        ),
        Contender {
            name: "bare commit (the kernel's floor)".into(),
            run: Box::new(|| {
                let (sample, took) = measure::inside(|| bare_commit(&batch));
                sendmsg.set(took);
                sample
            }),
            floor: true,
        },
        Contender {
            name: "  of which until it is in force".into(),
            run: Box::new(|| Sample {
                wall: sendmsg.get(),
                cpu: None,
                process: None,
            }),
            floor: false,
        },
    ];
    // What the bare commit leaves behind is ours, so the difference to it can be told.
    contenders.push(whole(
        "ferrowall reload (nothing changed)",
        ferrowall(root.as_os_str(), "reload"),
        &[],
    ));
    // And once more: now nobody made a transaction in between.
    contenders.push(whole(
        "ferrowall reload (nor did the kernel)",
        ferrowall(root.as_os_str(), "reload"),
        &[],
    ));
    contenders.push(whole(
        "ferrowall --version (a process)",
        [
            program().split_whitespace().map(OsString::from).collect(),
            vec!["--version".into()],
        ]
        .concat(),
        &[],
    ));
    let mut reload = whole("", ferrowall(root.as_os_str(), "reload"), &[]);
    contenders.push(Contender {
        name: format!("ferrowall reload ({})", configuration.changes()),
        run: Box::new(move || {
            configuration.change();
            let sample = (reload.run)();
            configuration.take_it_back();
            sample
        }),
        floor: false,
    });
    let Some(fw4) = std::env::var_os("FW4") else {
        return contest::run(configuration, contenders);
    };
    let environment = [("FW4_ROOT", root.as_os_str())];
    contenders.push(whole(
        "fw4 restart",
        [&*fw4, "restart".as_ref()],
        &environment,
    ));
    contenders.push(whole(
        "fw4 reload",
        [&*fw4, "reload".as_ref()],
        &environment,
    ));
    contest::run(configuration, contenders)
}

fn ferrowall(root: &OsStr, verb: &str) -> Vec<OsString> {
    let program = program();
    let mut words: Vec<OsString> = program.split_whitespace().map(OsString::from).collect();
    words.extend(["--root".as_ref(), root, verb.as_ref()].map(OsStr::to_owned));
    words
}

/// A contender that is a command.
fn whole(
    name: &str,
    words: impl IntoIterator<Item = impl AsRef<OsStr>>,
    environment: &[(&'static str, &OsStr)],
) -> Contender<'static> {
    let words: Vec<OsString> = words.into_iter().map(|w| w.as_ref().to_owned()).collect();
    let environment: Vec<(&str, OsString)> = environment
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()))
        .collect();
    Contender {
        name: name.to_owned(),
        run: Box::new(move || {
            let words: Vec<&OsStr> = words.iter().map(OsString::as_os_str).collect();
            let environment: Vec<_> = environment.iter().map(|(n, v)| (*n, &**v)).collect();
            measure::command(&words, &environment)
        }),
        floor: false,
    }
}

/// What `restart` sends. The first load is no contender's: all of them replace the same ruleset.
fn replacement(ruleset: &Ruleset) -> Batch {
    let mut socket = Socket::open().expect("a netlink socket");
    let mut batch = || {
        let mut prior = Prior::read(&mut socket, ruleset).expect("the prior state");
        // It is to be sent again and again.
        prior.generation = None;
        let Ok(batch) = Batch::renew(ruleset, &prior) else {
            panic!("the ruleset cannot be encoded");
        };
        batch.commit(&mut socket).expect("a load");
        batch
    };
    batch();
    batch()
}

/// How long the commit itself took. Closing the socket, as the end of any process does, belongs to the cost: only then
/// does the kernel wait until what was replaced is gone (`nft_rcv_nl_event` in its net/netfilter/nf_tables_api.c).
fn bare_commit(batch: &Batch) -> Duration {
    let mut socket = Socket::open().expect("a netlink socket");
    let committed = measure::inside(|| batch.commit(&mut socket).expect("a commit"));
    committed.0.wall
}

/// Braces within rules: sets and maps that only their rule knows.
fn anonymous_sets(text: &[u8]) -> usize {
    let rules = text
        .split(|b| *b == b'\n')
        .filter(|l| l.starts_with(b"\t\t"));
    rules
        .map(|rule| rule.windows(2).filter(|w| w == b"{ ").count())
        .sum()
}
