/*!
Printing grows with the number of rules and no faster: fw4's grows with its square, 23 s for 5,000 rules. The same holds
for what is said about options that nobody knows.

Measured is the processor time of this thread, so that other work on the machine hardly shows; of three
runs the best counts.
*/

#[path = "support/router_root.rs"]
mod router_root;

use std::fs;
use std::time::{Duration, Instant};

use ferrowall::apply::{Broken, prepare};
use ferrowall::router::{Router, SnapshotKernel};
use ferrowall::uci::{Opt, Package, Section, Spanned, Value};
use ferrowall::{config, nft};
use router_root::{RouterRoot, ZONES};

/// The time this thread has had a processor, from Documentation/scheduler/sched-stats.rst: the first number, in
/// nanoseconds. None where the kernel does not count.
fn processor_time() -> Option<Duration> {
    let counted = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds = counted.split(' ').next()?.parse().ok()?;
    (nanoseconds > 0).then(|| Duration::from_nanos(nanoseconds))
}

fn timed(work: impl FnOnce()) -> Duration {
    let (clock, before) = (Instant::now(), processor_time());
    work();
    match (before, processor_time()) {
        (Some(before), Some(after)) => after.saturating_sub(before),
        _ => clock.elapsed(),
    }
}

fn configuration(rules: usize) -> String {
    let rule = |n: usize| {
        let (a, b) = (n / 250 % 250, n % 250);
        format!(
            "config rule\n\toption name 'Rule {n}'\n\toption src 'wan'\n\toption dest 'lan'\n\
             \tlist src_ip '203.{a}.{b}.0/24'\n\tlist src_ip '198.51.{b}.7'\n\
             \toption proto 'tcp'\n\toption dest_port '{}'\n\toption target 'ACCEPT'\n",
            1 + n % 65_000
        )
    };
    std::iter::once(ZONES.to_owned())
        .chain((0..rules).map(rule))
        .collect()
}

/// From the files to the text, the best of three runs.
fn cost(rules: usize) -> Duration {
    let root = RouterRoot::new(&format!("linear-{rules}"), &configuration(rules));
    let run = || {
        timed(|| {
            let kernel = SnapshotKernel::new(root.path());
            let prepared = prepare(root.path(), &kernel, Broken::Refuse).expect("it is UCI");
            let text = nft::print(&prepared.compiled.ruleset);
            let text = String::from_utf8_lossy(&text);
            assert_eq!(text.matches("!fw4: Rule ").count(), rules);
        })
    };
    (0..3).map(|_| run()).min().expect("three runs")
}

#[test]
fn four_times_the_rules_take_about_four_times_as_long() {
    let [.., five, twenty] = [500, 1_000, 5_000, 20_000].map(|rules| {
        let cost = cost(rules);
        let each = cost.as_secs_f64() * 1e6 / rules as f64;
        println!(
            "{rules} rules: {:.1} ms, {each:.2} us each",
            cost.as_secs_f64() * 1e3
        );
        cost
    });
    let ratio = twenty.as_secs_f64() / five.as_secs_f64();
    // the square would be 16
    assert!(
        ratio < 6.0,
        "20,000 rules take {ratio:.1} times as long as 5,000"
    );
    // a fiftieth of fw4's time, where it was measured; a debug build is no measure
    #[cfg(not(debug_assertions))]
    assert!(
        five < Duration::from_millis(460),
        "5,000 rules take {five:?}"
    );
}

/// Would each of them be looked for in the section once more, this took minutes.
#[test]
fn a_hundred_thousand_unknown_options_are_named_in_seconds() {
    let option = |n| Opt {
        name: format!("an_option_that_nobody_knows_{n}").into(),
        value: Value::String(Spanned {
            text: "1".into(),
            span: None,
        }),
        replaces: false,
    };
    let package = Package {
        name: "firewall".to_owned(),
        sections: vec![Section {
            kind: "rule".into(),
            name: "cfg01".into(),
            anonymous: true,
            options: (0..100_000).map(option).collect(),
            span: None,
        }],
    };
    let took = timed(|| {
        let (_, said) = config::parse(&package, &Package::default(), &Router::default());
        let unknown = said.iter().filter(|d| {
            d.message
                .starts_with("Section @rule[0] specifies unknown option '")
        });
        assert_eq!(unknown.count(), 100_000);
    });
    assert!(took < Duration::from_secs(15), "took {took:?}");
}
