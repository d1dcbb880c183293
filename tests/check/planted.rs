/*!
Errors planted on purpose: each must be found, with the right code or words, at the right line and column.

By default half of them in each of our own cases and a few in each conformance case; `FERROWALL_PLANT_ALL=1` plants all everywhere.
*/

use ferrowall::apply::Checked;
use ferrowall::diagnostic::Severity;

use crate::check;
use crate::configurations::{Configuration, ours, theirs};
use crate::namespace::in_namespace;

/// What a changed line of a configuration is to be found by: what it must hold, the text in it that is to be replaced and by
/// what, and what must be said.
struct Change {
    line: &'static str,
    from: &'static str,
    to: &'static str,
    said: &'static str,
}

const fn change(
    line: &'static str,
    from: &'static str,
    to: &'static str,
    said: &'static str,
) -> Change {
    Change {
        line,
        from,
        to,
        said,
    }
}

/// Slips of the finger in lines that are there.
const CHANGES: [Change; 16] = [
    change(
        "option src '",
        "'\n",
        "qq'\n",
        "option 'src' specifies invalid value",
    ),
    change(
        "option dest '",
        "'\n",
        "qq'\n",
        "option 'dest' specifies invalid value",
    ),
    change(
        "option target 'ACCEPT'",
        "ACCEPT",
        "ACEPT",
        "did you mean 'ACCEPT'?",
    ),
    change(
        "option target 'REJECT'",
        "REJECT",
        "REJCET",
        "did you mean 'REJECT'?",
    ),
    change(
        "option target 'DROP'",
        "DROP",
        "DORP",
        "did you mean 'DROP'?",
    ),
    change(
        "option dest_port '",
        "'\n",
        "x'\n",
        "option 'dest_port' specifies invalid value",
    ),
    change(
        "option src_dport '",
        "'\n",
        "x'\n",
        "option 'src_dport' specifies invalid value",
    ),
    change(
        "option proto '",
        "option proto '",
        "option prto '",
        "did you mean 'proto'?",
    ),
    change(
        "option dest_ip '",
        "'\n",
        "/zz'\n",
        "option 'dest_ip' specifies invalid value",
    ),
    change(
        "option src_ip '",
        "'\n",
        "/zz'\n",
        "option 'src_ip' specifies invalid value",
    ),
    change(
        "option enabled '",
        "option enabled '",
        "option enabled 'x",
        "option 'enabled' specifies invalid value",
    ),
    change(
        "option input '",
        "option input '",
        "option input 'X",
        "option 'input' specifies invalid value",
    ),
    change(
        "option masq '",
        "option masq '",
        "option masq 'x",
        "option 'masq' specifies invalid value",
    ),
    change(
        "option output '",
        "option output '",
        "option outptu '",
        "did you mean 'output'?",
    ),
    change(
        "config rule\n",
        "config rule",
        "config rul",
        "did you mean 'config rule'?",
    ),
    change(
        "\toption ",
        "\toption ",
        "\toptoin ",
        "unknown command 'optoin'",
    ),
];

