/*! `start`, `reload` and `restart`. */

use std::borrow::Cow;
use std::time::Instant;

use super::commit::{self, Change, Way};
use super::connections::{self, Fate};
use super::files::{self, RunFiles};
use super::lock::Lock;
use super::pipeline::{self, Prepared};
use super::record::{self, Record, Written};
use super::trial::paths;
use super::{Error, Job, emergency, fingerprint, scripts, shaped, state, syslog, unchanged};
use crate::config::{Firewall, Sections};
use crate::diagnostic::{Diagnostic, Diagnostics, Origin, Severity};
use crate::json::Json;
use crate::netlink::{Held, Report};
use crate::router::Router;
use crate::uci::{self, Directories, Source};
use crate::{netlink, offload, report};

/// What to load for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Only if nothing is loaded.
    Start,
    /// Only if something is loaded: what differs is changed, what others added to the table stays.
    Reload,
    /// As `Reload`; besides, flows that are offloaded in software end, and come back with their next packets.
    EndFlows,
    /// In any case: the whole table is replaced, in one transaction.
    Restart,
    /// A reload that goes back unless it is confirmed: see `trial`.
    Try,
    /// A reload of the configuration before a try.
    Revert,
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    pub diagnostics: Diagnostics,
    pub result: Result<(), Error>,
}

/// Loads the configuration into the kernel.
///
/// Whatever fails, the kernel keeps what it had, and the record says what failed.
pub fn load(job: &Job, action: Action) -> Outcome {
    let mut diagnostics = Diagnostics::default();
    let result = locked(job, action, &mut diagnostics);
    Outcome {
        diagnostics,
        result,
    }
}

fn locked(job: &Job, action: Action, diagnostics: &mut Diagnostics) -> Result<(), Error> {
    let files = job.run_files();
    // Rules are worth more than an orderly queue: on a router whose `/var` cannot be written they load too.
    let lock = Lock::acquire(&files);
    if let Err(error) = &lock {
        let message = format!("Unable to lock '{}': {error}", files.lock.display());
        diagnostics.push(Diagnostic {
            bare: true,
            ..Diagnostic::warning(Origin::ROUTER, message)
        });
    }
    match (action, files.state.exists()) {
        (Action::Start, true) => return Err(Error::AlreadyLoaded),
        (Action::Reload | Action::EndFlows, false) => return Err(Error::NotLoaded),
        _ => {}
    }
    let source = pipeline::read(&job.root);
    let (router, said) = Router::load(&job.root);
    let silent = lock.is_ok() && said.is_empty();
    if let (Action::Reload, true, Ok(source)) = (action, silent, &source)
        && let Ok(last) = Record::read(&files.record)
        && unchanged::is_same(job, &netlink::Kernel, &last, source, &router)
        && unchanged::is_held(&last)
    {
        let mut attempt = Attempt::new(action, &files);
        attempt.repeat(last);
        attempt.write_record(job, &Ok(()), diagnostics);
        return Ok(());
    }
    let prepared = source.and_then(|source| {
        let package = source.package(&Directories::below(&job.root), pipeline::PACKAGE)?;
        let prepared =
            pipeline::prepare_router(&netlink::Kernel, Cow::Owned(package), router, said);
        Ok((source, prepared))
    });
    attempt(job, &files, action, prepared, diagnostics)
}

/// Loads what was prepared, if it could be, and records how that went. For a holder of the lock. With it, what it was
/// prepared from.
pub(super) fn attempt(
    job: &Job,
    files: &RunFiles,
    action: Action,
    prepared: Result<(Source, Prepared), uci::Error>,
    diagnostics: &mut Diagnostics,
) -> Result<(), Error> {
    let mut attempt = Attempt::new(action, files);
    let result = prepared
        .map_err(Error::from)
        .and_then(|(source, prepared)| attempt.run(job, &source, prepared, diagnostics));
    if let Err(why) = &result {
        attempt.fail_closed(job, why, diagnostics);
        attempt.keep_what_is_loaded();
    }
    attempt.write_record(job, &result, diagnostics);
    std::mem::forget(attempt);
    result
}

/// One attempt, and what there is to tell of it.
struct Attempt<'a> {
    action: Action,
    files: &'a RunFiles,
    begun: Instant,
    offload: offload::Outcome,
    way: Option<Way>,
    written: Option<Written>,
    fingerprint: Option<String>,
    moment: Option<String>,
    held: Held,
    /// See [`Record::inputs`].
    inputs: Json,
    /// As far as it could be read, if the load failed.
    firewall: Option<Firewall>,
    /// The emergency ruleset stands in for what could not be loaded.
    emergency: bool,
    offload_policy: Option<String>,
    /// How many loads there were, if the record of the last one was read.
    loads: Option<u64>,
    /// How many connections ended because these rules forbid them.
    ended_connections: Option<usize>,
}

