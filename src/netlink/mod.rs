/*!
From the ruleset to the kernel and back, over netlink: no nft process is needed.

[`Batch`] turns a [`crate::ruleset::Ruleset`] into the messages of one transaction, with libnftnl, such that
`nft list ruleset` shows the same as if nft had loaded the printed text. [`Batch::commit`] sends it in one
`sendmsg`; the kernel takes all of it or nothing, and each refusal is traced back to the section that asked for it.
[`Prior`] is what the kernel had before; [`Kernel`] answers questions about what it can do.

The files are named for the nouns of nf_tables. See nft(8) for what they mean and the kernel's
`include/uapi/linux/netfilter/nf_tables.h` for how they travel.
*/

// libnftnl is a C library: `raw` wraps its objects in safe handles, `pages` and the files of the objects let
// it write messages, `socket` makes the system calls that std lacks, `lower::time` asks for the time zone.
#![allow(unsafe_code)]

mod batch;
mod chain;
mod changed;
mod code;
mod commit;
pub mod conntrack;
mod contents;
mod difference;
pub mod drain;
mod dump;
mod element;
mod error;
mod expr;
pub mod flowtable;
mod held;
mod installed;
mod interval;
mod kernel_abi;
mod live;
mod load;
mod lower;
mod message;
pub mod moment;
mod name;
pub mod neighbours;
mod number;
mod object;
mod pages;
mod protocol;
pub mod qdisc;
mod raw;
mod report;
mod request;
mod route;
mod rule;
mod ruleset_batch;
mod set;
mod set_key;
mod socket;
pub mod software;
mod table;
mod transaction;
mod udata;
mod value;

pub use batch::Batch;
pub use dump::{ExistingSet, Prior, Table, has_flowtable, has_table, sets, tables};
pub use error::{Error, Reason, Refused, Subject, Unencodable};
pub use held::{Held, Summary};
pub use installed::{Installed, InstalledChain, rules};
pub use interval::Interval;
pub use live::{Kernel, ProbeError, has_flowtables, probe};
pub use load::{LoadError, Way, load, load_since};
pub use protocol::Protocols;
pub use report::{Extent, Report, Written};
pub use route::{KernelRoutes, Place};
pub use ruleset_batch::stays;
pub use socket::{Socket, Transport};