/// Sections to add: the line of them that is to be named (from 0), and the code.
const BLOCKS: [(&str, usize, &str); 25] = [
    (
        "config zone\n\toption name 'pl_a'\n\tlist device 'pl0'\nconfig zone\n\toption name 'pl_b'\n\tlist device 'pl9'\n\tlist device 'pl0'\n",
        6,
        "overlapping-zones",
    ),
    (
        "config zone\n\toption name 'pl_a'\n\tlist network 'pl0'\nconfig zone\n\toption name 'pl_b'\n\tlist network 'pl0'\n",
        5,
        "overlapping-zones",
    ),
    (
        "config zone\n\toption name 'pl_a'\n\tlist device 'pl0'\nconfig zone\n\toption name 'pl_a'\n\tlist device 'pl1'\n",
        4,
        "duplicate-zone",
    ),
    ("config zone\n\toption name 'pl_a'\n", 1, "empty-zone"),
    (
        "config zone\n\toption name 'pl_a'\n\tlist device 'pl0'\n",
        1,
        "unused-zone",
    ),
    (
        "config zone\n\toption name 'wan_pl'\n\tlist device 'pl0'\n\toption input 'ACCEPT'\n",
        3,
        "wan-input-accept",
    ),
    (
        "config zone\n\toption name 'wan_pl'\n\tlist device 'pl0'\nconfig zone\n\toption name 'pl_a'\n\tlist device 'pl1'\n\nconfig forwarding\n\toption src 'wan_pl'\n\toption dest 'pl_a'\n",
        9,
        "wan-forwarding",
    ),
    (
        "config zone\n\toption name 'wan_pl'\n\tlist device 'pl0'\nconfig rule\n\toption src 'wan_pl'\n\toption proto 'tcp'\n\toption dest_port '22'\n\toption target 'ACCEPT'\n",
        6,
        "ssh-from-wan",
    ),
    (
        "config zone\n\toption name 'wan_pl'\n\tlist device 'pl0'\nconfig rule\n\toption src 'wan_pl'\n\tlist proto 'tcp'\n\tlist dest_port '8000'\n\tlist dest_port '440-450'\n\toption target 'ACCEPT'\n",
        6,
        "web-from-wan",
    ),
    (
        "config zone\n\toption name 'wan_pl'\n\tlist device 'pl0'\nconfig rule\n\toption src 'wan_pl'\n\toption proto 'all'\n\toption target 'ACCEPT'\n",
        6,
        "all-from-wan",
    ),
    (
        "config zone\n\toption name 'wan_pl'\n\tlist device 'pl0'\nconfig redirect\n\toption src 'wan_pl'\n\toption proto 'tcp'\n\toption src_dport '2222'\n\toption dest_port '22'\n",
        6,
        "ssh-from-wan",
    ),
    (
        "config rule\n\toption name 'pl'\n\toption dest_port '1'\n\toption target 'DROP'\n",
        0,
        "own-traffic",
    ),
    (
        "config zone\n\toption name 'pl_a'\n\tlist device 'pl0'\nconfig rule\n\toption src 'pl_a'\n\toption dest_port '1'\n",
        3,
        "no-target",
    ),
    (
        "config zone\n\toption name 'pl_a'\n\tlist device 'pl0'\nconfig rule\n\toption src 'pl_a'\n\toption proto 'tcp'\n\toption target 'DROP'\nconfig rule\n\toption src 'pl_a'\n\toption proto 'tcp'\n\toption src_ip '192.0.2.1'\n\toption dest_port '99'\n\toption target 'ACCEPT'\n",
        7,
        "shadowed",
    ),
    (
        "config zone\n\toption name 'pl_a'\n\tlist device 'pl0'\nconfig rule\n\toption src 'pl_a'\n\tlist src_ip '192.0.2.0/24'\n\toption dest_port '90-110'\n\toption target 'DROP'\nconfig rule\n\toption src 'pl_a'\n\toption proto 'udp'\n\toption src_ip '192.0.2.1-192.0.2.7'\n\toption dest_port '99'\n\toption target 'DROP'\n",
        8,
        "redundant",
    ),
    (
        "config zone\n\toption name 'pl_a'\n\tlist device 'pl0'\nconfig redirect\n\toption src 'pl_a'\n\toption src_dport '1000-1010'\n\toption dest_ip '192.0.2.1'\nconfig redirect\n\toption src 'pl_a'\n\toption proto 'udp'\n\toption src_dport '1005'\n\toption dest_ip '192.0.2.2'\n",
        10,
        "shadowed-redirect",
    ),
    (
        "config zone\n\toption name 'pl_a'\n\tlist device 'pl0'\n\tlist subnet '10.77.0.0/24'\nconfig redirect\n\toption src 'pl_a'\n\toption dest 'pl_a'\n\toption src_dport '1005'\n\toption dest_ip '198.18.7.9'\n",
        8,
        "outside-zone",
    ),
    (
        "config zone\n\toption name 'pl_a'\n\tlist subnet '10.77.0.0/24'\nconfig zone\n\toption name 'pl_b'\n\tlist subnet '10.78.0.0/24'\nconfig redirect\n\toption src 'pl_a'\n\toption dest 'pl_a'\n\toption src_dport '1005'\n\toption dest_ip '10.78.0.2'\n",
        10,
        "other-zone",
    ),
    (
        "config zone\n\toption name 'pl_a'\n\tlist device 'pl0'\nconfig forwarding\n\toption src 'pl_a'\n\toption dest 'pl_a'\nconfig forwarding\n\toption src 'pl_a'\n\toption dest 'pl_a'\n",
        6,
        "duplicate-forwarding",
    ),
    (
        "config ipset\n\toption name 'pl_s'\n\toption match 'src_mac'\n",
        1,
        "unused-set",
    ),
    (
        "config ipset\n\toption name 'pl_s'\n\toption match 'src_mac'\nconfig ipset\n\toption name 'pl_s'\n\toption match 'src_port'\n",
        4,
        "duplicate-set",
    ),
    (
        "config zone\n\toption name 'pl_a'\n\tlist device 'pl0'\nconfig rule\n\toption src 'pl_a'\n\toption proto 'tcp'\n\toption utc_time '1'\n\toption target 'DROP'\n",
        6,
        "ignored-option",
    ),
    (
        "config ipset\n\toption name 'pl_s'\n\toption match 'src_mac'\n\toption counters '1'\n",
        3,
        "ignored-option",
    ),
    (
        "config zone\n\toption name 'pl_a'\n\tlist device 'pl0'\nconfig rule\n\toption src 'pl_a'\n\toption proto 'tcp'\n\toption proto 'udp'\n\toption target 'DROP'\n",
        6,
        "option-twice",
    ),
    (
        "config redirct 'pl'\n\toption src 'x'\n",
        0,
        "unknown-section",
    ),
];

