//! Contenders in turn, round by round, and what came of it as ratios to the first of them.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::configuration::Configuration;
use crate::measure::{Process, Sample, median};

/// So long, but at least [`ROUNDS_MIN`] rounds and at most [`ROUNDS_MAX`].
const BUDGET: Duration = Duration::from_secs(3);
const ROUNDS_MIN: usize = 3;
const ROUNDS_MAX: usize = 25;
/// A round that takes longer than this is the only one: it is much longer than what disturbs it.
const LONG: Duration = Duration::from_secs(30);

pub struct Contender<'a> {
    pub name: String,
    pub run: Box<dyn FnMut() -> Sample + 'a>,
    /// What the kernel alone needs: the first contender is held against it.
    pub floor: bool,
}

/// What came of one contender.
pub struct Row {
    /// As in [`crate::configuration::Kind::name`].
    kind: &'static str,
    size: usize,
    contender: String,
    rounds: usize,
    wall: Figure,
    cpu: Option<Figure>,
    user: Option<Figure>,
    peak: Option<Figure>,
}

/// A number, and how many times the first contender's it is.
#[derive(Clone, Copy)]
struct Figure {
    value: f64,
    ratio: f64,
}

/// Runs all in turn and prints a table.
pub fn run(configuration: &Configuration, mut contenders: Vec<Contender>) -> Vec<Row> {
    let mut rounds: Vec<Vec<Sample>> = Vec::new();
    let begun = Instant::now();
    loop {
        rounds.push(contenders.iter_mut().map(|c| (c.run)()).collect());
        let (done, spent) = (rounds.len(), begun.elapsed());
        if done >= ROUNDS_MAX || (done >= ROUNDS_MIN && spent > BUDGET) || spent > LONG {
            break;
        }
    }
    let rows: Vec<Row> = (0..contenders.len())
        .map(|i| Row {
            kind: configuration.kind.name(),
            size: configuration.size,
            contender: contenders[i].name.clone(),
            rounds: rounds.len(),
            wall: figure(&rounds, i, |s| Some(1000.0 * s.wall.as_secs_f64()))
                .expect("all have a wall time"),
            cpu: figure(&rounds, i, |s| Some(1000.0 * s.cpu?.as_secs_f64())),
            user: user(&rounds, i),
            peak: of_process(&rounds, i, |p| p.peak as f64 / 1024.0),
        })
        .collect();
    print(&rows);
    if let Some(floor) = contenders.iter().position(|c| c.floor) {
        let wall = rounds
            .iter()
            .map(|r| r[0].wall.div_duration_f64(r[floor].wall));
        let cpu = rounds
            .iter()
            .filter_map(|r| Some(r[0].cpu?.div_duration_f64(r[floor].cpu?)));
        println!(
            "  {} against the kernel's floor: {:.2} times its wall time, {:.2} times its CPU",
            rows[0].contender,
            median(wall.collect()),
            median(cpu.collect())
        );
    }
    rows
}

/// The median of a number over all rounds, and that of the ratios.
fn figure(
    rounds: &[Vec<Sample>],
    contender: usize,
    number: impl Fn(&Sample) -> Option<f64>,
) -> Option<Figure> {
    let numbers: Option<Vec<f64>> = rounds.iter().map(|r| number(&r[contender])).collect();
    let ratios: Option<Vec<f64>> = rounds
        .iter()
        .map(|r| Some(number(&r[contender])? / number(&r[0])?))
        .collect();
    Some(Figure {
        value: median(numbers?),
        ratio: median(ratios?),
    })
}

/// User CPU over all rounds. The kernel divides the time of a short process between user and system by what a few
/// ticks of its clock saw, so single rounds and their ratios say nothing.
fn user(rounds: &[Vec<Sample>], contender: usize) -> Option<Figure> {
    let all = |contender: usize| {
        let of = |r: &Vec<Sample>| Some(r[contender].process?.user.as_secs_f64());
        rounds.iter().map(of).sum::<Option<f64>>()
    };
    let used = all(contender)?;
    Some(Figure {
        value: 1000.0 * used / rounds.len() as f64,
        ratio: used / all(0)?,
    })
}

fn of_process(
    rounds: &[Vec<Sample>],
    contender: usize,
    number: impl Fn(&Process) -> f64,
) -> Option<Figure> {
    figure(rounds, contender, |sample| {
        sample.process.as_ref().map(&number)
    })
}

fn print(rows: &[Row]) {
    println!(
        "  {:<36}{:>10}{:>8}{:>10}{:>8}{:>10}{:>8}{:>10}{:>8}",
        format!("{} rounds", rows.first().map_or(0, |row| row.rounds)),
        "wall ms",
        "ratio",
        "CPU ms",
        "ratio",
        "user ms",
        "ratio",
        "peak MiB",
        "ratio"
    );
    for row in rows {
        print!("  {:<36}", row.contender);
        for figure in [Some(row.wall), row.cpu, row.user, row.peak] {
            match figure {
                Some(Figure { value, ratio }) => print!("{value:>10.1}{ratio:>8.2}"),
                None => print!("{:>10}{:>8}", "-", "-"),
            }
        }
        println!();
    }
}

/// All rows as a table for scripts/plot.
pub fn write_csv(path: &Path, rows: &[Row]) {
    let mut text = String::from(
        "kind,size,contender,rounds,wall_ms,wall_ratio,cpu_ms,cpu_ratio,user_ms,user_ratio,peak_mib,peak_ratio\n",
    );
    for row in rows {
        text += &format!(
            "{},{},{},{}",
            row.kind,
            row.size,
            row.contender.trim(),
            row.rounds
        );
        for figure in [Some(row.wall), row.cpu, row.user, row.peak] {
            match figure {
                Some(Figure { value, ratio }) => text += &format!(",{value:.3},{ratio:.3}"),
                None => text += ",,",
            }
        }
        text.push('\n');
    }
    fs::write(path, text).expect("the CSV is written");
}
