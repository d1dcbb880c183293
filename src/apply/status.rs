/*! `status`: what is loaded, and how the last load went. */

use std::fmt;

use crate::json::Json;

use super::Job;
use super::record::Record;
use super::state::State;
use crate::json;
use crate::netlink::{self, Socket};
use crate::offload::{self, View};
use crate::router::Root;

/// The answer. Fields of `last` are those of the last attempt to load, well or not.
#[derive(Debug)]
pub struct Status {
    /// There is a state file: the firewall was started and not stopped.
    pub loaded: bool,
    /// There is a `table inet fw4` in the kernel. `None` if that could not be asked.
    pub table: Option<bool>,
    pub last: Option<Record>,
    /// Seconds until a try that is under way goes back by itself.
    pub reverts_in: Option<u64>,
    /// Those of the last attempt.
    pub diagnostics: Json,
}

impl Status {
    pub fn json(&self) -> Json {
        json::object(vec![
            ("loaded", self.loaded.into()),
            ("table", self.table.into()),
            ("last", self.last.as_ref().map_or(Json::Null, Record::json)),
            ("reverts_in", self.reverts_in.into()),
            ("diagnostics", self.diagnostics.clone()),
        ])
    }
}

pub fn status(job: &Job) -> Status {
    let files = job.run_files();
    let mut last = Record::read(&files.record).ok();
    let diagnostics = last.as_mut().map_or_else(
        || Json::Array(Vec::new()),
        |l| std::mem::take(&mut l.diagnostics),
    );
    Status {
        loaded: files.state.exists(),
        table: table(),
        last,
        reverts_in: super::left(job).map(|left| left.as_secs()),
        diagnostics,
    }
}

/// `offload`: what the last load made of it, and what the kernel and the hardware do now.
pub fn offload(job: &Job) -> View {
    let loaded = Record::read(&job.run_files().record)
        .map_or_else(|_| Default::default(), |record| record.offload);
    let local = match State::read(&job.run_files().state) {
        Ok(state) => state.addresses(),
        Err(_) => Vec::new(),
    };
    offload::view(Root::new(&job.root), loaded, &local)
}

/// Are offloaded flows to follow stations that move?
pub fn follows_stations(job: &Job) -> bool {
    let files = job.run_files();
    files.state.exists() && Record::read(&files.record).is_ok_and(|record| record.offload.roaming)
}

fn table() -> Option<bool> {
    netlink::has_table(&mut Socket::open().ok()?).ok()
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "firewall: {}",
            if self.loaded { "loaded" } else { "not loaded" }
        )?;
        if let Some(seconds) = self.reverts_in {
            writeln!(
                f,
                "try: goes back in {seconds} s; `ferrowall confirm` ends it while it is under way"
            )?;
        }
        let Some(last) = &self.last else {
            return writeln!(f, "last load: none since boot");
        };
        if last.emergency && self.table != Some(false) {
            f.write_str("EMERGENCY RULESET: only management from the lan side gets in\n")?;
        }
        let outcome = last.error.as_deref().unwrap_or("ok");
        writeln!(
            f,
            "last load: {} in {} ms: {outcome}",
            last.action, last.duration_ms
        )?;
        writeln!(f, "generation: {}", last.generation)?;
        if let Some(path) = &last.path {
            write!(f, "path: {path}")?;
            match last.snippets.is_empty() {
                true => writeln!(f)?,
                false => writeln!(f, " (for {})", last.snippets.join(", "))?,
            }
        }
        if let Some(written) = &last.written {
            writeln!(f, "update: {written}")?;
        }
        if let Some(ended) = last.ended_connections {
            writeln!(f, "connections ended: {ended}")?;
        }
        write!(
            f,
            "flow offload: requested {}, effective {}",
            last.offload.requested, last.offload.effective
        )?;
        match &last.offload.reason {
            Some(reason) => writeln!(f, ": {reason}")?,
            None => writeln!(f)?,
        }
        if !last.offload.devices.is_empty() {
            writeln!(f, "offload devices: {}", last.offload.devices.join(" "))?;
        }
        for conflict in &last.offload.conflicts {
            writeln!(f, "offload conflict: {conflict}")?;
        }
        for d in self.diagnostics.as_array().into_iter().flatten() {
            let text = |key: &str| json::text(d, key).unwrap_or_default();
            write!(f, "{}: {}", text("severity"), text("message"))?;
            match (d.get("line").and_then(Json::as_u64), text("file")) {
                (Some(line), file) => writeln!(f, " ({file}:{line})")?,
                (None, _) => writeln!(f)?,
            }
        }
        Ok(())
    }
}
