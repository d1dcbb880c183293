/*!
What a person or a script types. Commands, messages and exit codes are fw4's; `status` and the options
with two dashes are ours.
*/

mod args;
mod check;
mod commands;
mod found;
mod output;
mod trial;

use std::ffi::OsString;

use args::{Args, Instead, Verb};
use output::{Output, Said};

use crate::apply::{self, Action, Broken, Job, Lookup};
use crate::{nft, service, stdio, text};

/// Exit status: it is done.
const SUCCESS: u8 = 0;
/// Exit status: it is not, or the answer is no.
const FAILURE: u8 = 1;

/// Why a command failed, in the words of the error that made it fail: each of them says its cause too.
struct Failure(String);

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Failure {
        Failure(error.to_string())
    }
}

/// Parses the command line, runs it, says how it went. The exit status.
pub fn run(args: impl Iterator<Item = OsString>) -> u8 {
    let args = match args::parse(args.collect()) {
        Ok(args) => args,
        Err(Instead::Asked(text)) => {
            let out = Output::new(false, false);
            return match out.bytes(text.as_bytes()) {
                Ok(()) => SUCCESS,
                Err(error) => {
                    out.error(&error.to_string());
                    FAILURE
                }
            };
        }
        Err(Instead::Wrong(text)) => {
            stdio::error(text.as_bytes());
            return 2;
        }
    };
    let mut out = Output::new(args.quiet, args.verbose);
    match carry_out(&args, &mut out) {
        Ok(code) => code,
        Err(error) => {
            out.error(&error.0);
            FAILURE
        }
    }
}

fn carry_out(args: &Args, out: &mut Output) -> Result<u8, Failure> {
    let job = Job {
        root: args.root.clone(),
        backend: args.backend,
        echo: args.verbose,
        requested_by: args.by,
    };
    if args.verb.minds_a_try() {
        trial::settle(&job, out);
    }
    match &args.verb {
        Verb::Try { timeout, json } => trial::begin(&job, *timeout, *json, out),
        Verb::Confirm { json } => trial::confirm(&job, *json, out),
        Verb::Revert { if_due, json } => trial::revert(&job, *if_due, *json, out),
        Verb::Guard => {
            apply::guard(&job)?;
            Ok(SUCCESS)
        }
        Verb::Start => load(&job, Action::Start, out),
        Verb::Reload {
            if_changed: true, ..
        } if !apply::would_change(&job) => Ok(SUCCESS),
        Verb::Reload {
            end_flows: true, ..
        } => load(&job, Action::EndFlows, out),
        Verb::Reload { .. } => load(&job, Action::Reload, out),
        Verb::Restart => load(&job, Action::Restart, out),
        Verb::Stop => {
            if !apply::stop(&job)? {
                out.error(
                    "The fw4 firewall does not appear to be loaded, try fw4 flush to delete all rules.",
                );
            }
            Ok(SUCCESS)
        }
        Verb::Flush => {
            apply::flush(&job)?;
            Ok(SUCCESS)
        }
        Verb::ReloadSets => {
            let said = apply::reload_sets(&job)?;
            out.diagnostics(&said, Said::Loading);
            Ok(SUCCESS)
        }
        Verb::Snapshot(folder) => {
            let said = apply::snapshot(&job, folder)?;
            out.diagnostics(&said, Said::Loading);
            Ok(SUCCESS)
        }
        Verb::Print => print(&job, out),
        Verb::Check { json, roots } => check::check(&job, roots, *json, out),
        Verb::Status { json } => status(&job, *json, out),
        Verb::Offload { json, watch } => offload(&job, *json, *watch, out),
        Verb::Network(name) => lookup(&job, &Lookup::Network(name), out),
        Verb::Device(name) => lookup(&job, &Lookup::Device(name), out),
        Verb::Emergency => {
            if let Some(message) = apply::close(&job)? {
                out.bare(&message);
            }
            Ok(SUCCESS)
        }
        Verb::Serve => Err(service::serve(job.clone()).into()),
        Verb::Zone(name, device) => lookup(&job, &Lookup::Zone(name, device.as_deref()), out),
    }
}

fn load(job: &Job, action: Action, out: &mut Output) -> Result<u8, Failure> {
    let outcome = apply::load(job, action);
    service::tell(job.requested_by);
    out.diagnostics(&outcome.diagnostics, Said::Loading);
    match outcome.result {
        Ok(()) => Ok(SUCCESS),
        Err(error) => {
            out.error(&error.to_string());
            Ok(FAILURE)
        }
    }
}

/// What fw4 prints for this router, byte for byte.
fn print(job: &Job, out: &mut Output) -> Result<u8, Failure> {
    let prepared = apply::prepare(&job.root, &*job.kernel(), Broken::Empty)?;
    out.diagnostics(&prepared.diagnostics, Said::Printing);
    out.bytes(&nft::print(&prepared.compiled.ruleset))?;
    Ok(SUCCESS)
}

fn status(job: &Job, json: bool, out: &mut Output) -> Result<u8, Failure> {
    let status = apply::status(job);
    match json {
        true => out.line(&status.json().to_string())?,
        false => out.bytes(&text::encode(&status.to_string()))?,
    }
    Ok(SUCCESS)
}

/// Flow offloading as it is now, once or again and again until the reader has enough.
fn offload(job: &Job, json: bool, watch: Option<u64>, out: &Output) -> Result<u8, Failure> {
    loop {
        let view = apply::offload(job);
        match json {
            true => out.line(&view.json().to_string())?,
            false => out.bytes(&text::encode(&view.to_string()))?,
        }
        let Some(seconds) = watch.filter(|_| !out.is_closed()) else {
            return Ok(SUCCESS);
        };
        std::thread::sleep(std::time::Duration::from_secs(seconds));
    }
}

/// One answer a line; exit status 1 if there is none.
fn lookup(job: &Job, wanted: &Lookup<'_>, out: &mut Output) -> Result<u8, Failure> {
    let answer = match apply::lookup(job, wanted) {
        Err(no_state) => {
            // fw4 says this with -q too
            out.bare(&no_state.to_string());
            return Ok(FAILURE);
        }
        Ok(answer) => answer,
    };
    let Some(lines) = answer else {
        return Ok(FAILURE);
    };
    for line in lines {
        out.line(&line)?;
    }
    Ok(SUCCESS)
}
