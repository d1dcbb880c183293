/*! Tables: created, emptied of rules, deleted. */

use std::ffi::CStr;

use nftnl_sys as sys;

use super::batch::{Builder, Kind};
use super::kernel_abi::{MessageType, NFPROTO_INET};
use super::raw;
use crate::ruleset::Origin;
use crate::text;

/// `table inet NAME`: makes it unless it is there.
pub fn add(builder: &mut Builder, name: &CStr) {
    let trace = builder.trace(Kind::Table, &text::decode(name.to_bytes()), Origin::RENDER);
    let mut table = raw::Table::new();
    table.set_u32(sys::NFTNL_TABLE_FAMILY, u32::from(NFPROTO_INET));
    table.set_str(sys::NFTNL_TABLE_NAME, name);
    table.set_u32(sys::NFTNL_TABLE_FLAGS, 0);
    let mut message = builder.message(MessageType::NewTable, 0, trace);
    // SAFETY: the header stands with room for the largest message; the table outlives the call.
    unsafe { sys::nftnl_table_nlmsg_build_payload(message.header(), table.as_ptr()) };
    message.finish();
}

/// `flush table inet NAME`: deletes all rules, of all chains, whoever made them. The chains stay.
pub fn flush(builder: &mut Builder, name: &CStr) {
    let trace = builder.trace(Kind::Table, &text::decode(name.to_bytes()), Origin::RENDER);
    let mut rules = raw::Rule::new();
    rules.set_str(sys::NFTNL_RULE_TABLE, name);
    let mut message = builder.message(MessageType::DelRule, 0, trace);
    // SAFETY: as in `add`.
    unsafe { sys::nftnl_rule_nlmsg_build_payload(message.header(), rules.as_ptr()) };
    message.finish();
}

/// `delete table FAMILY NAME`, with all that is in it.
pub fn delete(builder: &mut Builder, family: u8, name: &CStr) {
    let trace = builder.trace(Kind::Table, &text::decode(name.to_bytes()), Origin::RENDER);
    let mut table = raw::Table::new();
    table.set_str(sys::NFTNL_TABLE_NAME, name);
    let mut message = builder.message_in(family, MessageType::DelTable, trace);
    // SAFETY: as in `add`.
    unsafe { sys::nftnl_table_nlmsg_build_payload(message.header(), table.as_ptr()) };
    message.finish();
}
