/*! `config ipset`: named sets, with the entries of their files. */

use super::Lowering;
use crate::config::{Ipset, printf_without_arguments};
use crate::diagnostic::{Diagnostic, Diagnostics, Origin};
use crate::router::reason;
use crate::ruleset::{Element, Set};
use crate::text;

impl Lowering<'_> {
    pub(super) fn sets(&mut self) -> Vec<Set> {
        let firewall = self.firewall;
        let mut sets = Vec::with_capacity(firewall.ipsets.len());
        for ipset in &firewall.ipsets {
            let mut elements = ipset.entries.clone();
            if let Some(path) = &ipset.loadfile {
                self.load(ipset, path, &mut elements);
            }
            sets.push(Set {
                name: ipset.name.clone(),
                comment: ipset.comment.clone(),
                key: ipset.key.clone(),
                size: ipset.maxelem.filter(|size| size.as_f64() > 0.0),
                timeout: Some(ipset.timeout).filter(|timeout| timeout.as_f64() >= 0.0),
                interval: ipset.interval,
                elements,
                origin: ipset.origin,
            });
        }
        sets
    }

    /// `option loadfile`: an entry a line, with comments and blank lines between.
    fn load(&mut self, ipset: &Ipset, path: &str, elements: &mut Vec<Element>) {
        let content = match self.router.read_file(path) {
            Ok(content) => content,
            Err(error) => {
                let message = format!(
                    "Unable to load file '{path}' for set '{}': {}",
                    ipset.name,
                    reason(&error)
                );
                let mut warning = self.about_file(ipset, message);
                warning.bare = true;
                self.diagnostics.push(warning);
                return;
            }
        };
        for line in content.split(|byte| *byte == b'\n') {
            let line = trim(line);
            if line.is_empty() || line.starts_with(b"#") {
                continue;
            }
            let line = text::decode(line);
            let mut said = Diagnostics::default();
            let entry = ipset.entry(&line, self.router, &mut said);
            for warning in said.iter() {
                self.diagnostics
                    .push(self.about_file(ipset, warning.message.clone()));
            }
            match entry {
                Some(element) => elements.push(element),
                None => {
                    let name = &ipset.name;
                    let message = format!(
                        "Skipping invalid entry '{line}' in file '{path}' for set '{name}'"
                    );
                    let message = printf_without_arguments(&message);
                    let mut warning = self.about_file(ipset, message);
                    warning.value = Some(line);
                    self.diagnostics.push(warning);
                }
            }
        }
    }

    /// fw4 reads the files while it prints the sets, after all sections.
    fn about_file(&self, ipset: &Ipset, message: String) -> Diagnostic {
        let mut warning = Diagnostic::warning(Origin::RENDER, message);
        warning.option = Some("loadfile".to_owned());
        let section = self.firewall.sections.get(ipset.origin);
        warning.span = section.and_then(|section| section.span.clone());
        warning
    }
}

/// ucode's `trim()`.
fn trim(line: &[u8]) -> &[u8] {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    let start = line
        .iter()
        .position(|byte| !blank(byte))
        .unwrap_or(line.len());
    let end = line
        .iter()
        .rposition(|byte| !blank(byte))
        .map_or(start, |last| last + 1);
    line.get(start..end).unwrap_or_default()
}
