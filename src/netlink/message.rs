/*!
A message being written: its header, then one attribute behind the other.

A load writes hundreds of thousands of attributes, nearly all of four bytes, so each is one store into room that is there
already.
*/

use std::ffi::CStr;
use std::mem::MaybeUninit;
use std::ops::Range;

use nftnl_sys::libc::nlmsghdr;

use super::kernel_abi::{
    NFTA_DATA_VALUE, NFTA_EXPR_DATA, NFTA_EXPR_NAME, NFTA_LIST_ELEM, NLA_F_NESTED,
};
use super::value::Value;

/// `sizeof(struct nlmsghdr)`; `nlmsg_len` is its first field.
pub const HEADER: usize = 16;
pub const ATTRIBUTE_HEADER: usize = 4;
/// The longest attribute, header included.
pub const ATTRIBUTE_MAX: usize = u16::MAX as usize;

/// A message at the end of a page. What does not fit the page is not written: callers keep within the room of one message.
pub struct Message<'a> {
    /// From where it begins to the end of the page.
    room: &'a mut [MaybeUninit<u8>],
    /// So much of it is written, all of it; more than there is if something did not fit.
    length: usize,
    /// From `length` to here there are zeros.
    zeros: usize,
    /// So much of the page is taken by whole messages.
    used: &'a mut usize,
}

/// Where an attribute that holds attributes begins, for [`Message::nest_end`].
#[derive(Clone, Copy)]
pub struct Nest(usize);

/// The same beginning of many attributes: `NFTA_LIST_ELEM`, a name in it, and the attribute that holds the others.
pub struct Opening {
    bytes: [u8; Opening::MAX],
    length: usize,
}

impl Opening {
    const MAX: usize = 32;

    /// The name and its final zero must leave room for four headers.
    pub const fn new(name: &CStr) -> Self {
        let name = name.to_bytes_with_nul();
        let padded = name.len().next_multiple_of(4);
        let mut opening = Opening {
            bytes: [0; Opening::MAX],
            length: 0,
        };
        opening.add(&header(NFTA_LIST_ELEM | NLA_F_NESTED, 0));
        opening.add(&header(NFTA_EXPR_NAME, name.len()));
        opening.add(name);
        opening.length += padded - name.len();
        opening.add(&header(NFTA_EXPR_DATA | NLA_F_NESTED, 0));
        opening
    }

    const fn add(&mut self, bytes: &[u8]) {
        let mut i = 0;
        while i < bytes.len() {
            self.bytes[self.length] = bytes[i];
            self.length += 1;
            i += 1;
        }
    }
}

impl<'a> Message<'a> {
    /// Attributes alone, as a part of a message.
    pub fn headless(room: &'a mut [MaybeUninit<u8>], used: &'a mut usize) -> Self {
        Message {
            room,
            length: 0,
            zeros: 0,
            used,
        }
    }

    /// `family`: a `struct nfgenmsg`.
    pub fn new(
        room: &'a mut [MaybeUninit<u8>],
        used: &'a mut usize,
        kind: u16,
        flags: u16,
        seq: u32,
        family: [u8; 4],
    ) -> Self {
        let mut message = Message::headless(room, used);
        let [k, l] = kind.to_ne_bytes();
        let [f, g] = (libc::NLM_F_REQUEST as u16 | flags).to_ne_bytes();
        // The length is put in by `finish`; nobody's port is 0, the kernel's.
        for word in [[0; 4], [k, l, f, g], seq.to_ne_bytes(), [0; 4], family] {
            message.append(word);
        }
        message
    }

    /// What is written so far.
    pub fn bytes(&self) -> &[u8] {
        let written = self.room.get(..self.length).unwrap_or_default();
        // SAFETY: `length` counts only what was written.
        unsafe { std::slice::from_raw_parts(written.as_ptr().cast(), written.len()) }
    }

    pub fn len(&self) -> usize {
        self.length
    }

    /// Lets one of libnftnl's `..._build_payload` functions append attributes. It may count on room for the longest message.
    pub fn appended_by(&mut self, libnftnl: impl FnOnce(*mut nlmsghdr)) {
        /// More than it writes at once: an element, or a set with its names and its comment.
        const AHEAD: usize = 4096;
        // Some libmnl leaves out what only fills a word up.
        let end = self.length + AHEAD;
        if let Some(room) = self.room.get_mut(self.zeros.max(self.length)..end) {
            room.fill(MaybeUninit::new(0));
            self.zeros = end;
        }
        self.put(0, (self.length as u32).to_ne_bytes());
        libnftnl(self.room.as_mut_ptr().cast());
        if let Some(length) = self.bytes().first_chunk() {
            self.length = u32::from_ne_bytes(*length) as usize;
        }
    }

    /// Is there room for it? Both places and lengths are far from the largest number.
    fn put<const N: usize>(&mut self, at: usize, bytes: [u8; N]) -> bool {
        if at + N > self.room.len() {
            return false;
        }
        // SAFETY: it fits, and bytes need no alignment.
        unsafe {
            self.room
                .as_mut_ptr()
                .add(at)
                .cast::<[u8; N]>()
                .write(bytes)
        };
        true
    }

