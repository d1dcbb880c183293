/*! Named objects: conntrack helpers and limits. */

use std::ffi::CStr;

use nftnl_sys as sys;

use super::batch::{Builder, Trace};
use super::error::Reason;
use super::kernel_abi::{
    CT_HELPER_NAME_LEN, IPPROTO_TCP, IPPROTO_UDP, MessageType, NFPROTO_INET, NFT_LIMIT_PKTS,
    NFT_OBJECT_CT_HELPER, NFT_OBJECT_LIMIT,
};
use super::{lower, name, raw, udata};
use crate::ruleset::{CtHelper, LimitObject};

fn object(table: &CStr, name: &CStr, kind: u32) -> raw::Object {
    let mut object = raw::Object::new();
    object.set_u32(sys::NFTNL_OBJ_FAMILY, u32::from(NFPROTO_INET));
    object.set_str(sys::NFTNL_OBJ_TABLE, table);
    object.set_str(sys::NFTNL_OBJ_NAME, name);
    object.set_u32(sys::NFTNL_OBJ_TYPE, kind);
    object
}

fn write(builder: &mut Builder, object: &raw::Object, trace: Trace) {
    let mut message = builder.message(MessageType::NewObj, libc::NLM_F_CREATE as u16, trace);
    // SAFETY: the header stands with room for the largest message; the object outlives the call.
    unsafe { sys::nftnl_obj_nlmsg_build_payload(message.header(), object.as_ptr()) };
    message.finish();
}

/// `ct helper NAME { type "NAME" protocol tcp; }`
pub fn add_helper(
    builder: &mut Builder,
    table: &CStr,
    helper: &CtHelper,
    trace: Trace,
) -> Result<(), Reason> {
    let protocol = match helper.proto.as_str() {
        "tcp" => IPPROTO_TCP,
        "udp" => IPPROTO_UDP,
        other => return Err(Reason::UnknownProtocol(other.to_owned())),
    };
    let name = name::bounded(&helper.name, CT_HELPER_NAME_LEN - 1)?;
    let mut object = object(table, &name, NFT_OBJECT_CT_HELPER);
    object.set_str(sys::NFTNL_OBJ_CT_HELPER_NAME, &name);
    object.set_u8(sys::NFTNL_OBJ_CT_HELPER_L4PROTO, protocol);
    write(builder, &object, trace);
    Ok(())
}

/// `limit NAME { comment "..." rate N/unit burst N packets; }`
pub fn add_limit(
    builder: &mut Builder,
    table: &CStr,
    limit: &LimitObject,
    trace: Trace,
) -> Result<(), Reason> {
    let comment = udata::comment(&name::comment(&limit.comment)?);
    let rate = lower::limit(&limit.limit)?;
    let mut object = object(table, &name::object(&limit.name)?, NFT_OBJECT_LIMIT);
    object.set_data(sys::NFTNL_OBJ_USERDATA, &comment);
    object.set_u64(sys::NFTNL_OBJ_LIMIT_RATE, rate.rate);
    object.set_u64(sys::NFTNL_OBJ_LIMIT_UNIT, rate.seconds);
    object.set_u32(sys::NFTNL_OBJ_LIMIT_BURST, rate.burst);
    object.set_u32(sys::NFTNL_OBJ_LIMIT_TYPE, NFT_LIMIT_PKTS);
    object.set_u32(sys::NFTNL_OBJ_LIMIT_FLAGS, 0);
    write(builder, &object, trace);
    Ok(())
}
