/*! Configuration files as text. */

use std::path::Path;

use ferrowall::uci::{self, Package, Value};

use crate::in_time;

fn parse(bytes: &[u8]) -> Option<Package<'_>> {
    uci::parse(bytes, "firewall", Path::new("firewall")).ok()
}

/// A file: it is refused, or each value stands where the parser says.
pub fn uci(bytes: &[u8]) {
    let parsed = in_time(|| uci::parse(bytes, "firewall", Path::new("firewall")));
    let lines = bytes.iter().filter(|byte| **byte == b'\n').count() as u32 + 1;
    let package = match parsed {
        Ok(package) => package,
        Err(error) => {
            let said = error.to_string();
            assert!(!said.is_empty());
            if let Some(syntax) = error.syntax() {
                assert!((1..=lines).contains(&syntax.span().line), "{said}");
            }
            return;
        }
    };
    for section in &package.sections {
        let values = section
            .options
            .iter()
            .flat_map(|option| match &option.value {
                Value::String(value) => std::slice::from_ref(value),
                Value::List(values) => values,
            });
        let spans = values.filter_map(|value| value.span.as_ref());
        for span in spans.chain(&section.span) {
            assert!(
                (1..=lines).contains(&span.line) && span.column > 0,
                "{span:?}"
            );
            assert!(
                span.start <= span.end && span.end as usize <= bytes.len(),
                "{span:?}"
            );
        }
    }
}

/// A file, a NUL, and uncommitted changes to it.
pub fn deltas(bytes: &[u8]) {
    let at = bytes.iter().position(|byte| *byte == 0).unwrap_or(0);
    let (file, changes) = bytes.split_at(at);
    let Some(mut package) = parse(file) else {
        return;
    };
    in_time(|| uci::apply_changes(&mut package, changes));
}
