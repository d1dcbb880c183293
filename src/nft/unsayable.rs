/*!
What nft's language cannot say.

fw4 writes some values as bare words and the rest in quotes, and so do we, byte for byte. A value that ends its
word or its quotes would go on as nft's own commands: a rule nobody asked for. And nft does not count a line
break within quotes as a line, so its complaints would name the wrong section from there on. Netlink has none
of this: there a name is data. Whoever hands text to nft asks here first.
*/

use super::trace::About;
use crate::ruleset::{Item, L4, Match, Rule, Ruleset, SetField, Snippet, Statement, Verdict};

/// A value that nft would read as something else than one value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} \"{}\" cannot be written in nft's language", escaped(.text))]
pub struct Unsayable {
    pub about: About,
    pub what: &'static str,
    pub text: String,
}

/// What a terminal, or who reads the message, could take for something else gets a backslash. `str::escape_debug` also knows which
/// characters of Unicode cannot be seen, from tables of 2,000 bytes.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '"' | '\'' | '\\' => out.extend(['\\', c]),
            '\n' => out += "\\n",
            '\t' => out += "\\t",
            '\r' => out += "\\r",
            // from U+F0000 on: private, among them what stands for bytes that are not UTF-8 (src/text.rs)
            _ if c.is_control() || c >= '\u{F0000}' => out += &format!("\\u{{{:x}}}", u32::from(c)),
            _ => out.push(c),
        }
    }
    out
}

/// All of them, in the order in which they would be printed.
pub fn unsayable(ruleset: &Ruleset) -> Vec<Unsayable> {
    let mut search = Search::default();
    search.table(ruleset);
    for chain in &ruleset.chains {
        search.about = About::Frame;
        search.word("chain", &chain.name);
        for item in &chain.items {
            match item {
                Item::Rule(rule) => search.rule(rule),
                Item::Include(snippet) => search.snippet(snippet),
            }
        }
    }
    search.found
}

struct Search {
    about: About,
    found: Vec<Unsayable>,
}

impl Default for Search {
    fn default() -> Self {
        Search {
            about: About::Frame,
            found: Vec::new(),
        }
    }
}

impl Search {
    fn table(&mut self, ruleset: &Ruleset) {
        self.path(&ruleset.user_includes);
        let placed = [
            &ruleset.ruleset_pre,
            &ruleset.table_pre,
            &ruleset.table_post,
            &ruleset.ruleset_post,
        ];
        for snippet in placed.into_iter().flatten() {
            self.snippet(snippet);
        }
        self.about = About::Flowtable;
        for device in [&ruleset.flowtable, &ruleset.software]
            .into_iter()
            .flatten()
            .flat_map(|ft| ft.members())
        {
            self.quoted("device", device);
        }
        for helper in &ruleset.helpers {
            self.about = About::Section(helper.origin);
            self.word("helper", &helper.name);
            self.word("protocol", &helper.proto);
        }
        for set in &ruleset.sets {
            self.about = About::Section(set.origin);
            self.word("set", &set.name);
            set.comment.iter().for_each(|c| self.quoted("comment", c));
        }
        for limit in &ruleset.limits {
            self.about = About::Section(limit.origin);
            self.word("limit", &limit.name);
            self.path(&limit.comment);
        }
        for define in &ruleset.defines {
            self.about = About::Section(define.origin);
            self.word("zone", &define.zone);
            for device in &define.devices {
                self.quoted("device", device);
            }
        }
    }

    fn rule(&mut self, rule: &Rule) {
        self.about = About::Section(rule.origin);
        for matching in &rule.matches {
            self.matching(matching);
        }
        for statement in &rule.statements {
            match statement {
                Statement::Log { prefix } => self.quoted("log prefix", prefix),
                Statement::SetHelper(name) => self.quoted("helper", name),
                Statement::Verdict(Verdict::Jump(chain)) => self.word("chain", chain),
                _ => {}
            }
        }
        if let Some(comment) = &rule.comment {
            self.quoted("name", comment);
        }
    }

