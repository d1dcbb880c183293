/*! Rules: appended to their chain, with the anonymous sets they use before them. */

use std::ffi::CStr;

use nftnl_sys as sys;

use super::batch::{Builder, Kind, Trace};
use super::error::Reason;
use super::expr::Build;
use super::kernel_abi::MessageType;
use super::lower::{Lowering, Surroundings};
use super::{name, raw, udata};
use crate::ruleset::Rule;

/// `NFT_RULE_MAXEXPRS`
const EXPRESSIONS_MAX: usize = 128;

/// Writes a rule; returns how many anonymous sets it made. Nothing is written if it cannot be expressed.
pub fn add(
    builder: &mut Builder,
    names: (&CStr, &CStr),
    rule: &Rule,
    surroundings: &Surroundings<'_>,
    next_set_id: u32,
    trace: Trace,
) -> Result<u32, Reason> {
    let comment = rule.comment.as_deref().map(name::comment).transpose()?;
    let lowered = Lowering::new(surroundings, next_set_id).rule(rule)?;
    if lowered.code.len() > EXPRESSIONS_MAX {
        return Err(Reason::TooManyConditions);
    }
    let (table, chain) = names;
    for set in &lowered.sets {
        set.write(
            builder,
            table,
            Trace {
                kind: Kind::RuleSet,
                ..trace
            },
        );
    }
    let mut raw = raw::Rule::new();
    raw.set_str(sys::NFTNL_RULE_TABLE, table);
    raw.set_str(sys::NFTNL_RULE_CHAIN, chain);
    for expression in &lowered.code {
        raw.push(expression.build());
    }
    if let Some(comment) = comment {
        raw.set_data(sys::NFTNL_RULE_USERDATA, &udata::comment(&comment));
    }
    let flags = (libc::NLM_F_CREATE | libc::NLM_F_APPEND) as u16;
    let mut message = builder.message(MessageType::NewRule, flags, trace);
    // SAFETY: the header stands with room for the largest message; the rule outlives the call.
    unsafe { sys::nftnl_rule_nlmsg_build_payload(message.header(), raw.as_ptr()) };
    message.finish();
    Ok(lowered.sets.len() as u32)
}
