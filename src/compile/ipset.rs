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
        // Not more room than needed, and not by moving: it may be a hundred thousand.
        elements.reserve_exact(content.iter().filter(|byte| **byte == b'\n').count() + 1);
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

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::testing::{Kernel, parse, router};
    use crate::compile::compile;

    #[test]
    fn a_load_file_gives_an_entry_a_line_and_bad_lines_are_told() {
        let root = std::env::temp_dir().join(format!("ferrowall-loadfile-{}", std::process::id()));
        fs::create_dir_all(root.join("etc")).expect("a folder");
        fs::write(
            root.join("etc/list"),
            "# hosts\n192.0.2.1\r\n\n  192.0.2.2 \nhost%s\n192.0.2.3",
        )
        .expect("a file");
        let set = "config ipset\n\toption name hosts\n\toption match ip\n\
            \tlist entry 198.51.100.1\n\toption loadfile /etc/list\n\
            config ipset\n\toption name none\n\toption match ip\n\toption loadfile /etc/none\n";
        let router = router(&root);
        let compiled = compile(&parse(set, &router), &router, &Kernel { hardware: false });
        fs::remove_dir_all(&root).expect("the folder from above");
        let set = &compiled.ruleset.sets[0];
        assert_eq!(set.elements.len(), 4);
        assert_eq!(
            compiled.warnings(),
            [
                "[!] Skipping invalid entry 'host(null)' in file '/etc/list' for set 'hosts'",
                "Unable to load file '/etc/none' for set 'none': No such file or directory",
            ]
        );
    }
}
