/*! Sections and options that nobody reads, and options that are read for nothing. */

use super::{Finding, Kind, Subject, place_of};
use crate::config::closest;
use crate::diagnostic::Origin;

/// What fw4 and we look at.
const KINDS: [&str; 10] = [
    "defaults",
    "zone",
    "forwarding",
    "rule",
    "offload",
    "redirect",
    "nat",
    "ipset",
    "include",
    "helper",
];

const SYSCTL: &str = "the kernel's own settings decide that: put a line into /etc/sysctl.conf";
const TIMES: &str = "times are always those of the router's time zone";

/// Options that fw4 accepts without a word and does nothing about: section type, option, what to do instead.
const IGNORED: [(&str, &str, &str); 10] = [
    ("defaults", "tcp_syncookies", SYSCTL),
    ("defaults", "tcp_ecn", SYSCTL),
    ("defaults", "tcp_window_scaling", SYSCTL),
    ("defaults", "accept_redirects", SYSCTL),
    ("defaults", "accept_source_route", SYSCTL),
    ("rule", "utc_time", TIMES),
    ("redirect", "utc_time", TIMES),
    ("nat", "utc_time", TIMES),
    (
        "ipset",
        "counters",
        "rules count what they match, sets do not",
    ),
    ("nat", "connlimit_ports", "there is no such limit in fw4"),
];

pub(super) fn look(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    for section in &subject.package.sections {
        if !KINDS.contains(&&*section.kind) {
            let meant = closest(&section.kind, KINDS.into_iter()).unwrap_or_default();
            let mut finding =
                Finding::new(Kind::UnknownSection, Origin::RENDER, "", &section.kind).meant(meant);
            finding.span = section.span.clone();
            found.push(finding);
        }
    }
    for (origin, info) in subject.firewall.sections.iter() {
        let Some(section) = subject.section(origin) else {
            continue;
        };
        for option in section.options.iter().filter(|option| option.replaces) {
            let mut finding = Finding::new(Kind::OptionTwice, origin, "", &option.name);
            finding.span = place_of(&option.value, "").cloned();
            found.push(finding);
        }
        for (kind, option, instead) in IGNORED {
            if let Some(given) = section.option(option).filter(|_| kind == info.kind) {
                let mut finding =
                    Finding::new(Kind::IgnoredOption, origin, option, option).meant(instead);
                finding.span = place_of(&given.value, "").cloned();
                found.push(finding);
            }
        }
    }
}
