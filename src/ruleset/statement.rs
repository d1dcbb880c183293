use crate::number::Number;
use std::net::IpAddr;

/// `N/unit burst B packets`
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct Limit {
    pub rate: u64,
    pub unit: TimeUnit,
    /// nft's default (5) if not given.
    pub burst: Option<Number>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TimeUnit {
    Second,
    Minute,
    Hour,
    Day,
}

/// First and last port, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PortRange {
    pub min: u16,
    pub max: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Verdict {
    Accept,
    Drop,
    /// `reject` without a code; fw4 prints it only where no chain does it.
    Reject,
    Return,
    Jump(String),
}

/// What `handle_reject` answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RejectCode {
    /// `tcp reset`
    TcpReset,
    /// `icmpx type ...`: `enum nft_reject_inet_code`
    PortUnreachable,
    AdminProhibited,
    HostUnreachable,
    NoRoute,
}

/// A differentiated services code point, 0 to 63.
pub type Dscp = u8;

/// How `meta mark set` changes the mark: `mark = (mark & !mask) ^ mark`, printed in fw4's four shapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MarkChange {
    pub mark: u32,
    pub mask: u32,
}

/// The address NAT rewrites to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum NatAddr {
    Host(IpAddr),
    Range(IpAddr, IpAddr),
}

/// Address and ports of a NAT statement; either may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Hash)]
pub struct NatRange {
    pub addr: Option<NatAddr>,
    pub ports: Option<PortRange>,
}

/// What is done with a packet that matched.
#[derive(Debug, Clone, PartialEq, Hash)]
pub enum Statement {
    /// `counter`
    Counter,
    /// `log prefix "..."`
    Log {
        prefix: String,
    },
    Verdict(Verdict),
    /// `reject with ...`
    RejectWith(RejectCode),
    /// `meta mark set ...`
    SetMark(MarkChange),
    /// `ct mark set ...`
    SetCtMark(MarkChange),
    /// `ip dscp set 0x2e`
    SetDscp {
        family: super::Family,
        dscp: Dscp,
    },
    /// `notrack`
    Notrack,
    /// `ct helper set "ftp"`
    SetHelper(String),
    /// `masquerade`
    Masquerade,
    /// `dnat ADDR:PORT`. fw4 prints no family: the rule's matches must imply it (`family` says which).
    Dnat {
        family: Option<super::Family>,
        to: NatRange,
    },
    /// `snat ADDR:PORT`
    Snat {
        family: Option<super::Family>,
        to: NatRange,
    },
    /// `redirect to PORT`
    Redirect {
        ports: Option<PortRange>,
    },
    /// `tcp option maxseg size set rt mtu`
    ClampMss,
    /// `flow offload @ft`
    FlowOffload,
}
