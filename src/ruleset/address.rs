use std::net::{IpAddr, Ipv6Addr};

/// An address as it stands in a match or set: what fw4's `cidr()` prints.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Network {
    pub addr: IpAddr,
    pub prefix: Prefix,
}

/// What follows the address.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Prefix {
    /// Prefix length. A host address has all bits and prints without `/32`. May be larger than the
    /// family allows: fw4 passes such values on, and the kernel's back end must refuse them.
    Bits(u64),
    /// A mask that is no prefix (`::ffff:ffff:ffff:ffff`), printed `addr & mask == addr` or `addr/mask`.
    /// `None` where fw4 has no mask for the length given.
    Mask(Option<IpAddr>),
    /// The last address of a range, printed `addr-last`.
    Range(IpAddr),
}

/// `addr-last`, both included.
pub type AddrRange = (IpAddr, IpAddr);

/// `ip saddr & MASK == ADDR`, for masks that are no prefix. `mask` is `None` for a prefix length fw4
/// cannot turn into a mask (it prints nothing there, and nft refuses the rule).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MaskedAddr {
    pub addr: IpAddr,
    pub mask: Option<IpAddr>,
    pub invert: bool,
}

impl Network {
    pub fn host(addr: IpAddr) -> Self {
        Network {
            addr,
            prefix: Prefix::Bits(max_bits(addr)),
        }
    }

    /// Is this one address, without a prefix?
    pub fn is_host(&self) -> bool {
        self.prefix == Prefix::Bits(max_bits(self.addr))
    }
}

/// 32 or 128.
pub fn max_bits(addr: IpAddr) -> u64 {
    if addr.is_ipv4() { 32 } else { 128 }
}

/// The address with only its first `bits` bits kept; `bits` beyond the family's keep all.
pub fn mask_bits(addr: IpAddr, bits: u64) -> IpAddr {
    match addr {
        IpAddr::V4(a) => {
            let keep = bits.min(32) as u32;
            IpAddr::V4((u32::from(a) & (!0u32).checked_shl(32 - keep).unwrap_or(0)).into())
        }
        IpAddr::V6(a) => {
            let keep = bits.min(128) as u32;
            let mask = (!0u128).checked_shl(128 - keep).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from(u128::from(a) & mask))
        }
    }
}