    fn matching(&mut self, matching: &Match) {
        match matching {
            Match::IfName { names, .. } => {
                names.iter().for_each(|name| self.quoted("device", name))
            }
            Match::L4Proto(protos) => protos.iter().for_each(|proto| self.proto(proto)),
            Match::Port { proto, .. } => self.proto(proto),
            Match::CtHelper { name, .. } => self.quoted("helper", name),
            Match::LimitObject(name) => self.word("limit", name),
            Match::Set { fields, name, .. } => {
                self.word("set", name);
                for field in fields {
                    if let SetField::Port(proto, _) = field {
                        self.proto(proto);
                    }
                }
            }
            _ => {}
        }
    }

    fn proto(&mut self, proto: &L4) {
        self.word("protocol", proto.name());
    }

    fn snippet(&mut self, snippet: &Snippet) {
        self.about = About::Section(snippet.origin);
        self.path(&snippet.path);
    }

    /// Printed bare: what nft's scanner takes for one word or number, `{letter}|{digit}|[/\-_\.]` in its
    /// scanner.l.
    fn word(&mut self, what: &'static str, text: &str) {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-' | b'_' | b'.');
        if text.is_empty() || !text.bytes().all(plain) {
            self.add(what, text);
        }
    }

    /// Printed in quotes, those within made harmless; but where one line of a device's name looks like a
    /// number, fw4 leaves the quotes away from all of them.
    fn quoted(&mut self, what: &'static str, text: &str) {
        if text.contains(['\n', '\0']) {
            self.add(what, text);
        }
    }

    /// Printed in quotes as it is.
    fn path(&mut self, text: &str) {
        if text.contains(['"', '\n', '\0']) {
            self.add("path", text);
        }
    }

    fn add(&mut self, what: &'static str, text: &str) {
        self.found.push(Unsayable {
            about: self.about,
            what,
            text: text.to_owned(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ruleset::{Chain, Dir, Origin, Part};

    fn refused(matching: Option<Match>, comment: &str) -> Vec<String> {
        let rule = Rule {
            matches: matching.into_iter().collect(),
            statements: Vec::new(),
            comment: Some(comment.to_owned()),
            origin: Origin(7),
        };
        let ruleset = Ruleset {
            chains: vec![Chain {
                name: "input".to_owned(),
                base: None,
                items: vec![Item::Rule(rule)],
                part: Part::Filter,
            }],
            ..Ruleset::default()
        };
        let found = unsayable(&ruleset);
        assert!(found.iter().all(|u| u.about == About::Section(Origin(7))));
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_protocol_must_be_one_word_because_nothing_quotes_it() {
        let proto = |name: &str| Some(Match::L4Proto(vec![L4::Other(name.to_owned())]));
        assert_eq!(
            refused(proto("gre accept #"), "x"),
            ["protocol \"gre accept #\" cannot be written in nft's language"]
        );
        assert!(refused(proto("ipv6-icmp"), "x").is_empty());
    }

    #[test]
    fn a_line_break_is_refused_and_other_odd_characters_are_not() {
        let device = |name: &str| {
            Some(Match::IfName {
                dir: Dir::Src,
                names: vec![name.to_owned()],
                invert: false,
            })
        };
        assert_eq!(
            refused(device("ab\naccept"), "!fw4: x\ny"),
            [
                "device \"ab\\naccept\" cannot be written in nft's language",
                "name \"!fw4: x\\ny\" cannot be written in nft's language",
            ]
        );
        assert!(refused(device("e\"; $x } #\\"), "\"; $x } #\\").is_empty());
    }

    #[test]
    fn a_message_shows_odd_characters_as_what_they_are() {
        let text = "a\"b\\\t\r\u{1b}[0m\u{10FFE4}\u{e4}'";
        let shown = "a\\\"b\\\\\\t\\r\\u{1b}[0m\\u{10ffe4}\u{e4}\\'";
        assert_eq!(escaped(text), shown);
        assert_eq!(escaped(text), text.escape_debug().to_string());
    }
}
