/*!
The flowtable: flows in it skip the forward path, in software or in the drivers of its devices.

Devices can be added to a flowtable and taken out of it (Linux 5.8 and later); so one that is there is kept, and
its flows with it, whatever becomes of the rules. Who forwards, software or hardware, cannot be changed: then it is
deleted and made anew in the same transaction. Software flows are torn down gracefully by that and come back, but drivers are unbound
before they hear of the end of their flows: see [`super::drain`].
*/

use std::ffi::{CStr, CString};

use super::batch::{Builder, Kind, Trace};
use super::error::{Error, Reason};
use super::kernel_abi::{
    IFNAMSIZ, MessageType, NF_NETDEV_INGRESS, NFPROTO_INET, NFT_FLOWTABLE_COUNTER,
    NFT_FLOWTABLE_HW_OFFLOAD, NFTA_DEVICE_NAME, NFTA_FLOWTABLE_FLAGS, NFTA_FLOWTABLE_HOOK,
    NFTA_FLOWTABLE_HOOK_DEVS, NFTA_FLOWTABLE_HOOK_NUM, NFTA_FLOWTABLE_HOOK_PRIORITY,
    NFTA_FLOWTABLE_NAME, NFTA_FLOWTABLE_TABLE,
};
use super::name::{FLOWTABLE_NAME, SOFTWARE_TABLE_NAME, TABLE_NAME};
use super::pages::Attributes;
use super::request::{Request, be32, string};
use super::socket::Transport;
use crate::ruleset::{FLOWTABLE, Flowtable, Origin};
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

/// The flowtable `ft` that the kernel has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExistingFlowtable {
    /// Sorted. A device that is gone leaves the flowtable by itself; from Linux 6.16 on its name stays.
    pub devices: Vec<CString>,
    /// `enum nft_flowtable_flags`
    flags: u32,
}

impl ExistingFlowtable {
    /// Are the drivers of its devices asked to take the flows over?
    pub fn hardware(&self) -> bool {
        self.flags & NFT_FLOWTABLE_HW_OFFLOAD != 0
    }

    /// Can it become this one without being deleted?
    pub fn can_become(&self, wanted: &Flowtable) -> bool {
        self.hardware() == wanted.hardware
    }

    /// Its devices that this one does not have.
    pub fn gone<'a>(&'a self, wanted: &'a Flowtable) -> impl Iterator<Item = &'a CString> {
        let stays = |device: &CStr| {
            let mut members = wanted.members();
            members.any(|name| *text::encode(name) == *device.to_bytes())
        };
        self.devices.iter().filter(move |device| !stays(device))
    }

    /// Is it this one already?
    pub fn is(&self, wanted: &Flowtable) -> bool {
        self.can_become(wanted)
            && self.gone(wanted).next().is_none()
            && self.devices.len() == wanted.members().count()
    }

    pub fn has(&self, device: &CStr) -> bool {
        self.devices.iter().any(|one| **one == *device)
    }
}

fn flags(flowtable: &Flowtable) -> u32 {
    let hardware = if flowtable.hardware {
        NFT_FLOWTABLE_HW_OFFLOAD
    } else {
        0
    };
    NFT_FLOWTABLE_COUNTER | hardware
}

/// Reads the flowtable `ft` of `table inet fw4`.
pub fn existing(transport: &mut impl Transport) -> Result<Option<ExistingFlowtable>, Error> {
    Ok(all(transport)?.ours)
}

/// The flowtables there are.
#[derive(Debug, Default)]
pub struct Existing {
    pub ours: Option<ExistingFlowtable>,
    /// That of the second table.
    pub software: Option<ExistingFlowtable>,
    /// The names of all others of the first one.
    pub others: Vec<CString>,
}

