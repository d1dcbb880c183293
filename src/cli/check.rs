/*! `check` of one router root or of many, for people, for the log and for programs. */

use std::path::PathBuf;

use super::Failure;
use super::output::Output;
use crate::apply::{self, Checked, Job};
use crate::diagnostic::{Diagnostic, Severity};
use crate::{caret, json, text};

/// Exit status 0 if there is nothing to mend, 1 for warnings, 2 for errors; the worst of all roots.
pub fn check(job: &Job, roots: &[PathBuf], as_json: bool, out: &mut Output) -> Result<u8, Failure> {
    let mut worst = 0;
    let mut counts = [0_usize; 3];
    let mut answers = Vec::new();
    let many = roots.len() > 1;
    for (n, root) in roots.iter().enumerate() {
        let job = Job {
            root: root.clone(),
            ..job.clone()
        };
        let name = text::decode(root.as_os_str().as_encoded_bytes());
        if many {
            out.progress(&format!("{}/{} {name}", n + 1, roots.len()));
        }
        let checked = match apply::check(&job, &*job.kernel()) {
            Ok(checked) => checked,
            Err(error) if as_json || many => Checked::failed(&error),
            Err(error) => {
                out.error(&error.to_string());
                return Ok(2);
            }
        };
        let verdict = checked.verdict();
        worst = worst.max(verdict);
        if let Some(count) = counts.get_mut(usize::from(verdict)) {
            *count += 1;
        }
        if as_json {
            answers.push(checked.json(Some(&*name).filter(|_| many)));
        } else if !out.is_quiet() {
            if many {
                out.progress("");
            }
            show(&checked, out);
            if !many && checked.refused.is_none() && checked.not_tried.is_none() {
                out.line("Ruleset passes nftables check.")?;
            }
        }
    }
    let [clean, warned, failed] = counts;
    if as_json && !many {
        out.line(&answers.pop().unwrap_or_default().to_string())?;
    } else if as_json {
        let all = json::object(vec![
            ("ok", (worst < 2).into()),
            ("clean", clean.into()),
            ("with_warnings", warned.into()),
            ("with_errors", failed.into()),
            ("roots", answers.into()),
        ]);
        out.line(&all.to_string())?;
    } else if many && !out.is_quiet() {
        out.progress("");
        out.line(&format!(
            "{} configurations: {clean} clean, {warned} with warnings, {failed} with errors.",
            roots.len()
        ))?;
    }
    Ok(worst)
}

fn show(checked: &Checked, out: &Output) {
    let mut lines = String::new();
    let file = text::decode(checked.file.as_os_str().as_encoded_bytes());
    for d in checked.diagnostics.iter() {
        one(checked, d, &file, out.is_terminal(), &mut lines);
    }
    let unreadable = checked.diagnostics.iter().any(|d| d.code == "unreadable");
    if let Some(why) = checked.refused.as_ref().filter(|_| !unreadable) {
        lines.push_str(&format!("{file}: error: {why}\n"));
    }
    if let Some(why) = &checked.not_tried {
        lines.push_str(&format!("{file}: note: not tried out in a kernel: {why}\n"));
    }
    if lines.pop().is_some() {
        out.bare(&lines);
    }
}

/// `FILE:LINE:COLUMN: warning: WHAT (WHAT TO DO)`; on a terminal with the line of the file and a mark below.
fn one(checked: &Checked, d: &Diagnostic, file: &str, terminal: bool, out: &mut String) {
    let place = checked.place(d);
    let helpers = checked
        .sections
        .get(d.origin)
        .is_some_and(|s| s.kind == "helper");
    out.push_str(if helpers {
        crate::report::HELPERS
    } else {
        file
    });
    if let Some(span) = place {
        out.push_str(&format!(":{}:{}", span.line, span.column));
    }
    out.push_str(": ");
    let name = d.severity.name();
    match (terminal, d.severity) {
        (true, Severity::Error) => out.push_str(&format!("\x1b[31m{name}\x1b[m")),
        (true, Severity::Warning) => out.push_str(&format!("\x1b[33m{name}\x1b[m")),
        _ => out.push_str(name),
    }
    out.push_str(": ");
    out.push_str(&caret::printable(&d.message));
    let hint = d.hint.as_deref().map(caret::printable);
    if !terminal {
        if let Some(hint) = hint {
            out.push_str(&format!(" ({hint})"));
        }
        out.push('\n');
        return;
    }
    out.push('\n');
    let line = place
        .filter(|_| !helpers)
        .and_then(|span| Some((span, checked.line(span)?)));
    if let Some((span, (line, width))) = line {
        out.push_str(&caret::below(&line, span.column, width));
        out.push('\n');
    }
    if let Some(hint) = hint {
        out.push_str(&format!("    hint: {hint}\n"));
    }
}