/// Is something of the kind said about this line (from 1), and does its column lead to text?
fn found(checked: &Checked, line: u32, said: &str) -> bool {
    checked.diagnostics.iter().any(|d| {
        let about = [Some(&*d.message), d.hint.as_deref(), Some(d.code)];
        let words = about.into_iter().flatten().any(|text| text.contains(said));
        let place = checked.place(d).filter(|span| span.line == line && words);
        let text = place.and_then(|span| Some((span.column as usize, checked.line(span)?)));
        text.is_some_and(|(column, (text, width))| width > 0 && column <= text.chars().count())
    })
}

fn shown(checked: &Checked) -> String {
    let one = |d: &ferrowall::diagnostic::Diagnostic| {
        format!(
            "  {:?}: {} {:?} {}",
            checked.place(d).map(|span| span.line),
            d.message,
            d.hint,
            d.code
        )
    };
    checked
        .diagnostics
        .iter()
        .map(one)
        .collect::<Vec<_>>()
        .join("\n")
}

/// Lines of the configuration about whose section nothing is said yet and that is in use: an error there is not hidden by
/// another. Counted from 0.
fn clean_lines(text: &str, checked: &Checked) -> Vec<usize> {
    let troubled: Vec<u32> = checked
        .diagnostics
        .iter()
        .filter_map(|d| checked.sections.get(d.origin)?.span.as_ref())
        .map(|span| span.line)
        .collect();
    let mut section = 0;
    let mut out = Vec::new();
    for (n, line) in (0..).zip(text.lines()) {
        if line.starts_with("config ") {
            section = n + 1;
        }
        let comment = line.trim_start().starts_with('#');
        if section > 0 && !comment && !troubled.contains(&section) {
            out.push(n as usize);
        }
    }
    out
}

