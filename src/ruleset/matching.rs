use std::net::IpAddr;

use super::{Limit, MaskedAddr, Network, PortRange};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    V4,
    V6,
}

/// Source or destination field of a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dir {
    Src,
    Dst,
}

/// A layer 4 protocol as fw4 names it: `tcp`, `icmp`, `ipv6-icmp`, `gre`, `41`. Lower case; the kernel's
/// back end turns it into a number as `getprotobyname(3)` does, or refuses it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum L4 {
    Tcp,
    Udp,
    Icmp,
    IcmpV6,
    Other(String),
}

impl L4 {
    pub fn name(&self) -> &str {
        match self {
            L4::Tcp => "tcp",
            L4::Udp => "udp",
            L4::Icmp => "icmp",
            L4::IcmpV6 => "ipv6-icmp",
            L4::Other(name) => name,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CtState {
    Established,
    Related,
    Invalid,
}

/// Type alone, or type and code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct IcmpKind {
    pub icmp_type: u8,
    pub code: u8,
}

/// `meta time`: a moment, in the router's local time zone (nft converts it with mktime(3)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Timestamp {
    pub year: u16,
    pub month: u8,
    pub day: u8,
    pub time: TimeOfDay,
}

/// `meta hour`, local time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TimeOfDay {
    pub hour: u8,
    pub min: u8,
    pub sec: u8,
}

/// In the order of the kernel's numbering in `meta day`: Sunday is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Weekday {
    Sunday,
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MetaTime {
    From(Timestamp),
    To(Timestamp),
    Between(Timestamp, Timestamp),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MetaHour {
    From(TimeOfDay),
    To(TimeOfDay),
    Between(TimeOfDay, TimeOfDay),
}

/// One field of the concatenation looked up in a named set.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SetField {
    /// `ip saddr`, `ip6 daddr`
    Addr(Family, Dir),
    /// `ether saddr`
    EtherSaddr,
    /// `tcp dport`; only tcp and udp occur.
    Port(L4, Dir),
}

/// A condition on the packet. Lists hold what was configured: in order, and except for names doubles left in (both back ends
/// drop them as fw4 does). A list of one is compared directly, a longer one is an anonymous set.
#[derive(Debug, Clone, PartialEq, Hash)]
pub enum Match {
    /// `meta nfproto ipv4`
    NfProto(Family),
    /// `meta l4proto tcp`, `meta l4proto { "icmp", "ipv6-icmp" }`
    L4Proto(Vec<L4>),
    /// `meta l4proto { tcp, udp }`: the flowtable rule, printed without quotes.
    L4ProtoTcpUdp,
    /// `iif "lo"`, `oif "lo"`
    Loopback(Dir),
    /// `iifname { ... }` for [`Dir::Src`], `oifname { ... }` for [`Dir::Dst`]. A trailing `*` is a wildcard.
    IfName {
        dir: Dir,
        names: Vec<String>,
        invert: bool,
    },
    /// `ip saddr { ... }`
    Addr {
        family: Family,
        dir: Dir,
        addrs: Vec<Network>,
        invert: bool,
    },
    /// `ip saddr & 0.0.0.255 == 0.0.0.1`
    AddrMasked {
        family: Family,
        dir: Dir,
        addr: MaskedAddr,
    },
    /// `tcp dport { 80, 1000-2000 }`
    Port {
        proto: L4,
        dir: Dir,
        ports: Vec<PortRange>,
        invert: bool,
    },
    /// `ether saddr { ... }`
    EtherSaddr { macs: Vec<[u8; 6]>, invert: bool },
    /// `icmp type { 8, 0 }`, `icmpv6 type 128`
    IcmpType { family: Family, types: Vec<u8> },
    /// `icmp type . icmp code { 3 . 4 }`: a set even of one.
    IcmpTypeCode {
        family: Family,
        kinds: Vec<IcmpKind>,
    },
    /// `ct helper "ftp"`
    CtHelper { name: String, invert: bool },
    /// `limit rate 3/second burst 5 packets`
    Limit(Limit),
    /// `limit name "wan.log_limit"`
    LimitObject(String),
    /// `meta time`
    Time(MetaTime),
    /// `meta hour`
    Hour(MetaHour),
    /// `meta day { "Monday", ... }`
    Day { days: Vec<Weekday>, invert: bool },
    /// `meta mark 0x1`, or with a mask below 0xffffffff `meta mark and 0xff == 0x1`
    Mark { mark: u32, mask: u32, invert: bool },
    /// `ct mark and 0xff == 0x1`
    CtMark { mark: u32, mask: u32 },
    /// `ip dscp 0x2e`
    Dscp {
        family: Family,
        dscp: u8,
        invert: bool,
    },
    /// `ip saddr . tcp dport @NAME`
    Set {
        fields: Vec<SetField>,
        name: String,
        invert: bool,
    },
    /// `ct state vmap { established : accept, related : accept, invalid : drop }`; invalid only if asked.
    CtStateVmap { drop_invalid: bool },
    /// `ct state invalid`
    CtStateInvalid,
    /// `ct status dnat`
    CtStatusDnat,
    /// `ct direction original`, `ct direction reply`
    CtDirection { reply: bool },
    /// `ct packets != 1-29`: both directions together have had this many packets (29 and one more), or nobody
    /// counted them (`net.netfilter.nf_conntrack_acct` was off when the connection began).
    CtPacketsBeyond(u32),
    /// `tcp flags & (fin | syn | rst | ack) == syn`: the first packet of a connection
    TcpSyn,
    /// `tcp flags syn / syn,fin,rst`: as printed by fw4 for MSS clamping
    TcpSynOfHandshake,
}

/// The address family of a concrete address.
pub fn family_of(addr: IpAddr) -> Family {
    if addr.is_ipv4() {
        Family::V4
    } else {
        Family::V6
    }
}
