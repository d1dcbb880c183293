/*!
Sets: named ones from the ruleset, anonymous ones made for a rule.

The declaration says what the kernel needs (key length, flags) and, as user data, what nft needs to list the
set as it was written. Elements follow in messages of their own.
*/

use std::borrow::Cow;
use std::collections::HashSet;
use std::ffi::{CStr, CString};
use std::hash::{Hash, Hasher};

use nftnl_sys as sys;

use super::batch::{Builder, Trace};
use super::contents::Shape;
use super::element::{Elements, Key, Writer};
use super::error::Reason;
use super::held::Summary;
use super::interval::{self, Interval};
use super::kernel_abi::{
    MessageType, NFPROTO_INET, NFT_DATA_VERDICT, NFT_SET_ANONYMOUS, NFT_SET_CONCAT,
    NFT_SET_CONSTANT, NFT_SET_INTERVAL, NFT_SET_MAP, NFT_SET_TIMEOUT, NFTA_SET_ELEM_LIST_SET,
    NFTA_SET_ELEM_LIST_TABLE,
};
use super::number::whole;
use super::set_key::{express, range, single_interval};
use super::udata::{self, ByteOrder, SetFacts, TypeOf};
use super::{name, raw};
use crate::ruleset::{self, Element, KeyType, Number};

/// nft's `enum datatypes`.
pub const TYPE_IPADDR: u32 = 7;
pub const TYPE_IP6ADDR: u32 = 8;
pub const TYPE_ETHERADDR: u32 = 9;
pub const TYPE_INET_SERVICE: u32 = 13;
pub const TYPE_CT_STATE: u32 = 26;
/// Bits of a type in the type of a concatenation.
const TYPE_BITS: u32 = 6;

/// The type of fields side by side.
pub fn concatenated_type(types: impl IntoIterator<Item = u32>) -> u32 {
    types.into_iter().fold(0, |all, one| all << TYPE_BITS | one)
}

/// The types of the fields, first one first.
pub fn types_of_concatenation(all: u32) -> impl Iterator<Item = u32> {
    const MASK: u32 = (1 << TYPE_BITS) - 1;
    let fields = (u32::BITS - all.leading_zeros()).div_ceil(TYPE_BITS).max(1);
    (0..fields)
        .rev()
        .map(move |field| all >> (field * TYPE_BITS) & MASK)
}

/// A set made for one rule.
#[derive(Debug, Clone, PartialEq)]
pub struct AnonymousSet {
    /// Names it in the batch; the kernel gives it a name of its own.
    pub id: u32,
    pub data_type: u32,
    pub key_length: u32,
    pub byte_order: ByteOrder,
    pub type_of: Option<TypeOf>,
    pub elements: Elements,
}

/// The number says where in a batch the set is, not what it holds.
impl Hash for AnonymousSet {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.data_type, self.key_length, self.byte_order).hash(state);
        (self.type_of, &self.elements).hash(state);
    }
}

impl AnonymousSet {
    pub fn is_verdict_map(&self) -> bool {
        matches!(self.elements, Elements::Verdicts(_))
    }

    /// A pattern: the kernel puts a number in.
    pub fn name(&self) -> &'static CStr {
        if self.is_verdict_map() {
            c"__map%d"
        } else {
            c"__set%d"
        }
    }

    /// Declaration and elements.
    pub fn write(&self, builder: &mut Builder, table: &CStr, trace: Trace) {
        let verdict_map = self.is_verdict_map();
        let is_interval = matches!(self.elements, Elements::Intervals(..));
        let mut flags = NFT_SET_ANONYMOUS | NFT_SET_CONSTANT;
        if verdict_map {
            flags |= NFT_SET_MAP;
        }
        if is_interval {
            flags |= NFT_SET_INTERVAL;
        }
        Declaration {
            name: self.name(),
            id: self.id,
            flags,
            data_type: self.data_type,
            key_length: self.key_length,
            size: Some(self.elements.announced()),
            timeout: None,
            fields: &[],
            facts: SetFacts {
                byte_order: self.byte_order,
                auto_merge: is_interval,
                type_of: self.type_of,
                verdict_map,
                comment: None,
            },
        }
        .write(builder, table, trace);
        Writer::adding(builder, table, self.name(), Some(self.id), trace).write(&self.elements);
    }
}

/// What a NEWSET message says.
struct Declaration<'a> {
    name: &'a CStr,
    id: u32,
    flags: u32,
    data_type: u32,
    key_length: u32,
    size: Option<u32>,
    /// Milliseconds.
    timeout: Option<u64>,
    /// Lengths of the fields, where the kernel must know them: intervals of concatenations.
    fields: &'a [u8],
    facts: SetFacts<'a>,
}

