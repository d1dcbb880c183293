/*!
`flow_offloading_keep_dscp`: the class of a connection stands in its conntrack mark, for as long as it lives.

The first packet of the side that opened the connection which has a class in the forward hook writes it there; from then
on all of the connection's packets on the slow path get it, in both directions. Offloaded ones see no rule: for them `tc action
ctinfo` can read it where they come in, from the same bits.

A rule for each value: before Linux 6.13 no expression joins the bits of two registers, which it would take to
put a class computed from the mark into a header beside the bits for ECN, or into the mark beside those of others; and nft 1.0.6
refuses to say it.
*/

use super::Lowering;
use super::table::regular;
use crate::config::value::DscpBits;
use crate::ruleset::{
    Chain, DSCP_CHAIN, Family, Item, MarkChange, Match, Part, Rule, Statement, Verdict,
};

/// The classes are told apart by their first three bits, then by the whole.
const GROUPS: u8 = 8;
const CLASSES: u8 = 64;

fn is(bits: DscpBits, class: u8, of_class: u32) -> Match {
    let mask = bits.dscp & (of_class << bits.dscp.trailing_zeros()) | bits.state;
    Match::CtMark {
        mark: bits.holding(class) & mask,
        mask,
    }
}

fn dscp(family: Family, dscp: u8, invert: bool) -> Match {
    Match::Dscp {
        family,
        dscp,
        invert,
    }
}

fn jump(chain: &str) -> Statement {
    Statement::Verdict(Verdict::Jump(chain.to_owned()))
}

fn group(number: u8) -> String {
    format!("{DSCP_CHAIN}_{number}")
}

impl Lowering<'_> {
    fn dscp_rule(&self, matches: impl IntoIterator<Item = Match>, then: Statement) -> Item {
        Item::Rule(Rule {
            matches: matches.into_iter().collect(),
            statements: vec![then],
            comment: None,
            origin: self.defaults_origin(),
        })
    }

    /// What each packet that could be offloaded goes through first.
    pub(super) fn keep_dscp(&self, items: &mut Vec<Item>) {
        let Some(bits) = self.firewall.defaults.flow_offloading_keep_dscp else {
            return;
        };
        for family in [Family::V4, Family::V6] {
            let unknown = Match::CtMark {
                mark: 0,
                mask: bits.state,
            };
            let opener = Match::CtDirection { reply: false };
            let matches = [opener, unknown, dscp(family, 0, true)];
            items.push(self.dscp_rule(matches, jump(DSCP_CHAIN)));
        }
        for number in 0..GROUPS {
            let known = is(bits, number * GROUPS, 0b111_000);
            items.push(self.dscp_rule([known], jump(&group(number))));
        }
    }

    /// The chain that writes the class down, and those that give it to packets.
    pub(super) fn dscp_chains(&self, chains: &mut Vec<Chain>) {
        let Some(bits) = self.firewall.defaults.flow_offloading_keep_dscp else {
            return;
        };
        let mut note = Vec::new();
        let mut give: Vec<Vec<Item>> = vec![Vec::new(); GROUPS.into()];
        for class in 1..CLASSES {
            let change = MarkChange {
                mark: bits.holding(class),
                mask: bits.dscp | bits.state,
            };
            for family in [Family::V4, Family::V6] {
                note.push(
                    self.dscp_rule([dscp(family, class, false)], Statement::SetCtMark(change)),
                );
                if let Some(give) = give.get_mut(usize::from(class / GROUPS)) {
                    let dscp = class;
                    give.push(self.dscp_rule(
                        [is(bits, class, 0b111_111)],
                        Statement::SetDscp { family, dscp },
                    ));
                }
            }
        }
        chains.push(regular(DSCP_CHAIN.to_owned(), Part::Filter, note));
        for (number, items) in (0..).zip(give) {
            chains.push(regular(group(number), Part::Filter, items));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::offloading;

    #[test]
    fn the_class_goes_into_the_mark_once_and_from_there_into_packets() {
        let on = "\toption flow_offloading_keep_dscp 1\n";
        let compiled = offloading("dscp", on, "", false);
        let chain = compiled.chain("flow_offload");
        assert_eq!(
            chain[0],
            "ct direction original ct mark and 0x1000000 == 0x0 ip dscp != 0x0 jump flow_dscp"
        );
        assert_eq!(
            chain[7],
            "ct mark and 0xe1000000 == 0xa1000000 jump flow_dscp_5"
        );
        assert_eq!(chain.last().map(String::as_str), Some("flow offload @ft;"));
        let note = compiled.chain("flow_dscp");
        assert_eq!(note.len(), 126);
        assert!(
            note.contains(
                &"ip dscp 0x2e ct mark set ct mark and 0x2ffffff xor 0xb9000000".to_owned()
            )
        );
        let give = compiled.chain("flow_dscp_5");
        assert_eq!(give.len(), 16);
        assert_eq!(
            give[13],
            "ct mark and 0xfd000000 == 0xb9000000 ip6 dscp set 0x2e"
        );
        assert!(compiled.warnings().is_empty());
    }

    #[test]
    fn the_bits_can_be_chosen() {
        let chosen =
            "\toption flow_offloading_keep_dscp 1\n\toption flow_offloading_dscp_mark 0x3f/0x80\n";
        let compiled = offloading("bits", chosen, "", false);
        assert_eq!(
            compiled.chain("flow_dscp")[0],
            "ip dscp 0x1 ct mark set ct mark and 0xffffff40 xor 0x81"
        );
        for wrong in [
            "0x3e/0x80",
            "0xff/0x100",
            "0x3f/0x1",
            "0x3f",
            "0/1",
            "!0x3f/0x80",
            "0xf8000000/1",
        ] {
            let defaults = format!(
                "\toption flow_offloading_keep_dscp 1\n\toption flow_offloading_dscp_mark '{wrong}'\n"
            );
            let compiled = offloading("wrong-bits", &defaults, "", false);
            assert!(
                compiled.chain("flow_dscp")[0].ends_with(" xor 0x5000000"),
                "{wrong}"
            );
        }
    }
}
