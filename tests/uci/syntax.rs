//! Files: words, quotes, sections, and what is wrong with them.

use std::path::Path;

use ferrowall::text;
use ferrowall::uci::{Value, parse};

use crate::support::{read, show};

/// `line:column message`
fn refusal(text: &str) -> String {
    let error = parse(text.as_bytes(), "firewall", Path::new("firewall"))
        .expect_err(&format!("libuci refuses {text:?}"));
    let error = error.syntax().expect("it is a matter of syntax");
    format!(
        "{}:{} {}",
        error.span().line,
        error.span().column,
        error.message()
    )
}

#[test]
fn words_and_quotes_are_read_as_libuci_reads_them() {
    for (text, expected) in [
        ("", ""),
        (
            "config rule\n\toption a '1'\n\toption b \"2\"\n\toption c 3",
            "rule {a=1 b=2 c=3}",
        ),
        ("c rule r1\no a 1\nl b 2\nl b 3\n", "rule r1{a=1 b=[2|3]}"),
        (
            "package firewall\nconfig rule # comment\n # another\n\n  option a 1#2",
            "rule {a=1}",
        ),
        ("config rule\r\n\toption a 'b'\r\n", "rule {a=b}"),
        (
            "config 'rule' \"r\"1\noption 'a' l'a\"'\"n\"",
            "rule r1{a=la\"n}",
        ),
        ("config rule\noption a 'it'\\''s'", "rule {a=it's}"),
        (
            "config rule\noption a \"x \\\"y\\\" \\\\ \\n\"",
            "rule {a=x \"y\" \\ n}",
        ),
        (
            "config rule\noption a 'back\\slash\\'",
            "rule {a=back\\slash\\}",
        ),
        ("config rule\noption a two\\ words", "rule {a=two words}"),
        (
            "config rule\noption a 'one\ntwo'\noption b \"one\\\ntwo\"",
            "rule {a=one\ntwo b=onetwo}",
        ),
        ("config rule\noption a on\\\ne", "rule {a=one}"),
        ("config rule\noption a '#;' # ;", "rule {a=#;}"),
        // A ';' ends a command after a quoted value, but hides the rest of the line after a bare word.
        (
            "config rule 'r' ; option a '1'; option b 2; option c 3",
            "rule r{a=1 b=2}",
        ),
        ("config rule\noption a 1 '' option b 2", "rule {a=1 b=2}"),
        (
            "config rule\noption a ''\noption b 1\noption b ''\nlist c ''",
            "rule {b=1 c=[]}",
        ),
        ("config zone ''", "zone {}"),
        (
            "config rule\n\0\0\0\0\0\noption a 1\0hidden\n2\n",
            "rule {a=12}",
        ),
    ] {
        assert_eq!(show(&read(text)), expected, "{text:?}");
    }
}

#[test]
fn sections_and_options_of_the_same_name_are_merged_in_place() {
    for (text, expected) in [
        (
            "config rule\noption a 1\noption b 2\noption a 3",
            "rule {a=3 b=2}",
        ),
        (
            "config rule\noption a 1\noption b 2\nlist a 3",
            "rule {a=[1|3] b=2}",
        ),
        (
            "config rule\nlist a 1\nlist a 2\noption b 3\noption a 4",
            "rule {a=4 b=3}",
        ),
        (
            "config rule r\noption a 1\nconfig zone\nconfig rule r\noption b 2",
            "rule r{a=1 b=2}, zone {}",
        ),
    ] {
        assert_eq!(show(&read(text)), expected, "{text:?}");
    }
}

#[test]
fn many_options_of_a_section_keep_order_and_merge_as_few_do() {
    let lines: String = (0..200)
        .map(|n| format!("option o{} {n}\n", n % 100))
        .collect();
    let text = format!("config rule r\noption o7 first\nconfig zone\nconfig rule r\n{lines}");
    let package = read(&text);
    let options = &package.sections[0].options;
    assert_eq!(options.len(), 100);
    assert_eq!(options[0].name, "o7");
    assert_eq!(options[1].name, "o0");
    for option in options {
        let number: u32 = option.name[1..].parse().unwrap();
        let Value::String(value) = &option.value else {
            panic!("no list here")
        };
        assert_eq!(value.text, (number + 100).to_string());
    }
}

#[test]
fn anonymous_sections_get_the_names_libuci_makes_up() {
    let package =
        read("config defaults\nconfig zone\nconfig zone wan\nconfig forwarding\nconfig rule");
    let names: Vec<&str> = package.sections.iter().map(|s| &*s.name).collect();
    assert_eq!(
        names,
        ["cfg01e63d", "cfg02dc81", "wan", "cfg04ad58", "cfg0592bd"]
    );
}

