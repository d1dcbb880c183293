/*! What a try changes: rules that come and rules that go, by the section that they are for. */

use std::collections::HashMap;

use crate::json::Json;

use crate::config::Sections;
use crate::nft::{self, About};
use crate::ruleset::Ruleset;
use crate::{json, text};

/// The block it is in, and what it says.
type Line<'t> = (&'t [u8], &'t [u8]);

/// What changes for one section.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// `Section @rule[3] (Allow-Ping)`
    pub section: String,
    /// Each with the chain or set it is in: `input_wan: tcp dport 22 accept`.
    pub goes: Vec<String>,
    pub comes: Vec<String>,
}

/// Both as text, which says all that is in a ruleset. Lines that only change places are told in one word.
pub fn between(old: (&Ruleset, &Sections), new: (&Ruleset, &Sections)) -> Vec<Change> {
    let (old_text, new_text) = (nft::print_traced(old.0), nft::print_traced(new.0));
    let (old_lines, new_lines) = (lines(&old_text), lines(&new_text));
    let mut balance: HashMap<Line<'_>, isize> = HashMap::new();
    for (_, line) in &old_lines {
        *balance.entry(*line).or_default() -= 1;
    }
    for (_, line) in &new_lines {
        *balance.entry(*line).or_default() += 1;
    }
    let mut changes = Vec::new();
    for (lines, sections, sign) in [(old_lines, old.1, -1), (new_lines, new.1, 1)] {
        for (about, line) in lines {
            let Some(count) = balance.get_mut(&line).filter(|count| **count * sign > 0) else {
                continue;
            };
            *count -= sign;
            let told = match line {
                ([], rule) => text::decode(rule),
                (place, rule) => [&*text::decode(place), ": ", &*text::decode(rule)].concat(),
            };
            let section = label(about, sections);
            if !changes
                .iter()
                .any(|change: &Change| change.section == section)
            {
                changes.push(Change {
                    section: section.clone(),
                    ..Change::default()
                });
            }
            if let Some(change) = changes.iter_mut().find(|change| change.section == section) {
                match sign {
                    1 => change.comes.push(told),
                    _ => change.goes.push(told),
                }
            }
        }
    }
    if changes.is_empty() && old_text.text != new_text.text {
        let section = "The same rules in another order".to_owned();
        changes.push(Change {
            section,
            ..Change::default()
        });
    }
    changes
}

/// Lines that say something, each with what it is about and the block it is in.
fn lines(printed: &nft::Traced) -> Vec<(About, Line<'_>)> {
    let mut place: &[u8] = b"";
    let mut found = Vec::new();
    for (about, line) in printed.lines() {
        let bare = line.trim_ascii();
        // `chain NAME {` one step in
        if let [b'\t', first, ..] = line
            && *first != b'\t'
        {
            place = bare
                .strip_suffix(b"{")
                .and_then(|head| head.trim_ascii().split(|b| *b == b' ').next_back())
                .unwrap_or_default();
        }
        if !matches!(bare, b"" | b"}") && !bare.starts_with(b"#") {
            found.push((about, (place, bare)));
        }
    }
    found
}

fn label(about: About, sections: &Sections) -> String {
    let section = match about {
        About::Section(origin) => sections.get(origin),
        About::Flowtable => return "Flow offloading".to_owned(),
        About::Frame => None,
    };
    section.map_or_else(|| "The ruleset".to_owned(), |section| section.label())
}

impl Change {
    pub fn json(&self) -> Json {
        json::object(vec![
            ("section", self.section.as_str().into()),
            ("out", json::texts(&self.goes)),
            ("in", json::texts(&self.comes)),
        ])
    }

    /// For a person, line by line.
    pub fn tell(&self, out: &mut String) {
        out.push_str(&self.section);
        out.push('\n');
        for (sign, lines) in [("  - ", &self.goes), ("  + ", &self.comes)] {
            for line in lines {
                out.push_str(sign);
                out.push_str(line);
                out.push('\n');
            }
        }
    }
}
