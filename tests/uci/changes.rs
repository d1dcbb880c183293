//! Uncommitted changes.

use ferrowall::uci::{Value, apply_changes};

use crate::support::{read, show};

pub const BASE: &str = "config defaults\noption input 'REJECT'\nconfig zone wan\noption name 'wan'\n\
                    list network 'wan'\nlist network 'wan6'\nconfig rule\noption src 'wan'\n";

#[test]
fn uncommitted_changes_are_applied_one_by_one() {
    let defaults = "defaults {input=REJECT}";
    let wan = "zone wan{name=wan network=[wan|wan6]}";
    let rule = "rule {src=wan}";
    for (changes, expected) in [
        (
            "firewall.wan.name='x'",
            format!("{defaults}, zone wan{{name=x network=[wan|wan6]}}, {rule}"),
        ),
        (
            "firewall.cfg0392bd.enabled='0'",
            format!("{defaults}, {wan}, rule {{src=wan enabled=0}}"),
        ),
        (
            "firewall.wan.network='lan'",
            format!("{defaults}, zone wan{{name=wan network=lan}}, {rule}"),
        ),
        (
            "firewall.wan.name=''",
            format!("{defaults}, zone wan{{network=[wan|wan6]}}, {rule}"),
        ),
        (
            "firewall.new='rule'\nfirewall.new.a='1'",
            format!("{defaults}, {wan}, {rule}, rule new{{a=1}}"),
        ),
        (
            "+firewall.new='rule'",
            format!("{defaults}, {wan}, {rule}, rule {{}}"),
        ),
        (
            "+firewall.wan='zone'",
            format!("{defaults}, zone {{name=wan network=[wan|wan6]}}, {rule}"),
        ),
        // A type of another length makes the section a named one.
        (
            "firewall.cfg0392bd='role'",
            format!("{defaults}, {wan}, role {{src=wan}}"),
        ),
        (
            "firewall.cfg0392bd='nat'",
            format!("{defaults}, {wan}, nat cfg0392bd{{src=wan}}"),
        ),
        ("firewall.wan=''", format!("{defaults}, {rule}")),
        ("-firewall.wan", format!("{defaults}, {rule}")),
        ("-firewall.wan='x'", format!("{defaults}, {rule}")),
        (
            "-firewall.wan.name",
            format!("{defaults}, zone wan{{network=[wan|wan6]}}, {rule}"),
        ),
        (
            "-firewall.wan.network",
            format!("{defaults}, zone wan{{name=wan}}, {rule}"),
        ),
        (
            "-firewall.wan.network='0'",
            format!("{defaults}, zone wan{{name=wan network=[wan6]}}, {rule}"),
        ),
        (
            "@firewall.wan='w'",
            format!("{defaults}, zone w{{name=wan network=[wan|wan6]}}, {rule}"),
        ),
        (
            "@firewall.cfg0392bd='r'",
            format!("{defaults}, {wan}, rule r{{src=wan}}"),
        ),
        (
            "@firewall.wan.name='n'",
            format!("{defaults}, zone wan{{n=wan network=[wan|wan6]}}, {rule}"),
        ),
        (
            "|firewall.wan.network='x'",
            format!("{defaults}, zone wan{{name=wan network=[wan|wan6|x]}}, {rule}"),
        ),
        (
            "|firewall.wan.name='x'",
            format!("{defaults}, zone wan{{name=[wan|x] network=[wan|wan6]}}, {rule}"),
        ),
        (
            "|firewall.wan.new='x'",
            format!("{defaults}, zone wan{{name=wan network=[wan|wan6] new=[x]}}, {rule}"),
        ),
        (
            "~firewall.wan.network='wan'",
            format!("{defaults}, zone wan{{name=wan network=[wan6]}}, {rule}"),
        ),
        ("^firewall.wan='0'", format!("{wan}, {defaults}, {rule}")),
        ("^firewall.wan='99'", format!("{defaults}, {rule}, {wan}")),
        ("^firewall.wan='-1'", format!("{wan}, {defaults}, {rule}")),
        ("^firewall.wan='many'", format!("{wan}, {defaults}, {rule}")),
    ] {
        let mut package = read(BASE);
        apply_changes(&mut package, changes.as_bytes());
        assert_eq!(show(&package), expected, "{changes}");
    }
}

#[test]
fn changes_that_libuci_cannot_use_are_skipped() {
    for changes in [
        "firewall.@rule[0].enabled='0'",
        "network.wan.name='x'",
        "firewall.wan",
        "firewall",
        "garbage line",
        "# comment",
        "",
        "firewall.nosuch.option='1'",
        "-firewall.nosuch",
        "-firewall.wan.nosuch",
        "-firewall.wan.network='7'",
        "-firewall.wan.network='x'",
        "|firewall.wan='x'",
        "~firewall.wan.name='wan'",
        "@firewall.wan='bad name'",
        "^firewall.wan.name='0'",
        "firewall.wan.='x'",
        "firewall..x='y'",
        "firewall.wan.a.b='x'",
        "firewall.bad-name='rule'",
        "firewall.typed='no such type'",
        "firewall.wan.name='x' ",
        "firewall.wan.name='x' # comment",
        "firewall.wan.name='x';",
        "firewall.wan.name='x'\r",
        "firewall.wan.name='\x01'",
        "firewall.wan.name='never closed",
    ] {
        let mut package = read(BASE);
        apply_changes(&mut package, format!("{changes}\n").as_bytes());
        assert_eq!(show(&package), show(&read(BASE)), "{changes}");
    }
}

#[test]
fn a_change_may_end_in_other_ways_than_a_newline() {
    for changes in [
        "  firewall.wan.name=x",
        "firewall.wan.name=x#y\n",
        "firewall.wan.name=x;y\n",
        "firewall.wan.name='x' ",
    ] {
        let mut package = read(BASE);
        apply_changes(&mut package, changes.as_bytes());
        assert!(show(&package).contains("name=x "), "{changes}");
    }
}

#[test]
fn values_have_places_unless_they_are_uncommitted() {
    let mut package = read("config rule\n\toption a 'ü x'\n\tlist b y\n");
    apply_changes(
        &mut package,
        b"firewall.cfg0192bd.c='1'\n+firewall.new='rule'\n",
    );
    let rule = &package.sections[0];
    let Some(Value::String(a)) = rule.option("a").map(|o| &o.value) else {
        panic!("a is an option")
    };
    let span = a.span.as_ref().unwrap();
    assert_eq!(
        (span.line, span.column, span.start, span.end),
        (2, 11, 22, 28)
    );
    let Some(Value::String(c)) = rule.option("c").map(|o| &o.value) else {
        panic!("c is an option")
    };
    assert_eq!(c.span, None);
    assert_eq!(
        rule.span.as_ref().map(|s| (s.line, s.start, s.end)),
        Some((1, 0, 11))
    );
    assert_eq!(package.sections[1].span, None);
}
