/*! The frame of the ruleset: headings, blank lines, and the order of things. */

use super::Printer;
use super::address::write_network;
use super::trace::About;
use crate::ruleset::{
    BaseChain, Chain, ChainType, CtHelper, Define, Flowtable, Hook, Item, LimitObject, Match, Part,
    Policy, Priority, Ruleset, Snippet, Statement,
};

impl Printer {
    pub(super) fn ruleset(&mut self, ruleset: &Ruleset) {
        self.put("table inet fw4\nflush table inet fw4\n");
        if ruleset.delete_flowtable {
            self.put("delete flowtable inet fw4 ft\n");
        }
        self.snippets("", &ruleset.ruleset_pre);
        self.put("\ntable inet fw4 {\n");
        if let Some(flowtable) = &ruleset.flowtable {
            self.flowtable(flowtable);
        }
        if !ruleset.helpers.is_empty() {
            self.heading("CT helper definitions");
            for helper in &ruleset.helpers {
                self.mark(About::Section(helper.origin));
                self.helper(helper);
            }
            self.put("\n");
        }
        if !ruleset.sets.is_empty() {
            self.heading("Set definitions");
            for set in &ruleset.sets {
                self.mark(About::Section(set.origin));
                self.set(set);
            }
            self.mark(About::Frame);
            self.put("\n");
        }
        self.heading("Defines");
        for define in &ruleset.defines {
            self.mark(About::Section(define.origin));
            self.define(define);
        }
        self.mark(About::Frame);
        self.put("\n");
        if !ruleset.limits.is_empty() {
            self.heading("Limits");
            for limit in &ruleset.limits {
                self.mark(About::Section(limit.origin));
                self.limit_object(limit);
            }
            self.mark(About::Frame);
            self.put("\n");
        }
        self.heading("User includes");
        self.put("\tinclude \"");
        self.put(&ruleset.user_includes);
        self.put("\"\n");
        self.snippets("\t", &ruleset.table_pre);
        self.put("\n\n");
        self.chains(&ruleset.chains);
        self.snippets("\t", &ruleset.table_post);
        self.put("}\n");
        if let Some(flowtable) = &ruleset.software {
            const NAMED: &str = "table inet fw4_software";
            for text in ["\n", NAMED, "\nflush ", NAMED, "\n\n", NAMED, " {\n"] {
                self.put(text);
            }
            self.flowtable(flowtable);
            self.chain(&Ruleset::software_chain());
            self.put("}\n");
        }
        self.snippets("", &ruleset.ruleset_post);
    }

    fn heading(&mut self, text: &str) {
        self.put("\t#\n\t# ");
        self.put(text);
        self.put("\n\t#\n\n");
    }

    /// Includes outside of chains, with a blank line before them.
    fn snippets(&mut self, indent: &str, snippets: &[Snippet]) {
        if !snippets.is_empty() {
            self.put("\n");
        }
        for snippet in snippets {
            self.include(indent, snippet);
        }
    }

    fn include(&mut self, indent: &str, snippet: &Snippet) {
        self.mark(About::Section(snippet.origin));
        self.put(indent);
        self.put("include \"");
        self.put(&snippet.path);
        self.put("\"\n");
    }

    fn flowtable(&mut self, flowtable: &Flowtable) {
        self.heading("Flowtable");
        self.mark(About::Flowtable);
        self.put("\tflowtable ft {\n\t\thook ingress priority 0;\n\t\tdevices = ");
        self.names(&flowtable.devices, true);
        self.put(";\n\t\tcounter;\n");
        if flowtable.hardware {
            self.put("\t\tflags offload;\n");
        }
        self.put("\t}\n\n\n");
        self.mark(About::Frame);
    }

    fn helper(&mut self, helper: &CtHelper) {
        self.put("\tct helper ");
        self.put(&helper.name);
        self.put(" {\n\t\ttype ");
        self.quoted(&helper.name);
        self.put(" protocol ");
        self.put(&helper.proto);
        self.put(";\n\t}\n\n");
    }

    fn define(&mut self, define: &Define) {
        self.define_name(define, "_devices = ");
        self.names(&define.devices, true);
        self.put("\n");
        self.define_name(define, "_subnets = ");
        self.list(&define.subnets, true, write_network);
        self.put("\n\n");
    }

    /// nft takes no digit at the beginning of a name.
    fn define_name(&mut self, define: &Define, rest: &str) {
        self.put("\tdefine ");
        if define.zone.starts_with(|c: char| c.is_ascii_digit()) {
            self.put("_");
        }
        self.put(&define.zone);
        self.put(rest);
    }

    fn limit_object(&mut self, limit: &LimitObject) {
        self.put("\tlimit ");
        self.put(&limit.name);
        self.put(" {\n\t\tcomment \"");
        self.put(&limit.comment);
        self.put("\"\n\t\t");
        self.rate(&limit.limit);
        self.put("\n\t}\n\n");
    }

    /// All chains, by part; a chain is followed by a blank line, a part by another, the last by none.
    fn chains(&mut self, chains: &[Chain]) {
        let parts = [
            (Part::Filter, "Filter rules"),
            (Part::Nat, "NAT rules"),
            (Part::Raw, "Raw rules (notrack)"),
            (Part::Mangle, "Mangle rules"),
        ];
        for (i, (part, heading)) in parts.into_iter().enumerate() {
            if i > 0 {
                self.put("\n\n");
            }
            self.heading(heading);
            for (n, chain) in chains.iter().filter(|chain| chain.part == part).enumerate() {
                if n > 0 {
                    self.put("\n");
                }
                self.chain(chain);
            }
        }
    }

    fn chain(&mut self, chain: &Chain) {
        self.put("\tchain ");
        self.put(&chain.name);
        self.put(" {\n");
        if let Some(base) = &chain.base {
            self.base(base);
            if chain.part == Part::Filter && base.hook != Hook::Prerouting {
                self.put("\n");
            }
        }
        for item in &chain.items {
            match item {
                Item::Rule(rule) => {
                    let offloads = rule.statements.contains(&Statement::FlowOffload);
                    self.mark(if offloads {
                        About::Flowtable
                    } else {
                        About::Section(rule.origin)
                    });
                    self.rule(rule, chain.part);
                    if matches!(rule.matches.as_slice(), [Match::Loopback(_)]) {
                        self.put("\n");
                    }
                }
                Item::Include(snippet) => self.include("\t\t", snippet),
            }
        }
        self.mark(About::Frame);
        self.put("\t}\n");
    }

    fn base(&mut self, base: &BaseChain) {
        self.put(match base.kind {
            ChainType::Filter => "\t\ttype filter hook ",
            ChainType::Nat => "\t\ttype nat hook ",
            ChainType::Route => "\t\ttype route hook ",
        });
        self.put(match base.hook {
            Hook::Prerouting => "prerouting priority ",
            Hook::Input => "input priority ",
            Hook::Forward => "forward priority ",
            Hook::Output => "output priority ",
            Hook::Postrouting => "postrouting priority ",
        });
        self.put(match base.priority {
            Priority::Raw => "raw",
            Priority::Mangle => "mangle",
            Priority::Dstnat => "dstnat",
            Priority::Filter => "filter",
            Priority::AfterFilter => "filter + 1",
            Priority::Srcnat => "srcnat",
        });
        self.put(match base.policy {
            Policy::Accept => "; policy accept;\n",
            Policy::Drop => "; policy drop;\n",
        });
    }
}
