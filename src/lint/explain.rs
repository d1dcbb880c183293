/*! fw4's own warnings in the light of the whole configuration: what was probably meant, and how bad it is. */

use super::Subject;
use crate::config::closest;
use crate::diagnostic::{Diagnostic, Diagnostics, Origin, Severity};

const TARGETS: [&str; 10] = [
    "ACCEPT",
    "REJECT",
    "DROP",
    "NOTRACK",
    "HELPER",
    "MARK",
    "DSCP",
    "DNAT",
    "SNAT",
    "MASQUERADE",
];
const POLICIES: [&str; 3] = ["ACCEPT", "REJECT", "DROP"];
const FAMILIES: [&str; 3] = ["ipv4", "ipv6", "any"];

/// A section that is left out for what is said about it is an error: the firewall is not what the file says.
pub fn explain(diagnostics: &mut Diagnostics, subject: &Subject<'_>) {
    // What its owner switched off is not lost, unless it would be without that.
    let says = |d: &Diagnostic, what| d.message.contains(what);
    let off: Vec<Origin> = diagnostics
        .iter()
        .filter(|d| says(d, "is disabled, ignoring section"))
        .map(|d| d.origin)
        .collect();
    for d in diagnostics.iter_mut() {
        let lost = subject.section(d.origin).is_some()
            && !subject.firewall.has(d.origin)
            && !off.contains(&d.origin);
        if lost && d.severity == Severity::Warning {
            d.severity = Severity::Error;
        }
        if lost && let Some(hint) = hint(d, subject) {
            d.hint = Some(hint);
        }
    }
}

fn hint(d: &Diagnostic, subject: &Subject<'_>) -> Option<String> {
    let firewall = subject.firewall;
    let value = d.value.as_deref()?;
    let (what, known, given): (_, Vec<&str>, _) = match d.option.as_deref()? {
        "src" | "dest" | "reflection_zone" => {
            if let Some(broken) = broken_zone(subject, value) {
                return Some(broken);
            }
            let zones = firewall.zones.iter().map(|zone| &*zone.name);
            ("zone", zones.collect(), value)
        }
        "ipset" => {
            let sets = firewall.ipsets.iter().map(|set| &*set.name);
            let name = value.trim_start_matches(['!', ' ']);
            let name = name.split([' ', '\t']).next().unwrap_or_default();
            ("set", sets.collect(), name)
        }
        "helper" | "set_helper" => {
            let helpers = firewall.helpers.iter().map(|helper| &*helper.name);
            ("helper", helpers.collect(), value)
        }
        "target" => ("target", TARGETS.to_vec(), value),
        "input" | "output" | "forward" => ("policy", POLICIES.to_vec(), value),
        "family" => ("family", FAMILIES.to_vec(), value),
        _ => return None,
    };
    if known.contains(&given) {
        return None;
    }
    let fixed = what == "target" || what == "policy";
    let upper = given.to_ascii_uppercase();
    let meant = closest(if fixed { &upper } else { given }, known.into_iter())?;
    Some(format!("unknown {what} '{given}': did you mean '{meant}'?"))
}

/// The file has such a zone, but it is not in use.
fn broken_zone(subject: &Subject<'_>, name: &str) -> Option<String> {
    let sections = &subject.firewall.sections;
    let (origin, info) = sections
        .iter()
        .find(|(_, info)| info.kind == "zone" && info.name.as_deref() == Some(name))?;
    let line = info.span.as_ref().map_or(0, |span| span.line);
    (!subject.firewall.has(origin))
        .then(|| format!("zone '{name}' (line {line}) is switched off or has mistakes of its own"))
}