impl<'a> Attempt<'a> {
    fn new(action: Action, files: &'a RunFiles) -> Self {
        Attempt {
            action,
            files,
            begun: Instant::now(),
            offload: offload::Outcome::default(),
            way: None,
            written: None,
            fingerprint: None,
            moment: None,
            held: Held::default(),
            inputs: Json::Null,
            firewall: None,
            emergency: false,
            offload_policy: None,
            loads: None,
            ended_connections: None,
        }
    }

    /// What the last load left is what this one would, and the kernel has it.
    fn repeat(&mut self, last: Record) {
        self.loads = Some(last.generation);
        self.offload = last.offload;
        self.way = Some(Way::Netlink);
        self.written = Some(Written::of(Some(&Report::nothing(None))));
        self.fingerprint = last.fingerprint;
        self.moment = last.moment;
        self.held = last.held;
        self.inputs = last.inputs;
        self.offload_policy = last.offload_policy;
    }

    fn run(
        &mut self,
        job: &Job,
        source: &Source,
        mut prepared: Prepared,
        diagnostics: &mut Diagnostics,
    ) -> Result<(), Error> {
        let change = match self.action {
            Action::Start => Change::Replace,
            Action::Reload | Action::EndFlows | Action::Try | Action::Revert => Change::Update,
            Action::Restart => Change::Renew,
        };
        diagnostics.merge(std::mem::take(&mut prepared.diagnostics));
        self.offload = offload::Outcome::new(&prepared.compiled.offload);
        shaped::report(job, &prepared, &mut self.offload, diagnostics);
        self.fingerprint = Some(fingerprint::of(&mut prepared));
        self.offload_policy = fingerprint::of_offload_policy(&prepared.compiled.ruleset);
        let before = Record::read(&self.files.record).ok();
        self.loads = before.as_ref().map(|before| before.generation);
        let same = before
            .as_ref()
            .filter(|before| before.error.is_none() && before.fingerprint == self.fingerprint);
        if change == Change::Update {
            prepared.known = same
                .filter(|before| unchanged::is_held(before))
                .and_then(|before| before.moment.clone());
            let held = before.as_ref().map(|before| &before.held);
            let held = held.filter(|held| unchanged::is_now(held.moment.as_deref()));
            prepared.held = held.cloned().unwrap_or_default();
        }
        // A station that moves changes nothing that scripts could want to follow.
        let scripts_ran = self.action == Action::EndFlows && same.is_some();
        let before = before.and_then(|record| record.offload_policy);
        // Flows that may be offloaded from now on find their way by themselves.
        prepared.end_flows = self.offload_policy.is_some() && self.offload_policy != before
            || self.action == Action::EndFlows && self.offload.effective == "software";
        let committed = commit::commit(&mut prepared, job, change);
        let (way, said) = match committed {
            Ok(done) => {
                if let Some(flowtable) = &prepared.compiled.ruleset.flowtable {
                    self.offload.devices = flowtable.members().cloned().collect();
                }
                if let Some(flowtable) = &prepared.compiled.ruleset.software {
                    self.offload.software_devices = flowtable.members().cloned().collect();
                }
                if let Some(why) = done.flowtable_refused {
                    self.offload.unavailable(why);
                }
                self.written = Some(Written::of(done.report.as_ref()));
                self.moment = done.moment;
                self.held = done.held;
                (done.way, done.diagnostics)
            }
            Err(failure) => {
                self.firewall = Some(prepared.firewall);
                return Err(failure.into());
            }
        };
        diagnostics.merge(said);
        self.way = Some(way);
        let ends_connections = prepared.firewall.defaults.drop_forbidden_connections;
        let old = ends_connections
            .then(|| paths::last_loaded(job, self.action == Action::Try))
            .flatten();
        // Before all that takes its time: should this be killed there, the rules are loaded all the same.
        self.keep(job, source, diagnostics);
        // Where nobody changed the configuration, what seems forbidden is a device or a route that comes back in a moment.
        let unchanged = matches!(self.action, Action::Reload | Action::EndFlows)
            && old.as_ref() == Some(source);
        if ends_connections && !unchanged {
            self.end_connections(job, old, &prepared, diagnostics);
        }
        let written = state::write(
            &self.files.state,
            &prepared.firewall,
            &prepared.compiled,
            &prepared.router,
        );
        if let Err(e) = written {
            let message = format!("Unable to write '{}': {e}", self.files.state.display());
            diagnostics.push(Diagnostic {
                bare: true,
                ..Diagnostic::warning(Origin::RENDER, message)
            });
        }
        if !scripts_ran {
            scripts::run(&prepared.compiled.scripts, &prepared.router, diagnostics);
        }
        let tries = matches!(self.action, Action::Try | Action::Revert);
        // What was told is told again, what ran runs again: that takes a load.
        if self.moment.is_some()
            && !tries
            && diagnostics.is_empty()
            && prepared.compiled.scripts.is_empty()
        {
            self.inputs = unchanged::note(job, source, &prepared.router, files::STATE);
        }
        self.firewall = Some(prepared.firewall);
        // The process ends in a moment. To take thousands of rules apart before would only take time.
        std::mem::forget(prepared.compiled);
        Ok(())
    }

