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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::netlink::pages::Messages;

    /// The attributes of the only message between a batch's first and last.
    fn attributes(build: impl FnOnce(&mut Builder)) -> (u16, Vec<u8>) {
        let mut builder = Builder::new(None);
        build(&mut builder);
        let batch = builder.finish();
        let slices = batch.slices();
        let messages: Vec<_> = Messages(&slices[0]).collect();
        let [_, message, _] = messages.as_slice() else {
            panic!("{messages:?}")
        };
        (message.kind, message.payload[4..].to_vec())
    }

    /// Length and type, which netlink has in host byte order, then the bytes, padded.
    fn attribute(kind: u16, data: &[u8]) -> Vec<u8> {
        let mut bytes = (data.len() as u16 + 4).to_ne_bytes().to_vec();
        bytes.extend(kind.to_ne_bytes());
        bytes.extend(data);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    }

    #[test]
    fn a_flowtable_is_the_message_that_nft_sends() {
        // nft --debug=mnl -c 'table inet fw4 { flowtable ft { hook ingress priority 0;
        //     devices = { "eth0", "wan" }; counter; flags offload; }; }'
        const NESTED: u16 = 0x8000;
        let devices = [attribute(1, b"eth0\0"), attribute(1, b"wan\0")].concat();
        let zero = [0; 4];
        let hook = [
            attribute(1, &zero),
            attribute(2, &zero),
            attribute(3 | NESTED, &devices),
        ]
        .concat();
        let wanted = [
            attribute(1, b"fw4\0"),
            attribute(2, b"ft\0"),
            attribute(3 | NESTED, &hook),
            attribute(7, &3u32.to_be_bytes()),
        ];
        let flowtable = Flowtable {
            devices: vec!["eth0".to_owned(), "wan".to_owned()],
            hardware: true,
            ..Flowtable::default()
        };
        let (kind, bytes) = attributes(|builder| {
            let trace = builder.trace(Kind::Flowtable, "", Origin::RENDER);
            add(builder, c"fw4", c"ft", &flowtable, trace).expect("two good names");
        });
        assert_eq!(kind, 0x0a16);
        assert_eq!(bytes, wanted.concat());
    }

    #[test]
    fn an_old_flowtable_is_deleted_by_name() {
        // nft --debug=mnl -c 'delete flowtable inet fw4 ft'
        let (kind, bytes) = attributes(|builder| delete(builder, c"fw4", c"ft"));
        assert_eq!(kind, 0x0a18);
        assert_eq!(
            bytes,
            [attribute(1, b"fw4\0"), attribute(2, b"ft\0")].concat()
        );
    }

    #[test]
    fn impossible_devices_are_no_message() {
        for devices in [
            vec!["a234567890123456".to_owned()],
            vec![String::new()],
            vec!["a".to_owned(); 257],
        ] {
            let flowtable = Flowtable {
                devices,
                ..Flowtable::default()
            };
            let mut builder = Builder::new(None);
            let trace = builder.trace(Kind::Flowtable, "", Origin::RENDER);
            assert!(add(&mut builder, c"fw4", c"ft", &flowtable, trace).is_err());
            assert!(builder.finish().is_empty());
        }
    }
}
