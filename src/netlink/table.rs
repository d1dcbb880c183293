/*! Tables: created, emptied of rules, deleted. */

use std::ffi::CStr;

use super::batch::{Builder, Kind};
use super::kernel_abi::{MessageType, NFTA_RULE_TABLE, NFTA_TABLE_FLAGS, NFTA_TABLE_NAME};
use crate::ruleset::Origin;
use crate::text;

/// `table inet NAME`: makes it unless it is there.
pub fn add(builder: &mut Builder, name: &CStr) {
    let trace = builder.trace(Kind::Table, &text::decode(name.to_bytes()), Origin::RENDER);
    let mut message = builder.message(MessageType::NewTable, 0, trace);
    message.attribute_str(NFTA_TABLE_NAME, name);
    message.attribute_u32(NFTA_TABLE_FLAGS, 0);
    message.finish();
}

/// `flush table inet NAME`: deletes all rules, of all chains, whoever made them. The chains stay.
pub fn flush(builder: &mut Builder, name: &CStr) {
    let trace = builder.trace(Kind::Table, &text::decode(name.to_bytes()), Origin::RENDER);
    let mut message = builder.message(MessageType::DelRule, 0, trace);
    message.attribute_str(NFTA_RULE_TABLE, name);
    message.finish();
}

/// `delete table FAMILY NAME`, with all that is in it.
pub fn delete(builder: &mut Builder, family: u8, name: &CStr) {
    let trace = builder.trace(Kind::Table, &text::decode(name.to_bytes()), Origin::RENDER);
    let mut message = builder.message_in(family, MessageType::DelTable, trace);
    message.attribute_str(NFTA_TABLE_NAME, name);
    message.finish();
}