    /// What is loaded now is what a later `try` goes back to. A try keeps by itself what it needs.
    fn keep(&self, job: &Job, source: &Source, diagnostics: &mut Diagnostics) {
        if !matches!(self.action, Action::Try | Action::Revert)
            && let Err(error) = paths::loaded(job, source)
        {
            let message = format!("Unable to keep the configuration for a later `try`: {error}");
            let mut d = Diagnostic::warning(Origin::RENDER, message);
            d.severity = Severity::Note;
            diagnostics.push(d);
        }
    }

    /// Of those that run, the ones that the rules would not let begin, after others from the source `old`.
    fn end_connections(
        &mut self,
        job: &Job,
        old: Option<Source>,
        new: &Prepared,
        diagnostics: &mut Diagnostics,
    ) {
        if self
            .written
            .as_ref()
            .is_some_and(|written| written.update == "none")
        {
            return;
        }
        let old = old.and_then(|source| {
            pipeline::recompile(&job.root, &netlink::Kernel, &source, &new.router).ok()
        });
        let old = old.as_ref().map(|(_, compiled)| &compiled.ruleset);
        let ruleset = &new.compiled.ruleset;
        let why = match connections::forbidden(ruleset, old, &new.router, Fate::End) {
            Ok(Some(ended)) => return self.ended_connections = Some(ended),
            Ok(None) => "raw nft files or rules of others may allow them".to_owned(),
            Err(error) => error.to_string(),
        };
        let message = ["Connections that the rules forbid go on: ", &why].concat();
        diagnostics.push(Diagnostic {
            bare: true,
            ..Diagnostic::warning(Origin::RENDER, message)
        });
    }

    /// A router without rules is open: puts the emergency ruleset there, unless there are rules, or the
    /// configuration forbids it.
    fn fail_closed(&mut self, job: &Job, why: &Error, diagnostics: &mut Diagnostics) {
        let firewall = self.firewall.as_ref();
        if firewall.is_some_and(|firewall| !firewall.defaults.fail_closed) {
            return;
        }
        let message = match emergency::load(job, firewall) {
            Ok(None) => {
                let before = Record::read(&self.files.record);
                self.emergency = before.is_ok_and(|r| r.emergency) && !self.files.state.exists();
                return;
            }
            Ok(Some(lan)) => {
                self.emergency = true;
                emergency::proclaim(job, &lan, &why.to_string())
            }
            Err(error) => {
                let message = format!(
                    "THE ROUTER IS OPEN: neither the firewall nor the emergency ruleset could be loaded: {error}"
                );
                syslog::alert(&job.root, &message);
                message
            }
        };
        diagnostics.push(Diagnostic {
            bare: true,
            severity: Severity::Error,
            ..Diagnostic::warning(Origin::RENDER, message)
        });
    }

    /// A load that failed leaves offloading as it was.
    fn keep_what_is_loaded(&mut self) {
        if self.files.state.exists()
            && !self.emergency
            && let Ok(before) = Record::read(&self.files.record)
        {
            self.offload = before.offload;
            self.offload_policy = before.offload_policy;
        }
    }

    /// Tells `status` about it. Being unable to is no reason to fail: the firewall is loaded or not.
    fn write_record(&self, job: &Job, result: &Result<(), Error>, diagnostics: &mut Diagnostics) {
        let before = self.loads.unwrap_or_else(|| {
            Record::read(&self.files.record).map_or(0, |before| before.generation)
        });
        let (path, snippets) = match &self.way {
            None => (None, Vec::new()),
            Some(Way::Netlink) => (Some("netlink"), Vec::new()),
            Some(Way::Text { snippets }) => (Some("nft"), snippets.clone()),
        };
        let record = Record {
            action: self.action.name().into(),
            requested_by: job.requested_by,
            time: record::now(),
            duration_ms: u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX),
            generation: before + u64::from(result.is_ok()),
            error: result.as_ref().err().map(ToString::to_string),
            path: path.map(str::to_owned),
            snippets,
            written: self.written.clone(),
            offload: self.offload.clone(),
            fingerprint: self.fingerprint.clone(),
            moment: self.moment.clone(),
            held: self.held.clone(),
            offload_policy: self.offload_policy.clone(),
            emergency: self.emergency,
            ended_connections: self.ended_connections,
            diagnostics: report::json(
                diagnostics,
                self.firewall
                    .as_ref()
                    .map_or(&Sections::default(), |f| &f.sections),
            ),
            inputs: self.inputs.clone(),
        };
        if let Err(e) = record.write(&self.files.record) {
            let message = format!("Unable to write '{}': {e}", self.files.record.display());
            let mut d = Diagnostic::warning(Origin::RENDER, message);
            d.severity = Severity::Note;
            diagnostics.push(d);
        }
    }
}

impl Action {
    fn name(self) -> &'static str {
        match self {
            Action::Start => "start",
            Action::Reload | Action::EndFlows => "reload",
            Action::Restart => "restart",
            Action::Try => "try",
            Action::Revert => "revert",
        }
    }
}
