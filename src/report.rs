/*! Diagnostics as JSON: for LuCI, for CI, for `status`. */

use serde_json::{Value as Json, json};

use crate::config::{SectionInfo, Sections};
use crate::diagnostic::{Diagnostic, Diagnostics};

/// The file sections with a span come from, but for helpers.
const FILE: &str = "/etc/config/firewall";
const HELPERS: &str = "/usr/share/firewall4/helpers";

/// `[{"severity", "file", "line", "column", "section", "name", "option", "value", "message", "hint"}, ...]`
pub fn json(diagnostics: &Diagnostics, sections: &Sections) -> Json {
    diagnostics.iter().map(|d| one(d, sections)).collect()
}

/// The file a section is in, if it is in one.
pub fn file_of(section: &SectionInfo) -> &'static str {
    if section.kind == "helper" {
        HELPERS
    } else {
        FILE
    }
}

fn one(d: &Diagnostic, sections: &Sections) -> Json {
    let section = sections.get(d.origin);
    let file = section.map_or(FILE, file_of);
    let span = d.span.as_ref().or(section.and_then(|s| s.span.as_ref()));
    json!({
        "severity": d.severity,
        "file": span.map(|_| file),
        "line": span.map(|s| s.line),
        "column": span.map(|s| s.column),
        "section": section.and_then(|s| s.id.as_deref()),
        "name": section.and_then(|s| s.name.as_deref()),
        "option": d.option,
        "value": d.value,
        "message": d.message,
        "hint": d.hint,
    })
}