    fn append<const N: usize>(&mut self, bytes: [u8; N]) {
        self.append_some(bytes, N);
    }

    /// Appends the first so many.
    fn append_some<const N: usize>(&mut self, bytes: [u8; N], count: usize) {
        if self.put(self.length, bytes) {
            self.length += count;
        } else {
            self.length = self.room.len() + 1;
        }
    }

    /// Appends attributes that are written already.
    pub fn attributes(&mut self, bytes: &[u8]) {
        let room = self.room.get_mut(self.length..).unwrap_or_default();
        if let Some(room) = room.get_mut(..bytes.len()) {
            // SAFETY: both are that long, and what is borrowed to be written is nothing else.
            unsafe {
                let to = room.as_mut_ptr().cast();
                std::ptr::copy_nonoverlapping(bytes.as_ptr(), to, bytes.len());
            }
        }
        self.length += bytes.len();
    }

    /// Appends an attribute whose data lies in several places.
    pub fn attribute_of(&mut self, kind: u16, parts: &[&[u8]]) {
        let length = parts.iter().map(|part| part.len()).sum();
        self.append(header(kind, length));
        for part in parts {
            self.attributes(part);
        }
        // Something longer may have been taken back from here.
        for _ in self.length..self.length.next_multiple_of(4) {
            self.append([0]);
        }
    }

    /// Appends an attribute of bytes.
    pub fn attribute(&mut self, kind: u16, data: &[u8]) {
        self.attribute_of(kind, &[data]);
    }

    /// Appends a string attribute with its final zero.
    pub fn attribute_str(&mut self, kind: u16, text: &CStr) {
        self.attribute(kind, text.to_bytes_with_nul());
    }

    pub fn attribute_u8(&mut self, kind: u16, value: u8) {
        self.attribute(kind, &[value]);
    }

    /// Appends a number; nf_tables wants them in network byte order.
    pub fn attribute_u32(&mut self, kind: u16, value: u32) {
        let [a, b, c, d] = header(kind, 4);
        let [e, f, g, h] = value.to_be_bytes();
        self.append([a, b, c, d, e, f, g, h]);
    }

    pub fn attribute_u64(&mut self, kind: u16, value: u64) {
        self.attribute(kind, &value.to_be_bytes());
    }

    /// Appends what a register holds (`NFTA_DATA_VALUE`).
    pub fn value(&mut self, kind: u16, value: &Value) {
        let length = value.len();
        let [a, b, c, d] = header(kind | NLA_F_NESTED, ATTRIBUTE_HEADER + align(length));
        let [e, f, g, h] = header(NFTA_DATA_VALUE, length);
        self.append([a, b, c, d, e, f, g, h]);
        self.append_some(*value.padded(), align(length));
    }

    /// Begins an attribute that holds attributes.
    pub fn nest(&mut self, kind: u16) -> Nest {
        let nest = Nest(self.length);
        self.append(header(kind | NLA_F_NESTED, 0));
        nest
    }

    /// Begins two such attributes, as an expression does.
    pub fn open(&mut self, opening: &Opening) -> (Nest, Nest) {
        let outer = Nest(self.length);
        self.append_some(opening.bytes, opening.length);
        (outer, Nest(self.length - ATTRIBUTE_HEADER))
    }

    /// Ends both.
    pub fn close(&mut self, (outer, inner): (Nest, Nest)) {
        self.nest_end(inner);
        self.nest_end(outer);
    }

    /// Length of a nest so far, its header included.
    pub fn nest_len(&self, nest: Nest) -> usize {
        self.length.saturating_sub(nest.0)
    }

    pub fn nest_end(&mut self, nest: Nest) {
        self.put(nest.0, (self.nest_len(nest) as u16).to_ne_bytes());
    }

    /// Takes back everything from `nest` on.
    pub fn take_back(&mut self, nest: Nest) {
        self.length = nest.0;
        self.zeros = nest.0;
    }

    /// Moves what is written from `tail` on into the place of something before it.
    pub fn replace(&mut self, old: Range<usize>, tail: usize) {
        let new = self.bytes().get(tail..).unwrap_or_default().to_vec();
        let between = self.bytes().get(old.end..tail).unwrap_or_default().to_vec();
        self.length = old.start;
        self.attributes(&new);
        self.attributes(&between);
    }

    pub fn finish(mut self) {
        self.put(0, (self.length as u32).to_ne_bytes());
        *self.used += self.bytes().len().next_multiple_of(4);
    }
}

/// `struct nlattr`, of an attribute with so much data.
const fn header(kind: u16, data: usize) -> [u8; ATTRIBUTE_HEADER] {
    let [a, b] = ((ATTRIBUTE_HEADER + data) as u16).to_ne_bytes();
    let [c, d] = kind.to_ne_bytes();
    [a, b, c, d]
}

/// Netlink aligns everything to four bytes.
pub fn align(length: usize) -> usize {
    length.next_multiple_of(4)
}
