/*! Named objects: conntrack helpers and limits. */

use std::ffi::CStr;

use nftnl_sys as sys;

use super::batch::{Builder, Trace};
use super::contents::{Contents, Object};
use super::error::Reason;
use super::kernel_abi::{
    CT_HELPER_NAME_LEN, IPPROTO_TCP, IPPROTO_UDP, MessageType, NFPROTO_INET, NFT_LIMIT_PKTS,
    NFT_OBJECT_CT_HELPER, NFT_OBJECT_LIMIT, NFTA_CT_HELPER_L4PROTO, NFTA_LIMIT_BURST,
    NFTA_LIMIT_RATE, NFTA_LIMIT_UNIT,
};
use super::pages::Attributes;
use super::request::{be32, be64};
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
    let protocol = protocol(helper)?;
    let name = name::bounded(&helper.name, CT_HELPER_NAME_LEN - 1)?;
    let mut object = object(table, &name, NFT_OBJECT_CT_HELPER);
    object.set_str(sys::NFTNL_OBJ_CT_HELPER_NAME, &name);
    object.set_u8(sys::NFTNL_OBJ_CT_HELPER_L4PROTO, protocol);
    write(builder, &object, trace);
    Ok(())
}

/// What is there under this helper's name.
pub fn existing_helper<'a>(contents: &'a Contents, helper: &CtHelper) -> Option<&'a Object> {
    contents.object(&name::object(&helper.name).ok()?, NFT_OBJECT_CT_HELPER)
}

/// Does it help with the same protocol?
pub fn is_helper(existing: &Object, helper: &CtHelper) -> bool {
    let number = Attributes(&existing.data).first(NFTA_CT_HELPER_L4PROTO);
    protocol(helper).is_ok_and(|wanted| number == Some(&[wanted]))
}

/// What is there under this limit's name.
pub fn existing_limit<'a>(contents: &'a Contents, limit: &LimitObject) -> Option<&'a Object> {
    contents.object(&name::object(&limit.name).ok()?, NFT_OBJECT_LIMIT)
}

/// Does it limit as much?
pub fn is_limit(existing: &Object, limit: &LimitObject) -> bool {
    let attributes = Attributes(&existing.data);
    let long = |kind| attributes.first(kind).and_then(be64);
    lower::limit(&limit.limit).is_ok_and(|wanted| {
        long(NFTA_LIMIT_RATE) == Some(wanted.rate)
            && long(NFTA_LIMIT_UNIT) == Some(wanted.seconds)
            && attributes.first(NFTA_LIMIT_BURST).and_then(be32) == Some(wanted.burst)
    })
}

fn protocol(helper: &CtHelper) -> Result<u8, Reason> {
    match helper.proto.as_str() {
        "tcp" => Ok(IPPROTO_TCP),
        "udp" => Ok(IPPROTO_UDP),
        other => Err(Reason::UnknownProtocol(other.to_owned())),
    }
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
