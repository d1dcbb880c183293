/*! Diagnostics as JSON: for LuCI, for CI, for `status`. */

use crate::json::Json;

use crate::config::{SectionInfo, Sections};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::json;

/// The file sections with a span come from, but for helpers.
const FILE: &str = "/etc/config/firewall";
pub const HELPERS: &str = "/usr/share/firewall4/helpers";

/// `[{"severity", "code", "file", "line", "column", "section", "name", "option", "value", "message", "hint"}, ...]`
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
    json::object(vec![
        ("severity", d.severity.name().into()),
        ("code", json::maybe(Some(d.code).filter(|c| !c.is_empty()))),
        ("file", span.map(|_| file).into()),
        ("line", span.map(|s| s.line).into()),
        ("column", span.map(|s| s.column).into()),
        (
            "section",
            json::maybe(section.and_then(SectionInfo::id).as_deref()),
        ),
        ("name", json::maybe(section.and_then(|s| s.name.as_deref()))),
        ("option", json::maybe(d.option.as_deref())),
        ("value", json::maybe(d.value.as_deref())),
        ("message", d.message.as_str().into()),
        ("hint", json::maybe(d.hint.as_deref())),
    ])
}
