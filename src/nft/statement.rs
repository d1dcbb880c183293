/*! Rules and their statements. */

use super::Printer;
use super::address::{write_ip, write_ports};
use super::matching::{Template, ip};
use crate::ruleset::{
    MarkChange, NatAddr, NatRange, Part, PortRange, RejectCode, Rule, Statement, Verdict,
};

impl Printer {
    /// A rule on a line of its own. `part` is the part of the ruleset it stands in.
    pub(super) fn rule(&mut self, rule: &Rule, part: Part) {
        let jumps = |s: &Statement| matches!(s, Statement::Verdict(Verdict::Jump(_)));
        let template = match part {
            Part::Nat if !rule.statements.iter().any(jumps) => Template::Redirect,
            _ => Template::Rule,
        };
        self.put("\t\t");
        let start = self.out.len();
        for matching in &rule.matches {
            self.space(start);
            self.matching(matching, template);
        }
        for statement in &rule.statements {
            self.space(start);
            self.statement(statement, template);
        }
        if let Some(comment) = &rule.comment {
            self.space(start);
            self.put("comment ");
            self.quoted(comment);
        } else if rule.statements.last() == Some(&Statement::FlowOffload) {
            // as fw4 ends its only one
            self.put(";");
        }
        self.put("\n");
    }

    /// A space, if there is anything before.
    fn space(&mut self, start: usize) {
        if self.out.len() > start {
            self.out.push(b' ');
        }
    }

    fn statement(&mut self, statement: &Statement, template: Template) {
        match statement {
            Statement::Counter => self.put("counter"),
            Statement::Log { prefix } => {
                self.put("log prefix ");
                self.quoted(prefix);
            }
            Statement::Verdict(verdict) => self.verdict(verdict),
            Statement::RejectWith(code) => {
                self.put("reject with ");
                self.put(reject_code(*code));
            }
            Statement::SetMark(change) => self.set_mark("meta mark set ", "mark", *change),
            Statement::SetCtMark(change) => self.set_mark("ct mark set ", "ct mark", *change),
            Statement::SetDscp { family, dscp } => {
                self.put(ip(*family));
                self.put(" dscp set ");
                self.hex((*dscp).into());
            }
            Statement::Notrack => self.put("notrack"),
            Statement::SetHelper(name) => {
                self.put("ct helper set ");
                self.quoted(name);
            }
            Statement::Masquerade => self.put("masquerade"),
            Statement::Dnat { to, .. } => self.nat("dnat", to, template),
            Statement::Snat { to, .. } => self.nat("snat", to, template),
            Statement::Redirect { ports } => {
                self.put("redirect");
                if let Some(ports) = ports {
                    self.put(" to ");
                    write_ports(&mut self.out, ports);
                }
            }
            Statement::ClampMss => self.put("tcp option maxseg size set rt mtu"),
            Statement::FlowOffload => self.put("flow offload @ft"),
        }
    }

    fn verdict(&mut self, verdict: &Verdict) {
        match verdict {
            Verdict::Accept => self.put("accept"),
            Verdict::Drop => self.put("drop"),
            Verdict::Reject => self.put("reject"),
            Verdict::Return => self.put("return"),
            Verdict::Jump(chain) => {
                self.put("jump ");
                self.put(chain);
            }
        }
    }

    /// fw4 chooses the operator by what the change amounts to.
    fn set_mark(&mut self, set: &str, old: &str, MarkChange { mark, mask }: MarkChange) {
        self.put(set);
        if mask != u32::MAX {
            self.put(old);
        }
        match (mark, mask) {
            (_, u32::MAX) => {}
            (0, _) => {
                self.put(" and ");
                return self.hex(!mask);
            }
            _ if mark == mask => self.put(" or "),
            (_, 0) => self.put(" xor "),
            _ => {
                self.put(" and ");
                self.hex(!mask);
                self.put(" xor ");
            }
        }
        self.hex(mark);
    }

