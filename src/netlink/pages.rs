/*!
The bytes of a batch: netlink messages one after the other, in pages.

A message is written straight into the page, sets even by libnftnl, which does not know how much room there is. So a page has,
beyond its nominal size, room for the longest message that can be ([`Pages::message`] starts a new page
when the nominal size is reached). What is never written to is never backed by memory. The first page is small, because most
transactions are.
*/

use std::ffi::CStr;
use std::io::IoSlice;
use std::mem::MaybeUninit;

use super::kernel_abi::{MessageType, NFNL_SUBSYS_NFTABLES};
use super::message::{ATTRIBUTE_HEADER, HEADER, Message, align};

/// Nominal size of a page. 1024 pages is the most one `sendmsg` takes (`UIO_MAXIOV`): a quarter of a gigabyte.
const PAGE: usize = 256 * 1024;
const FIRST_PAGE: usize = 8 * 1024;
/// Room for one message: a netlink attribute has a 16-bit length, and the largest message holds one such
/// list, an element too many and a few names.
const MESSAGE_MAX: usize = 72 * 1024;
/// `sizeof(struct nfgenmsg)`
const FAMILY_HEADER: usize = 4;

/// Netlink aligns everything to four bytes; pages are made of words so that headers are aligned.
type Word = u64;

struct Page {
    /// Empty: what is written is beyond its length, in what it has room for.
    words: Vec<Word>,
    /// Bytes written.
    used: usize,
}

impl Page {
    fn new(nominal: usize) -> Self {
        Page {
            words: Vec::with_capacity((nominal + MESSAGE_MAX) / size_of::<Word>()),
            used: 0,
        }
    }

    fn size(&self) -> usize {
        self.words.capacity() * size_of::<Word>()
    }

    fn is_full(&self) -> bool {
        self.used + MESSAGE_MAX >= self.size()
    }

    fn bytes(&self) -> &[u8] {
        // SAFETY: so many bytes were written.
        unsafe { std::slice::from_raw_parts(self.words.as_ptr().cast::<u8>(), self.used) }
    }

    /// What is left, and how much is written.
    fn room(&mut self) -> (&mut [MaybeUninit<u8>], &mut usize) {
        let size = self.size();
        let words = self.words.as_mut_ptr().cast();
        // SAFETY: it is the memory of the words, borrowed for as long, and of its content nothing is said.
        let all = unsafe { std::slice::from_raw_parts_mut(words, size) };
        let left = all.get_mut(self.used..).unwrap_or_default();
        (left, &mut self.used)
    }
}

/// Room for the attributes of one message, before they are part of it.
pub struct Draft(Page);

impl Default for Draft {
    fn default() -> Self {
        Draft(Page::new(0))
    }
}

impl Draft {
    /// Nothing in it yet.
    pub fn attributes(&mut self) -> Message<'_> {
        let (room, used) = self.0.room();
        Message::headless(room, used)
    }
}

/// Messages written so far.
#[derive(Default)]
pub struct Pages {
    pages: Vec<Page>,
}

impl Pages {
    /// Begins a message: its header stands, attributes follow, [`Message::finish`] ends it.
    pub fn message(&mut self, kind: MessageType, family: u8, flags: u16, seq: u32) -> Message<'_> {
        let kind = NFNL_SUBSYS_NFTABLES << 8 | kind as u16;
        self.begin(kind, flags, seq, [family, 0, 0, 0])
    }

    /// `NFNL_MSG_BATCH_BEGIN`
    pub fn batch_begin(&mut self, seq: u32) -> Message<'_> {
        self.batch(libc::NFNL_MSG_BATCH_BEGIN, seq)
    }

    /// `NFNL_MSG_BATCH_END`
    pub fn batch_end(&mut self, seq: u32) -> Message<'_> {
        self.batch(libc::NFNL_MSG_BATCH_END, seq)
    }

    fn batch(&mut self, kind: i32, seq: u32) -> Message<'_> {
        let [high, low] = NFNL_SUBSYS_NFTABLES.to_be_bytes();
        let unspecified = libc::AF_UNSPEC as u8;
        self.begin(kind as u16, 0, seq, [unspecified, 0, high, low])
    }

    /// `family`: a `struct nfgenmsg`.
    fn begin(
        &mut self,
        kind: u16,
        flags: u16,
        seq: u32,
        family: [u8; FAMILY_HEADER],
    ) -> Message<'_> {
        if self.pages.last().is_none_or(Page::is_full) {
            let first = self.pages.is_empty();
            self.pages
                .push(Page::new(if first { FIRST_PAGE } else { PAGE }));
        }
        let last = self.pages.len() - 1;
        let (room, used) = self.pages[last].room();
        Message::new(room, used, kind, flags, seq, family)
    }

    /// All pages, for one `sendmsg`.
    pub fn slices(&self) -> Vec<IoSlice<'_>> {
        self.pages
            .iter()
            .map(|page| IoSlice::new(page.bytes()))
            .collect()
    }

    /// Bytes of all messages.
    pub fn len(&self) -> usize {
        self.pages.iter().map(|page| page.used).sum()
    }
}

/// A message of its own, outside of batches: header, family, and names.
pub fn question(kind: u16, flags: u16, family: u8, seq: u32, names: &[(u16, &CStr)]) -> Vec<u8> {
    let flags = libc::NLM_F_REQUEST as u16 | flags;
    let mut bytes = Vec::with_capacity(128);
    bytes.extend(((HEADER + FAMILY_HEADER) as u32).to_ne_bytes());
    bytes.extend(kind.to_ne_bytes());
    bytes.extend(flags.to_ne_bytes());
    bytes.extend(seq.to_ne_bytes());
    bytes.extend([0, 0, 0, 0, family, 0, 0, 0]);
    for (kind, name) in names {
        append(&mut bytes, *kind, name.to_bytes_with_nul());
    }
    bytes
}