impl Declaration<'_> {
    fn write(&self, builder: &mut Builder, table: &CStr, trace: Trace) {
        let mut set = raw::Set::new();
        set.set_u32(sys::NFTNL_SET_FAMILY, u32::from(NFPROTO_INET));
        set.set_str(sys::NFTNL_SET_TABLE, table);
        set.set_str(sys::NFTNL_SET_NAME, self.name);
        set.set_u32(sys::NFTNL_SET_ID, self.id);
        set.set_u32(sys::NFTNL_SET_FLAGS, self.flags);
        set.set_u32(sys::NFTNL_SET_KEY_TYPE, self.data_type);
        set.set_u32(sys::NFTNL_SET_KEY_LEN, self.key_length);
        if self.facts.verdict_map {
            set.set_u32(sys::NFTNL_SET_DATA_TYPE, NFT_DATA_VERDICT);
            set.set_u32(sys::NFTNL_SET_DATA_LEN, 0);
        }
        if let Some(timeout) = self.timeout {
            set.set_u64(sys::NFTNL_SET_TIMEOUT, timeout);
        }
        if let Some(size) = self.size {
            set.set_u32(sys::NFTNL_SET_DESC_SIZE, size);
        }
        if !self.fields.is_empty() {
            set.set_data(sys::NFTNL_SET_DESC_CONCAT, self.fields);
        }
        set.set_data(sys::NFTNL_SET_USERDATA, &udata::set(&self.facts));
        let mut message = builder.message(MessageType::NewSet, libc::NLM_F_CREATE as u16, trace);
        // SAFETY: the header stands with room for the largest message; the set outlives the call.
        message.appended_by(|header| unsafe {
            sys::nftnl_set_nlmsg_build_payload(header, set.as_ptr())
        });
        message.finish();
    }
}

/// Number and length in bytes of a type.
fn data_type(key: KeyType) -> (u32, u8) {
    match key {
        KeyType::Ipv4Addr => (TYPE_IPADDR, 4),
        KeyType::Ipv6Addr => (TYPE_IP6ADDR, 16),
        KeyType::EtherAddr => (TYPE_ETHERADDR, 6),
        KeyType::InetService => (TYPE_INET_SERVICE, 2),
    }
}

/// A named set that can be said to the kernel.
pub struct NamedSet<'a> {
    set: &'a ruleset::Set,
    pub name: CString,
    /// Its number in the batch, if it is declared there.
    id: Option<u32>,
    comment: Option<Cow<'a, [u8]>>,
    size: Option<u32>,
    timeout: Option<u64>,
}

impl<'a> NamedSet<'a> {
    /// Checks everything but the elements.
    pub fn new(set: &'a ruleset::Set, id: Option<u32>) -> Result<Self, Reason> {
        let positive = |number: &Number| match number {
            Number::Int(number) => *number > 0,
            Number::Double(number) => *number > 0.0,
        };
        let length: u32 = set
            .key
            .iter()
            .map(|key| u32::from(padded(data_type(*key).1)))
            .sum();
        if set.key.is_empty() || length as usize > Key::MAX {
            return Err(Reason::SetType(set.name.clone()));
        }
        let size = set
            .size
            .filter(positive)
            .map(|size| whole(size, "maxelem"))
            .transpose()?;
        let timeout = set
            .timeout
            .filter(positive)
            .map(|seconds| whole(seconds, "timeout"));
        let timeout = timeout
            .transpose()?
            .map(|seconds: u32| u64::from(seconds) * 1000);
        let comment = set.comment.as_deref().map(name::comment).transpose()?;
        Ok(NamedSet {
            set,
            name: name::object(&set.name)?,
            id,
            comment,
            size,
            timeout,
        })
    }

    fn is_concatenation(&self) -> bool {
        self.set.key.len() > 1
    }

    /// Does nft merge its elements with those that are there?
    pub fn merges(set: &ruleset::Set) -> bool {
        set.interval && set.key.len() == 1
    }

    /// Length of a key that is a single field.
    pub fn key_length(set: &ruleset::Set) -> usize {
        set.key
            .first()
            .map_or(0, |key| usize::from(data_type(*key).1))
    }

    /// What cannot be changed once the set is there.
    pub fn shape(&self) -> Shape {
        let types = self.set.key.iter().map(|key| data_type(*key));
        let concatenation = self.is_concatenation();
        let mut flags = 0;
        if self.set.interval {
            flags |= NFT_SET_INTERVAL;
        }
        if self.set.interval && concatenation {
            flags |= NFT_SET_CONCAT;
        }
        if self.set.timeout.is_some() {
            flags |= NFT_SET_TIMEOUT;
        }
        let lengths = types.clone().map(|(_, length)| length);
        let key_length = if concatenation {
            lengths.map(|length| u32::from(padded(length))).sum()
        } else {
            lengths.map(u32::from).sum()
        };
        Shape {
            flags,
            data_type: concatenated_type(types.map(|(number, _)| number)),
            key_length,
            size: self.size.unwrap_or_default(),
            timeout: self.timeout.unwrap_or_default(),
        }
    }

