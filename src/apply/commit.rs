/*!
Getting a ruleset into the kernel: which of the two paths, and what to leave out when something is refused.

One transaction each time. If the kernel refuses what one section asked for, that section is left out and all
the rest is tried again; if it refuses the flowtable, offloading is left out. What cannot be left out
without opening the router (zones, policies) is not.
*/

use std::mem;

use super::for_nft::Before;
use super::nft_process::{self, Mode};
use super::pipeline::Prepared;
use super::{Job, clearing, snippets};
use crate::config::Sections;
use crate::diagnostic::{Diagnostic, Diagnostics, Origin, Severity};
use crate::netlink::{self, Held, LoadError, Report, Socket, Subject, drain, flowtable, moment};
use crate::nft::{self, About};
use crate::ruleset::{Chain, Flowtable, Match, Ruleset};
use crate::sorted::Sorted;

/// How to reach the kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Backend {
    /// Netlink, but nft where there are raw nft files that say something.
    #[default]
    Auto,
    Netlink,
    Nft,
}

impl Backend {
    /// As on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Backend::Auto => "auto",
            Backend::Netlink => "netlink",
            Backend::Nft => "nft",
        }
    }
}

/// The path taken, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    Netlink,
    /// The raw nft files that need it; none if the text path was asked for.
    Text {
        snippets: Vec<String>,
    },
}

/// What is to become of the kernel's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Own chains are filled anew, what others added to the table stays.
    Replace,
    /// What differs is changed; over netlink only, nft does the same as for `Replace`.
    Update,
    /// The whole table is made anew.
    Renew,
    /// Nothing: it is only tried out.
    Check,
}

/// Why nothing was committed; the kernel has what it had.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Kernel(#[from] netlink::Error),
    #[error(transparent)]
    Nft(#[from] nft_process::Error),
    #[error("{}", .0.join("\n"))]
    Refused(Vec<String>),
    #[error("raw nft files cannot be loaded over netlink: {}", .0.join(", "))]
    SnippetsNeedNft(Vec<String>),
}

/// What was committed, and how.
#[derive(Debug)]
pub struct Done {
    pub way: Way,
    /// What was left out.
    pub diagnostics: Diagnostics,
    /// Why there is no flowtable though one was asked for.
    pub flowtable_refused: Option<String>,
    /// What was written, if that was over netlink.
    pub report: Option<Report>,
    /// For [`Prepared::known`] of the next load.
    pub moment: Option<String>,
    /// For [`Prepared::held`] of the next load.
    pub held: Held,
}

