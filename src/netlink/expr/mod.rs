/*!
The expressions that rules are made of, each a small type that writes itself into a message. (libnftnl looks its own up by name,
allocates them and copies what it is given: a fifth of the instructions of a load.)

A rule is a list of them: load something into a register, compare it, look it up, decide. See the sections
PRIMARY EXPRESSIONS and STATEMENTS of nft(8) for what they mean, `linux/netfilter/nf_tables.h` for their
attributes. Which expressions a match or statement consists of is decided in `lower`.
*/

mod bitwise;
mod byteorder;
mod cmp;
mod counter;
mod ct;
mod exthdr;
mod flow_offload;
mod immediate;
mod limit;
mod log;
mod lookup;
mod meta;
mod nat;
mod notrack;
mod objref;
mod payload;
mod range;
mod reject;
mod rt;

pub use super::value::Value;
pub use bitwise::Bitwise;
pub use byteorder::HostToNetwork;
pub use cmp::{Cmp, CmpOp};
pub use counter::Counter;
pub use ct::{Ct, CtSet};
pub use exthdr::TcpOptionWrite;
pub use flow_offload::FlowOffload;
pub use immediate::{Immediate, Verdict};
pub use limit::Limit;
pub use log::Log;
pub use lookup::Lookup;
pub use meta::{Meta, MetaSet};
pub use nat::{Masquerade, Nat, Redirect};
pub use notrack::Notrack;
pub use objref::ObjectRef;
pub use payload::{Payload, PayloadWrite};
pub use range::NotInRange;
pub use reject::Reject;
pub use rt::Rt;

use std::ffi::CStr;

use super::message::{Message, Opening};

/// Writes itself as the kernel reads it.
pub trait Build {
    /// What the kernel calls it.
    const NAME: &'static CStr;

    /// Its attributes, if it has any.
    fn build(&self, data: &mut Message<'_>);

    /// As an element of a rule's list.
    fn write(&self, list: &mut Message<'_>) {
        let nests = list.open(&const { Opening::new(Self::NAME) });
        self.build(list);
        list.close(nests);
    }
}
