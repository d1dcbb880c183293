/*!
From the ruleset's matches and statements to expressions, as nft would have it.

[`Lowering`] goes through a rule from left to right. It knows what is already certain about the packet
([`Known`]): a match on a field of a header needs that header to be there, and where that is not certain yet,
the test for it is put in front, as nft does (`__expr_evaluate_payload` in its src/evaluate.c). One file for
each group of matches; `field` is the common ground: one field compared with one or many values.
*/

mod address;
mod comparison;
mod conntrack;
mod dependency;
mod dscp;
mod field;
mod icmp;
mod interface;
mod mark;
mod merge;
mod nat;
mod port;
mod protocol;
mod reject;
mod set_lookup;
mod tcp;
mod time;

pub use dependency::Known;
pub use time::Clock;

use comparison::Comparison;

use super::code::Code;
use super::error::Reason;
use super::expr::{Build, Counter, FlowOffload, Limit, Log, Notrack, ObjectRef, Verdict};
use super::kernel_abi::{
    NF_ACCEPT, NF_DROP, NF_LOG_PREFIXLEN, NFT_JUMP, NFT_OBJECT_CT_HELPER, NFT_OBJECT_LIMIT,
    NFT_RETURN,
};
use super::name;
use super::number::whole;
use super::pages::Draft;
use super::protocol::Protocols;
use super::set::AnonymousSet;
use crate::ruleset::{self, FLOWTABLE, Match, Statement, TimeUnit};
use crate::sorted::Sorted;

/// Names, and the places of their bearers in the ruleset's list of such.
pub type Names<'a> = Sorted<&'a str, usize>;

/// What rules may refer to, and what the world says about names and time.
pub struct Surroundings<'a> {
    pub protocols: &'a Protocols,
    pub clock: &'a Clock,
    /// The ruleset's named sets, numbered from 1 in this batch,
    pub named_sets: &'a [ruleset::Set],
    /// and where in that list they are.
    pub sets: Names<'a>,
    pub limits: Names<'a>,
    pub helpers: Names<'a>,
    pub chains: Names<'a>,
    pub flowtable: bool,
}

/// A rule on its way into expressions.
pub struct Lowering<'a> {
    around: &'a Surroundings<'a>,
    known: Known,
    code: Code<'a>,
    /// Comparisons since the last statement that nft may join, see `merge`.
    run: &'a mut Vec<Comparison>,
    jumped: &'a mut Option<String>,
    sets: Vec<AnonymousSet>,
    next_set_id: u32,
}

/// What all rules are lowered in, one after the other.
#[derive(Default)]
pub struct Workplace {
    draft: Draft,
    run: Vec<Comparison>,
    /// Where the last jump went, as that of the next rule often does: this chain need not be looked for.
    jumped: Option<String>,
}

/// A rule's expressions and the anonymous sets they look things up in.
pub struct Lowered<'a> {
    pub code: Code<'a>,
    pub sets: Vec<AnonymousSet>,
}

impl<'a> Lowering<'a> {
    /// `next_set_id`: the number the first anonymous set of this rule gets.
    pub fn new(
        around: &'a Surroundings<'a>,
        next_set_id: u32,
        workplace: &'a mut Workplace,
    ) -> Self {
        Lowering {
            around,
            known: Known::default(),
            code: Code::new(workplace.draft.attributes()),
            run: &mut workplace.run,
            jumped: &mut workplace.jumped,
            sets: Vec::new(),
            next_set_id,
        }
    }

