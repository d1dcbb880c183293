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
mod value;

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
pub use value::Value;

use std::ffi::CStr;

use super::kernel_abi::{NFTA_EXPR_DATA, NFTA_EXPR_NAME, NFTA_LIST_ELEM};
use super::pages::{Message, Nest};

/// Writes itself as the kernel reads it.
pub trait Build {
    /// What the kernel calls it.
    const NAME: &CStr;

    /// Its attributes, if it has any.
    fn build(&self, data: &mut Message<'_>);
}

/// `NFTA_LIST_ELEM`, and in it `NFTA_EXPR_DATA`.
fn begin(message: &mut Message<'_>, name: &CStr) -> (Nest, Nest) {
    let element = message.nest(NFTA_LIST_ELEM);
    message.attribute_str(NFTA_EXPR_NAME, name);
    (element, message.nest(NFTA_EXPR_DATA))
}

macro_rules! expressions {
    ($($name:ident),+ $(,)?) => {
        /// Any expression.
        #[derive(Debug, Clone, PartialEq, Hash)]
        pub enum Expr {
            $($name($name)),+
        }

        impl Expr {
            /// Appends it to the list of a rule's expressions.
            pub fn write(&self, message: &mut Message<'_>) {
                let (element, data) = match self {
                    $(Expr::$name(expression) => {
                        let nests = begin(message, $name::NAME);
                        expression.build(message);
                        nests
                    }),+
                };
                message.nest_end(data);
                message.nest_end(element);
            }
        }

        $(impl From<$name> for Expr {
            fn from(expression: $name) -> Self {
                Expr::$name(expression)
            }
        })+
    };
}

expressions!(
    Bitwise,
    Cmp,
    Counter,
    Ct,
    CtSet,
    FlowOffload,
    HostToNetwork,
    Immediate,
    Limit,
    Log,
    Lookup,
    Masquerade,
    Meta,
    MetaSet,
    Nat,
    NotInRange,
    Notrack,
    ObjectRef,
    Payload,
    PayloadWrite,
    Redirect,
    Reject,
    Rt,
    TcpOptionWrite,
    Verdict,
);
