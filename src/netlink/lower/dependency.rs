/*!
What is certain about a packet, and the tests that make it so.

In an `inet` table nothing is: a match on an IPv4 address needs `meta nfproto ipv4` before it, one on a port
`meta l4proto`, one on an Ethernet address `meta iiftype ether`. nft adds such a test directly before the
first match that needs it, and leaves it out where an earlier match implies it.
*/

use super::Lowering;
use super::field::{Field, Operand};
use crate::netlink::error::Reason;
use crate::netlink::expr::Value;
use crate::netlink::kernel_abi::{
    ARPHRD_ETHER, ETH_P_IP, ETH_P_IPV6, IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_TCP, IPPROTO_UDP,
    NFPROTO_IPV4, NFPROTO_IPV6, NFT_META_IIFTYPE, NFT_META_L4PROTO, NFT_META_NFPROTO,
};
use crate::ruleset::Family;

/// What the tests so far have made certain.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known {
    /// The packet came in an Ethernet frame.
    pub ether: bool,
    pub network: Option<Family>,
    pub transport: Transport,
}

/// The layer 4 protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Transport {
    #[default]
    Unknown,
    One(u8),
    /// One of several: no header of theirs can be matched, for nft says the protocol is ambiguous.
    Several,
}

impl Known {
    pub fn has_ports(&self) -> bool {
        self.transport != Transport::Unknown
    }
}

/// The kernel's number of a family.
pub fn nfproto(family: Family) -> u8 {
    match family {
        Family::V4 => NFPROTO_IPV4,
        Family::V6 => NFPROTO_IPV6,
    }
}

fn family_name(family: Family) -> &'static str {
    match family {
        Family::V4 => "IPv4",
        Family::V6 => "IPv6",
    }
}

fn transport_name(number: u8) -> &'static str {
    match number {
        IPPROTO_ICMP => "ICMP",
        IPPROTO_TCP => "TCP",
        IPPROTO_UDP => "UDP",
        IPPROTO_ICMPV6 => "ICMPv6",
        _ => "another protocol",
    }
}

impl Lowering<'_> {
    /// Before a field of an Ethernet header.
    pub fn need_ether(&mut self) {
        if self.known.ether {
            return;
        }
        self.meta_is(NFT_META_IIFTYPE, Value::new(&ARPHRD_ETHER.to_ne_bytes()));
        self.known.ether = true;
    }

    /// Before a field of an IP header.
    pub fn need_network(&mut self, family: Family) -> Result<(), Reason> {
        match self.known.network {
            Some(known) if known == family => return Ok(()),
            Some(known) => return Err(Reason::Conflict(family_name(known), family_name(family))),
            None => {}
        }
        if self.known.ether {
            // Once Ethernet is certain nft asks the frame for its type.
            let number = match family {
                Family::V4 => ETH_P_IP,
                Family::V6 => ETH_P_IPV6,
            };
            self.compare(
                Field::ETHER_TYPE,
                Operand::Value(Value::port(number)),
                false,
            );
        } else {
            self.meta_is(NFT_META_NFPROTO, Value::from(nfproto(family)));
        }
        self.known.network = Some(family);
        Ok(())
    }

    /// Before a field of a layer 4 header.
    pub fn need_transport(&mut self, number: u8) -> Result<(), Reason> {
        match self.known.transport {
            Transport::One(known) if known == number => Ok(()),
            Transport::One(known) => Err(Reason::Conflict(
                transport_name(known),
                transport_name(number),
            )),
            Transport::Several => Err(Reason::Conflict(
                "several protocols",
                transport_name(number),
            )),
            Transport::Unknown => {
                self.meta_is(NFT_META_L4PROTO, Value::from(number));
                self.known.transport = Transport::One(number);
                Ok(())
            }
        }
    }

    /// Before a field of an ICMP header: as [`Self::need_transport`], and the family that goes with it
    /// unless the protocol is certain already.
    pub fn need_icmp(&mut self, family: Family) -> Result<u8, Reason> {
        let number = match family {
            Family::V4 => IPPROTO_ICMP,
            Family::V6 => IPPROTO_ICMPV6,
        };
        if self.known.transport == Transport::Unknown && self.known.network.is_none() {
            self.need_network(family)?;
        }
        self.need_transport(number)?;
        Ok(number)
    }
}
