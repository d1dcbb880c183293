/*!
User data: what nft writes beside the kernel's own attributes and reads back for `nft list`.

A list of type (u8), length (u8), value. The numbers are libnftnl's `libnftnl/udata.h` and, for the
expressions that a set's key comes from (`typeof`), nft's own (its `include/expression.h`, `proto.h`);
they are stored in the kernel and therefore as fixed as an ABI. Numbers inside are in host byte order.
*/

use super::kernel_abi::NFTA_RULE_USERDATA;
use super::message::Message;

/// `NFTNL_UDATA_RULE_COMMENT`, `NFTNL_UDATA_OBJ_COMMENT`
const COMMENT: u8 = 0;
/// In the user data of rules: ours alone. nft passes over what it does not know; its own types count up from 0
/// (`enum nftnl_udata_rule_types`).
const RULE_MARK: u8 = 0xfa;
/// `enum nftnl_udata_set_types`
const SET_KEYBYTEORDER: u8 = 0;
const SET_DATABYTEORDER: u8 = 1;
const SET_MERGE_ELEMENTS: u8 = 2;
const SET_KEY_TYPEOF: u8 = 3;
const SET_DATA_TYPEOF: u8 = 4;
const SET_DATA_INTERVAL: u8 = 6;
const SET_COMMENT: u8 = 7;
/// `NFTNL_UDATA_SET_ELEM_FLAGS`
const ELEMENT_FLAGS: u8 = 1;
/// `NFTNL_SET_ELEM_F_INTERVAL_OPEN`: the interval has no end because it reaches the highest value.
const ELEMENT_INTERVAL_OPEN: u32 = 1;
/// Inside of a `typeof`: the kind of expression, and what it needs.
const TYPEOF_EXPRESSION: u8 = 0;
const TYPEOF_DATA: u8 = 1;

/// nft refuses longer comments (`NFTNL_UDATA_COMMENT_MAXLEN`).
pub const COMMENT_MAX: usize = 128;

/// nft's `enum byteorder`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum ByteOrder {
    /// Of a concatenation, which has none as a whole.
    Mixed = 0,
    Host = 1,
    Network = 2,
}

/// The expression whose value an anonymous set holds, as nft remembers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TypeOf {
    /// Key of `meta`.
    Meta(u32),
    /// Header and field, in nft's numbering.
    Payload(u32, u32),
    /// Two fields of headers.
    Pair((u32, u32), (u32, u32)),
    /// A named set declared by `type a . b`: a concatenation without further knowledge.
    Concatenation,
    Verdict,
}

impl TypeOf {
    /// nft's `enum expr_types`.
    fn expression(self) -> u32 {
        match self {
            TypeOf::Verdict => 1,
            TypeOf::Payload(..) => 7,
            TypeOf::Meta(_) => 9,
            TypeOf::Pair(..) | TypeOf::Concatenation => 13,
        }
    }

    fn data(self) -> Tlv {
        match self {
            TypeOf::Meta(key) => Tlv::new().u32(0, key),
            TypeOf::Payload(header, field) => Tlv::new().u32(0, header).u32(1, field),
            TypeOf::Pair(first, second) => {
                let part = |(header, field)| TypeOf::Payload(header, field).whole();
                Tlv::new()
                    .bytes(0, &part(first).0)
                    .bytes(1, &part(second).0)
            }
            TypeOf::Concatenation | TypeOf::Verdict => Tlv::new(),
        }
    }

    fn whole(self) -> Tlv {
        Tlv::new()
            .u32(TYPEOF_EXPRESSION, self.expression())
            .bytes(TYPEOF_DATA, &self.data().0)
    }
}

/// What belongs into the user data of a set.
#[derive(Debug, Clone, Copy)]
pub struct SetFacts<'a> {
    pub byte_order: ByteOrder,
    pub auto_merge: bool,
    pub type_of: Option<TypeOf>,
    /// A map from key to verdict.
    pub verdict_map: bool,
    pub comment: Option<&'a [u8]>,
}

/// The user data of a set, in the order in which nft writes it.
pub fn set(facts: &SetFacts<'_>) -> Vec<u8> {
    let mut tlv = Tlv::new().u32(SET_KEYBYTEORDER, facts.byte_order as u32);
    if facts.verdict_map {
        tlv = tlv.u32(SET_DATABYTEORDER, 0);
    }
    if facts.auto_merge {
        tlv = tlv.u32(SET_MERGE_ELEMENTS, 1);
    }
    if let Some(type_of) = facts.type_of {
        tlv = tlv.bytes(SET_KEY_TYPEOF, &type_of.whole().0);
    }
    if facts.verdict_map {
        tlv = tlv
            .bytes(SET_DATA_TYPEOF, &TypeOf::Verdict.whole().0)
            .u32(SET_DATA_INTERVAL, 0);
    }
    if let Some(comment) = facts.comment {
        tlv = tlv.string(SET_COMMENT, comment);
    }
    tlv.0
}

/// The user data of a rule or object with a comment.
pub fn comment(text: &[u8]) -> Vec<u8> {
    Tlv::new().string(COMMENT, text).0
}

/// The user data of a rule of ours: its comment, and a mark by which we know it again.
pub fn rule(message: &mut Message<'_>, comment: Option<&[u8]>, mark: u64) {
    let mark = mark.to_be_bytes();
    let (head, zero) = ([RULE_MARK, mark.len() as u8], [0]);
    match comment {
        Some(comment) => {
            let first = [COMMENT, comment.len() as u8 + 1];
            let parts = [&first, comment, &zero, &head, &mark];
            message.attribute_of(NFTA_RULE_USERDATA, &parts);
        }
        None => message.attribute_of(NFTA_RULE_USERDATA, &[&head, &mark]),
    }
}

/// The mark in the user data of a rule, if it has one.
pub fn read_mark(mut data: &[u8]) -> Option<u64> {
    while let [kind, length, rest @ ..] = data {
        let (value, rest) = rest.split_at_checked(usize::from(*length))?;
        if *kind == RULE_MARK {
            return value.try_into().ok().map(u64::from_be_bytes);
        }
        data = rest;
    }
    None
}

/// The user data of the last element of an interval set that reaches the highest value.
pub fn open_interval() -> Vec<u8> {
    Tlv::new().u32(ELEMENT_FLAGS, ELEMENT_INTERVAL_OPEN).0
}

struct Tlv(Vec<u8>);

impl Tlv {
    fn new() -> Self {
        Tlv(Vec::new())
    }

    /// `data` beyond 255 bytes cannot be expressed; callers check comments, the rest is short.
    fn bytes(mut self, kind: u8, data: &[u8]) -> Self {
        let data = data.get(..usize::from(u8::MAX)).unwrap_or(data);
        self.0.push(kind);
        self.0.push(data.len() as u8);
        self.0.extend_from_slice(data);
        self
    }

    fn u32(self, kind: u8, value: u32) -> Self {
        self.bytes(kind, &value.to_ne_bytes())
    }

    fn string(self, kind: u8, text: &[u8]) -> Self {
        self.bytes(kind, &[text, b"\0"].concat())
    }
}
