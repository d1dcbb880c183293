//! What one command costs: wall time, user CPU, peak memory.

use std::ffi::{OsStr, OsString};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use wait4::Wait4;

/// First argument with which this program measures the command that follows, and nothing else.
///
/// The kernel counts the memory of the process that starts a command as the command's own until the command's
/// program is there (`exec_mmap` in its fs/exec.c keeps the high-water mark). So a small process must start it, not
/// the benchmark with all its rulesets.
pub const ROLE: &str = "--measure";

#[derive(Debug, Clone, Copy)]
pub struct Sample {
    pub wall: Duration,
    /// User and system. Unlike wall time it does not grow when others want the processors too.
    pub cpu: Option<Duration>,
    /// What is only known of a whole command.
    pub process: Option<Process>,
}

#[derive(Debug, Clone, Copy)]
pub struct Process {
    pub user: Duration,
    /// KiB, of the largest process if it is several.
    pub peak: u64,
}

/// Runs a command that must succeed.
pub fn command(words: &[&OsStr], environment: &[(&str, &OsStr)]) -> Sample {
    let program = std::env::current_exe().expect("the path of this program");
    let output = Command::new(program)
        .arg(ROLE)
        .args(words)
        // cargo's: the loader would look for each library of each command in cargo's folders first.
        .env_remove("LD_LIBRARY_PATH")
        .envs(environment.iter().copied())
        .output()
        .expect("this program runs");
    let said = String::from_utf8_lossy(&output.stdout);
    let numbers: Vec<u64> = said.split(' ').filter_map(|n| n.parse().ok()).collect();
    let ([wall, user, system, peak], true) = (&numbers[..], output.status.success()) else {
        let why = String::from_utf8_lossy(&output.stderr);
        panic!("{words:?} failed:\n{said}\n{why}");
    };
    Sample {
        wall: Duration::from_nanos(*wall),
        cpu: Some(Duration::from_nanos(user + system)),
        process: Some(Process {
            user: Duration::from_nanos(*user),
            peak: *peak,
        }),
    }
}

/// Measures the command and prints nanoseconds and KiB.
pub fn role(words: &[OsString]) {
    let (program, args) = words.split_first().expect("a command");
    let mut command = Command::new(program);
    command
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    let begun = Instant::now();
    let used = command
        .spawn()
        .and_then(|mut child| child.wait4())
        .expect("the command runs");
    let wall = begun.elapsed();
    let cost = used.rusage;
    print!(
        "{} {} {} {}",
        wall.as_nanos(),
        cost.utime.as_nanos(),
        cost.stime.as_nanos(),
        cost.maxrss / 1024
    );
    if !used.status.success() {
        std::process::exit(1);
    }
}

/// CPU time of this thread that something takes, in the kernel too: what others do on a busy machine is not in it,
/// nor is waiting.
pub fn cpu<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let now = || Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).expect("a clock");
    let begun = now();
    let made = work();
    (now().saturating_sub(begun), made)
}

/// What something costs within this process.
pub fn inside<T>(work: impl FnOnce() -> T) -> (Sample, T) {
    let begun = Instant::now();
    let (used, made) = cpu(work);
    let wall = begun.elapsed();
    let sample = Sample {
        wall,
        cpu: Some(used),
        process: None,
    };
    (sample, made)
}

pub fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    match numbers.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => numbers[n / 2],
        n => (numbers[n / 2 - 1] + numbers[n / 2]) / 2.0,
    }
}

/// What a reader must know to judge the times.
pub fn machine() -> String {
    let read = |path| std::fs::read_to_string(path).unwrap_or_default();
    let processors = std::thread::available_parallelism().map_or(1, |n| n.get());
    let release = read("/proc/sys/kernel/osrelease");
    let load = read("/proc/loadavg");
    let load = load.split(' ').next().unwrap_or_default();
    let nft = Command::new("nft").arg("--version").output();
    let nft = nft.expect("nft runs").stdout;
    format!(
        "{} with {processors} processors, Linux {}, load {load} at the start, {}",
        std::env::consts::ARCH,
        release.trim(),
        String::from_utf8_lossy(&nft).trim()
    )
}
