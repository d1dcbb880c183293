/*!
Elements of sets, written into as many messages as needed.

One attribute holds at most 64 KiB, so a large set needs several NEWSETELEM messages; all are of one batch.
An interval is two elements, its beginning and the first key behind it (marked as an end); the first
interval of a set is preceded by an end at zero. The last one has no end if it reaches the highest key.
*/

use nftnl_sys as sys;
use std::ffi::CStr;

use super::batch::{Builder, Trace};
use super::expr::Value;
use super::interval::{self, Interval};
use super::kernel_abi::{
    MessageType, NFT_SET_ELEM_INTERVAL_END, NFTA_LIST_ELEM, NFTA_SET_ELEM_LIST_ELEMENTS,
    NFTA_SET_ELEM_LIST_SET, NFTA_SET_ELEM_LIST_SET_ID, NFTA_SET_ELEM_LIST_TABLE,
};
use super::message::{ATTRIBUTE_MAX, Message, Nest};
use super::{raw, udata};

/// A key of several fields; each is padded to four bytes, as in registers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    bytes: [u8; Key::MAX],
    length: usize,
}

impl Default for Key {
    fn default() -> Self {
        Key {
            bytes: [0; Key::MAX],
            length: 0,
        }
    }
}

impl Key {
    /// `NFT_DATA_VALUE_MAXLEN`: sixteen registers of four bytes.
    pub const MAX: usize = 64;

    /// The highest number that so many bytes hold.
    pub fn highest(length: usize) -> u128 {
        if length >= 16 {
            u128::MAX
        } else {
            (1u128 << (length * 8)) - 1
        }
    }

    /// Appends a field of a concatenation. Callers keep within [`Key::MAX`].
    pub fn push(&mut self, field: &[u8]) {
        self.push_unpadded(field);
        self.length = self.length.next_multiple_of(4);
    }

    /// The only field of a key, which keeps its length.
    pub fn push_unpadded(&mut self, field: &[u8]) {
        let end = self.length + field.len();
        if let Some(room) = self.bytes.get_mut(self.length..end) {
            room.copy_from_slice(field);
            self.length = end;
        }
    }

    pub fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or(&self.bytes)
    }
}

/// The elements of an anonymous set.
#[derive(Debug, Clone, PartialEq, Hash)]
pub enum Elements {
    Values(Vec<Value>),
    /// Intervals of keys of so many bytes, joined and in order.
    Intervals(Vec<Interval>, usize),
    /// Concatenations.
    Keys(Vec<Key>),
    /// What to do for each value.
    Verdicts(Vec<(Value, u32)>),
}

impl Elements {
    pub fn intervals(intervals: Vec<Interval>, length: usize) -> Self {
        Elements::Intervals(interval::merge(intervals), length)
    }

    /// How many elements nft announces for a constant set: it counts two for each interval, whether
    /// or not the last one has an end.
    pub fn announced(&self) -> u32 {
        let count = match self {
            Elements::Values(values) => values.len(),
            Elements::Keys(keys) => keys.len(),
            Elements::Verdicts(verdicts) => verdicts.len(),
            Elements::Intervals(intervals, _) => {
                intervals.len() * 2 + usize::from(needs_end_at_zero(intervals))
            }
        };
        count as u32
    }
}

fn needs_end_at_zero(intervals: &[Interval]) -> bool {
    intervals.first().is_some_and(|first| first.first != 0)
}

/// Writes elements into messages of a [`Builder`].
pub struct Writer<'a, 'b> {
    builder: &'a mut Builder,
    kind: MessageType,
    table: &'b CStr,
    set: &'b CStr,
    set_id: Option<u32>,
    trace: Trace,
    /// One for all: each element overwrites what the one before it set.
    element: raw::Element,
}

impl<'a, 'b> Writer<'a, 'b> {
    /// For adding to a set that is declared in the same batch under `set_id`.
    pub fn adding(
        builder: &'a mut Builder,
        table: &'b CStr,
        set: &'b CStr,
        set_id: Option<u32>,
        trace: Trace,
    ) -> Self {
        let kind = MessageType::NewSetElem;
        Writer {
            builder,
            kind,
            table,
            set,
            set_id,
            trace,
            element: raw::Element::new(),
        }
    }

    pub fn removing(
        builder: &'a mut Builder,
        table: &'b CStr,
        set: &'b CStr,
        trace: Trace,
    ) -> Self {
        let kind = MessageType::DelSetElem;
        Writer {
            builder,
            kind,
            table,
            set,
            set_id: None,
            trace,
            element: raw::Element::new(),
        }
    }

