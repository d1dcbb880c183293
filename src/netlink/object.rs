/*! Named objects: conntrack helpers and limits. */

use std::ffi::CStr;

use super::batch::{Builder, Trace};
use super::contents::{Contents, Object};
use super::error::Reason;
use super::expr::Build;
use super::kernel_abi::{
    CT_HELPER_NAME_LEN, IPPROTO_TCP, IPPROTO_UDP, MessageType, NFT_OBJECT_CT_HELPER,
    NFT_OBJECT_LIMIT, NFTA_CT_HELPER_L4PROTO, NFTA_CT_HELPER_NAME, NFTA_LIMIT_BURST,
    NFTA_LIMIT_RATE, NFTA_LIMIT_UNIT, NFTA_OBJ_DATA, NFTA_OBJ_NAME, NFTA_OBJ_TABLE, NFTA_OBJ_TYPE,
    NFTA_OBJ_USERDATA,
};
use super::message::Message;
use super::pages::Attributes;
use super::request::{be32, be64};
use super::{lower, name, udata};
use crate::ruleset::{CtHelper, LimitObject};

/// Begins a new object; its data is to follow.
fn begin<'b>(
    builder: &'b mut Builder,
    table: &CStr,
    name: &CStr,
    kind: u32,
    trace: Trace,
) -> Message<'b> {
    let mut message = builder.message(MessageType::NewObj, libc::NLM_F_CREATE as u16, trace);
    message.attribute_str(NFTA_OBJ_TABLE, table);
    message.attribute_str(NFTA_OBJ_NAME, name);
    message.attribute_u32(NFTA_OBJ_TYPE, kind);
    message
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
    let mut message = begin(builder, table, &name, NFT_OBJECT_CT_HELPER, trace);
    let data = message.nest(NFTA_OBJ_DATA);
    message.attribute(NFTA_CT_HELPER_NAME, name.to_bytes());
    message.attribute_u8(NFTA_CT_HELPER_L4PROTO, protocol);
    message.nest_end(data);
    message.finish();
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
    let name = name::object(&limit.name)?;
    let mut message = begin(builder, table, &name, NFT_OBJECT_LIMIT, trace);
    message.attribute(NFTA_OBJ_USERDATA, &comment);
    let data = message.nest(NFTA_OBJ_DATA);
    rate.build(&mut message);
    message.nest_end(data);
    message.finish();
    Ok(())
}
