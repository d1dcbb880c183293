/*!
`config offload` and its like in the defaults: which flows stay out of the flowtable.

`forward` jumps to a chain of its own with everything that could be offloaded. There the sections follow each other, the
first that matches decides, and last comes the rule that adds what is left. Any packet of a connection can add its
flow, and it adds both directions; so each section is two rules. One is for packets of the direction in which the
connection was opened. In the forward hook these show the initiator before, and its peer behind all translation
of addresses, which is how sections (and fw4's rules) are meant. The other is for the replies, which show the same
the other way round. What a reply does not show (MAC address, mark, DSCP, a set that holds MAC addresses) is left out there:
such a reply decides nothing, the next packet of the other direction will.
*/

use super::conditions::{Conditions, SetLookup, l4, port_proto};
use super::rule::Variant;
use super::table::regular;
use super::zone::MatchRule;
use super::zone_match::zone_matches;
use super::{Base, CompiledZone, Lowered, Lowering, NO_NAME, Offload, OffloadMode};
use crate::config::value::{Offloading, Proto, ZoneRef};
use crate::config::{Action, Rule};
use crate::diagnostic::Severity;
use crate::ruleset::{
    self, Chain, Dir, HANDOVER, Item, MarkChange, Match, OFFLOAD_CHAIN, Part, SetField, Statement,
    Verdict,
};

/// The handshake of TCP, and what UDP needs to be seen in connection tracking, takes the slow path anyway.
const ALWAYS_SLOW: u32 = 2;
const EXEMPT: &str = "set option flow_offloading_exempt_marked '1' in the defaults, or keep such flows out with a `config offload`";

impl Lowering<'_> {
    pub(super) fn offload_policy(&mut self, offload: &Offload) {
        if offload.effective == OffloadMode::Off {
            return;
        }
        let firewall = self.firewall;
        for rule in &firewall.offloads {
            let Some(Action::Offload(how)) = rule.action else {
                continue;
            };
            self.offloading = Some(how);
            self.rule(rule);
        }
        if firewall.defaults.flow_offloading_exempt_marked {
            self.offloading = Some(Offloading::Bypass);
            for rule in firewall.rules.iter().filter(|rule| treats_flows(rule)) {
                self.rule(rule);
            }
            return;
        }
        for rule in firewall.rules.iter().filter(|rule| treats_flows(rule)) {
            let message =
                "marks the first packets of a connection only: the offloaded ones pass it by";
            let mut warning = self.about(rule.origin, message);
            warning.option = Some("target".to_owned());
            warning.hint = Some(EXEMPT.to_owned());
            warning.silent_in_fw4 = true;
            // Routing by mark is decided for a connection's first packets anyway.
            if matches!(rule.action, Some(Action::Mark(_))) {
                warning.severity = Severity::Note;
            }
            self.diagnostics.push(warning);
        }
    }

    pub(super) fn has_offload_policy(&mut self) -> bool {
        self.firewall.defaults.flow_offloading_after_packets > ALWAYS_SLOW
            || self.firewall.defaults.flow_offloading_keep_dscp.is_some()
            || self.second_table
            || !self.baskets.base(Base::Offload).is_empty()
    }

    pub(super) fn offload_chain(&mut self) -> Chain {
        let mut items = Vec::new();
        self.keep_dscp(&mut items);
        self.emit_base(Base::Offload, &mut items);
        let packets = self.firewall.defaults.flow_offloading_after_packets;
        let enough = (packets > ALWAYS_SLOW).then(|| Match::CtPacketsBeyond(packets - 1));
        let ways = self.ways_in(Offloading::Hardware);
        items.extend(ways.into_iter().map(|(between, statement)| {
            Item::Rule(ruleset::Rule {
                matches: between.into_iter().chain(enough.clone()).collect(),
                statements: vec![statement],
                comment: None,
                origin: self.defaults_origin(),
            })
        }));
        regular(OFFLOAD_CHAIN.to_owned(), Part::Filter, items)
    }

    /// What brings a flow into its flowtable: tried one after the other, of which the first that succeeds counts.
    fn ways_in(&self, how: Offloading) -> Vec<(Vec<Match>, Statement)> {
        let hand_over = Statement::SetMark(MarkChange {
            mark: HANDOVER,
            mask: HANDOVER,
        });
        let by_port = |dir| Match::IfName {
            dir,
            names: self.between.clone(),
            invert: false,
        };
        match how {
            Offloading::Bypass => Vec::new(),
            Offloading::Software if self.second_table => vec![(Vec::new(), hand_over)],
            Offloading::Hardware if !self.between.is_empty() => {
                let between = vec![by_port(Dir::Src), by_port(Dir::Dst)];
                vec![(between, Statement::FlowOffload), (Vec::new(), hand_over)]
            }
            _ => vec![(Vec::new(), Statement::FlowOffload)],
        }
    }

    /// Both rules of a section, for each way to tell its zones.
    pub(super) fn offload_rule(
        &mut self,
        rule: &Rule,
        how: Offloading,
        proto: &Proto,
        variant: &Variant<'_>,
        set: Option<SetLookup<'_>>,
    ) {
        // Nothing else is offloaded.
        if !matches!(proto, Proto::Any | Proto::Tcp | Proto::Udp) {
            return;
        }
        let any = MatchRule::default();
        let mut found = Vec::new();
        for src in ways(&self.zones, rule.src, &any) {
            for dest in ways(&self.zones, rule.dest, &any) {
                for reply in [false, true] {
                    found.extend(matches(
                        rule,
                        proto,
                        variant,
                        set.as_ref(),
                        (src, dest),
                        reply,
                    ));
                }
            }
        }
        for (matches, decides) in found {
            let ways = self.ways_in(how).into_iter().filter(|_| decides);
            for (between, statement) in ways {
                // nft takes no `iifname` behind `meta l4proto udp`.
                let matches = between.into_iter().chain(matches.iter().cloned());
                self.push_offload(rule, matches.collect(), statement);
            }
            self.push_offload(rule, matches, Statement::Verdict(Verdict::Return));
        }
    }

    fn push_offload(&mut self, rule: &Rule, matches: Vec<Match>, action: Statement) {
        let name = rule.name.as_deref().unwrap_or(NO_NAME);
        let lowered = Lowered::new(matches, rule.counter, Some(action), name, rule.origin);
        self.push_base(Base::Offload, lowered);
    }
}

