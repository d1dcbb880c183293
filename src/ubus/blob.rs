/*!
blobmsg: named and typed values in blob attributes, ubus's JSON on the wire.

An attribute is a big-endian word (bit 31: "extended", that is with a name; bits 30 to 24: type; bits
23 to 0: length with this word, without padding) and its payload, padded to four bytes. A blobmsg
payload begins with the name: its length in two bytes, the name, a zero byte, padding (blob.h and
blobmsg.h of libubox).
*/

use super::{Error, MAX_MESSAGE};
use crate::text;

/// Deeper than any object on a router; keeps a hostile message from exhausting the stack.
pub(super) const MAX_DEPTH: usize = 64;

/// A value of `enum blobmsg_type` (blobmsg.h). Strings may hold bytes that are no UTF-8 in the way of
/// [`crate::text`].
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Array(Vec<Value>),
    Table(Table),
    String(String),
    Int64(i64),
    Int32(i32),
    Int16(i16),
    /// `BLOBMSG_TYPE_BOOL`, the same number as `BLOBMSG_TYPE_INT8`.
    Bool(bool),
    Double(f64),
}

/// Names and values in the order sent. A name may come twice; [`Table::get`] finds the first, as
/// libubox's `blobmsg_parse()` does.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table(Vec<(String, Value)>);

impl Table {
    pub fn new() -> Table {
        Table::default()
    }

    /// The same table with one more entry.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Table {
        self.push(name, value);
        self
    }

    pub fn push(&mut self, name: &str, value: impl Into<Value>) {
        self.0.push((name.to_owned(), value.into()));
    }

    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl Value {
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(s) => Some(s),
            _ => None,
        }
    }

    /// Any of the integer types.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Value::Int64(n) => Some(*n),
            Value::Int32(n) => Some(i64::from(*n)),
            Value::Int16(n) => Some(i64::from(*n)),
            _ => None,
        }
    }

    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(b) => Some(*b),
            _ => None,
        }
    }

    pub fn as_table(&self) -> Option<&Table> {
        match self {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    pub fn as_array(&self) -> Option<&[Value]> {
        match self {
            Value::Array(items) => Some(items),
            _ => None,
        }
    }

    fn type_id(&self) -> u32 {
        match self {
            Value::Null => 0,
            Value::Array(_) => 1,
            Value::Table(_) => 2,
            Value::String(_) => 3,
            Value::Int64(_) => 4,
            Value::Int32(_) => 5,
            Value::Int16(_) => 6,
            Value::Bool(_) => 7,
            Value::Double(_) => 8,
        }
    }
}

impl From<&str> for Value {
    fn from(s: &str) -> Value {
        Value::String(s.to_owned())
    }
}

impl From<String> for Value {
    fn from(s: String) -> Value {
        Value::String(s)
    }
}

impl From<i32> for Value {
    fn from(n: i32) -> Value {
        Value::Int32(n)
    }
}

impl From<i64> for Value {
    fn from(n: i64) -> Value {
        Value::Int64(n)
    }
}

impl From<bool> for Value {
    fn from(b: bool) -> Value {
        Value::Bool(b)
    }
}

impl From<Table> for Value {
    fn from(table: Table) -> Value {
        Value::Table(table)
    }
}

impl From<Vec<Value>> for Value {
    fn from(items: Vec<Value>) -> Value {
        Value::Array(items)
    }
}

/// Writes an attribute whose payload `fill` appends.
pub(super) fn put(
    out: &mut Vec<u8>,
    id: u32,
    fill: impl FnOnce(&mut Vec<u8>) -> Result<(), Error>,
) -> Result<(), Error> {
    let start = out.len();
    out.extend([0; 4]);
    fill(out)?;
    let len = out.len() - start;
    if len > MAX_MESSAGE {
        return Err(Error::TooLarge);
    }
    let word = id << 24 | len as u32;
    if let Some(place) = out.get_mut(start..start + 4) {
        place.copy_from_slice(&word.to_be_bytes());
    }
    pad(out);
    Ok(())
}

/// Writes the entries of a table one after the other.
pub(super) fn put_table(out: &mut Vec<u8>, table: &Table, depth: usize) -> Result<(), Error> {
    for (name, value) in &table.0 {
        put_value(out, name, value, depth)?;
    }
    Ok(())
}

fn put_value(out: &mut Vec<u8>, name: &str, value: &Value, depth: usize) -> Result<(), Error> {
    if depth > MAX_DEPTH {
        return Err(Error::TooDeep);
    }
    let name = text::encode(name);
    let name_len = u16::try_from(name.len()).map_err(|_| Error::TooLarge)?;
    put(out, 0x80 | value.type_id(), |out| {
        out.extend(name_len.to_be_bytes());
        out.extend(&*name);
        out.push(0);
        pad(out);
        match value {
            Value::Null => {}
            Value::Array(items) => {
                for item in items {
                    put_value(out, "", item, depth + 1)?;
                }
            }
            Value::Table(table) => put_table(out, table, depth + 1)?,
            Value::String(s) => put_string(out, s),
            Value::Int64(n) => out.extend(n.to_be_bytes()),
            Value::Int32(n) => out.extend(n.to_be_bytes()),
            Value::Int16(n) => out.extend(n.to_be_bytes()),
            Value::Bool(b) => out.push(u8::from(*b)),
            Value::Double(f) => out.extend(f.to_be_bytes()),
        }
        Ok(())
    })
}

pub(super) fn put_string(out: &mut Vec<u8>, s: &str) {
    out.extend(&*text::encode(s));
    out.push(0);
}

/// Attributes begin at multiples of four, counted from the message's first attribute, which stands at
/// a multiple of four itself.
fn pad(out: &mut Vec<u8>) {
    out.resize(out.len().next_multiple_of(4), 0);
}

/// One attribute of a list.
pub(super) struct Attribute<'a> {
    pub extended: bool,
    pub id: u8,
    pub payload: &'a [u8],
}

