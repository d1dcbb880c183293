/*! Rules: put into their chain, with the anonymous sets they use before them. */

use std::borrow::Cow;
use std::ffi::CStr;
use std::hash::{Hash, Hasher};

use super::batch::{Builder, Kind, Trace};
use super::error::Reason;
use super::kernel_abi::{
    MessageType, NFTA_RULE_CHAIN, NFTA_RULE_EXPRESSIONS, NFTA_RULE_HANDLE, NFTA_RULE_POSITION,
    NFTA_RULE_TABLE,
};
use super::lower::{Lowered, Lowering, Surroundings, Workplace};
use super::{name, udata};
use crate::hash::Quick;
use crate::ruleset::Rule;

/// Where a rule goes in its chain. Rules are known by their handles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    End,
    Before(u64),
    InsteadOf(u64),
}

/// A rule in the kernel's terms.
pub struct Encoded<'a> {
    lowered: Lowered<'a>,
    comment: Option<Cow<'a, [u8]>>,
}

impl<'a> Encoded<'a> {
    /// `next_set_id`: the number the first anonymous set of this rule gets in its batch.
    pub fn new(
        rule: &'a Rule,
        surroundings: &'a Surroundings<'a>,
        next_set_id: u32,
        workplace: &'a mut Workplace,
    ) -> Result<Self, Reason> {
        let comment = rule.comment.as_deref().map(name::comment).transpose()?;
        let lowered = Lowering::new(surroundings, next_set_id, workplace).rule(rule)?;
        Ok(Encoded { lowered, comment })
    }

    /// The same for rules that do the same and read the same; kept in the kernel beside the rule. Other versions of this
    /// program may say the same otherwise, so their marks differ.
    pub fn mark(&self) -> u64 {
        let mut hasher = Quick::new();
        for part in self.lowered.code.meaning() {
            hasher.write(part);
        }
        for set in &self.lowered.sets {
            set.hash(&mut hasher);
        }
        if let Some(comment) = &self.comment {
            hasher.write(comment);
        }
        hasher.finish()
    }

    /// Writes the rule; returns how many anonymous sets it made.
    pub fn write(
        &self,
        builder: &mut Builder,
        names: (&CStr, &CStr),
        place: Place,
        trace: Trace,
    ) -> u32 {
        let (table, chain) = names;
        let kind = Kind::RuleSet;
        for set in &self.lowered.sets {
            set.write(builder, table, Trace { kind, ..trace });
        }
        let flags = match place {
            Place::End => libc::NLM_F_CREATE | libc::NLM_F_APPEND,
            Place::Before(_) => libc::NLM_F_CREATE,
            Place::InsteadOf(_) => libc::NLM_F_REPLACE,
        };
        let mut message = builder.message(MessageType::NewRule, flags as u16, trace);
        message.attribute_str(NFTA_RULE_TABLE, table);
        message.attribute_str(NFTA_RULE_CHAIN, chain);
        match place {
            Place::End => {}
            Place::Before(next) => message.attribute_u64(NFTA_RULE_POSITION, next),
            Place::InsteadOf(old) => message.attribute_u64(NFTA_RULE_HANDLE, old),
        }
        udata::rule(&mut message, self.comment.as_deref(), self.mark());
        let expressions = message.nest(NFTA_RULE_EXPRESSIONS);
        message.attributes(self.lowered.code.bytes());
        message.nest_end(expressions);
        message.finish();
        self.lowered.sets.len() as u32
    }
}
