/*! Every match and statement of the model, held beside what nft makes of its text. */

use ferrowall::ruleset::Statement as S;
use ferrowall::ruleset::*;

use crate::pairs::matches::matches;
use crate::pairs::objects::{OBJECTS, limits, sets};
use crate::pairs::statements::{dstnat, mangle, srcnat, statement_text, statements};
use crate::pairs::words::Pair;
use crate::support::{
    after_nft, assert_same, base, chain, here, in_namespace_and_time_zone, input, load, rule,
};

fn rules(pairs: Vec<Pair>) -> (Vec<Rule>, String) {
    let mut text = String::new();
    let mut rules = Vec::new();
    for (number, (matches, statements, written)) in pairs.into_iter().enumerate() {
        let verdict = statements.last().map(statement_text).unwrap_or_default();
        let comment = format!("!fw4: number {number}");
        text += &format!("        {written} {verdict} comment \"{comment}\"\n");
        rules.push(Rule {
            comment: Some(comment),
            ..rule(matches, statements)
        });
    }
    (rules, text)
}

#[test]
fn every_match_and_statement_is_what_nft_makes_of_its_text() {
    in_namespace_and_time_zone(
        "every_match::every_match_and_statement_is_what_nft_makes_of_its_text",
        "Europe/Berlin",
        || {
            let filter = |hook, priority| base(ChainType::Filter, hook, priority, Policy::Accept);
            let nat = |hook, priority| base(ChainType::Nat, hook, priority, Policy::Accept);
            let chains = [
                (
                    "input",
                    input(),
                    "type filter hook input priority filter; policy drop;",
                    matches(),
                ),
                (
                    "forward",
                    filter(Hook::Forward, Priority::Filter),
                    "type filter hook forward priority filter; policy accept;",
                    statements(),
                ),
                (
                    "raw",
                    filter(Hook::Prerouting, Priority::Raw),
                    "type filter hook prerouting priority raw; policy accept;",
                    vec![(vec![], vec![S::Notrack], "notrack")],
                ),
                (
                    "mangle",
                    filter(Hook::Postrouting, Priority::Mangle),
                    "type filter hook postrouting priority mangle; policy accept;",
                    mangle(),
                ),
                (
                    "route",
                    base(
                        ChainType::Route,
                        Hook::Output,
                        Priority::Mangle,
                        Policy::Accept,
                    ),
                    "type route hook output priority mangle; policy accept;",
                    vec![],
                ),
                (
                    "dstnat",
                    nat(Hook::Prerouting, Priority::Dstnat),
                    "type nat hook prerouting priority dstnat; policy accept;",
                    dstnat(),
                ),
                (
                    "srcnat",
                    nat(Hook::Postrouting, Priority::Srcnat),
                    "type nat hook postrouting priority srcnat; policy accept;",
                    srcnat(),
                ),
            ];
            let mut text =
                format!("table inet fw4\nflush table inet fw4\ntable inet fw4 {{{OBJECTS}");
            let mut ruleset = Ruleset {
                sets: sets(),
                limits: limits(),
                chains: vec![chain("target", None, vec![])],
                ..Ruleset::default()
            };
            for (name, hook, declaration, pairs) in chains {
                let (rules, written) = rules(pairs);
                text += &format!("    chain {name} {{\n        {declaration}\n{written}    }}\n");
                ruleset.chains.push(chain(name, hook, rules));
            }
            text += "}\n";

            load(&ruleset).expect("the kernel takes it");
            let first = here();
            assert_same(&first, &after_nft(&[&text]));
            // And once more onto what is there.
            load(&ruleset).expect("the kernel takes it again");
            assert_same(&here(), &first);
            assert_same(&here(), &after_nft(&[&text, &text]));
        },
    );
}
