/*!
One message on the wire: a header, then one attribute that holds all others.

The header is version (0), type, sequence number (2 bytes) and peer (4 bytes), big-endian (`struct
ubus_msghdr` of ubusmsg.h).
*/

use super::blob::{self, Attribute};
use super::{Error, Table};

/// `UBUS_SYSTEM_OBJECT_EVENT` of ubusmsg.h.
pub(super) const EVENTS: u32 = 1;

/// `UBUS_MAX_MSGLEN` of ubus_common.h: bytes of the outer attribute.
pub const MAX_MESSAGE: usize = 1 << 20;

/// Header and head of the outer attribute.
pub const HEADER: usize = 12;

/// `enum ubus_msg_type` of ubusmsg.h.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Hello,
    Status,
    Data,
    Ping,
    Lookup,
    Invoke,
    AddObject,
    RemoveObject,
    Subscribe,
    Unsubscribe,
    Notify,
    Monitor,
}

const KINDS: [Kind; 12] = [
    Kind::Hello,
    Kind::Status,
    Kind::Data,
    Kind::Ping,
    Kind::Lookup,
    Kind::Invoke,
    Kind::AddObject,
    Kind::RemoveObject,
    Kind::Subscribe,
    Kind::Unsubscribe,
    Kind::Notify,
    Kind::Monitor,
];

/// `enum ubus_msg_attr` of ubusmsg.h; `None` and `false` are not sent.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Attributes {
    pub status: Option<u32>,
    pub path: Option<String>,
    pub object: Option<u32>,
    pub method: Option<String>,
    pub object_type: Option<u32>,
    pub signature: Option<Table>,
    pub data: Option<Table>,
    pub target: Option<u32>,
    pub active: Option<bool>,
    pub no_reply: bool,
    pub subscribers: Option<Vec<u32>>,
    pub user: Option<String>,
    pub group: Option<String>,
    /// An attribute was there but made no sense, and was left out.
    pub malformed: bool,
}

const STATUS: u8 = 1;
const OBJPATH: u8 = 2;
const OBJID: u8 = 3;
const METHOD: u8 = 4;
const OBJTYPE: u8 = 5;
const SIGNATURE: u8 = 6;
const DATA: u8 = 7;
const TARGET: u8 = 8;
const ACTIVE: u8 = 9;
const NO_REPLY: u8 = 10;
const SUBSCRIBERS: u8 = 11;
const USER: u8 = 12;
const GROUP: u8 = 13;

#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    pub kind: Kind,
    pub seq: u16,
    pub peer: u32,
    pub attributes: Attributes,
}

impl Message {
    /// How many bytes the message that begins here takes, once its first [`HEADER`] bytes are there.
    pub fn length(head: &[u8; HEADER]) -> Result<usize, Error> {
        let [version, _, _, _, _, _, _, _, a, b, c, d] = *head;
        let len = (u32::from_be_bytes([a, b, c, d]) & 0xff_ffff) as usize;
        if version != 0 {
            return Err(Error::Malformed("version is not 0"));
        }
        if len < 4 {
            return Err(Error::Malformed("shorter than its own head"));
        }
        if len.next_multiple_of(4) > MAX_MESSAGE {
            return Err(Error::Malformed("longer than allowed"));
        }
        Ok(HEADER - 4 + len)
    }

    /// Reads a message of exactly the bytes that [`Message::length`] told; `None` for a type that this
    /// version of ubus does not know.
    pub fn read(bytes: &[u8]) -> Result<Option<Message>, Error> {
        let (head, body) = bytes
            .split_first_chunk()
            .ok_or(Error::Malformed("shorter than its head"))?;
        if Message::length(head)? != bytes.len() {
            return Err(Error::Malformed("length is wrong"));
        }
        let [_, kind, s0, s1, p0, p1, p2, p3, ..] = *head;
        let Some(kind) = KINDS.get(usize::from(kind)) else {
            return Ok(None);
        };
        Ok(Some(Message {
            kind: *kind,
            seq: u16::from_be_bytes([s0, s1]),
            peer: u32::from_be_bytes([p0, p1, p2, p3]),
            attributes: Attributes::read(body),
        }))
    }

    /// The message's bytes, appended to `out`; nothing is appended on error.
    pub fn write(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        let mut bytes = vec![0, self.kind.code()];
        bytes.extend(self.seq.to_be_bytes());
        bytes.extend(self.peer.to_be_bytes());
        blob::put(&mut bytes, 0, |bytes| self.attributes.write(bytes))?;
        out.extend(bytes);
        Ok(())
    }
}