/// Brings the prepared ruleset into the kernel of this network namespace, less what it refuses.
pub fn commit(prepared: &mut Prepared, job: &Job, change: Change) -> Result<Done, Error> {
    let way = choose(prepared, job.backend)?;
    let mut done = Done {
        way,
        diagnostics: Diagnostics::default(),
        flowtable_refused: None,
        report: None,
        moment: None,
        held: Held::default(),
    };
    if let (Way::Netlink, Change::Update, Some(_)) = (&done.way, change, &prepared.known)
        && !prepared.end_flows
    {
        done.report = Some(Report::nothing(None));
        done.moment = prepared.known.take();
        done.held = mem::take(&mut prepared.held);
        return Ok(done);
    }
    let mut left_out = Vec::new();
    let mut end_flows = prepared.end_flows && change != Change::Check && {
        let mut socket = Socket::open().map_err(netlink::Error::opening)?;
        flowtable::existing(&mut socket)?.is_some()
    };
    loop {
        let ruleset = &mut prepared.compiled.ruleset;
        // Flows end only for a ruleset that will be loaded then.
        let step = if end_flows { Change::Check } else { change };
        let tried = match &done.way {
            Way::Netlink => by_netlink(ruleset, step, job, &prepared.held).map(Some),
            Way::Text { .. } => {
                let before = Before::change(ruleset, &prepared.router);
                let loaded = by_text(ruleset, step, job);
                before.restore(ruleset);
                loaded.map(|left_over| {
                    done.diagnostics.merge(left_over);
                    None
                })
            }
        };
        let refusals = match tried {
            Ok(_) if end_flows => {
                end_flows = false;
                let mut socket = Socket::open().map_err(netlink::Error::opening)?;
                drain::end_flows(&mut socket, &job.run_files().draining)?;
                continue;
            }
            Ok(None) => return Ok(done),
            Ok(Some((report, socket))) => {
                if done.diagnostics.is_empty() {
                    // It is loaded: being unable to tell when is no failure.
                    let last = report.generation;
                    let moment = last.and_then(|last| moment::after(&socket, last));
                    if !depends_on_time(ruleset) {
                        done.moment.clone_from(&moment);
                    }
                    done.held = Held::of(ruleset, moment);
                }
                done.report = Some(report);
                // To close it is to wait until the kernel has taken apart what was replaced. The end of the process does that, too,
                // and until then there is other work.
                mem::forget(socket);
                return Ok(done);
            }
            Err(Tried::Failed(error)) => return Err(error),
            Err(Tried::Refused(refusals)) => refusals,
        };
        if let (Some(why), Some(flowtable)) = (refusals.flowtable, &mut ruleset.flowtable) {
            let second = ruleset.software.as_mut().and_then(leave_out_devices);
            let (message, hint) = match leave_out_devices(flowtable).or(second) {
                Some(gone) => {
                    let message = format!("Flow offloading leaves out {}: {why}", gone.join(", "));
                    (message, None)
                }
                None => {
                    let why = explain_no_flowtable(why);
                    ruleset.leave_out_flowtable();
                    let message = format!("Flow offloading is not available and left out: {why}");
                    done.flowtable_refused = Some(why);
                    (message, hint_for_flowtable())
                }
            };
            let diagnostic = Diagnostic::warning(Origin::RENDER, message);
            done.diagnostics.push(ours(diagnostic, hint));
            continue;
        }
        let structural: Vec<String> = refusals
            .sections
            .iter()
            .filter(|(origin, _)| {
                !dispensable(&prepared.firewall.sections, *origin) || left_out.contains(origin)
            })
            .map(|(origin, why)| describe(&prepared.firewall.sections, *origin, why))
            .collect();
        if !structural.is_empty() || refusals.sections.is_empty() {
            return Err(Error::Refused(if structural.is_empty() {
                refusals.unknown
            } else {
                structural
            }));
        }
        for (origin, why) in refusals.sections {
            let label = label(&prepared.firewall.sections, origin);
            let message = format!("{label} skipped: {why}");
            let mut d = ours(Diagnostic::warning(origin, message), None);
            d.severity = Severity::Error;
            done.diagnostics.push(d);
            left_out.push(origin);
        }
        prepared.compiled.ruleset.leave_out(&left_out);
    }
}

/// May the kernel hold something else in a while without anybody having said so? Hours of the day are converted by the
/// time zone of the moment, elements with a time-out end.
fn depends_on_time(ruleset: &Ruleset) -> bool {
    let mut rules = ruleset.chains.iter().flat_map(Chain::rules);
    ruleset.sets.iter().any(|set| set.timeout.is_some())
        || rules.any(|rule| {
            let of_clock =
                |m: &Match| matches!(m, Match::Time(_) | Match::Hour(_) | Match::Day { .. });
            rule.matches.iter().any(of_clock)
        })
}

fn choose(prepared: &Prepared, backend: Backend) -> Result<Way, Error> {
    let snippets = snippets::with_content(&prepared.compiled.ruleset, &prepared.router);
    for path in &snippets {
        // nft would read a pipe, a device, a file without end for as long as it lives.
        if let Some(why) = snippets::unfit(&prepared.router, path) {
            let message = ["raw nft file '", path, "' is refused: ", &why].concat();
            return Err(Error::Refused(vec![message]));
        }
    }
    match (backend, snippets.is_empty()) {
        (Backend::Auto | Backend::Netlink, true) => Ok(Way::Netlink),
        (Backend::Netlink, false) => Err(Error::SnippetsNeedNft(snippets)),
        (Backend::Auto, false) | (Backend::Nft, _) => Ok(Way::Text { snippets }),
    }
}

/// One try that came to nothing.
enum Tried {
    Failed(Error),
    Refused(Refusals),
}

/// What was refused, by the section that asked for it.
#[derive(Default)]
struct Refusals {
    flowtable: Option<String>,
    sections: Sorted<Origin, String>,
    /// What could not be traced to anything.
    unknown: Vec<String>,
}

impl Refusals {
    fn about(&mut self, origin: Origin, subject: &Subject, why: String) {
        match subject {
            Subject::Flowtable => self.flowtable = Some(why),
            _ => self.add(origin, why),
        }
    }

