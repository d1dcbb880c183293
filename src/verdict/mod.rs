/*!
What would become of a packet: the ruleset's chains walked through without a kernel.

For two questions. Which running connections would the new rules not let begin any more? Would they let in the SSH
connection that `try` is run from? Pure: the ruleset model and what is known of the packet go in.

What cannot be known (a mark, a limit, the time, the contents of a set that others may fill) counts both ways, so that an
answer is a set of what is possible. Nobody's connection ends for a "perhaps".
*/

mod connection;
mod matching;

use std::net::SocketAddr;

pub use connection::{Judge, Routes};

use crate::netlink::Protocols;
use crate::ruleset::{
    Chain, ChainType, Family, Hook, Item, NatRange, Policy, Rule, Ruleset, Statement, Verdict,
};
use matching::Answer;

/// The first packet of a connection, as one hook sees it.
#[derive(Debug, Clone, Copy)]
pub struct Packet<'a> {
    pub src: SocketAddr,
    pub dst: SocketAddr,
    /// IANA's number.
    pub protocol: u8,
    /// The devices, as far as they are known.
    pub iif: Option<&'a str>,
    pub oif: Option<&'a str>,
    /// Its destination was rewritten.
    pub dnat: bool,
}

impl Packet<'_> {
    fn family(&self) -> Family {
        crate::ruleset::family_of(self.dst.ip())
    }
}

/// What is possible: bits.
pub type Possible = u8;
/// It may go on its way,
pub const ACCEPT: Possible = 1;
/// or end here (drop, reject),
pub const DROP: Possible = 2;
/// or come out at the end of the chain.
const FALL: Possible = 4;

/// Jumps within jumps that the kernel allows (`NFT_JUMP_STACK_SIZE`).
const DEPTH: u32 = 16;

/// Where a NAT rule would send it.
#[derive(Debug, Clone, PartialEq)]
enum Rewritten<'r> {
    No,
    To(&'r NatRange),
    /// To the router itself.
    Redirected,
    Perhaps,
}

struct Walk<'r> {
    ruleset: &'r Ruleset,
    protocols: &'r Protocols,
    packet: Packet<'r>,
    /// What the chains for destinations have said.
    destination: Rewritten<'r>,
}

/// What the chains at a hook would do. The ruleset alone is looked at, not raw nft files in it.
pub fn at(hook: Hook, ruleset: &Ruleset, packet: Packet<'_>, protocols: &Protocols) -> Possible {
    Walk::new(ruleset, packet, protocols).hook(hook)
}

impl<'r> Walk<'r> {
    fn new(ruleset: &'r Ruleset, packet: Packet<'r>, protocols: &'r Protocols) -> Self {
        Walk {
            ruleset,
            protocols,
            packet,
            destination: Rewritten::No,
        }
    }

    /// Every chain has to accept. Their order makes no difference to that.
    fn hook(&mut self, hook: Hook) -> Possible {
        let ruleset = self.ruleset;
        let mut all = ACCEPT;
        for chain in &ruleset.chains {
            let Some(base) = chain.base.filter(|base| base.hook == hook) else {
                continue;
            };
            let nat = base.kind == ChainType::Nat;
            let ends = self.chain(chain, nat && hook == Hook::Prerouting, true, 0);
            let policy = match base.policy {
                Policy::Accept => ACCEPT,
                Policy::Drop => DROP,
            };
            let one = ends & (ACCEPT | DROP) | if ends & FALL != 0 { policy } else { 0 };
            all |= one & DROP;
            all &= one | DROP;
        }
        all
    }

    /// `surely`: it is certain that the packet comes here.
    fn chain(&mut self, chain: &'r Chain, nat: bool, mut surely: bool, depth: u32) -> Possible {
        if depth >= DEPTH {
            return ACCEPT | DROP | FALL;
        }
        let mut ends = 0;
        for item in &chain.items {
            let Item::Rule(rule) = item else { continue };
            let answer = self.rule(rule);
            if answer == Answer::No {
                continue;
            }
            let certain = surely && answer == Answer::Yes;
            let Some(said) = self.statements(rule, nat, certain, depth) else {
                continue;
            };
            // behind a jump it goes on; behind everything else only where the rule did not match
            let (said, returns) = match said {
                Said::Ends(possible) => (possible, false),
                Said::Returns => (FALL, false),
                Said::Jumped(possible) => (possible & !FALL, possible & FALL != 0),
            };
            ends |= said;
            if answer == Answer::Yes && !returns {
                return ends;
            }
            surely &= said == 0;
        }
        ends | FALL
    }

    fn rule(&self, rule: &Rule) -> Answer {
        let answers = rule.matches.iter().map(|one| self.matches(one));
        answers.fold(Answer::Yes, Answer::and)
    }

    fn statements(&mut self, rule: &'r Rule, nat: bool, certain: bool, depth: u32) -> Option<Said> {
        rule.statements
            .iter()
            .find_map(|statement| match statement {
                Statement::Verdict(Verdict::Accept) => Some(Said::Ends(ACCEPT)),
                Statement::Verdict(Verdict::Drop | Verdict::Reject) | Statement::RejectWith(_) => {
                    Some(Said::Ends(DROP))
                }
                Statement::Verdict(Verdict::Return) => Some(Said::Returns),
                Statement::Verdict(Verdict::Jump(name)) => {
                    let ruleset = self.ruleset;
                    Some(Said::Jumped(match ruleset.chain(name) {
                        Some(chain) => self.chain(chain, nat, certain, depth + 1),
                        None => ACCEPT | DROP | FALL,
                    }))
                }
                Statement::Dnat { to, .. } => Some(self.rewrite(nat, certain, Rewritten::To(to))),
                Statement::Redirect { .. } => {
                    Some(self.rewrite(nat, certain, Rewritten::Redirected))
                }
                Statement::Snat { .. } | Statement::Masquerade => Some(Said::Ends(ACCEPT)),
                _ => None,
            })
    }

