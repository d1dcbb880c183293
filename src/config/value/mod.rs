/*! The types of option values, one for each of fw4's `parse_*` functions. */

mod icmp;
mod mark;
mod mask;
mod parse;
mod time;

use std::net::IpAddr;

pub(super) use icmp::icmp_type;
pub(super) use mark::*;
pub(super) use mask::*;
pub(super) use parse::*;
pub(super) use time::*;

use super::{HelperId, ZoneId};
pub use crate::ruleset::{
    Dir, Limit, Network, Number, PortRange, Prefix, TimeOfDay, TimeUnit, Timestamp, Weekday,
};

/// `option family`, where given. fw4 treats "any" and "not given" differently in places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    Any,
    V4,
    V6,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Policy {
    Accept,
    Reject,
    Drop,
}

/// `option src`, `option dest`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ZoneRef {
    /// `*`
    Any,
    Zone(ZoneId),
}

/// `!value`
#[derive(Debug, Clone, PartialEq)]
pub struct Inv<T> {
    pub invert: bool,
    pub value: T,
}

/// `option device`, `list network`: a name that may be negated. `*` alone stands for any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    pub invert: bool,
    /// `None` for `*`.
    pub name: Option<String>,
}

/// An address, as one item of `src_ip`, `masq_dest`, `subnet`: fw4's subnet object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subnet {
    pub addr: IpAddr,
    pub kind: SubnetKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SubnetKind {
    /// `addr/bits`: the address as given (not masked), `mask` as fw4's `to_mask()` gives it, `None`
    /// where there is none (more bits than the family has).
    Bits { bits: u64, mask: Option<IpAddr> },
    /// A mask that is no prefix (`bits` -1 in fw4); the address is masked already where fw4 masks it.
    Mask(Option<IpAddr>),
    /// `addr-last`
    Range(IpAddr),
}

/// One item of a list of addresses: written out, or the name of a network of netifd, which may have
/// several addresses or none.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkMatch {
    pub invert: bool,
    pub addrs: Vec<Subnet>,
}

/// One item of `option proto`. fw4 accepts a negation and ignores it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proto {
    Any,
    Tcp,
    Udp,
    /// `icmp`: both families' ICMP, by family.
    Icmp,
    /// `ipv6-icmp`
    IcmpV6,
    /// Lower case, not checked: a name from /etc/protocols or a number.
    Other(String),
}

/// `option icmp_type`: what it means in each family, if anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IcmpType {
    pub v4: Option<IcmpCodes>,
    pub v6: Option<IcmpCodes>,
}

/// A type with a range of codes; 0 to 255 are all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IcmpCodes {
    pub icmp_type: u8,
    pub code_min: u8,
    pub code_max: u8,
}

/// Who is to forward the packets of a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offloading {
    /// Neither: they take the slow path, where all rules and queues see them.
    Bypass,
    Software,
    Hardware,
}

/// `option ipset '!name src dst'`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetMatch {
    pub invert: bool,
    pub set: super::IpsetId,
    /// The direction for each field of the set, where given; else the set's own.
    pub dirs: [Option<Dir>; 3],
}

/// `option helper`, `option set_helper`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HelperMatch {
    pub invert: bool,
    pub helper: HelperId,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    pub invert: bool,
    pub mark: u32,
    pub mask: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dscp {
    pub invert: bool,
    pub dscp: u8,
}

/// Where a conntrack mark holds the class of its connection: what `tc action ctinfo dscp` calls mask and statemask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DscpBits {
    /// Six bits in a row.
    pub dscp: u32,
    /// Set if the class is there.
    pub state: u32,
}

impl Default for DscpBits {
    /// Those of tc-ctinfo(8), and away from mwan3's (0x3f00) and pbr's (0xff0000).
    fn default() -> Self {
        DscpBits {
            dscp: 0xfc00_0000,
            state: 0x0100_0000,
        }
    }
}

impl DscpBits {
    /// The mark that holds this class.
    pub fn holding(self, class: u8) -> u32 {
        u32::from(class) << self.dscp.trailing_zeros() | self.state
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weekdays {
    pub invert: bool,
    /// In the order given, each once.
    pub days: Vec<Weekday>,
}

/// The time options that rules, redirects and nats share.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Schedule {
    pub start_date: Option<Timestamp>,
    pub stop_date: Option<Timestamp>,
    pub start_time: Option<TimeOfDay>,
    pub stop_time: Option<TimeOfDay>,
    pub weekdays: Option<Weekdays>,
}

/// `option limit` and `option limit_burst`, together.
pub type OptLimit = Option<Limit>;

/// `option reflection_src`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReflectionSource {
    Internal,
    External,
}

/// Items of `option match` of an ipset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetType {
    Ip,
    Port,
    Mac,
    Net,
}

impl Subnet {
    pub fn is_v4(&self) -> bool {
        self.addr.is_ipv4()
    }

    /// fw4's `bits == -1`
    pub fn has_odd_mask(&self) -> bool {
        matches!(self.kind, SubnetKind::Mask(_))
    }
}

impl Family {
    /// Only one family, if it is one.
    pub fn single(self) -> Option<crate::ruleset::Family> {
        match self {
            Family::Any => None,
            Family::V4 => Some(crate::ruleset::Family::V4),
            Family::V6 => Some(crate::ruleset::Family::V6),
        }
    }
}

/// A number that counts: ucode's truth, where zero is no.
pub(super) fn truthy(number: Number) -> Option<Number> {
    (number.as_f64() != 0.0).then_some(number)
}