    pub fn rule(mut self, rule: &ruleset::Rule) -> Result<Lowered<'a>, Reason> {
        // Another rule may have ended early.
        self.run.clear();
        for condition in &rule.matches {
            self.condition(condition)?;
        }
        for statement in &rule.statements {
            self.statement(statement)?;
        }
        self.end_of_run();
        if self.code.is_too_long() {
            return Err(Reason::TooManyConditions);
        }
        Ok(Lowered {
            code: self.code,
            sets: self.sets,
        })
    }

    fn condition(&mut self, condition: &Match) -> Result<(), Reason> {
        match condition {
            Match::NfProto(family) => self.nfproto(*family),
            Match::L4Proto(protocols) => self.l4proto(protocols)?,
            Match::L4ProtoTcpUdp => self.l4proto(&[ruleset::L4::Tcp, ruleset::L4::Udp])?,
            Match::Loopback(dir) => self.loopback(*dir),
            Match::IfName { dir, names, invert } => self.interface_names(*dir, names, *invert)?,
            Match::Addr {
                family,
                dir,
                addrs,
                invert,
            } => {
                self.addresses(*family, *dir, addrs, *invert)?;
            }
            Match::AddrMasked { family, dir, addr } => self.masked_address(*family, *dir, addr)?,
            Match::Port {
                proto,
                dir,
                ports,
                invert,
            } => self.ports(proto, *dir, ports, *invert)?,
            Match::EtherSaddr { macs, invert } => self.ether_saddr(macs, *invert)?,
            Match::IcmpType { family, types } => self.icmp_types(*family, types)?,
            Match::IcmpTypeCode { family, kinds } => self.icmp_types_with_codes(*family, kinds)?,
            Match::CtHelper { name, invert } => self.ct_helper(name, *invert)?,
            Match::Limit(limit) => {
                let limit = self::limit(limit)?;
                self.statement_expression(limit);
            }
            Match::LimitObject(name) => {
                if !self.around.limits.has(name.as_str()) {
                    return Err(Reason::MissingLimit(name.clone()));
                }
                let name = name::object(name)?;
                self.statement_expression(ObjectRef {
                    kind: NFT_OBJECT_LIMIT,
                    name,
                });
            }
            Match::Time(time) => self.time(*time)?,
            Match::Hour(hour) => self.hour(*hour),
            Match::Day { days, invert } => self.days(days, *invert)?,
            Match::Mark { mark, mask, invert } => {
                self.mark(mark::Of::Packet, *mark, *mask, *invert);
            }
            Match::CtMark { mark, mask } => self.mark(mark::Of::Connection, *mark, *mask, false),
            Match::Dscp {
                family,
                dscp,
                invert,
            } => self.dscp(*family, *dscp, *invert)?,
            Match::Set {
                fields,
                name,
                invert,
            } => self.set_lookup(fields, name, *invert)?,
            Match::CtStateVmap { drop_invalid } => self.ct_state_vmap(*drop_invalid),
            Match::CtStateInvalid => self.ct_state_invalid(),
            Match::CtStatusDnat => self.ct_status_dnat(),
            Match::CtDirection { reply } => self.ct_direction(*reply),
            Match::CtPacketsBeyond(last) => self.ct_packets_beyond(*last),
            Match::TcpSyn => self.tcp_syn()?,
            Match::TcpSynOfHandshake => self.tcp_syn_of_handshake()?,
        }
        Ok(())
    }

    fn statement(&mut self, statement: &Statement) -> Result<(), Reason> {
        match statement {
            Statement::Counter => self.statement_expression(Counter),
            Statement::Log { prefix } => {
                let prefix = name::quoted(prefix, NF_LOG_PREFIXLEN - 1)?;
                self.statement_expression(Log { prefix });
            }
            Statement::Verdict(verdict) => self.verdict(verdict)?,
            Statement::RejectWith(code) => self.reject_with(*code)?,
            Statement::SetMark(change) => self.set_mark(mark::Of::Packet, *change),
            Statement::SetCtMark(change) => self.set_mark(mark::Of::Connection, *change),
            Statement::SetDscp { family, dscp } => self.set_dscp(*family, *dscp)?,
            Statement::Notrack => self.statement_expression(Notrack),
            Statement::SetHelper(name) => {
                if !self.around.helpers.has(name.as_str()) {
                    return Err(Reason::MissingHelper(name.clone()));
                }
                let name = name::object(name)?;
                self.statement_expression(ObjectRef {
                    kind: NFT_OBJECT_CT_HELPER,
                    name,
                });
            }
            Statement::Masquerade => self.masquerade(),
            Statement::Dnat { family, to } => self.dnat(*family, to)?,
            Statement::Snat { family, to } => self.snat(*family, to)?,
            Statement::Redirect { ports } => self.redirect(*ports)?,
            Statement::ClampMss => self.clamp_mss(),
            Statement::FlowOffload => {
                if !self.around.flowtable {
                    return Err(Reason::MissingFlowtable);
                }
                let flowtable = name::object(FLOWTABLE)?;
                self.statement_expression(FlowOffload { flowtable });
            }
        }
        Ok(())
    }

    fn verdict(&mut self, verdict: &ruleset::Verdict) -> Result<(), Reason> {
        let chain;
        let (code, chain) = match verdict {
            ruleset::Verdict::Accept => (NF_ACCEPT, None),
            ruleset::Verdict::Drop => (NF_DROP, None),
            ruleset::Verdict::Return => (NFT_RETURN, None),
            ruleset::Verdict::Reject => {
                self.reject();
                return Ok(());
            }
            ruleset::Verdict::Jump(to) => {
                if self.jumped.as_ref() != Some(to) {
                    if !self.around.chains.has(to.as_str()) {
                        return Err(Reason::MissingChain(to.clone()));
                    }
                    *self.jumped = Some(to.clone());
                }
                chain = name::object_bytes(to)?;
                (NFT_JUMP, Some(&*chain))
            }
        };
        self.statement_expression(Verdict { code, chain });
        Ok(())
    }

    /// Appends an expression of a match.
    fn push(&mut self, expression: impl Build) {
        self.code.push(&expression);
    }

    /// Appends what nft takes for a statement: comparisons are not joined across it.
    fn statement_expression(&mut self, expression: impl Build) {
        self.end_of_run();
        self.push(expression);
    }
}

/// `limit rate N/unit burst B packets`
pub fn limit(limit: &ruleset::Limit) -> Result<Limit, Reason> {
    /// nft's burst where none is given.
    const BURST: u32 = 5;
    if limit.rate == 0 {
        return Err(Reason::Number("limit rate"));
    }
    let burst = limit
        .burst
        .map_or(Ok(BURST), |burst| whole(burst, "limit burst"))?;
    let seconds = match limit.unit {
        TimeUnit::Second => 1,
        TimeUnit::Minute => 60,
        TimeUnit::Hour => 60 * 60,
        TimeUnit::Day => 24 * 60 * 60,
    };
    Ok(Limit {
        rate: limit.rate,
        seconds,
        burst,
    })
}
