/*! Diagnostics as JSON: for LuCI, for CI, for `status`. */

use serde_json::Value as Json;

use crate::config::Sections;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::json;

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
    json::object(vec![
        ("severity", d.severity.name().into()),
        ("file", span.map(|_| FILE).into()),
        ("line", span.map(|s| s.line).into()),
        ("column", span.map(|s| s.column).into()),
        (
            "section",
            json::maybe(section.and_then(|s| s.id.as_deref())),
        ),
        ("name", json::maybe(section.and_then(|s| s.name.as_deref()))),
        ("option", json::maybe(d.option.as_deref())),
        ("value", json::maybe(d.value.as_deref())),
        ("message", d.message.as_str().into()),
        ("hint", json::maybe(d.hint.as_deref())),
    ])
}