    fn about_text(&mut self, about: About, why: String) {
        match about {
            About::Flowtable => self.flowtable = Some(why),
            About::Section(origin) => self.add(origin, why),
            About::Frame => self.unknown.push(why),
        }
    }

    fn add(&mut self, origin: Origin, why: String) {
        if origin == Origin::RENDER || origin == Origin::ROUTER {
            self.unknown.push(why);
        } else {
            self.sections.insert(origin, why);
        }
    }
}

fn by_netlink(
    ruleset: &Ruleset,
    change: Change,
    job: &Job,
    held: &Held,
) -> Result<(Report, Socket), Tried> {
    let way = match change {
        Change::Replace => netlink::Way::Replace,
        Change::Update => netlink::Way::Update,
        Change::Renew => netlink::Way::Renew,
        Change::Check => netlink::Way::Check,
    };
    let fail = |error: netlink::Error| Tried::Failed(error.into());
    let mut socket = Socket::open().map_err(|e| fail(netlink::Error::opening(e)))?;
    if change != Change::Check && drain::needed(&mut socket, ruleset).map_err(fail)? {
        // It takes a while and changes the rules: only for a ruleset that will be loaded then.
        by_netlink(ruleset, Change::Check, job, held)?;
        drain::drain(&mut socket, Some(&job.run_files().draining)).map_err(fail)?;
    }
    let mut refusals = Refusals::default();
    match netlink::load_since(&mut socket, ruleset, way, held) {
        Ok(report) => return Ok((report, socket)),
        Err(LoadError::Unencodable(list)) => {
            list.iter()
                .for_each(|u| refusals.about(u.origin, &u.subject, u.to_string()));
        }
        Err(LoadError::Kernel(netlink::Error::Refused(list))) => {
            list.iter()
                .for_each(|r| refusals.about(r.origin, &r.subject, r.to_string()));
        }
        Err(LoadError::Kernel(error)) => return Err(fail(error)),
    }
    Err(Tried::Refused(refusals))
}

/// As text, with the flowtable kept if it can be. What concerns only the flowtable goes over netlink. Once nft has loaded the
/// rules, whatever else fails is only told: they are there.
fn by_text(ruleset: &mut Ruleset, change: Change, job: &Job) -> Result<Diagnostics, Tried> {
    let unsayable = nft::unsayable(ruleset);
    if !unsayable.is_empty() {
        let mut refusals = Refusals::default();
        for found in unsayable {
            refusals.about_text(found.about, found.to_string());
        }
        return Err(Tried::Refused(refusals));
    }
    let fail = |error: netlink::Error| Tried::Failed(error.into());
    let mut socket = Socket::open().map_err(|e| fail(netlink::Error::opening(e)))?;
    let flowtable::Existing {
        ours: live,
        software: second,
        ..
    } = flowtable::all(&mut socket).map_err(fail)?;
    let renews = change == Change::Renew;
    let hardware = live.as_ref().is_some_and(|live| live.hardware());
    let becomes = |wanted: &Flowtable| live.as_ref().is_some_and(|live| live.can_become(wanted));
    // `restart` deletes the whole table, flowtable and all, unless flows are in the hardware.
    let mut kept = (hardware || !renews) && ruleset.flowtable.as_ref().is_some_and(becomes);
    let mut clearing = None;
    if renews && kept {
        ruleset.delete_flowtable = false;
        clearing = clearing::text(&mut socket, ruleset).map_err(fail)?;
        clearing.take_if(|text| by_nft(ruleset, text, Mode::Check, false).is_err());
        kept = clearing.is_some();
    }
    // With the table, if that goes.
    let alone = live.is_some() && !kept && !renews;
    ruleset.delete_flowtable = alone;
    let goes = renews && hardware && !kept;
    if goes || change != Change::Check && drain::needed(&mut socket, ruleset).map_err(fail)? {
        by_nft(ruleset, b"", Mode::Check, false)?;
        drain::drain(&mut socket, Some(&job.run_files().draining)).map_err(fail)?;
    }
    let mut preamble = match clearing {
        Some(text) => text,
        None if renews => b"table inet fw4\ndelete table inet fw4\n".to_vec(),
        None => Vec::new(),
    };
    let stays = netlink::software::stays(ruleset, live.as_ref(), second.as_ref());
    if second.is_some() && (renews || !stays) {
        preamble.extend(b"table inet fw4_software\ndelete table inet fw4_software\n");
    }
    let mode = match change {
        Change::Check => Mode::Check,
        _ => Mode::Load,
    };
    by_nft(ruleset, &preamble, mode, job.echo)?;
    let mut left_over = Diagnostics::default();
    let wanted = ruleset.flowtable.as_ref();
    // nft adds devices to a flowtable that is there, but takes none out.
    if let Some(wanted) = wanted.filter(|_| kept && change != Change::Check)
        && let Err(error) = flowtable::settle(&mut socket, wanted)
    {
        let message = format!("Flow offloading may keep devices that it should not: {error}");
        let diagnostic = Diagnostic::warning(Origin::RENDER, message);
        left_over.push(ours(diagnostic, None));
    }
    Ok(left_over)
}