#[test]
fn the_name_made_up_for_a_section_means_it_as_a_given_one_does() {
    assert_eq!(
        show(&read(
            "config rule\noption a 1\nconfig zone\nconfig rule cfg0192bd\noption b 2\n\
             config rule cfg92bd\nconfig rule cfg000192bd"
        )),
        "rule {a=1 b=2}, zone {}, rule cfg92bd{}, rule cfg000192bd{}"
    );
    // The first of a name, be it made up or not.
    assert_eq!(
        show(&read(
            "config rule cfg0292bd\nconfig rule\noption a 1\nconfig rule cfg0292bd\noption b 2"
        )),
        "rule cfg0292bd{b=2}, rule {a=1}"
    );
    assert_eq!(
        refusal("config rule\nconfig zone cfg0192bd"),
        "2:13 section 'cfg0192bd' is already a rule, it cannot become a zone"
    );
}

#[test]
fn what_libuci_refuses_is_refused_and_named() {
    for (text, expected) in [
        (
            "config rule\n\toptoin a 1",
            "2:2 unknown command 'optoin', expected config, option, list or package",
        ),
        ("config\n", "1:1 config without a type"),
        ("config rule\noption", "2:1 option without a name"),
        ("config rule\noption \n", "2:1 option without a name"),
        ("config rule\nlist # a 1", "2:1 list without a name"),
        ("\toption a 1", "1:2 option before the first config line"),
        (
            "config rule not-a-name",
            "1:13 invalid name 'not-a-name', only letters, digits and '_' are allowed",
        ),
        (
            "config rule\noption ü 1",
            "2:8 invalid name 'ü', only letters, digits and '_' are allowed",
        ),
        (
            "config 'a b'",
            "1:8 invalid section type 'a b', only visible ASCII characters are allowed",
        ),
        (
            "package a.b",
            "1:9 invalid package name 'a.b', only letters, digits, '_' and '-' are allowed",
        ),
        (
            "config rule\noption a b c",
            "2:12 too many arguments, a value with blanks needs quotes",
        ),
        (
            "config zone; option name x\noption a 1 2",
            "2:12 too many arguments, a value with blanks needs quotes",
        ),
        (
            "config rule\noption a 'x",
            "2:10 this quote is never closed",
        ),
        (
            "config rule\noption a b\"x\n\n",
            "2:10 this quote is never closed",
        ),
        (
            "config rule\noption a '1';\n",
            "2:14 ';' must be followed by another command on the same line",
        ),
        (
            "config rule r\nconfig zone r",
            "2:13 section 'r' is already a rule, it cannot become a zone",
        ),
    ] {
        assert_eq!(refusal(text), expected, "{text:?}");
    }
}

#[test]
fn a_forgotten_quote_is_looked_for_where_its_value_begins() {
    let text = "config rule\n\toption name 'Allow ping\n\toption src 'wan'\n\toption dest 'lan'\n";
    assert_eq!(refusal(text), "2:14 this quote is never closed");

    let text = "config rule\n\toption name 'Ping\n\toption src 'all zones'\n";
    assert_eq!(
        refusal(text),
        "3:18 too many arguments, a value with blanks needs quotes \
         (a quote that opens in line 2 stays open beyond the end of that line)"
    );
}

#[test]
fn an_error_shows_the_line_with_a_caret() {
    let error = parse(
        b"config rule\n\toption a\tb c\x1b[2J\r\n",
        "firewall",
        Path::new("/etc/config/firewall"),
    );
    assert_eq!(
        error.unwrap_err().to_string(),
        "/etc/config/firewall:2:13: too many arguments, a value with blanks needs quotes\n    \
         \toption a\tb c?[2J\n    \t        \t  ^"
    );
}

#[test]
fn an_error_in_a_long_line_shows_what_is_around_it() {
    let text = format!(
        "config rule\noption a {} c{}",
        "b".repeat(500),
        "d".repeat(500)
    );
    let error = parse(text.as_bytes(), "firewall", Path::new("firewall"))
        .unwrap_err()
        .to_string();
    let lines: Vec<&str> = error.lines().collect();
    assert_eq!(
        lines[0],
        "firewall:2:511: too many arguments, a value with blanks needs quotes"
    );
    assert_eq!(
        lines[1],
        format!("    ...{} c{}...", "b".repeat(59), "d".repeat(59))
    );
    assert_eq!(lines[2], format!("{}^", " ".repeat(4 + 3 + 60)));
}

#[test]
fn bytes_that_are_no_utf8_stay_what_they_are() {
    let package = parse(
        b"config rule\noption a 'B\xfcro'\n",
        "firewall",
        Path::new("x"),
    )
    .unwrap();
    let Some(Value::String(a)) = package.sections[0].option("a").map(|o| &o.value) else {
        panic!("a is an option")
    };
    assert_eq!(&*text::encode(&a.text), b"B\xfcro");
}
