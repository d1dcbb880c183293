/*! `config defaults`: the filter table's own chains, through which every packet goes. */

use super::snippets::Snippets;
use super::table::{bare_jump, base, regular};
use super::zone_match::{Way, jump, split_loopback};
use super::{Base, Flag, Lowering};
use crate::config::value::Policy;
use crate::diagnostic::Origin;
use crate::ruleset::{
    Chain, ChainType, Dir, Hook, Item, L4, Match, OFFLOAD_CHAIN, Part, Priority, Rule, Statement,
    Verdict,
};

impl Lowering<'_> {
    pub(super) fn base_chains(
        &mut self,
        snippets: &Snippets,
        flowtable: bool,
        chains: &mut Vec<Chain>,
    ) {
        chains.push(self.input(snippets));
        chains.push(self.forward(snippets, flowtable));
        chains.push(self.output(snippets));
        chains.push(self.prerouting());
        chains.push(self.handle_reject());
        if self.firewall.defaults.synflood_protect {
            chains.push(self.syn_flood());
        }
        if flowtable && self.has_offload_policy() {
            chains.push(self.offload_chain());
            self.dscp_chains(chains);
        }
    }

    fn input(&mut self, snippets: &Snippets) -> Chain {
        let defaults = &self.firewall.defaults;
        let origin = self.defaults_origin();
        let mut items = Vec::new();
        items.push(rule(
            [Match::Loopback(Dir::Src)],
            Statement::Verdict(Verdict::Accept),
            "!fw4: Accept traffic from loopback",
            origin,
        ));
        snippets.before("input", &mut items);
        items.push(self.established("!fw4: Handle inbound flows"));
        if defaults.synflood_protect {
            items.push(rule(
                [Match::TcpSyn],
                Statement::Verdict(Verdict::Jump("syn_flood".to_owned())),
                "!fw4: Rate limit TCP syn packets",
                origin,
            ));
        }
        self.emit_base(Base::Input, &mut items);
        self.jumps(Way::Input, &mut items);
        self.reject_rest(defaults.input, &mut items);
        snippets.after("input", &mut items);
        base(
            "input",
            (ChainType::Filter, Hook::Input, Priority::Filter),
            defaults.input,
            items,
        )
    }

    fn forward(&mut self, snippets: &Snippets, flowtable: bool) -> Chain {
        let defaults = &self.firewall.defaults;
        let mut items = Vec::new();
        if flowtable {
            let statement = match self.has_offload_policy() {
                true => Statement::Verdict(Verdict::Jump(OFFLOAD_CHAIN.to_owned())),
                false => Statement::FlowOffload,
            };
            items.push(Item::Rule(Rule {
                matches: vec![Match::L4ProtoTcpUdp],
                statements: vec![statement],
                comment: None,
                origin: self.defaults_origin(),
            }));
        }
        snippets.before("forward", &mut items);
        items.push(self.established("!fw4: Handle forwarded flows"));
        let basket = self.take_base(Base::Forward);
        basket.pour(&|zone| self.limit_name(zone?.0), &mut items);
        self.jumps(Way::Forward, &mut items);
        snippets.after("forward", &mut items);
        self.reject_rest(defaults.forward, &mut items);
        base(
            "forward",
            (ChainType::Filter, Hook::Forward, Priority::Filter),
            defaults.forward,
            items,
        )
    }

    fn output(&mut self, snippets: &Snippets) -> Chain {
        let defaults = &self.firewall.defaults;
        let mut items = Vec::new();
        items.push(rule(
            [Match::Loopback(Dir::Dst)],
            Statement::Verdict(Verdict::Accept),
            "!fw4: Accept traffic towards loopback",
            self.defaults_origin(),
        ));
        snippets.before("output", &mut items);
        items.push(self.established("!fw4: Handle outbound flows"));
        self.emit_base(Base::Output, &mut items);
        for zone in &self.zones {
            for rule in &zone.match_rules {
                if zone.dflags.has(Flag::Helper) {
                    let own = split_loopback(rule, self.router, true);
                    items.extend(own.map(|own| jump(zone, &own, Way::Helper)));
                }
                items.push(jump(zone, rule, Way::Output));
            }
        }
        snippets.after("output", &mut items);
        self.reject_rest(defaults.output, &mut items);
        base(
            "output",
            (ChainType::Filter, Hook::Output, Priority::Filter),
            defaults.output,
            items,
        )
    }

    /// Helpers are assigned before the routing decision.
    fn prerouting(&self) -> Chain {
        let mut items = Vec::new();
        for zone in self
            .zones
            .iter()
            .filter(|zone| zone.dflags.has(Flag::Helper))
        {
            for rule in &zone.match_rules {
                let others = split_loopback(rule, self.router, false);
                items.extend(others.map(|others| jump(zone, &others, Way::Helper)));
            }
        }
        let hook = (ChainType::Filter, Hook::Prerouting, Priority::Filter);
        base("prerouting", hook, Policy::Accept, items)
    }

    fn handle_reject(&self) -> Chain {
        let defaults = &self.firewall.defaults;
        let origin = self.defaults_origin();
        let items = vec![
            rule(
                [Match::L4Proto(vec![L4::Tcp])],
                Statement::RejectWith(defaults.tcp_reject_code),
                "!fw4: Reject TCP traffic",
                origin,
            ),
            rule(
                [],
                Statement::RejectWith(defaults.any_reject_code),
                "!fw4: Reject any other traffic",
                origin,
            ),
        ];
        regular("handle_reject".to_owned(), Part::Filter, items)
    }

    fn syn_flood(&self) -> Chain {
        let origin = self.defaults_origin();
        let items = vec![
            rule(
                [Match::Limit(self.firewall.defaults.synflood_limit.clone())],
                Statement::Verdict(Verdict::Return),
                "!fw4: Accept SYN packets below rate-limit",
                origin,
            ),
            rule(
                [],
                Statement::Verdict(Verdict::Drop),
                "!fw4: Drop excess packets",
                origin,
            ),
        ];
        regular("syn_flood".to_owned(), Part::Filter, items)
    }

    /// Packets of known connections are decided by a verdict map.
    fn established(&self, comment: &str) -> Item {
        let drop_invalid = self.firewall.defaults.drop_invalid;
        Item::Rule(Rule {
            matches: vec![Match::CtStateVmap { drop_invalid }],
            statements: Vec::new(),
            comment: Some(comment.to_owned()),
            origin: self.defaults_origin(),
        })
    }

    fn jumps(&self, way: Way, items: &mut Vec<Item>) {
        for zone in &self.zones {
            items.extend(zone.match_rules.iter().map(|rule| jump(zone, rule, way)));
        }
    }

    fn reject_rest(&self, policy: Policy, items: &mut Vec<Item>) {
        if policy == Policy::Reject {
            items.push(bare_jump(
                "handle_reject".to_owned(),
                self.defaults_origin(),
            ));
        }
    }
}

/// A rule that does one thing and says why.
pub(super) fn rule(
    matches: impl Into<Vec<Match>>,
    statement: Statement,
    comment: &str,
    origin: Origin,
) -> Item {
    Item::Rule(Rule {
        matches: matches.into(),
        statements: vec![statement],
        comment: Some(comment.to_owned()),
        origin,
    })
}
