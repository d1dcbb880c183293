/*!
The expressions that rules are made of, each a small type that knows how to become libnftnl's.

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

use super::raw;

/// Becomes one of libnftnl's expressions.
pub trait Build {
    fn build(&self) -> raw::Expression;
}

macro_rules! expressions {
    ($($name:ident),+ $(,)?) => {
        /// Any expression.
        #[derive(Debug, Clone, PartialEq, Hash)]
        pub enum Expr {
            $($name($name)),+
        }

        impl Build for Expr {
            fn build(&self) -> raw::Expression {
                match self {
                    $(Expr::$name(expression) => expression.build()),+
                }
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