fn by_nft(ruleset: &Ruleset, preamble: &[u8], mode: Mode, echo: bool) -> Result<(), Tried> {
    let lines = preamble.iter().filter(|b| **b == b'\n').count();
    let printed = nft::print_traced(ruleset);
    let text = [preamble, &printed.text].concat();
    match nft_process::run(&text, mode, echo) {
        Ok(()) => Ok(()),
        Err(nft_process::Error::Refused { said }) => {
            let mut refusals = Refusals::default();
            for error in nft_process::first_causes(nft_process::complaints(&said)) {
                let line = error.line.and_then(|line| line.checked_sub(lines));
                let about = line.map_or(About::Frame, |line| printed.about(line));
                refusals.about_text(about, error.message);
            }
            if refusals.sections.is_empty() && refusals.flowtable.is_none() {
                refusals.unknown = vec![said];
            }
            Err(Tried::Refused(refusals))
        }
        Err(error) => Err(Tried::Failed(error.into())),
    }
}

/// May the firewall go without this section? A zone or the defaults decide what gets in.
fn dispensable(sections: &Sections, origin: Origin) -> bool {
    sections.get(origin).is_some_and(|s| {
        matches!(
            s.kind,
            "rule" | "offload" | "redirect" | "nat" | "ipset" | "forwarding" | "helper"
        )
    })
}

fn label(sections: &Sections, origin: Origin) -> String {
    match sections.get(origin) {
        // it has no id in the configuration, its own file is another
        Some(s) if s.kind == "helper" => {
            format!("Helper definition '{}'", s.name.as_deref().unwrap_or(""))
        }
        Some(s) => s.label(),
        None => "The ruleset".to_owned(),
    }
}

/// `Section @zone[1] (wan) at /etc/config/firewall:12: WHY`
fn describe(sections: &Sections, origin: Origin, why: &str) -> String {
    let place = sections.get(origin).and_then(|s| {
        let file = crate::report::file_of(s);
        s.span
            .as_ref()
            .map(|span| format!(" at {file}:{}", span.line))
    });
    let place = place.unwrap_or_default();
    format!("{}{place}: {why}", label(sections, origin))
}

fn ours(mut d: Diagnostic, hint: Option<String>) -> Diagnostic {
    d.hint = hint;
    d.silent_in_fw4 = true;
    d
}

/// Takes out the devices that the kernel refuses one by one; `None` if that leaves nothing, or changes nothing.
fn leave_out_devices(flowtable: &mut Flowtable) -> Option<Vec<String>> {
    let mut socket = Socket::open().ok()?;
    let mut works = |device: &String| {
        let alone = Flowtable {
            devices: vec![device.clone()],
            hardware: flowtable.hardware,
            ..Flowtable::default()
        };
        netlink::probe(&mut socket, &alone).is_ok()
    };
    let (devices, gone): (Vec<_>, Vec<_>) = flowtable.devices.iter().cloned().partition(&mut works);
    let (joined, also): (Vec<_>, Vec<_>) = flowtable.joined.iter().cloned().partition(&mut works);
    let gone: Vec<String> = gone.into_iter().chain(also).collect();
    if devices.is_empty() || gone.is_empty() {
        return None;
    }
    flowtable.devices = devices;
    flowtable.joined = joined;
    Some(gone)
}

/// The kernel's answer is the same for a device that is not there and for a kernel without flowtables.
fn explain_no_flowtable(why: String) -> String {
    match Socket::open().map(|mut socket| netlink::has_flowtables(&mut socket)) {
        Ok(false) => "this kernel has no flowtables".to_owned(),
        _ => why,
    }
}

fn hint_for_flowtable() -> Option<String> {
    Some("the packages kmod-nft-offload and kmod-nf-flow bring flowtables".into())
}