    fn rewrite(&mut self, nat: bool, certain: bool, to: Rewritten<'r>) -> Said {
        if nat && self.destination == Rewritten::No {
            self.destination = if certain { to } else { Rewritten::Perhaps };
        }
        Said::Ends(ACCEPT)
    }
}

/// What a rule that matched does.
enum Said {
    Ends(Possible),
    Returns,
    Jumped(Possible),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ruleset::{BaseChain, Dir, Match, Origin, Part, PortRange, Priority};

    fn rule(matches: Vec<Match>, verdict: Verdict) -> Item {
        Item::Rule(Rule {
            matches,
            statements: vec![Statement::Counter, Statement::Verdict(verdict)],
            comment: None,
            origin: Origin::RENDER,
        })
    }

    fn ruleset(input: Vec<Item>, zone: Vec<Item>) -> Ruleset {
        let base = Some(BaseChain {
            kind: ChainType::Filter,
            hook: Hook::Input,
            priority: Priority::Filter,
            policy: Policy::Drop,
        });
        let chain = |name: &str, base, items| Chain {
            name: name.into(),
            base,
            items,
            part: Part::Filter,
        };
        Ruleset {
            chains: vec![chain("input", base, input), chain("zone", None, zone)],
            ..Ruleset::default()
        }
    }

    fn possible(ruleset: &Ruleset, iif: Option<&str>) -> Possible {
        let packet = Packet {
            src: "192.168.1.2:5000".parse().unwrap(),
            dst: "192.168.1.1:22".parse().unwrap(),
            protocol: 6,
            iif,
            oif: None,
            dnat: false,
        };
        at(Hook::Input, ruleset, packet, &Protocols::default())
    }

    fn from(name: &str) -> Match {
        Match::IfName {
            dir: Dir::Src,
            names: vec![name.into()],
            invert: false,
        }
    }

    fn port(port: u16) -> Match {
        Match::Port {
            proto: crate::ruleset::L4::Tcp,
            dir: Dir::Dst,
            ports: vec![PortRange {
                min: port,
                max: port,
            }],
            invert: false,
        }
    }

    fn jump(matches: Vec<Match>) -> Item {
        rule(matches, Verdict::Jump("zone".into()))
    }

    #[test]
    fn the_first_rule_that_matches_decides_else_the_policy() {
        let zone = vec![
            rule(vec![port(22)], Verdict::Drop),
            rule(vec![], Verdict::Accept),
        ];
        let rules = ruleset(vec![jump(vec![from("br-*")])], zone);
        assert_eq!(possible(&rules, Some("br-lan")), DROP);
        assert_eq!(possible(&rules, Some("wan")), DROP, "the policy");
        let zone = vec![
            rule(vec![port(23)], Verdict::Drop),
            rule(vec![], Verdict::Accept),
        ];
        let rules = ruleset(vec![jump(vec![from("br-lan")])], zone);
        assert_eq!(possible(&rules, Some("br-lan")), ACCEPT);
    }

    #[test]
    fn after_a_return_the_caller_goes_on() {
        let zone = vec![
            rule(vec![port(22)], Verdict::Return),
            rule(vec![], Verdict::Drop),
        ];
        let input = vec![jump(vec![]), rule(vec![], Verdict::Accept)];
        assert_eq!(possible(&ruleset(input, zone), Some("lan")), ACCEPT);
    }

    #[test]
    fn what_nobody_knows_leaves_both_ways_open() {
        let both = ACCEPT | DROP;
        let zone = vec![rule(vec![port(22)], Verdict::Accept)];
        assert_eq!(
            possible(&ruleset(vec![jump(vec![from("lan")])], zone), None),
            both
        );
        let limit = || Match::LimitObject("x".into());
        let input = vec![rule(vec![limit()], Verdict::Accept)];
        assert_eq!(possible(&ruleset(input, vec![]), Some("lan")), both);
        let input = vec![
            rule(vec![limit()], Verdict::Drop),
            rule(vec![], Verdict::Accept),
        ];
        assert_eq!(possible(&ruleset(input, vec![]), Some("lan")), both);
        let input = vec![rule(vec![limit()], Verdict::Drop)];
        assert_eq!(possible(&ruleset(input, vec![]), Some("lan")), DROP);
        let input = vec![rule(vec![limit(), port(23)], Verdict::Accept)];
        assert_eq!(
            possible(&ruleset(input, vec![]), Some("lan")),
            DROP,
            "not this port"
        );
    }

    #[test]
    fn a_loop_of_jumps_and_a_chain_that_is_not_there_end() {
        let rules = ruleset(vec![jump(vec![])], vec![jump(vec![])]);
        assert_eq!(possible(&rules, Some("lan")), ACCEPT | DROP);
        let nowhere = vec![rule(vec![], Verdict::Jump("nowhere".into()))];
        assert_eq!(
            possible(&ruleset(nowhere, vec![]), Some("lan")),
            ACCEPT | DROP
        );
    }
}
