/*! `check`: would this configuration load, and does it mean what its owner meant? Changes nothing. */

use std::borrow::Cow;
use std::path::PathBuf;

use super::commit::{self, Change};
use super::pipeline::{self, PACKAGE};
use super::{Error, Job, shaped};
use crate::config::Sections;
use crate::diagnostic::{Diagnostic, Diagnostics, Origin, Severity, Span};
use crate::json::Json;
use crate::lint::{self, Subject};
use crate::offload::Outcome;
use crate::router::{KernelFacts, Refusal, Root, Router};
use crate::uci::{self, Directories};
use crate::{json, report, text};

/// What was found.
#[derive(Debug, Default)]
pub struct Checked {
    /// fw4's and those of [`lint`], in the order of the file.
    pub diagnostics: Diagnostics,
    pub sections: Sections,
    /// What the parser or the kernel would not take, if anything.
    pub refused: Option<String>,
    /// Why no kernel was asked, if none could be.
    pub not_tried: Option<String>,
    /// The file, and what is in it.
    pub file: PathBuf,
    content: Vec<u8>,
}

impl Checked {
    /// Nobody could be asked.
    pub fn failed(error: &Error) -> Self {
        Checked {
            refused: Some(error.to_string()),
            ..Checked::default()
        }
    }

    /// As an exit status: 0 for nothing or notes, 1 for warnings, 2 for errors.
    pub fn verdict(&self) -> u8 {
        if self.refused.is_some() || self.diagnostics.count(Severity::Error) > 0 {
            2
        } else {
            u8::from(self.diagnostics.count(Severity::Warning) > 0)
        }
    }

    /// `root` only where there are several.
    pub fn json(&self, root: Option<&str>) -> Json {
        let count = |severity| self.diagnostics.count(severity).into();
        let mut fields = Vec::with_capacity(8);
        fields.extend(root.map(|root| ("root", root.into())));
        fields.extend([
            ("ok", self.refused.is_none().into()),
            ("error", json::maybe(self.refused.as_deref())),
            ("not_tried", json::maybe(self.not_tried.as_deref())),
            ("errors", count(Severity::Error)),
            ("warnings", count(Severity::Warning)),
            ("notes", count(Severity::Note)),
            (
                "diagnostics",
                report::json(&self.diagnostics, &self.sections),
            ),
        ]);
        json::object(fields)
    }

    /// Where a diagnostic points, if anywhere.
    pub fn place<'a>(&'a self, d: &'a Diagnostic) -> Option<&'a Span> {
        let section = self.sections.get(d.origin);
        d.span.as_ref().or(section.and_then(|s| s.span.as_ref()))
    }

    /// The line of the file, and how many characters of it are meant.
    pub fn line(&self, span: &Span) -> Option<(String, usize)> {
        let (start, end) = (span.start as usize, span.end as usize);
        let before = self.content.get(..start)?;
        let begin = before
            .iter()
            .rposition(|b| *b == b'\n')
            .map_or(0, |at| at + 1);
        let line = self.content.get(begin..)?.split(|b| *b == b'\n').next()?;
        let meant = self.content.get(start..end.min(begin + line.len()))?;
        let line = text::decode(line.trim_ascii_end());
        Some((line, text::decode(meant).chars().count()))
    }
}

/// Tries the ruleset out as it would be loaded: over netlink, or with raw nft files through nft, or both.
/// Sections that the kernel refuses are named, as a load would leave them out.
///
/// A router root is also checked where no kernel can be asked: without the permission, without nf_tables, without nft.
///
/// # Errors
/// This is the running system, and nobody can be asked.
pub fn check(job: &Job, kernel: &dyn KernelFacts) -> Result<Checked, Error> {
    let directories = Directories::below(&job.root);
    let live = Root::new(&job.root).is_live();
    // nothing is known of its interfaces, and this machine is another
    let alone = !live && !job.root.join("ubus").is_dir();
    let mut checked = Checked {
        file: directories.file(PACKAGE)?,
        ..Checked::default()
    };
    let package = uci::read_source(&directories, PACKAGE).and_then(|source| {
        checked.content = source.config.clone();
        source.into_package(&directories, PACKAGE)
    });
    let package = match package {
        Ok(package) => package,
        Err(error) => {
            checked.unreadable(&error);
            return Ok(checked);
        }
    };
    let (mut router, mut said) = Router::load(&job.root);
    if alone {
        said.iter_mut().for_each(|d| d.severity = Severity::Note);
    }
    if router.kernel == 0 && !live {
        router.kernel = RECENT;
    }
    let kernel = if alone { &Obliging } else { kernel };
    let mut prepared = pipeline::prepare_router(kernel, Cow::Borrowed(&package), router, said);
    let mut diagnostics = std::mem::take(&mut prepared.diagnostics);
    let subject = Subject::new(
        &package,
        &prepared.firewall,
        &prepared.compiled.zones,
        &prepared.router,
    );
    lint::explain(&mut diagnostics, &subject);
    diagnostics.merge(lint::lint(&subject));
    let mut outcome = Outcome::new(&prepared.compiled.offload);
    shaped::report(job, &prepared, &mut outcome, &mut diagnostics);
    match commit::commit(&mut prepared, job, Change::Check) {
        Ok(mut done) => {
            // the devices of another router's flowtable are not here
            let elsewhere = |d: &&mut Diagnostic| d.origin == Origin::RENDER && !live;
            for d in done.diagnostics.iter_mut().filter(elsewhere) {
                d.severity = Severity::Note;
            }
            diagnostics.merge(done.diagnostics);
        }
        Err(commit::Error::Refused(why)) => checked.refused = Some(why.join("\n")),
        Err(error) if live => return Err(error.into()),
        Err(error) => checked.not_tried = Some(error.to_string()),
    }
    checked.sections = prepared.firewall.sections;
    diagnostics.sort_by_key(|d| checked.place(d).map_or(0, |span| span.start));
    checked.diagnostics = diagnostics;
    Ok(checked)
}

impl Checked {
    fn unreadable(&mut self, error: &uci::Error) {
        self.refused = Some(error.to_string());
        let mut d = match error.syntax() {
            Some(syntax) => {
                let mut d = Diagnostic::warning(Origin::ROUTER, syntax.message());
                d.span = Some(syntax.span().clone());
                d.hint = Some("no section of the file is read until this is mended".into());
                d
            }
            None => Diagnostic::warning(Origin::ROUTER, error.to_string()),
        };
        d.severity = Severity::Error;
        d.code = "unreadable";
        self.diagnostics.push(d);
    }
}

/// What a router root without `proc/version` is taken to run, as [`Router::kernel`] has it: Linux 6.6.
const RECENT: u32 = 0x0606_0000;

/// A kernel of which nothing is known: it is taken to do what is asked.
struct Obliging;

impl KernelFacts for Obliging {
    fn accepts_hw_flowtable(&self, _: &[String]) -> Result<(), Refusal> {
        Ok(())
    }

    fn has_flowtable(&self) -> bool {
        false
    }
}