/// The same, and all others that concern us.
pub fn all(transport: &mut impl Transport) -> Result<Existing, Error> {
    let mut all = Existing::default();
    let request = Request::new(MessageType::GetFlowtable, NFPROTO_INET);
    let dumped = request.dump(transport, MessageType::NewFlowtable, &mut |message| {
        let attributes = message.attributes();
        let text = |attribute| attributes.first(attribute).and_then(string);
        let name = text(NFTA_FLOWTABLE_NAME);
        let table = text(NFTA_FLOWTABLE_TABLE).unwrap_or_default();
        let found = match (&*table, name.as_deref() == Some(FLOWTABLE_NAME)) {
            (one, true) if one == TABLE_NAME => &mut all.ours,
            (one, true) if one == SOFTWARE_TABLE_NAME => &mut all.software,
            (one, false) if one == TABLE_NAME => return all.others.extend(name),
            _ => return,
        };
        let devices = attributes
            .first(NFTA_FLOWTABLE_HOOK)
            .and_then(|hook| Attributes(hook).first(NFTA_FLOWTABLE_HOOK_DEVS))
            .unwrap_or_default();
        let mut devices: Vec<CString> = Attributes(devices)
            .filter(|(kind, _)| *kind == NFTA_DEVICE_NAME)
            .filter_map(|(_, name)| string(name))
            .collect();
        crate::sort::by(&mut devices, Ord::cmp);
        let flags = attributes.first(NFTA_FLOWTABLE_FLAGS).and_then(be32);
        *found = Some(ExistingFlowtable {
            devices,
            flags: flags.unwrap_or_default(),
        });
    });
    match dumped {
        // Kernels before 4.16 do not know what a flowtable is.
        Err(Error::Io { source, .. }) if source.raw_os_error() == Some(libc::EINVAL) => {}
        other => other?,
    }
    Ok(all)
}

fn members(flowtable: &Flowtable) -> Result<Vec<CString>, Reason> {
    if flowtable.members().count() > DEVICES_MAX {
        return Err(Reason::Number("number of devices"));
    }
    flowtable.members().map(|name| device(name)).collect()
}

/// Says something about a flowtable and these of its devices.
fn write(
    builder: &mut Builder,
    message: (MessageType, u16),
    names: (&CStr, &CStr),
    devices: &[CString],
    flags: Option<u32>,
    trace: Trace,
) {
    let (table, name) = names;
    let (kind, message_flags) = message;
    let mut message = builder.message(kind, message_flags, trace);
    message.attribute_str(NFTA_FLOWTABLE_TABLE, table);
    message.attribute_str(NFTA_FLOWTABLE_NAME, name);
    let hook = message.nest(NFTA_FLOWTABLE_HOOK);
    message.attribute_u32(NFTA_FLOWTABLE_HOOK_NUM, NF_NETDEV_INGRESS);
    message.attribute_u32(NFTA_FLOWTABLE_HOOK_PRIORITY, 0);
    if !devices.is_empty() {
        let list = message.nest(NFTA_FLOWTABLE_HOOK_DEVS);
        for device in devices {
            message.attribute_str(NFTA_DEVICE_NAME, device);
        }
        message.nest_end(list);
    }
    message.nest_end(hook);
    if let Some(flags) = flags {
        message.attribute_u32(NFTA_FLOWTABLE_FLAGS, flags);
    }
    message.finish();
}

/// `flowtable NAME { hook ingress priority 0; devices = { ... }; counter; flags offload; }`
pub fn add(
    builder: &mut Builder,
    table: &CStr,
    name: &CStr,
    flowtable: &Flowtable,
    trace: Trace,
) -> Result<(), Reason> {
    let devices = members(flowtable)?;
    let message = (MessageType::NewFlowtable, libc::NLM_F_CREATE as u16);
    let flags = Some(flags(flowtable));
    write(builder, message, (table, name), &devices, flags, trace);
    Ok(())
}

/// Gives a flowtable that is there the devices it should have; says nothing if it has them.
pub fn update(
    builder: &mut Builder,
    names: (&CStr, &CStr),
    existing: &ExistingFlowtable,
    wanted: &Flowtable,
    trace: Trace,
) -> Result<(), Reason> {
    let devices = members(wanted)?;
    let gone: Vec<CString> = existing.gone(wanted).cloned().collect();
    if !gone.is_empty() {
        let message = (MessageType::DelFlowtable, 0);
        write(builder, message, names, &gone, None, trace);
    }
    let mut new = devices;
    new.retain(|device| !existing.has(device));
    if !new.is_empty() || existing.flags != flags(wanted) {
        give_devices(builder, names, &new, flags(wanted), trace);
    }
    Ok(())
}

