#[cfg(panic = "abort")]
mod backtrace;

use std::process::ExitCode;

fn main() -> ExitCode {
    ferrowall::cli::run(std::env::args_os())
}