impl Kind {
    fn code(self) -> u8 {
        self as u8
    }
}

impl Attributes {
    /// As ubusd and libubus do: what makes no sense is left out, the last of several counts.
    fn read(body: &[u8]) -> Attributes {
        let mut found = Attributes::default();
        for attribute in blob::Attributes(body) {
            let understood = attribute.ok().and_then(|attribute| found.take(&attribute));
            found.malformed |= understood.is_none();
        }
        found
    }

    fn take(&mut self, Attribute { id, payload, .. }: &Attribute<'_>) -> Option<()> {
        match *id {
            STATUS => self.status = Some(word(payload)?),
            OBJPATH => self.path = Some(blob::read_string(payload)?),
            OBJID => self.object = Some(word(payload)?),
            METHOD => self.method = Some(blob::read_string(payload)?),
            OBJTYPE => self.object_type = Some(word(payload)?),
            SIGNATURE => self.signature = Some(blob::read_table(payload, 0).ok()?),
            DATA => self.data = Some(blob::read_table(payload, 0).ok()?),
            TARGET => self.target = Some(word(payload)?),
            ACTIVE => self.active = Some(byte(payload)?),
            NO_REPLY => self.no_reply = byte(payload)?,
            SUBSCRIBERS => {
                let ids = blob::Attributes(payload).map(|id| word(id.ok()?.payload));
                self.subscribers = Some(ids.collect::<Option<_>>()?);
            }
            USER => self.user = Some(blob::read_string(payload)?),
            GROUP => self.group = Some(blob::read_string(payload)?),
            // A newer ubus.
            _ => {}
        }
        Some(())
    }

    fn write(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        put_word(out, STATUS, self.status)?;
        put_text(out, OBJPATH, self.path.as_deref())?;
        put_word(out, OBJID, self.object)?;
        put_text(out, METHOD, self.method.as_deref())?;
        put_word(out, OBJTYPE, self.object_type)?;
        put_entries(out, SIGNATURE, self.signature.as_ref())?;
        put_entries(out, DATA, self.data.as_ref())?;
        put_word(out, TARGET, self.target)?;
        put_byte(out, ACTIVE, self.active)?;
        put_byte(out, NO_REPLY, self.no_reply.then_some(true))?;
        if let Some(ids) = &self.subscribers {
            blob::put(out, SUBSCRIBERS.into(), |out| {
                ids.iter().try_for_each(|id| put_word(out, 0, Some(*id)))
            })?;
        }
        put_text(out, USER, self.user.as_deref())?;
        put_text(out, GROUP, self.group.as_deref())
    }
}

fn word(payload: &[u8]) -> Option<u32> {
    Some(u32::from_be_bytes(payload.try_into().ok()?))
}

fn byte(payload: &[u8]) -> Option<bool> {
    Some(u8::from_be_bytes(payload.try_into().ok()?) != 0)
}

fn put_word(out: &mut Vec<u8>, id: u8, value: Option<u32>) -> Result<(), Error> {
    put_bytes(
        out,
        id,
        value.map(u32::to_be_bytes).as_ref().map(|b| &b[..]),
    )
}

fn put_byte(out: &mut Vec<u8>, id: u8, value: Option<bool>) -> Result<(), Error> {
    put_bytes(
        out,
        id,
        value.map(|b| [u8::from(b)]).as_ref().map(|b| &b[..]),
    )
}

fn put_bytes(out: &mut Vec<u8>, id: u8, bytes: Option<&[u8]>) -> Result<(), Error> {
    let Some(bytes) = bytes else { return Ok(()) };
    blob::put(out, id.into(), |out| {
        out.extend(bytes);
        Ok(())
    })
}

fn put_text(out: &mut Vec<u8>, id: u8, value: Option<&str>) -> Result<(), Error> {
    let Some(value) = value else { return Ok(()) };
    blob::put(out, id.into(), |out| {
        blob::put_string(out, value);
        Ok(())
    })
}

fn put_entries(out: &mut Vec<u8>, id: u8, value: Option<&Table>) -> Result<(), Error> {
    let Some(value) = value else { return Ok(()) };
    blob::put(out, id.into(), |out| blob::put_table(out, value, 0))
}