/// Appends an attribute to such a message.
pub fn append(bytes: &mut Vec<u8>, kind: u16, data: &[u8]) {
    bytes.extend(((ATTRIBUTE_HEADER + data.len()) as u16).to_ne_bytes());
    bytes.extend(kind.to_ne_bytes());
    bytes.extend(data);
    bytes.resize(align(bytes.len()), 0);
    let length = (bytes.len() as u32).to_ne_bytes();
    if let Some(field) = bytes.first_chunk_mut() {
        *field = length;
    }
}

/// One message as it came from the kernel.
#[derive(Debug, Clone, Copy)]
pub struct Received<'a> {
    pub kind: u16,
    pub seq: u32,
    /// What follows the header.
    pub payload: &'a [u8],
}

impl<'a> Received<'a> {
    /// The attributes after the `struct nfgenmsg`.
    pub fn attributes(&self) -> Attributes<'a> {
        Attributes(self.payload.get(FAMILY_HEADER..).unwrap_or_default())
    }

    /// The `nfgen_family` of a message of nf_tables.
    pub fn family(&self) -> u8 {
        self.payload.first().copied().unwrap_or_default()
    }
}

/// The messages of one datagram; ends at the first that does not fit.
pub struct Messages<'a>(pub &'a [u8]);

impl<'a> Iterator for Messages<'a> {
    type Item = Received<'a>;

    fn next(&mut self) -> Option<Received<'a>> {
        let length = u32_at(self.0, 0)? as usize;
        let payload = self.0.get(HEADER..length)?;
        let message = Received {
            kind: u16_at(self.0, 4)?,
            seq: u32_at(self.0, 8)?,
            payload,
        };
        self.0 = self.0.get(align(length)..).unwrap_or_default();
        Some(message)
    }
}

/// The attributes of a message or of another attribute: type without flags, and data.
#[derive(Clone)]
pub struct Attributes<'a>(pub &'a [u8]);

impl<'a> Iterator for Attributes<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        const TYPE_MASK: u16 = 0x3fff;
        let length = usize::from(u16_at(self.0, 0)?);
        let data = self.0.get(ATTRIBUTE_HEADER..length)?;
        let kind = u16_at(self.0, 2)? & TYPE_MASK;
        self.0 = self.0.get(align(length)..).unwrap_or_default();
        Some((kind, data))
    }
}

impl<'a> Attributes<'a> {
    /// The first attribute of this type.
    pub fn first(&self, wanted: u16) -> Option<&'a [u8]> {
        self.clone()
            .find(|(kind, _)| *kind == wanted)
            .map(|(_, data)| data)
    }
}

/// A number in host byte order, as netlink's own headers have them.
pub fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes
        .get(at..)?
        .first_chunk()
        .map(|bytes| u32::from_ne_bytes(*bytes))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes
        .get(at..)?
        .first_chunk()
        .map(|bytes| u16::from_ne_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::netlink::kernel_abi::NFPROTO_INET;

    #[test]
    fn what_is_written_reads_back() {
        let mut pages = Pages::default();
        let mut message = pages.message(MessageType::NewTable, NFPROTO_INET, 7, 42);
        message.attribute(1, b"abcde");
        let nest = message.nest(2);
        message.attribute_u32(3, 0x0102_0304);
        let inner = message.nest(4);
        message.attribute(5, b"taken back");
        message.nest_end(inner);
        message.take_back(inner);
        message.nest_end(nest);
        message.finish();
        pages
            .message(MessageType::DelTable, NFPROTO_INET, 0, 43)
            .finish();

        let slices = pages.slices();
        let mut messages = Messages(&slices[0]);
        let first = messages.next().expect("a first message");
        assert_eq!((first.kind, first.seq), (0x0a00, 42));
        assert_eq!(
            u16_at(&slices[0], 6).map(|flags| flags & 7),
            Some(7),
            "the flags asked for"
        );
        assert_eq!(first.family(), NFPROTO_INET);
        assert_eq!(first.attributes().first(1), Some(&b"abcde"[..]));
        let nested = Attributes(first.attributes().first(2).expect("the nest"));
        assert_eq!(nested.collect::<Vec<_>>(), [(3, &[1, 2, 3, 4][..])]);
        assert_eq!(messages.next().map(|m| m.seq), Some(43));
        assert!(messages.next().is_none());
    }

    #[test]
    fn messages_beyond_a_page_begin_a_new_one() {
        let mut pages = Pages::default();
        for seq in 0..20 {
            let mut message = pages.message(MessageType::NewRule, NFPROTO_INET, 0, seq);
            message.attribute(1, &vec![1; 60_000]);
            message.finish();
        }
        let slices = pages.slices();
        assert!(slices.len() > 1);
        let seqs: Vec<u32> = slices
            .iter()
            .flat_map(|s| Messages(s))
            .map(|m| m.seq)
            .collect();
        assert_eq!(seqs, (0..20).collect::<Vec<_>>());
        assert_eq!(pages.len(), slices.iter().map(|s| s.len()).sum::<usize>());
    }

    #[test]
    fn truncated_input_ends_quietly() {
        let mut whole = [0; 20];
        whole[..4].copy_from_slice(&20u32.to_ne_bytes());
        whole[4..6].copy_from_slice(&0x0a00u16.to_ne_bytes());
        assert_eq!(Messages(&whole).count(), 1);
        for cut in 0..whole.len() {
            assert_eq!(Messages(&whole[..cut]).count(), 0);
        }
        assert_eq!(Attributes(&[3, 0, 1, 0]).count(), 0);
        assert_eq!(Attributes(&[9, 0, 1, 0, 5]).count(), 0);
    }
}
