/*!
The flowtable: flows in it skip the forward path, in software or in the drivers of its devices.

Hook, priority and flags of a flowtable cannot be changed, so an existing one is deleted and made anew in the
same transaction. Its flows are torn down gracefully and come back.
*/

use std::ffi::{CStr, CString};

use nftnl_sys as sys;

use super::batch::{Builder, Kind, Trace};
use super::error::Reason;
use super::kernel_abi::{
    IFNAMSIZ, MessageType, NF_NETDEV_INGRESS, NFPROTO_INET, NFT_FLOWTABLE_COUNTER,
    NFT_FLOWTABLE_HW_OFFLOAD,
};
use super::raw;
use crate::ruleset::{Flowtable, Origin};
use crate::text;

/// `NFT_NETDEVICE_MAX`
const DEVICES_MAX: usize = 256;

fn device(name: &str) -> Result<CString, Reason> {
    let bad = || Reason::DeviceName(name.to_owned());
    let bytes = text::encode(name);
    if bytes.is_empty() || bytes.len() >= IFNAMSIZ {
        return Err(bad());
    }
    CString::new(bytes.into_owned()).map_err(|_| bad())
}

/// `flowtable NAME { hook ingress priority 0; devices = { ... }; counter; flags offload; }`
pub fn add(
    builder: &mut Builder,
    table: &CStr,
    name: &CStr,
    flowtable: &Flowtable,
    trace: Trace,
) -> Result<(), Reason> {
    if flowtable.members().count() > DEVICES_MAX {
        return Err(Reason::Number("number of devices"));
    }
    let devices: Vec<CString> = flowtable
        .members()
        .map(|name| device(name))
        .collect::<Result<_, _>>()?;
    let mut raw = raw::Flowtable::new();
    raw.set_u32(sys::NFTNL_FLOWTABLE_FAMILY, u32::from(NFPROTO_INET));
    raw.set_str(sys::NFTNL_FLOWTABLE_TABLE, table);
    raw.set_str(sys::NFTNL_FLOWTABLE_NAME, name);
    raw.set_u32(sys::NFTNL_FLOWTABLE_HOOKNUM, NF_NETDEV_INGRESS);
    raw.set_u32(sys::NFTNL_FLOWTABLE_PRIO, 0);
    if !devices.is_empty() {
        raw.set_devices(&devices);
    }
    let hardware = if flowtable.hardware {
        NFT_FLOWTABLE_HW_OFFLOAD
    } else {
        0
    };
    raw.set_u32(sys::NFTNL_FLOWTABLE_FLAGS, NFT_FLOWTABLE_COUNTER | hardware);
    let mut message = builder.message(MessageType::NewFlowtable, libc::NLM_F_CREATE as u16, trace);
    // SAFETY: the header stands with room for the largest message; the flowtable outlives the call.
    unsafe { sys::nftnl_flowtable_nlmsg_build_payload(message.header(), raw.as_ptr()) };
    message.finish();
    Ok(())
}

/// `delete flowtable inet TABLE NAME`
pub fn delete(builder: &mut Builder, table: &CStr, name: &CStr) {
    let trace = builder.trace(Kind::Flowtable, "", Origin::RENDER);
    let mut raw = raw::Flowtable::new();
    raw.set_str(sys::NFTNL_FLOWTABLE_TABLE, table);
    raw.set_str(sys::NFTNL_FLOWTABLE_NAME, name);
    let mut message = builder.message(MessageType::DelFlowtable, 0, trace);
    // SAFETY: as in `add`.
    unsafe { sys::nftnl_flowtable_nlmsg_build_payload(message.header(), raw.as_ptr()) };
    message.finish();
}