    /// `dnat 1.2.3.4:80`. The template for redirects leaves room for an address even if there is none.
    fn nat(&mut self, word: &str, to: &NatRange, template: Template) {
        self.put(word);
        if template == Template::Rule {
            return;
        }
        self.put(" ");
        match &to.addr {
            Some(NatAddr::Host(addr)) if addr.is_ipv6() && to.ports.is_some() => {
                self.put("[");
                write_ip(&mut self.out, *addr);
                self.put("]");
            }
            Some(NatAddr::Host(addr)) => write_ip(&mut self.out, *addr),
            Some(NatAddr::Range(first, last)) => {
                write_ip(&mut self.out, *first);
                self.put("-");
                write_ip(&mut self.out, *last);
            }
            None => {}
        }
        if let Some(ports) = &to.ports {
            self.put(":");
            self.ports(ports);
        }
    }

    fn ports(&mut self, ports: &PortRange) {
        write_ports(&mut self.out, ports);
    }
}

fn reject_code(code: RejectCode) -> &'static str {
    match code {
        RejectCode::TcpReset => "tcp reset",
        RejectCode::PortUnreachable => "icmpx type port-unreachable",
        RejectCode::AdminProhibited => "icmpx type admin-prohibited",
        RejectCode::HostUnreachable => "icmpx type host-unreachable",
        RejectCode::NoRoute => "icmpx type no-route",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ruleset::{Dir, Match, Origin};

    fn printed(matches: Vec<Match>, statements: Vec<Statement>, part: Part) -> String {
        let mut printer = Printer::default();
        let rule = Rule {
            matches,
            statements,
            comment: Some("c".to_owned()),
            origin: Origin(1),
        };
        printer.rule(&rule, part);
        String::from_utf8_lossy(&printer.out)
            .trim_start()
            .to_owned()
    }

    #[test]
    fn a_change_of_marks_is_spelt_by_what_it_amounts_to() {
        let spelt = |mark, mask| {
            let change = Statement::SetMark(MarkChange { mark, mask });
            printed(Vec::new(), vec![change], Part::Mangle)
        };
        assert_eq!(spelt(0x10, u32::MAX), "meta mark set 0x10 comment \"c\"\n");
        assert_eq!(
            spelt(0, 0xf0),
            "meta mark set mark and 0xffffff0f comment \"c\"\n"
        );
        assert_eq!(
            spelt(0xf0, 0xf0),
            "meta mark set mark or 0xf0 comment \"c\"\n"
        );
        assert_eq!(
            spelt(0x10, 0),
            "meta mark set mark xor 0x10 comment \"c\"\n"
        );
        assert_eq!(
            spelt(0x10, 0xff),
            "meta mark set mark and 0xffffff00 xor 0x10 comment \"c\"\n"
        );
    }

    #[test]
    fn redirects_leave_room_for_an_address_and_rules_do_not() {
        let snat = || {
            let to = NatRange::default();
            vec![Statement::Snat { family: None, to }]
        };
        assert_eq!(
            printed(Vec::new(), snat(), Part::Nat),
            "snat  comment \"c\"\n"
        );
        assert_eq!(
            printed(Vec::new(), snat(), Part::Filter),
            "snat comment \"c\"\n"
        );
    }

    #[test]
    fn only_redirects_quote_a_device_that_looks_like_a_number() {
        let device = || Match::IfName {
            dir: Dir::Dst,
            names: vec!["fe0".to_owned()],
            invert: false,
        };
        let accept = || vec![Statement::Verdict(Verdict::Accept)];
        let jump = vec![Statement::Verdict(Verdict::Jump("srcnat_wan".to_owned()))];
        assert!(printed(vec![device()], accept(), Part::Nat).starts_with("oifname \"fe0\" "));
        assert!(printed(vec![device()], jump, Part::Nat).starts_with("oifname fe0 "));
        assert!(printed(vec![device()], accept(), Part::Filter).starts_with("oifname fe0 "));
    }
}