    /// The declaration alone.
    pub fn declare(&self, builder: &mut Builder, table: &CStr, trace: Trace) {
        let shape = self.shape();
        let lengths: Vec<u8> = self.set.key.iter().map(|key| data_type(*key).1).collect();
        let concatenation = self.is_concatenation();
        Declaration {
            name: &self.name,
            id: self.id.unwrap_or_default(),
            flags: shape.flags,
            data_type: shape.data_type,
            key_length: shape.key_length,
            size: self.size,
            timeout: self.timeout,
            fields: if shape.flags & NFT_SET_CONCAT != 0 {
                &lengths
            } else {
                &[]
            },
            facts: SetFacts {
                byte_order: if concatenation {
                    ByteOrder::Mixed
                } else {
                    ByteOrder::Network
                },
                auto_merge: self.set.interval,
                type_of: concatenation.then_some(TypeOf::Concatenation),
                verdict_map: false,
                comment: self.comment.as_deref(),
            },
        }
        .write(builder, table, trace);
    }

    /// `flush set`: removes all elements.
    pub fn empty(&self, builder: &mut Builder, table: &CStr, trace: Trace) {
        let mut message = builder.message(MessageType::DelSetElem, 0, trace);
        message.attribute_str(NFTA_SET_ELEM_LIST_TABLE, table);
        message.attribute_str(NFTA_SET_ELEM_LIST_SET, &self.name);
        message.finish();
    }

    /// Adds all elements to what the set holds (`existing`, needed for sets whose elements are merged).
    /// If one of them cannot be expressed the batch must not be sent.
    pub fn fill(
        &self,
        builder: &mut Builder,
        table: &CStr,
        existing: &[Interval],
        trace: Trace,
    ) -> Result<(), Reason> {
        let set = self.set;
        if Self::merges(set) {
            let mut new = Vec::with_capacity(set.elements.len());
            for element in &set.elements {
                new.push(single_interval(set, element)?);
            }
            let change = interval::insert(new, existing.to_vec());
            let length = Self::key_length(set);
            if !change.remove.is_empty() {
                Writer::removing(builder, table, &self.name, trace)
                    .intervals(&change.remove, length);
            }
            let mut writer = Writer::adding(builder, table, &self.name, self.id, trace);
            writer.intervals(&change.add, length);
            return Ok(());
        }
        self.fill_with(builder, table, &mut |_| true, trace)
    }

    /// The same for a set whose elements are not merged: adds those that are not among `existing`, each the bytes of its
    /// key (of its first and its last key, for intervals).
    pub fn fill_missing(
        &self,
        builder: &mut Builder,
        table: &CStr,
        existing: &HashSet<Box<[u8]>>,
        trace: Trace,
    ) -> Result<(), Reason> {
        let set = self.set;
        let mut both = Vec::new();
        let mut is_missing = |element: &Element| {
            let Ok((first, last)) = range(set, element) else {
                return true;
            };
            both.clear();
            both.extend_from_slice(first.bytes());
            if set.interval {
                both.extend_from_slice(last.bytes());
            }
            !existing.contains(both.as_slice())
        };
        self.fill_with(builder, table, &mut is_missing, trace)
    }

    /// The same for one that has at least what it was given before: see [`super::held`]. Is anything sent?
    pub fn fill_changed(
        &self,
        builder: &mut Builder,
        table: &CStr,
        before: &Summary,
        trace: Trace,
    ) -> Result<bool, Reason> {
        let changed = Summary::of(self.set).and_then(|now| now.changed_since(before));
        // One of merged intervals is held only if it is the same.
        let Some(changed) = changed.filter(|changed| self.set.elements.iter().any(changed)) else {
            return Ok(false);
        };
        self.fill_with(builder, table, &mut |one| changed(one), trace)?;
        Ok(true)
    }

    /// Adds the elements that are `wanted`, up to one that cannot be expressed.
    fn fill_with(
        &self,
        builder: &mut Builder,
        table: &CStr,
        wanted: &mut dyn FnMut(&Element) -> bool,
        trace: Trace,
    ) -> Result<(), Reason> {
        let set = self.set;
        let mut elements = set.elements.iter();
        let mut result = Ok(());
        let mut writer = Writer::adding(builder, table, &self.name, self.id, trace);
        writer.each(&mut |to| {
            let Some(element) = elements.find(|one| wanted(one)) else {
                return false;
            };
            result = express(set, element, to);
            result.is_ok()
        });
        result
    }
}

fn padded(length: u8) -> u8 {
    length.next_multiple_of(4)
}
