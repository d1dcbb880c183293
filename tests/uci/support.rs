//! Packages from text, and as text that is easy to compare.

use std::path::Path;

use ferrowall::uci::{Package, Section, Value, parse};

pub fn read(text: &str) -> Package<'_> {
    parse(text.as_bytes(), "firewall", Path::new("firewall")).expect("libuci accepts this")
}

/// `rule r1 {a=1 b=[2|3]}`; the names of anonymous sections are left out.
pub fn show(package: &Package) -> String {
    let section = |section: &Section| {
        let options: Vec<String> = section
            .options
            .iter()
            .map(|option| match &option.value {
                Value::String(value) => format!("{}={}", option.name, value.text),
                Value::List(items) => {
                    let items: Vec<&str> = items.iter().map(|i| &*i.text).collect();
                    format!("{}=[{}]", option.name, items.join("|"))
                }
            })
            .collect();
        let name = if section.anonymous { "" } else { &section.name };
        format!("{} {name}{{{}}}", section.kind, options.join(" "))
    };
    package
        .sections
        .iter()
        .map(section)
        .collect::<Vec<_>>()
        .join(", ")
}
