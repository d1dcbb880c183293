/*!
What a person or a script types. Commands, messages and exit codes are fw4's; `status` and the options
with two dashes are ours.
*/

mod args;
mod output;
mod show;

use std::ffi::OsString;
use std::process::ExitCode;

use args::{Args, Verb};
use output::{Output, Said};

use crate::apply::{self, Action, Broken, Job, Lookup};
use crate::nft;
use crate::router::SnapshotKernel;

/// Parses the command line, runs it, says how it went.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args = match args::parse(args) {
        Ok(args) => args,
        Err(usage) => {
            let code = usage.exit_code();
            // a closed pipe is no reason to fail
            let _ = usage.print();
            return ExitCode::from(u8::try_from(code).unwrap_or(2));
        }
    };
    let mut out = Output::new(args.quiet, args.verbose);
    match carry_out(&args, &mut out) {
        Ok(code) => code,
        Err(error) => {
            out.error(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn carry_out(args: &Args, out: &mut Output) -> anyhow::Result<ExitCode> {
    let job = Job { root: args.root.clone(), backend: args.backend, echo: args.verbose };
    match &args.verb {
        Verb::Start => load(&job, Action::Start, out),
        Verb::Reload => load(&job, Action::Reload, out),
        Verb::Restart => load(&job, Action::Restart, out),
        Verb::Stop => {
            if !apply::stop(&job)? {
                out.error(
                    "The fw4 firewall does not appear to be loaded, try fw4 flush to delete all rules.",
                );
            }
            Ok(ExitCode::SUCCESS)
        }
        Verb::Flush => {
            apply::flush(&job)?;
            Ok(ExitCode::SUCCESS)
        }
        Verb::ReloadSets => {
            let said = apply::reload_sets(&job)?;
            out.diagnostics(&said, Said::Loading);
            Ok(ExitCode::SUCCESS)
        }
        Verb::Print => print(&job, out),
        Verb::Check { json } => check(&job, *json, out),
        Verb::Status { json } => status(&job, *json, out),
        Verb::Network(name) => lookup(&job, &Lookup::Network(name), out),
        Verb::Device(name) => lookup(&job, &Lookup::Device(name), out),
        Verb::Zone(name, device) => lookup(&job, &Lookup::Zone(name, device.as_deref()), out),
        Verb::Snapshot(dir) => {
            apply::snapshot(&job, dir)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn load(job: &Job, action: Action, out: &mut Output) -> anyhow::Result<ExitCode> {
    let outcome = apply::load(job, action);
    out.diagnostics(&outcome.diagnostics, Said::Loading);
    match outcome.result {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) => {
            out.error(&error.to_string());
            Ok(ExitCode::FAILURE)
        }
    }
}

/// What fw4 prints for this router, byte for byte.
fn print(job: &Job, out: &mut Output) -> anyhow::Result<ExitCode> {
    let kernel = apply::kernel_facts(job);
    let prepared = apply::prepare(&job.root, kernel.as_ref(), Broken::Empty)?;
    out.diagnostics(&prepared.diagnostics, Said::Printing);
    out.bytes(&nft::print(&prepared.compiled.ruleset))?;
    Ok(ExitCode::SUCCESS)
}