    pub fn write(&mut self, elements: &Elements) {
        match elements {
            Elements::Values(values) => {
                self.all(values.iter(), |element, value| {
                    set_key(element, value.bytes())
                });
            }
            Elements::Keys(keys) => {
                self.all(keys.iter(), |element, key| set_key(element, key.bytes()));
            }
            Elements::Intervals(intervals, length) => self.intervals(intervals, *length),
            Elements::Verdicts(verdicts) => {
                self.all(verdicts.iter(), |element, (value, verdict)| {
                    set_key(element, value.bytes());
                    element.set_u32(sys::NFTNL_SET_ELEM_VERDICT, *verdict);
                })
            }
        }
    }

    /// Joined intervals, in order.
    pub fn intervals(&mut self, intervals: &[Interval], length: usize) {
        let highest = Key::highest(length);
        let open = udata::open_interval();
        let zero = (needs_end_at_zero(intervals) && self.kind == MessageType::NewSetElem)
            .then_some(Bound::End(0));
        let bounds = zero
            .into_iter()
            .chain(intervals.iter().flat_map(|interval| {
                let reaches_top = interval.last >= highest;
                let begin = if reaches_top {
                    Bound::OpenBegin(interval.first)
                } else {
                    Bound::Begin(interval.first)
                };
                let end = (!reaches_top).then(|| Bound::End(interval.last + 1));
                std::iter::once(begin).chain(end)
            }));
        self.all(bounds, |element, bound| {
            element.unset(sys::NFTNL_SET_ELEM_FLAGS);
            let key = match bound {
                Bound::Begin(key) => key,
                Bound::OpenBegin(key) => {
                    element.set_data(sys::NFTNL_SET_ELEM_USERDATA, &open);
                    key
                }
                Bound::End(key) => {
                    element.set_u32(sys::NFTNL_SET_ELEM_FLAGS, NFT_SET_ELEM_INTERVAL_END);
                    key
                }
            };
            let bytes = key.to_be_bytes();
            set_key(element, bytes.get(16 - length.min(16)..).unwrap_or(&bytes));
        });
    }

    fn all<T>(&mut self, mut items: impl Iterator<Item = T>, fill: impl Fn(&mut raw::Element, T)) {
        self.each(&mut |element| items.next().map(|item| fill(element, item)).is_some());
    }

    /// Writes what `next` makes of the element, as long as it says that there is one more.
    pub fn each(&mut self, next: &mut dyn FnMut(&mut raw::Element) -> bool) {
        let mut pending = next(&mut self.element);
        while pending {
            let names = (self.table, self.set);
            let (mut message, list) =
                begin(self.builder, self.kind, names, self.set_id, self.trace);
            while pending {
                let one = append(&mut message, &self.element);
                if message.nest_len(list) > ATTRIBUTE_MAX {
                    // Too much by this one: it begins the next message.
                    message.take_back(one);
                    break;
                }
                pending = next(&mut self.element);
            }
            message.nest_end(list);
            message.finish();
        }
    }
}

enum Bound {
    Begin(u128),
    /// Begins an interval without an end.
    OpenBegin(u128),
    End(u128),
}

pub fn set_key(element: &mut raw::Element, key: &[u8]) {
    debug_assert!(key.len() <= Key::MAX);
    element.set_data(sys::NFTNL_SET_ELEM_KEY, key);
}

fn begin<'m>(
    builder: &'m mut Builder,
    kind: MessageType,
    (table, set): (&CStr, &CStr),
    set_id: Option<u32>,
    trace: Trace,
) -> (Message<'m>, Nest) {
    let flags = if kind == MessageType::NewSetElem {
        libc::NLM_F_CREATE as u16
    } else {
        0
    };
    let mut message = builder.message(kind, flags, trace);
    message.attribute_str(NFTA_SET_ELEM_LIST_TABLE, table);
    // The name of an anonymous set is a pattern, which no set has: the kernel would compare it with those of all sets
    // before it looks for the number.
    if set_id.is_none() || !set.to_bytes().ends_with(b"%d") {
        message.attribute_str(NFTA_SET_ELEM_LIST_SET, set);
    }
    if let Some(id) = set_id {
        message.attribute_u32(NFTA_SET_ELEM_LIST_SET_ID, id);
    }
    let list = message.nest(NFTA_SET_ELEM_LIST_ELEMENTS);
    (message, list)
}

fn append(message: &mut Message<'_>, element: &raw::Element) -> Nest {
    let one = message.nest(NFTA_LIST_ELEM);
    // SAFETY: the header stands with room for much more than one element behind it.
    message.appended_by(|header| unsafe {
        sys::nftnl_set_elem_nlmsg_build_payload(header, element.as_ptr())
    });
    message.nest_end(one);
    one
}