/// Walks a list of attributes; the first that does not fit ends it with an error.
pub(super) struct Attributes<'a>(pub &'a [u8]);

impl<'a> Iterator for Attributes<'a> {
    type Item = Result<Attribute<'a>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let attribute = self.split();
        if attribute.is_none() {
            self.0 = &[];
        }
        Some(attribute.ok_or(Error::Malformed("an attribute's length is wrong")))
    }
}

impl<'a> Attributes<'a> {
    fn split(&mut self) -> Option<Attribute<'a>> {
        let (word, _) = self.0.split_first_chunk()?;
        let word = u32::from_be_bytes(*word);
        let len = (word & 0xff_ffff) as usize;
        let payload = self.0.get(4..len)?;
        // Nobody pads the last one in vain, but who leaves the padding out does no harm.
        self.0 = self.0.get(len.next_multiple_of(4)..).unwrap_or_default();
        Some(Attribute {
            extended: word >> 31 != 0,
            id: (word >> 24 & 0x7f) as u8,
            payload,
        })
    }
}

/// Reads the entries of a table.
pub(super) fn read_table(payload: &[u8], depth: usize) -> Result<Table, Error> {
    if depth > MAX_DEPTH {
        return Err(Error::TooDeep);
    }
    let entries = Attributes(payload).map(|attribute| read_value(&attribute?, depth));
    entries.collect::<Result<_, _>>().map(Table)
}

fn read_value(attribute: &Attribute<'_>, depth: usize) -> Result<(String, Value), Error> {
    if !attribute.extended {
        return Err(Error::Malformed("a value without name header"));
    }
    let (name, data) =
        split_name(attribute.payload).ok_or(Error::Malformed("a name's length is wrong"))?;
    let value = match attribute.id {
        1 => Value::Array(
            read_table(data, depth + 1)?
                .0
                .into_iter()
                .map(|(_, value)| value)
                .collect(),
        ),
        2 => Value::Table(read_table(data, depth + 1)?),
        id => read_scalar(id, data).ok_or(Error::Malformed("a value does not fit its type"))?,
    };
    Ok((text::decode(name), value))
}

/// Name and data of a blobmsg payload (`struct blobmsg_hdr`).
fn split_name(payload: &[u8]) -> Option<(&[u8], &[u8])> {
    let (len, rest) = payload.split_first_chunk()?;
    let len = usize::from(u16::from_be_bytes(*len));
    let name = rest.get(..len)?;
    if rest.get(len) != Some(&0) {
        return None;
    }
    Some((name, payload.get((2 + len + 1).next_multiple_of(4)..)?))
}