/// Plants every `step`th error from the `first` on; how many, and what was not found.
fn plant(
    configuration: &Configuration,
    first: usize,
    step: usize,
    wrong: &mut Vec<String>,
) -> usize {
    let Some(mut text) = configuration.text() else {
        return 0;
    };
    // what is in the file may not be what counts then
    if configuration.path().join("tmp/.uci/firewall").exists() {
        return 0;
    }
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    configuration.write(text.as_bytes());
    let before = check(configuration.path());
    if before.diagnostics.iter().any(|d| d.code == "unreadable") {
        return 0;
    }
    let clean = clean_lines(&text, &before);
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut planted = 0;
    let mut look = |changed: &str, line: usize, said: &str| {
        configuration.write(changed.as_bytes());
        let checked = check(configuration.path());
        planted += 1;
        if !found(&checked, line as u32 + 1, said) {
            let name = configuration.path().display();
            wrong.push(format!(
                "{name}, line {}: nothing says \"{said}\"\n{}",
                line + 1,
                shown(&checked)
            ));
        }
    };
    for change in CHANGES.iter().skip(first % step).step_by(step) {
        // of an option that is given twice the last one counts
        let option = change.line.split('\'').next().unwrap_or_default();
        let again = |n: usize| lines.get(n + 1).is_some_and(|next| next.contains(option));
        let fits = |n: &&usize| {
            let fits = |line: &&str| line.contains(change.line) && line.contains(change.from);
            lines
                .get(**n)
                .is_some_and(|line| fits(line) && !line.contains('*'))
                && !again(**n)
        };
        if let Some(n) = clean.iter().find(fits) {
            let mut changed: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
            changed[*n] = changed[*n].replacen(change.from, change.to, 1);
            look(&changed.concat(), *n, change.said);
        }
    }
    for (block, line, code) in BLOCKS.iter().skip(first % step).step_by(step) {
        // a rule for `*`, here or over ubus, names every zone
        let named = text.contains('*') || matches!(configuration, Configuration::Theirs(_));
        if *code == "unused-zone" && named {
            continue;
        }
        look(&format!("{text}{block}"), lines.len() + line, code);
    }
    configuration.write(text.as_bytes());
    planted
}

#[test]
fn every_planted_error_is_found_at_its_line() {
    in_namespace("planted::every_planted_error_is_found_at_its_line", || {
        let all = std::env::var_os("FERROWALL_PLANT_ALL").is_some();
        let mut wrong = Vec::new();
        let mut planted = 0;
        let step = |usual| if all { 1 } else { usual };
        for (n, configuration) in ours().iter().enumerate() {
            planted += plant(configuration, n, step(2), &mut wrong);
        }
        assert!(planted >= 300, "only {planted}");
        for (n, configuration) in theirs().iter().enumerate() {
            planted += plant(configuration, n, step(40), &mut wrong);
        }
        eprintln!("{planted} errors planted");
        assert!(
            wrong.is_empty(),
            "{} of {planted}:\n{}",
            wrong.len(),
            wrong.join("\n")
        );
    });
}

#[test]
fn nothing_of_ours_is_an_error_and_the_stock_configuration_is_clean() {
    in_namespace(
        "planted::nothing_of_ours_is_an_error_and_the_stock_configuration_is_clean",
        || {
            let stock = concat!(env!("CARGO_MANIFEST_DIR"), "/files/etc/config/firewall");
            let stock = std::fs::read_to_string(stock).expect("the default configuration");
            let root = crate::router_root::RouterRoot::new("check-stock", &stock);
            let checked = check(root.path());
            assert_eq!(checked.verdict(), 0, "{}", shown(&checked));
            for configuration in ours() {
                let checked = check(configuration.path());
                let ours = checked.diagnostics.iter().filter(|d| !d.code.is_empty());
                for d in ours {
                    assert_ne!(d.severity, Severity::Error, "{}", d.message);
                }
            }
        },
    );
}
