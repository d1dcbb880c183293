/*! A network namespace for each test, and what nft says about it. */

use std::io::Write;
use std::process::{Command, Output, Stdio};

use ferrowall::netlink::{self, LoadError, Report, Socket, Way};
use ferrowall::ruleset::{
    BaseChain, Chain, ChainType, Hook, Item, Match, Origin, Part, Policy, Priority, Rule, Ruleset,
    Statement,
};
use serde_json::Value as Json;

const INSIDE: &str = "FERROWALL_TEST_NAMESPACE";

/// Runs a test's body in a network namespace of its own: the test program is started again inside of one, for
/// this test alone. The namespace ends with that process.
pub fn in_namespace(test: &str, body: impl FnOnce()) {
    in_namespace_and_time_zone(test, "UTC", body);
}

/// The same on a router that lives elsewhere.
pub fn in_namespace_and_time_zone(test: &str, zone: &str, body: impl FnOnce()) {
    if std::env::var_os(INSIDE).is_some() {
        return body();
    }
    let program = std::env::current_exe().expect("the path of this test program");
    let output = Command::new("unshare")
        .arg("--net")
        .arg(program)
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(INSIDE, "1")
        .env("TZ", zone)
        .output()
        .expect("unshare runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{test} failed in its namespace:\n{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Runs a part of a test once more without any capability, in the namespace where the test runs.
pub fn without_privileges(test: &str, body: impl FnOnce()) {
    const POWERLESS: &str = "FERROWALL_TEST_POWERLESS";
    if std::env::var_os(POWERLESS).is_some() {
        return body();
    }
    let output = Command::new("setpriv")
        .args([
            "--bounding-set=-all",
            "--inh-caps=-all",
            "--ambient-caps=-all",
        ])
        .arg(std::env::current_exe().expect("the path of this test program"))
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(POWERLESS, "1")
        .output()
        .expect("setpriv runs");
    let said = checked(output, test);
    assert!(said.contains("1 passed"), "{said}");
}

/// Runs a shell command in this namespace; its standard output.
pub fn sh(command: &str) -> String {
    let output = Command::new("sh")
        .args(["-c", command])
        .output()
        .expect("sh runs");
    checked(output, command)
}

fn feed(command: &mut Command, text: &str) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command runs");
    child
        .stdin
        .take()
        .expect("its stdin")
        .write_all(text.as_bytes())
        .expect("it reads");
    child.wait_with_output().expect("it ends")
}

fn checked(output: Output, what: &str) -> String {
    assert!(
        output.status.success(),
        "{what}:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Everything nft can see of a namespace's ruleset, without handles.
#[derive(Debug, PartialEq)]
pub struct State {
    pub list: String,
    pub json: Json,
    /// The expressions of each rule as the kernel has them, user data included.
    pub code: String,
}

const SHOW: &str = "nft list ruleset && echo @@@ && nft -j list ruleset && echo @@@ && \
                    nft --debug=netlink list ruleset";

fn state(shown: &str) -> State {
    let mut parts = shown.split("@@@\n");
    let list = without_expiry(parts.next().expect("a list"));
    let mut json: Json = serde_json::from_str(parts.next().expect("JSON")).expect("valid JSON");
    without_handles(&mut json);
    let code = parts.next().expect("code");
    State {
        list,
        json,
        code: comparable(code),
    }
}

/// A rule begins with "inet fw4 CHAIN HANDLE PREVIOUS", and a hash set shows its elements in any order.
fn comparable(code: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut elements = 0;
    // a rule without user data ends in an empty line, unless it is ours with nothing but the mark
    let lines_of_code = code.lines().take_while(|line| !line.starts_with("table "));
    for line in lines_of_code.filter(|line| !line.trim().is_empty()) {
        let words: Vec<&str> = line.split(' ').collect();
        match words.as_slice() {
            ["inet", table, chain, _, ..] => lines.push(format!("inet {table} {chain}")),
            _ => lines.extend(without_mark(line)),
        }
        elements = if line.starts_with("\telement") {
            elements + 1
        } else {
            0
        };
        let run = lines.len() - elements;
        lines[run..].sort();
    }
    lines.join("\n")
}

/// Our rules carry a mark at the end of their user data: type 0xfa, 8 bytes. nft's do not.
fn without_mark(line: &str) -> Option<String> {
    match line.split_once("\\xfa\\x08") {
        Some(("  userdata = { ", _)) => None,
        Some((before, _)) if line.starts_with("  userdata") => Some(format!("{before} }}")),
        _ => Some(line.to_owned()),
    }
}

/// How long an element still has to live depends on the moment.
fn without_expiry(list: &str) -> String {
    let mut parts = list.split(" expires ");
    let mut timeless = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        timeless += part.trim_start_matches(|c: char| c.is_ascii_alphanumeric());
    }
    timeless
}

fn without_handles(json: &mut Json) {
    match json {
        Json::Object(map) => {
            map.remove("handle");
            map.remove("expires");
            map.values_mut().for_each(without_handles);
        }
        Json::Array(list) => list.iter_mut().for_each(without_handles),
        _ => {}
    }
}

/// What this namespace holds.
pub fn here() -> State {
    state(&sh(SHOW))
}

/// What a fresh namespace holds after nft loaded these texts one after the other.
pub fn after_nft(texts: &[&str]) -> State {
    let bytes: Vec<&[u8]> = texts.iter().map(|text| text.as_bytes()).collect();
    try_texts(&bytes).expect("nft loads the text")
}

/// The same for one text that nft may refuse: what it says then.
pub fn try_nft(text: &[u8]) -> Result<State, String> {
    try_texts(&[text])
}

fn try_texts(texts: &[&[u8]]) -> Result<State, String> {
    let loads = "while read -r file; do nft -f \"$file\" || exit 1; done";
    let output = feed_files(texts, &format!("{loads} && {SHOW}"));
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(state(&String::from_utf8_lossy(&output.stdout)))
}

/// What a fresh namespace holds after nft was given these texts in turn, and whether it took the last one.
pub fn try_nft_in_turn(texts: &[&[u8]]) -> (State, bool) {
    let loads = "while read -r file; do nft -f \"$file\"; took=$?; done";
    let output = feed_files(texts, &format!("{loads}; {SHOW} && exit $took"));
    let taken = output.status.success();
    (state(&String::from_utf8_lossy(&output.stdout)), taken)
}

fn feed_files(texts: &[&[u8]], script: &str) -> Output {
    let files: Vec<_> = texts.iter().map(|text| file_with(text)).collect();
    let list: String = files
        .iter()
        .map(|file| format!("{}\n", file.display()))
        .collect();
    let output = feed(
        Command::new("unshare").args(["--net", "sh", "-c", script]),
        &list,
    );
    files
        .iter()
        .for_each(|file| std::fs::remove_file(file).expect("our own file"));
    output
}

fn file_with(text: &[u8]) -> std::path::PathBuf {
    use std::sync::atomic::{AtomicU32, Ordering};
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("ferrowall-test-{}-{number}.nft", std::process::id());
    let path = std::env::temp_dir().join(name);
    std::fs::write(&path, text).expect("a writable temporary folder");
    path
}

/// Shows where two states differ, not all of both.
pub fn assert_same(ours: &State, nfts: &State) {
    assert_lines("list", &ours.list, &nfts.list);
    assert_lines("code", &ours.code, &nfts.code);
    assert_eq!(ours.json, nfts.json);
}

fn assert_lines(what: &str, ours: &str, nfts: &str) {
    let mut context = Vec::new();
    let (mut left, mut right) = (ours.lines(), nfts.lines());
    loop {
        match (left.next(), right.next()) {
            (None, None) => return,
            (a, b) if a == b => context.push(a.unwrap_or_default()),
            (a, b) => {
                let from = context.len().saturating_sub(12);
                panic!(
                    "{what} differs after\n{}\nours: {a:?}\nnft:  {b:?}",
                    context[from..].join("\n")
                );
            }
        }
    }
}

/// Loads a ruleset into this namespace over netlink.
pub fn load(ruleset: &Ruleset) -> Result<Report, LoadError> {
    let mut socket = Socket::open().expect("a socket");
    netlink::load(&mut socket, ruleset, Way::Replace)
}

pub fn rule(matches: Vec<Match>, statements: Vec<Statement>) -> Rule {
    Rule {
        matches,
        statements,
        comment: None,
        origin: Origin(7),
    }
}

pub fn chain(name: &str, base: Option<BaseChain>, rules: Vec<Rule>) -> Chain {
    let items = rules.into_iter().map(Item::Rule).collect();
    Chain {
        name: name.to_owned(),
        base,
        items,
        part: Part::Filter,
    }
}

pub fn base(kind: ChainType, hook: Hook, priority: Priority, policy: Policy) -> Option<BaseChain> {
    Some(BaseChain {
        kind,
        hook,
        priority,
        policy,
    })
}

pub fn input() -> Option<BaseChain> {
    base(
        ChainType::Filter,
        Hook::Input,
        Priority::Filter,
        Policy::Drop,
    )
}
