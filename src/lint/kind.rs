use crate::diagnostic::Severity;

/// What can be found. docs/check.md lists them by their codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    UnknownSection,
    IgnoredOption,
    OptionTwice,
    DuplicateZone,
    DuplicateSet,
    DuplicateName,
    DuplicateForwarding,
    UnusedSet,
    UnusedZone,
    EmptyZone,
    UnknownNetwork,
    MissingNetwork,
    OverlappingZones,
    WanInputAccept,
    WanForwarding,
    SshFromWan,
    WebFromWan,
    AllFromWan,
    NoTarget,
    OwnTraffic,
    Shadowed,
    Redundant,
    ShadowedRedirect,
    OutsideZone,
    OtherZone,
}

/// Of a finding, as it is shown. `%v` is its value, `%m` what was probably meant, `%o` the other section.
pub(super) struct Words {
    pub severity: Severity,
    pub code: &'static str,
    /// What is wrong.
    pub what: &'static str,
    /// What would be right; not said if it has a `%m` and nothing is known that was meant.
    pub right: &'static str,
}

impl Kind {
    pub(super) fn words(self) -> Words {
        use Severity::{Note, Warning};
        let (severity, code, what, right) = match self {
            Kind::UnknownSection => (
                Warning,
                "unknown-section",
                "section type '%v' means nothing to the firewall, the section is ignored",
                "did you mean 'config %m'?",
            ),
            Kind::IgnoredOption => (Warning, "ignored-option", "option '%v' has no effect", "%m"),
            Kind::OptionTwice => (
                Warning,
                "option-twice",
                "option '%v' is given more than once, only the last line counts",
                "remove the others; several values belong into one line or into 'list' lines",
            ),
            Kind::DuplicateZone => (
                Warning,
                "duplicate-zone",
                "zone name '%v' is already taken by %o, which all references mean",
                "give each zone a name of its own",
            ),
            Kind::DuplicateSet => (
                Warning,
                "duplicate-set",
                "set name '%v' is already taken by %o",
                "give each set a name of its own",
            ),
            Kind::DuplicateName => (
                Note,
                "duplicate-name",
                "name '%v' is also that of %o",
                "a name of its own tells them apart in logs and in 'nft list ruleset'",
            ),
            Kind::DuplicateForwarding => (
                Warning,
                "duplicate-forwarding",
                "says again what %o says",
                "remove one of the two",
            ),
            Kind::UnusedSet => (
                Note,
                "unused-set",
                "no rule or redirect uses set '%v'",
                "use it with option ipset '%v', or leave it to what fills and uses it from outside",
            ),
            Kind::UnusedZone => (
                Note,
                "unused-zone",
                "no forwarding, rule, redirect or nat names zone '%v': only its own policies hold",
                "",
            ),
            Kind::EmptyZone => (
                Warning,
                "empty-zone",
                "zone '%v' covers nothing: it has no network, device or subnet",
                "add a line: list network 'NAME'",
            ),
            Kind::UnknownNetwork => (
                Warning,
                "unknown-network",
                "the router has no network '%v'",
                "did you mean '%m'?",
            ),
            Kind::MissingNetwork => (
                Note,
                "missing-network",
                "the router has no network '%v'",
                "",
            ),
            Kind::OverlappingZones => (
                Warning,
                "overlapping-zones",
                "'%v' is also in zone %o, which comes first and takes its traffic",
                "a network belongs into one zone",
            ),
            Kind::WanInputAccept => (
                Warning,
                "wan-input-accept",
                "zone '%v' lets everybody on the internet reach every service of the router",
                "option input 'REJECT', and rules for what is to be reached",
            ),
            Kind::WanForwarding => (
                Warning,
                "wan-forwarding",
                "lets everybody on the internet reach every host of zone '%v'",
                "a redirect or a rule for what is to be reached",
            ),
            Kind::SshFromWan => (
                Warning,
                "ssh-from-wan",
                "opens SSH (port %v) of the router to the internet",
                "restrict it with option src_ip, or reach it through a VPN",
            ),
            Kind::WebFromWan => (
                Warning,
                "web-from-wan",
                "opens the router's web interface (port %v) to the internet",
                "restrict it with option src_ip, or reach it through a VPN",
            ),
            Kind::AllFromWan => (
                Warning,
                "all-from-wan",
                "opens every TCP port of the router to the internet",
                "restrict it with option dest_port or option src_ip",
            ),
            Kind::NoTarget => (
                Warning,
                "no-target",
                "decides nothing: it has no target",
                "add a line: option target 'ACCEPT', or REJECT, or DROP",
            ),
            Kind::OwnTraffic => (
                Warning,
                "own-traffic",
                "names neither src nor dest: it is about what the router itself sends",
                "option src for what comes to the router, option dest '*' if it is meant so",
            ),
            Kind::Shadowed => (
                Warning,
                "shadowed",
                "can never match: %o comes first, takes all of it and decides otherwise",
                "put it before that one",
            ),
            Kind::Redundant => (
                Warning,
                "redundant",
                "can never match: %o comes first, takes all of it and does the same",
                "remove it",
            ),
            Kind::ShadowedRedirect => (
                Warning,
                "shadowed-redirect",
                "can never match: %o comes first and takes all of it",
                "put it before that one, or choose another src_dport",
            ),
            Kind::OutsideZone => (
                Warning,
                "outside-zone",
                "'%v' is in none of the subnets of zone '%m'",
                "an address of one of its networks, or another zone as dest",
            ),
            Kind::OtherZone => (
                Warning,
                "other-zone",
                "'%v' is in a subnet of %o, not of the zone it names as dest",
                "option dest '%m'",
            ),
        };
        Words {
            severity,
            code,
            what,
            right,
        }
    }
}
