/*! Names that are there twice, and sets that nobody uses. */

use std::collections::HashMap;

use super::{Finding, Kind, Subject};
use crate::diagnostic::Origin;

pub(super) fn look(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    let firewall = subject.firewall;
    let mut first: HashMap<(&str, &str), Origin> = HashMap::new();
    for (origin, info) in firewall.sections.iter() {
        // what other programs name is theirs
        let (Some(name), Some(_)) = (&info.name, &info.id) else {
            continue;
        };
        let (kind, group) = match info.kind {
            "zone" => (Kind::DuplicateZone, "zone"),
            "ipset" => (Kind::DuplicateSet, "ipset"),
            // a port forward and the rule beside it may well be called the same
            "rule" | "redirect" | "nat" => (Kind::DuplicateName, info.kind),
            _ => continue,
        };
        let earlier = *first.entry((group, name)).or_insert(origin);
        if earlier != origin && is_used(subject, origin) && is_used(subject, earlier) {
            found.push(Finding::new(kind, origin, "name", name).against(earlier));
        }
    }
    for (n, one) in firewall.forwardings.iter().enumerate() {
        let same = |other: &&crate::config::Forwarding| {
            (other.src, other.dest) == (one.src, one.dest)
                && (other.family.is_none() || other.family == one.family)
        };
        if let Some(earlier) = firewall.forwardings.iter().take(n).find(same) {
            let finding = Finding::new(Kind::DuplicateForwarding, one.origin, "", "");
            found.push(finding.against(earlier.origin));
        }
    }
    let rules = firewall.rules.iter().chain(&firewall.offloads);
    let rules = rules.map(|rule| &rule.ipset);
    let redirects = firewall.redirects.iter().map(|redirect| &redirect.ipset);
    let used: Vec<usize> = rules
        .chain(redirects)
        .flatten()
        .map(|set| set.set.0)
        .collect();
    for (n, set) in firewall.ipsets.iter().enumerate() {
        if subject.section(set.origin).is_some() && !used.contains(&n) {
            found.push(Finding::new(Kind::UnusedSet, set.origin, "name", &set.name));
        }
    }
}

/// Is the section switched on, and was it understood?
fn is_used(subject: &Subject<'_>, origin: Origin) -> bool {
    subject.firewall.has(origin)
}