/// How to tell packets of a zone: in any way if none is named.
fn ways<'a>(
    zones: &'a [CompiledZone],
    zone: Option<ZoneRef>,
    any: &'a MatchRule,
) -> &'a [MatchRule] {
    match zone {
        Some(ZoneRef::Zone(id)) => zones.get(id.0).map_or(&[], |zone| &zone.match_rules),
        _ => std::slice::from_ref(any),
    }
}

/// Does this rule do something to each packet of forwarded connections? Rules of the filter chains do not: there
/// only the first packet of a connection gets as far as to them. Connections with a helper are never offloaded.
fn treats_flows(rule: &Rule) -> bool {
    let changes = matches!(rule.action, Some(Action::Mark(_) | Action::Dscp(_)));
    changes && rule.src.is_some() && rule.dest.is_some() && rule.helper.is_none_or(|h| h.invert)
}

/// The connections a section or rule means, at whatever time and rate, and whether such a packet shows all that it takes
/// to tell. `None` if the families of zones and addresses exclude each other.
///
/// A section means connections that are opened that way. A rule that marks does so to packets that go that way, whoever
/// opened the connection.
fn matches(
    rule: &Rule,
    proto: &Proto,
    variant: &Variant<'_>,
    set: Option<&SetLookup<'_>>,
    (src, dest): (&MatchRule, &MatchRule),
    reply: bool,
) -> Option<(Vec<Match>, bool)> {
    let mut families = [variant.family, src.family, dest.family]
        .into_iter()
        .flatten();
    let family = families.next();
    if families.any(|other| Some(other) != family) {
        return None;
    }
    let port_proto = port_proto(proto);
    let has_ports = !(rule.src_port.is_empty() && rule.dest_port.is_empty());
    let device = rule.device.as_ref().map(std::slice::from_ref);
    let (iif, oif) = match rule.egress != reply {
        true => (None, device),
        false => (device, None),
    };
    let (here, there) = if reply { (dest, src) } else { (src, dest) };
    let mut conditions = Conditions {
        family,
        l4: match has_ports && port_proto.is_some() {
            true => Vec::new(),
            false => l4(proto, family).into_iter().collect(),
        },
        iif,
        oif,
        src: variant.src,
        dst: variant.dst,
        port_proto,
        src_port: &rule.src_port,
        dst_port: &rule.dest_port,
        src_mac: &rule.src_mac,
        // What the rule itself changes is not the same any more in the forward hook.
        mark: rule
            .mark
            .filter(|_| !matches!(rule.action, Some(Action::Mark(_)))),
        dscp: rule
            .dscp
            .filter(|_| !matches!(rule.action, Some(Action::Dscp(_)))),
        set: set.cloned(),
        ..Conditions::default()
    };
    let mut decides = true;
    if reply {
        decides =
            conditions.src_mac.is_empty() && conditions.mark.is_none() && conditions.dscp.is_none();
        std::mem::swap(&mut conditions.src, &mut conditions.dst);
        std::mem::swap(&mut conditions.src_port, &mut conditions.dst_port);
        conditions.src_mac = &[];
        conditions.mark = None;
        conditions.dscp = None;
        let asked = conditions.set.is_some();
        conditions.set = conditions.set.and_then(turned);
        decides &= conditions.set.is_some() == asked;
    }
    let mut out = Vec::new();
    if matches!(rule.action, Some(Action::Offload(_))) {
        out.push(Match::CtDirection { reply });
    }
    out.extend(family.map(Match::NfProto));
    out.extend(zone_matches(here, false));
    out.extend(zone_matches(there, true));
    let conditions = conditions.matches().into_iter();
    out.extend(conditions.filter(|one| !matches!(one, Match::NfProto(_))));
    Some((out, decides))
}

