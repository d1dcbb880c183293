/*! `try`, `confirm` and `revert`, and what is said about them. */

use std::time::Duration;

use crate::json::Json;

use super::output::{Output, Said};
use super::{FAILURE, Failure, SUCCESS};
use crate::apply::{self, Change, Error, Job, Reverted, Tried};
use crate::{json, service, text};

pub fn begin(job: &Job, seconds: u64, as_json: bool, out: &Output) -> Result<u8, Failure> {
    let mut tried = Tried::default();
    let result = apply::begin(job, Duration::from_secs(seconds), &mut tried);
    service::tell(job.requested_by);
    if as_json {
        let changes = tried.changes.iter().map(Change::json).collect();
        let said = tried.diagnostics.iter().map(|d| d.message.clone());
        let more = vec![
            ("timeout", seconds.into()),
            ("changes", changes),
            ("forbidden_connections", tried.forbidden.into()),
            ("forbidden_connections_end", tried.forbidden_end.into()),
            ("warnings", json::texts(&said.collect::<Vec<_>>())),
        ];
        return answer(result, more, out);
    }
    let mut told = String::new();
    tried
        .changes
        .iter()
        .for_each(|change| change.tell(&mut told));
    let fate = match tried.forbidden_end {
        true => "they end",
        false => "they go on (option drop_forbidden_connections)",
    };
    if let Some(count @ 1..) = tried.forbidden {
        let said = " running connections would not be let in by the new rules: ";
        told = [&told, &*count.to_string(), said, fate, "\n"].concat();
    }
    out.bytes(&text::encode(&told))?;
    out.diagnostics(&tried.diagnostics, Said::Loading);
    result?;
    out.line(&format!(
        "Loaded. In {seconds} seconds the configuration before it comes back, unless: ferrowall confirm\n\
         Do that from a connection that you open now: one that is open already proves nothing."
    ))?;
    Ok(SUCCESS)
}

pub fn confirm(job: &Job, as_json: bool, out: &Output) -> Result<u8, Failure> {
    let result = apply::confirm(job);
    service::tell(job.requested_by);
    if as_json {
        return answer(result, Vec::new(), out);
    }
    result?;
    out.line("Confirmed.")?;
    Ok(SUCCESS)
}

pub fn revert(job: &Job, if_due: bool, as_json: bool, out: &Output) -> Result<u8, Failure> {
    let result = match if_due {
        true => apply::settle(job),
        false => apply::revert(job).map(Some),
    };
    service::tell(job.requested_by);
    if as_json {
        return answer(result.map(drop), Vec::new(), out);
    }
    if let Some(reverted) = result? {
        tell(&reverted, out);
    }
    Ok(SUCCESS)
}

/// Before any other act: whose time is over, goes.
pub fn settle(job: &Job, out: &Output) {
    match apply::settle(job) {
        Ok(Some(reverted)) => tell(&reverted, out),
        Ok(None) => {}
        Err(error) => out.bare(&format!("Unable to go back from a try: {error}")),
    }
}

fn tell(reverted: &Reverted, out: &Output) {
    out.diagnostics(&reverted.diagnostics, Said::Loading);
    out.bare("The configuration that was tried was not confirmed: the one before it is back.");
    for path in &reverted.saved {
        out.bare(&format!("What was tried is in {}", path.display()));
    }
}

fn answer(result: Result<(), Error>, more: Vec<(&str, Json)>, out: &Output) -> Result<u8, Failure> {
    let error = result.as_ref().err().map(Error::to_string);
    let mut fields = vec![
        ("ok", result.is_ok().into()),
        ("error", json::maybe(error.as_deref())),
    ];
    fields.extend(more);
    out.line(&json::object(fields).to_string())?;
    Ok(match result {
        Ok(()) => SUCCESS,
        Err(_) => FAILURE,
    })
}