fn read_scalar(id: u8, data: &[u8]) -> Option<Value> {
    Some(match id {
        0 => Value::Null,
        3 => Value::String(read_string(data)?),
        4 => Value::Int64(i64::from_be_bytes(data.try_into().ok()?)),
        5 => Value::Int32(i32::from_be_bytes(data.try_into().ok()?)),
        6 => Value::Int16(i16::from_be_bytes(data.try_into().ok()?)),
        7 => Value::Bool(u8::from_be_bytes(data.try_into().ok()?) != 0),
        8 => Value::Double(f64::from_be_bytes(data.try_into().ok()?)),
        _ => return None,
    })
}

/// A string without the zero byte that must end it.
pub(super) fn read_string(data: &[u8]) -> Option<String> {
    data.strip_suffix(&[0]).map(text::decode)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(table: &Table) -> Vec<u8> {
        let mut out = Vec::new();
        put_table(&mut out, table, 0).unwrap();
        out
    }

    #[test]
    fn bytes_are_those_of_libubox() {
        // From what `ubus call` sends; see the test of the same kind in message.rs.
        let table = Table::new()
            .with("a", true)
            .with("name", "lan")
            .with("n", -2);
        let bytes = [
            &[0x87, 0, 0, 9, 0, 1, b'a', 0, 1, 0, 0, 0][..],
            &[
                0x83, 0, 0, 16, 0, 4, b'n', b'a', b'm', b'e', 0, 0, b'l', b'a', b'n', 0,
            ],
            &[0x85, 0, 0, 12, 0, 1, b'n', 0, 0xff, 0xff, 0xff, 0xfe],
        ];
        assert_eq!(encoded(&table), bytes.concat());
    }

    #[test]
    fn every_type_comes_back_in_order() {
        let table = Table::new()
            .with("z", Value::Null)
            .with(
                "a",
                Value::Array(vec![1.into(), "x".into(), Value::Array(vec![])]),
            )
            .with(
                "t",
                Table::new().with("in", Table::new().with("i", i64::MIN)),
            )
            .with("s", text::decode(b"B\xfcro"))
            .with("h", Value::Int16(-3))
            .with("d", Value::Double(-0.5))
            .with("f", false)
            .with("z", "twice")
            .with("", "nameless");
        assert_eq!(read_table(&encoded(&table), 0).unwrap(), table);
    }

    #[test]
    fn nesting_is_limited_both_ways() {
        let nest =
            |levels: usize| (0..levels).fold(Value::Null, |inner, _| Value::Array(vec![inner]));
        let mut out = Vec::new();
        assert!(put_value(&mut out, "", &nest(MAX_DEPTH), 0).is_ok());
        assert!(read_table(&out, 0).is_ok());
        assert!(matches!(
            put_value(&mut out, "", &nest(MAX_DEPTH + 1), 0),
            Err(Error::TooDeep)
        ));
        // As deep as a message can hold, made by hand.
        let mut deep = vec![0x81, 0, 0, 8, 0, 0, 0, 0];
        while deep.len() + 8 <= MAX_MESSAGE {
            let word = 0x8100_0000 | (deep.len() as u32 + 8);
            deep.splice(..0, word.to_be_bytes().into_iter().chain([0; 4]));
            if deep.len() > 16 * 1024 {
                break;
            }
        }
        assert!(matches!(read_table(&deep, 0), Err(Error::TooDeep)));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for bytes in [
            &[0x80, 0, 0][..],
            &[0x80, 0, 0, 3],
            &[0x80, 0, 0, 5],
            &[0x80, 0, 0, 4],
            &[0x80, 0, 0, 8, 0, 1, b'a', b'b'],
            &[0x80, 0, 0, 8, 0, 9, b'a', 0],
            &[0x85, 0, 0, 11, 0, 0, 0, 0, 1, 2, 3, 0],
            &[0x83, 0, 0, 8, 0, 0, 0, 0],
            &[0x83, 0, 0, 9, 0, 0, 0, 0, b'x', 0, 0, 0],
            &[0x89, 0, 0, 8, 0, 0, 0, 0],
            &[0x05, 0, 0, 8, 0, 0, 0, 1],
        ] {
            assert!(read_table(bytes, 0).is_err(), "{bytes:x?}");
        }
    }

    #[test]
    fn more_than_a_message_holds_is_refused() {
        let mut out = Vec::new();
        let big = Table::new().with("s", "x".repeat(MAX_MESSAGE));
        assert!(matches!(put_table(&mut out, &big, 0), Err(Error::TooLarge)));
        let long_name = Table::new().with(&"n".repeat(70_000), 1);
        assert!(matches!(
            put_table(&mut out, &long_name, 0),
            Err(Error::TooLarge)
        ));
    }
}