/// Gives the live flowtable the devices it should have, in a transaction of its own; says whether it lacked any
/// or had one too many. Does nothing if there is none that can become this one.
///
/// # Errors
/// As [`join`].
pub fn settle(
    transport: &mut impl Transport,
    wanted: &Flowtable,
) -> Result<bool, super::LoadError> {
    let Some(existing) = existing(transport)?.filter(|one| one.can_become(wanted)) else {
        return Ok(false);
    };
    let mut builder = Builder::new(None);
    let trace = builder.trace(Kind::Flowtable, FLOWTABLE, Origin::RENDER);
    let names = (TABLE_NAME, FLOWTABLE_NAME);
    update(&mut builder, names, &existing, wanted, trace).map_err(unencodable)?;
    let report = builder.finish().commit(transport)?;
    Ok(report.messages > 0)
}

fn unencodable(reason: Reason) -> super::LoadError {
    super::LoadError::Unencodable(vec![super::Unencodable {
        origin: Origin::RENDER,
        subject: super::Subject::Flowtable,
        reason,
    }])
}

/// Adds devices to a flowtable that must be there.
fn give_devices(
    builder: &mut Builder,
    names: (&CStr, &CStr),
    devices: &[CString],
    flags: u32,
    trace: Trace,
) {
    let message = (MessageType::NewFlowtable, 0);
    write(builder, message, names, devices, Some(flags), trace);
}

/// Adds these devices to the live flowtable; its flows, its other devices and all rules are left alone. Returns those that
/// were added: none if there is no flowtable, or they are all in it.
///
/// # Errors
/// A device is not there, is in another flowtable, or cannot offload in hardware; none is added then.
pub fn join(
    transport: &mut impl Transport,
    devices: &[String],
) -> Result<Vec<String>, super::LoadError> {
    let Some((batch, new)) = joining(transport, devices)? else {
        return Ok(Vec::new());
    };
    batch.finish().commit(transport)?;
    Ok(new)
}

/// Would the kernel add these devices to the live flowtable? `None` if there is none of this kind.
pub fn accepts(
    transport: &mut impl Transport,
    devices: &[String],
    hardware: bool,
) -> Result<Option<()>, super::LoadError> {
    if existing(transport)?.is_none_or(|live| live.hardware() != hardware) {
        return Ok(None);
    }
    if let Some((batch, _)) = joining(transport, devices)? {
        batch.finish_as_check().commit(transport)?;
    }
    Ok(Some(()))
}

/// The transaction that adds those devices which are not yet in the flowtable, and their names.
fn joining(
    transport: &mut impl Transport,
    devices: &[String],
) -> Result<Option<(Builder, Vec<String>)>, super::LoadError> {
    let Some(existing) = existing(transport)? else {
        return Ok(None);
    };
    let (mut new, mut names) = (Vec::new(), Vec::new());
    for name in devices {
        let device = device(name).map_err(unencodable)?;
        if !existing.has(&device) && !new.contains(&device) {
            new.push(device);
            names.push(name.clone());
        }
    }
    if new.is_empty() {
        return Ok(None);
    }
    let mut builder = Builder::new(None);
    let trace = builder.trace(Kind::Flowtable, FLOWTABLE, Origin::RENDER);
    let flowtable = (TABLE_NAME, FLOWTABLE_NAME);
    give_devices(&mut builder, flowtable, &new, existing.flags, trace);
    Ok(Some((builder, names)))
}

/// `delete flowtable inet TABLE NAME`
pub fn delete(builder: &mut Builder, table: &CStr, name: &CStr) {
    let trace = builder.trace(Kind::Flowtable, "", Origin::RENDER);
    let mut message = builder.message(MessageType::DelFlowtable, 0, trace);
    message.attribute_str(NFTA_FLOWTABLE_TABLE, table);
    message.attribute_str(NFTA_FLOWTABLE_NAME, name);
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