/// What a call says.
pub(super) fn invocation(object: u32, method: &str, arguments: Table) -> Attributes {
    Attributes {
        object: Some(object),
        method: Some(method.to_owned()),
        data: Some(arguments),
        ..Attributes::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ubus::Value;

    fn sample() -> Message {
        Message {
            kind: Kind::Invoke,
            seq: 0x0102,
            peer: 0x0a0b_0c0d,
            attributes: Attributes {
                status: Some(4),
                path: Some("firewall".to_owned()),
                object: Some(0x1234_5678),
                method: Some("status".to_owned()),
                object_type: Some(7),
                signature: Some(Table::new().with("status", Table::new().with("verbose", 7))),
                data: Some(Table::new().with("verbose", true)),
                target: Some(9),
                active: Some(false),
                no_reply: true,
                subscribers: Some(vec![1, 2, 3]),
                user: Some("root".to_owned()),
                group: Some("root".to_owned()),
                malformed: false,
            },
        }
    }

    #[test]
    fn every_attribute_comes_back() {
        let mut bytes = Vec::new();
        sample().write(&mut bytes).unwrap();
        assert_eq!(Message::read(&bytes).unwrap(), Some(sample()));
    }

    /// `ubus call firewall status '{"a":true,"name":"lan","n":-2,"l":[1,2.5,null],"big":5000000000}'`, read
    /// from its socket.
    #[test]
    fn requests_have_the_bytes_that_libubus_sends() {
        let lookup = Message {
            kind: Kind::Lookup,
            seq: 1,
            peer: 0,
            attributes: Attributes {
                path: Some("firewall".to_owned()),
                ..Attributes::default()
            },
        };
        let list = vec![1.into(), Value::Double(2.5), Value::Null];
        let arguments = Table::new()
            .with("a", true)
            .with("name", "lan")
            .with("n", -2)
            .with("l", list)
            .with("big", 5_000_000_000_i64);
        let invoke = Message {
            kind: Kind::Invoke,
            seq: 2,
            peer: 0x1234_5678,
            attributes: Attributes {
                object: Some(0x1234_5678),
                method: Some("status".to_owned()),
                data: Some(arguments),
                ..Attributes::default()
            },
        };
        let lookup_sent = "00040001 00000000 00000014 0200000d 66697265 77616c6c 00000000";
        let invoke_sent = "00050002 12345678 00000084 03000008 12345678 0400000b 73746174 75730000 \
            0700006c 87000009 00016100 01000000 83000010 00046e61 6d650000 6c616e00 8500000c 00016e00 \
            fffffffe 8100002c 00016c00 8500000c 00000000 00000001 88000010 00000000 40040000 00000000 \
            80000008 00000000 84000014 00036269 67000000 00000001 2a05f200";
        for (message, sent) in [(lookup, lookup_sent), (invoke, invoke_sent)] {
            let mut bytes = Vec::new();
            message.write(&mut bytes).unwrap();
            let words: Vec<String> = bytes
                .chunks(4)
                .map(|word| word.iter().map(|byte| format!("{byte:02x}")).collect())
                .collect();
            assert_eq!(words, sent.split_whitespace().collect::<Vec<_>>());
        }
    }

    #[test]
    fn what_makes_no_sense_is_left_out_and_noted() {
        let head = [0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 20];
        let status_too_short = [1, 0, 0, 6, 0, 1, 0, 0];
        let object = [3, 0, 0, 8, 0, 0, 0, 5];
        let message = Message::read(&[&head[..], &status_too_short, &object].concat())
            .unwrap()
            .unwrap();
        assert_eq!(
            (message.attributes.status, message.attributes.object),
            (None, Some(5))
        );
        assert!(message.attributes.malformed);
    }

    #[test]
    fn heads_that_lie_are_refused() {
        let head = |version, len: u32| {
            let [a, b, c, d] = len.to_be_bytes();
            Message::length(&[version, 0, 0, 0, 0, 0, 0, 0, a, b, c, d])
        };
        assert_eq!(head(0, 4).unwrap(), 12);
        assert_eq!(head(0, MAX_MESSAGE as u32).unwrap(), MAX_MESSAGE + 8);
        for refused in [head(1, 4), head(0, 3), head(0, MAX_MESSAGE as u32 + 1)] {
            assert!(refused.is_err());
        }
        assert!(Message::read(&[0; 11]).is_err());
        assert!(
            Message::read(&[0, 200, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4])
                .unwrap()
                .is_none()
        );
    }
}
