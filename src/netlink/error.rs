/*!
What can go wrong between a ruleset and the kernel, told apart so that the caller can act on it.
*/

use std::fmt;
use std::io;

use crate::ruleset::Origin;

/// The piece of the ruleset that a message is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    /// The transaction as a whole.
    Transaction,
    Table(String),
    Flowtable,
    Helper(String),
    Limit(String),
    Set(String),
    Elements(String),
    Chain(String),
    /// A rule of this chain.
    Rule(String),
    /// An object of any kind.
    Object(String),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::Transaction => write!(f, "the transaction"),
            Subject::Table(name) => write!(f, "table inet {name}"),
            Subject::Flowtable => write!(f, "the flowtable"),
            Subject::Helper(name) => write!(f, "conntrack helper '{name}'"),
            Subject::Limit(name) => write!(f, "limit '{name}'"),
            Subject::Set(name) => write!(f, "set '{name}'"),
            Subject::Elements(name) => write!(f, "elements of set '{name}'"),
            Subject::Chain(name) => write!(f, "chain '{name}'"),
            Subject::Rule(chain) => write!(f, "a rule of chain '{chain}'"),
            Subject::Object(name) => write!(f, "object '{name}'"),
        }
    }
}

/// Something of the ruleset that cannot be said to the kernel.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{subject}: {reason}")]
pub struct Unencodable {
    /// The section that asked for it.
    pub origin: Origin,
    pub subject: Subject,
    pub reason: Reason,
}

/// Why it cannot be said. nft refuses nearly all of these too, and with them the whole ruleset.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    #[error("unknown protocol '{0}'")]
    UnknownProtocol(String),
    #[error("its conditions contradict each other: {0} and {1}")]
    Conflict(&'static str, &'static str),
    #[error("a prefix length of {0} is more than the address has")]
    PrefixTooLong(u64),
    #[error("an address with a mask that is no prefix cannot stand here")]
    OddMask,
    #[error("a range ends before it begins, or in the other address family")]
    BadRange,
    #[error("an address of the other family stands in it")]
    WrongFamily,
    #[error("the name '{0}' is longer than {1} bytes")]
    TooLong(String, usize),
    #[error("a name or comment contains a zero byte")]
    ZeroByte,
    #[error("'{0}' is no usable device name")]
    DeviceName(String),
    #[error("the {0} is no whole number in range")]
    Number(&'static str),
    #[error("an empty list matches nothing")]
    EmptyList,
    #[error("set '{0}' is not there")]
    MissingSet(String),
    #[error("the fields looked up do not fit the type of set '{0}'")]
    SetType(String),
    #[error("an element has not one value for each field of the set")]
    ElementType,
    #[error("networks and ranges need a set with intervals")]
    NotAnInterval,
    #[error("limit '{0}' is not there")]
    MissingLimit(String),
    #[error("conntrack helper '{0}' is not there")]
    MissingHelper(String),
    #[error("chain '{0}' is not there")]
    MissingChain(String),
    #[error("there is no flowtable")]
    MissingFlowtable,
    #[error("it has more conditions than a rule can have")]
    TooManyConditions,
    #[error("ports can only be rewritten when the protocol is known to have them")]
    PortsWithoutProtocol,
}

/// Something that the kernel refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The section that asked for it; [`Origin::RENDER`] if none did.
    pub origin: Origin,
    pub subject: Subject,
    pub errno: i32,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the kernel refused {}: {}",
            self.subject,
            explain(&self.subject, self.errno)
        )
    }
}

/// What an errno means for this kind of object, in words for the router's owner.
fn explain(subject: &Subject, errno: i32) -> String {
    let said = io::Error::from_raw_os_error(errno);
    let meaning = match (subject, errno) {
        (Subject::Flowtable, libc::EOPNOTSUPP) => "a device cannot offload in hardware",
        (Subject::Flowtable, libc::ENOENT) => {
            "a device is not there, or the kernel has no flowtables"
        }
        (Subject::Flowtable, libc::EBUSY | libc::EEXIST) => "a device is in another flowtable",
        (Subject::Rule(_), libc::EOPNOTSUPP) => "not possible in this chain",
        (Subject::Rule(_), libc::ENOENT) => {
            "something it refers to is not there, or a kernel module is missing"
        }
        (Subject::Helper(_), libc::ENOENT | libc::EOPNOTSUPP) => "its kernel module is missing",
        (Subject::Set(_), libc::EEXIST) => "it is there already with another type",
        (Subject::Elements(_), libc::EEXIST | libc::ENOTEMPTY) => {
            "an element overlaps with one that is there"
        }
        (Subject::Elements(_), libc::ENFILE) => "more elements than its maxelem allows",
        (Subject::Chain(_), libc::EEXIST | libc::EBUSY) => {
            "it is there already with another type, hook or priority"
        }
        _ => return said.to_string(),
    };
    format!("{meaning} ({said})")
}

fn list(refused: &[Refused]) -> String {
    refused
        .iter()
        .map(Refused::to_string)
        .collect::<Vec<_>>()
        .join("; ")
}

/// Why a transaction did not happen. In every case the kernel still has what it had before.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The kernel refused parts; without them it may go through.
    #[error("{}", list(.0))]
    Refused(Vec<Refused>),
    #[error("no permission to change the firewall (root or CAP_NET_ADMIN is needed)")]
    NoPrivilege,
    #[error("this kernel has no nf_tables")]
    NoNfTables,
    /// Somebody else changed the kernel's ruleset since [`super::Prior`] was read: read it again.
    #[error("another program changed the ruleset at the same time")]
    Raced,
    /// The socket takes no message of this size, and the limit could not be raised.
    #[error("the ruleset needs a netlink buffer of {needed} bytes, more than allowed")]
    Buffer { needed: usize },
    /// The kernel refused the transaction and had more to say about it than there was room for.
    #[error("the kernel refused the ruleset and its reasons were lost")]
    ReasonsLost,
    #[error("the kernel is out of memory")]
    OutOfMemory,
    #[error("cannot {doing} over netlink: {source}")]
    Io {
        doing: &'static str,
        source: io::Error,
    },
}

impl Error {
    /// Why a netlink socket could not be opened.
    pub fn opening(source: io::Error) -> Self {
        Self::from_io("open a socket", source)
    }

    /// What went wrong with the socket, told apart by errno.
    pub(super) fn from_io(doing: &'static str, source: io::Error) -> Self {
        match source.raw_os_error() {
            Some(libc::EPERM | libc::EACCES) => Error::NoPrivilege,
            Some(libc::EPROTONOSUPPORT | libc::EAFNOSUPPORT) => Error::NoNfTables,
            Some(libc::ENOMEM) => Error::OutOfMemory,
            _ => Error::Io { doing, source },
        }
    }
}
