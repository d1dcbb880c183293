/*! Diagnostics as JSON: for LuCI, for CI, for `status`. */

use serde_json::{Value as Json, json};

use crate::config::Sections;
use crate::diagnostic::{Diagnostic, Diagnostics};

/// The file all sections with a span come from.
const FILE: &str = "/etc/config/firewall";

/// `[{"severity", "file", "line", "column", "section", "name", "option", "value", "message", "hint"}, ...]`
pub fn json(diagnostics: &Diagnostics, sections: &Sections) -> Json {
    diagnostics.iter().map(|d| one(d, sections)).collect()
}

fn one(d: &Diagnostic, sections: &Sections) -> Json {
    let section = sections.get(d.origin);
    // a helper's section is of another file
    let in_file = section.filter(|s| s.kind != "helper");
    let span = d.span.as_ref().or(in_file.and_then(|s| s.span.as_ref()));
    json!({
        "severity": d.severity,
        "file": span.map(|_| FILE),
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
