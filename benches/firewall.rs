/*!
What a load costs, stage by stage and as a whole command, beside nft, beside the kernel alone and, if the variable
`FW4` names one, beside fw4. docs/performance.md says how to read it.

Everything that is compared runs alternately in the same minute (A B A B), and what counts is the median of
the ratios: on a busy machine times mean little, ratios still do. With `BENCH_LARGE=1` also up to 20,000 rules; 5,000 at most
with a set each, since the kernel holds a processor for minutes to commit 20,000 sets (its watchdog calls it a soft lockup). `BENCH_ONLY='default-0 plain-1000'` runs only the commands, on these
configurations.
*/

#[path = "firewall/commands.rs"]
mod commands;
#[path = "firewall/configuration.rs"]
mod configuration;
#[path = "firewall/contest.rs"]
mod contest;
#[path = "firewall/measure.rs"]
mod measure;
#[path = "firewall/stages.rs"]
mod stages;

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use configuration::Configuration;

const INSIDE: &str = "FERROWALL_BENCH";
/// For scripts/plot.
const CSV: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/firewall.csv");

fn main() {
    let args: Vec<_> = std::env::args_os().skip(1).collect();
    match args.split_first() {
        Some((role, command)) if role == measure::ROLE => measure::role(command),
        _ if std::env::var_os(INSIDE).is_some() => everything(),
        _ => outside(),
    }
}

/// Starts this program again in a network namespace of its own, which ends with it.
fn outside() {
    let program = std::env::current_exe().expect("the path of this program");
    let status = Command::new("unshare")
        .args(["--net", "--pid", "--fork", "--kill-child", "--mount-proc"])
        .arg(program)
        .env(INSIDE, "1")
        .env("TZ", "UTC")
        .status()
        .expect("unshare runs");
    std::process::exit(status.code().unwrap_or(1));
}

fn everything() {
    let begun = Instant::now();
    let large = std::env::var_os("BENCH_LARGE").is_some_and(|value| value != "0");
    println!("Times are medians. A ratio is the median of the ratios within each round.");
    println!("The machine: {}", measure::machine());

    let only = std::env::var("BENCH_ONLY").unwrap_or_default();
    let only: Vec<&str> = only.split_whitespace().collect();
    if only.is_empty() {
        stages::run(&[
            Configuration::default_one(),
            Configuration::mixed(1000, 500),
            Configuration::plain(1000),
            Configuration::plain(5000),
        ]);
    }

    let mut configurations = vec![Configuration::default_one()];
    configurations.extend([100, 300, 1000, 2000, 5000].map(Configuration::plain));
    configurations.extend([100, 300, 1000, 2000].map(Configuration::with_sets));
    configurations.push(Configuration::mixed(1000, 500));
    configurations.push(Configuration::networks(100_000));
    configurations.push(Configuration::addresses(100_000));
    if large {
        configurations.push(Configuration::plain(20_000));
        configurations.push(Configuration::with_sets(5000));
    }
    configurations.retain(|c| only.is_empty() || only.contains(&&*c.label()));
    let rows: Vec<_> = configurations.iter().flat_map(commands::run).collect();
    contest::write_csv(Path::new(CSV), &rows);
    println!("\nAll of it took {} s.", begun.elapsed().as_secs());
    println!("For scripts/plot: {CSV}");
}