/// The same lookup for a reply.
fn turned(mut set: SetLookup<'_>) -> Option<SetLookup<'_>> {
    for field in &mut set.fields {
        match field {
            SetField::Addr(_, dir) | SetField::Port(_, dir) => {
                *dir = match dir {
                    Dir::Src => Dir::Dst,
                    Dir::Dst => Dir::Src,
                };
            }
            SetField::EtherSaddr => return None,
        }
    }
    Some(set)
}

#[cfg(test)]
mod tests {
    use super::super::compile;
    use super::super::testing::{Kernel, ZONES, offloading, parse, router};

    #[test]
    fn without_policy_the_rule_is_fw4s() {
        let compiled = offloading("none", "", "", false);
        assert_eq!(compiled.chain("flow_offload"), [""; 0]);
        let first = &compiled.chain("forward")[0];
        assert_eq!(first, "meta l4proto { tcp, udp } flow offload @ft;");
        // Before the second packet nothing could be offloaded anyway.
        let two = "\toption flow_offloading_after_packets 2\n";
        assert_eq!(
            offloading("two", two, "", false).chain("flow_offload"),
            [""; 0]
        );
    }

    #[test]
    fn a_section_is_told_in_both_directions() {
        let section = "config offload\n\toption name Voice\n\toption src lan\n\toption dest wan\n\
            \toption proto udp\n\toption src_ip 192.168.1.9\n\toption dest_port 5060-5061\n";
        let compiled = offloading("both", "", section, false);
        assert_eq!(
            compiled.chain("forward")[0],
            "meta l4proto { tcp, udp } jump flow_offload"
        );
        assert_eq!(
            compiled.chain("flow_offload"),
            [
                "ct direction original meta nfproto ipv4 iifname \"br-lan\" oifname \"pppoe-wan\" ip saddr 192.168.1.9 \
                 udp dport 5060-5061 counter return comment \"!fw4: Voice\"",
                "ct direction reply meta nfproto ipv4 iifname \"pppoe-wan\" oifname \"br-lan\" ip daddr 192.168.1.9 \
                 udp sport 5060-5061 counter return comment \"!fw4: Voice\"",
                "flow offload @ft;",
            ]
        );
    }

    #[test]
    fn what_a_reply_does_not_show_is_decided_by_the_other_direction() {
        let section = "config offload\n\toption name Phone\n\toption src lan\n\toption proto all\n\
            \toption src_mac 00:11:22:33:44:55\n\toption mark 0x10\n\toption counter 0\n";
        let compiled = offloading("mac", "", section, false);
        assert_eq!(
            compiled.named("flow_offload", "Phone"),
            [
                "ct direction original iifname \"br-lan\" ether saddr 00:11:22:33:44:55 meta mark 0x10 return",
                "ct direction reply oifname \"br-lan\" return",
            ]
        );
    }

    #[test]
    fn a_reply_that_does_not_show_enough_offloads_nothing() {
        let section = "config offload\n\toption name Fast\n\toption src lan\n\toption proto tcp\n\
            \toption src_mac 00:11:22:33:44:55\n\toption action software\n\toption counter 0\n";
        let compiled = offloading("fast", "", section, false);
        let sure = "ct direction original iifname \"br-lan\" meta l4proto tcp ether saddr 00:11:22:33:44:55";
        assert_eq!(
            compiled.named("flow_offload", "Fast"),
            [
                format!("{sure} flow offload @ft"),
                format!("{sure} return"),
                "ct direction reply oifname \"br-lan\" meta l4proto tcp return".to_owned(),
            ]
        );
    }

    #[test]
    fn sets_are_looked_up_by_what_a_reply_has_in_the_other_place() {
        let sections = "config ipset\n\toption name far\n\tlist match dest_net\n\tlist match dest_port\n\
            config offload\n\toption name Far\n\toption ipset far\n\toption proto tcp\n";
        let compiled = offloading("set", "", sections, false);
        assert_eq!(
            compiled.named("flow_offload", "Far"),
            [
                "ct direction original meta nfproto ipv4 meta l4proto tcp ip daddr . tcp dport @far counter return",
                "ct direction reply meta nfproto ipv4 meta l4proto tcp ip saddr . tcp sport @far counter return",
            ]
        );
    }

    #[test]
    fn the_first_section_that_matches_decides() {
        let sections = "config offload\n\toption name Web\n\toption proto tcp\n\toption dest_port 443\n\
            \toption action hardware\nconfig offload\n\toption name Rest\n";
        let defaults = "\toption flow_offloading_after_packets 30\n";
        let compiled = offloading("order", defaults, sections, true);
        let add =
            "ct direction original tcp dport 443 counter flow offload @ft comment \"!fw4: Web\"";
        let chain = compiled.chain("flow_offload");
        assert_eq!(chain[0], add);
        assert_eq!(chain[1], add.replace("flow offload @ft", "return"));
        assert_eq!(compiled.named("flow_offload", "Rest").len(), 4);
        assert_eq!(chain[8], "ct packets != 1-29 flow offload @ft;");
        assert_eq!(chain.len(), 9);
    }

    #[test]
    fn software_beside_hardware_is_handed_over_to_the_second_table() {
        let section =
            "config offload\n\toption name Soft\n\toption action software\n\toption proto udp\n";
        let compiled = offloading("choice", "", section, true);
        let soft = compiled.named("flow_offload", "Soft");
        assert!(
            soft[0].ends_with(" meta mark set mark or 0x2000000"),
            "{soft:?}"
        );
        assert!(soft[1].ends_with(" return"));
        let both = compiled.ruleset.software.as_ref().expect("a second table");
        assert_eq!(both.devices, ["br-lan", "eth1"]);
        assert!(compiled.warnings().is_empty());
        let compiled = offloading("chosen", "", section, false);
        assert!(compiled.named("flow_offload", "Soft")[0].contains(" flow offload @ft"));
        assert!(compiled.warnings().is_empty());
    }

    #[test]
    fn the_bit_that_hands_over_hides_no_mark_that_rules_ask_for() {
        let sections = "config offload\n\toption name Soft\n\toption action software\n\toption proto udp\n\
            \toption mark 0x10\n\toption counter 0\n\
            config rule\n\toption name Marked\n\toption src lan\n\toption dest wan\n\toption mark !0x20\n\
            \toption target DROP\n\toption proto all\n\toption counter 0\n\
            config rule\n\toption name Masked\n\toption src lan\n\toption dest wan\n\toption mark 0x20/0xff\n\
            \toption target DROP\n\toption proto all\n\toption counter 0\n";
        let compiled = offloading("hidden", "", sections, true);
        let soft = compiled.named("flow_offload", "Soft");
        let asked = "ct direction original meta l4proto udp meta mark and 0xfdffffff == 0x10";
        assert_eq!(soft[0], format!("{asked} meta mark set mark or 0x2000000"));
        assert_eq!(soft[1], format!("{asked} return"));
        let rule =
            |compiled: &super::super::Compiled, name| compiled.named("forward_lan", name).concat();
        assert_eq!(
            rule(&compiled, "Marked"),
            "meta mark and 0xfdffffff != 0x20 jump drop_to_wan"
        );
        assert_eq!(
            rule(&compiled, "Masked"),
            "meta mark and 0xff == 0x20 jump drop_to_wan"
        );
        let alone = offloading("seen", "", sections, false);
        assert_eq!(rule(&alone, "Marked"), "meta mark != 0x20 jump drop_to_wan");
    }

    #[test]
    fn marked_flows_are_exempt_if_the_defaults_say_so() {
        let rules = "config rule\n\toption name Mark\n\toption src lan\n\toption dest wan\n\toption proto udp\n\
            \toption dest_port 53\n\toption target MARK\n\toption set_mark 1\n\toption mark 2\n\toption limit 5/minute\n\
            config rule\n\toption name Class\n\toption src lan\n\toption dest '*'\n\toption proto tcp\n\
            \toption src_ip 192.168.1.7\n\toption target DSCP\n\toption set_dscp EF\n\
            config rule\n\toption name Own\n\toption dest wan\n\toption target DSCP\n\toption set_dscp EF\n\
            config rule\n\toption name Limited\n\toption src lan\n\toption dest wan\n\toption limit 5/minute\n\
            \toption target ACCEPT\n";
        let on = "\toption flow_offloading_exempt_marked 1\n";
        let compiled = offloading("marked", on, rules, false);
        assert_eq!(
            compiled.chain("flow_offload"),
            [
                "iifname \"br-lan\" oifname \"pppoe-wan\" udp dport 53 counter return comment \"!fw4: Mark\"",
                "iifname \"pppoe-wan\" oifname \"br-lan\" udp sport 53 counter return comment \"!fw4: Mark\"",
                "meta nfproto ipv4 iifname \"br-lan\" meta l4proto tcp ip saddr 192.168.1.7 counter return comment \"!fw4: Class\"",
                "meta nfproto ipv4 oifname \"br-lan\" meta l4proto tcp ip daddr 192.168.1.7 counter return comment \"!fw4: Class\"",
                "flow offload @ft;",
            ]
        );
        let compiled = offloading("unmarked", "", rules, false);
        assert_eq!(compiled.chain("flow_offload"), [""; 0]);
        let warnings = compiled.warnings();
        assert_eq!(warnings.len(), 2, "{warnings:?}");
        assert!(warnings[0].contains("(Mark) marks the first packets of a connection only"));
    }

    #[test]
    fn nothing_is_said_where_nothing_is_offloaded() {
        let section = "config offload\n\toption name Voice\n";
        let router = router(std::path::Path::new("/nonexistent"));
        let text =
            format!("config defaults\n\toption flow_offloading_after_packets 30\n{ZONES}{section}");
        let compiled = compile(&parse(&text, &router), &router, &Kernel { hardware: false });
        assert!(compiled.chain("flow_offload").is_empty());
        assert!(!compiled.chain("forward")[0].contains("flow_offload"));
    }
}
