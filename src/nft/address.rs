/*! Addresses, networks and ports as fw4 spells them. */

use std::io::Write as _;
use std::net::{IpAddr, Ipv6Addr};

use super::write_number;
use crate::ruleset::{Element, KeyValue, Network, PortRange, Prefix};

/// inet_ntop(3) as glibc has it: an address that is all zero but for its last 32 bits, and not just in the
/// last 16, ends in dotted decimals.
pub(super) fn write_ip(out: &mut Vec<u8>, addr: IpAddr) {
    match addr {
        IpAddr::V4(addr) => write_v4(out, addr.octets()),
        IpAddr::V6(addr) => match v4_compatible(addr) {
            Some(octets) => {
                out.extend_from_slice(b"::");
                write_v4(out, octets);
            }
            // Writing to a vector does not fail.
            None => write!(out, "{addr}").unwrap_or_default(),
        },
    }
}

fn write_v4(out: &mut Vec<u8>, octets: [u8; 4]) {
    for (i, octet) in octets.into_iter().enumerate() {
        if i > 0 {
            out.push(b'.');
        }
        write_number(out, octet.into());
    }
}

fn v4_compatible(addr: Ipv6Addr) -> Option<[u8; 4]> {
    match addr.segments() {
        [0, 0, 0, 0, 0, 0, high, _] if high != 0 => {
            let [.., a, b, c, d] = addr.octets();
            Some([a, b, c, d])
        }
        _ => None,
    }
}

/// fw4's `cidr()`: a host address bare, else with its prefix length, mask or last address.
pub(super) fn write_network(out: &mut Vec<u8>, network: &Network) {
    write_ip(out, network.addr);
    if network.is_host() {
        return;
    }
    match network.prefix {
        Prefix::Bits(bits) => {
            out.push(b'/');
            write_number(out, bits);
        }
        Prefix::Mask(mask) => {
            out.push(b'/');
            match mask {
                Some(mask) => write_ip(out, mask),
                None => out.extend_from_slice(b"null"),
            }
        }
        Prefix::Range(last) => {
            out.push(b'-');
            write_ip(out, last);
        }
    }
}

/// `80` or `8000-8080`
pub(super) fn write_ports(out: &mut Vec<u8>, ports: &PortRange) {
    write_number(out, ports.min.into());
    if ports.max != ports.min {
        out.push(b'-');
        write_number(out, ports.max.into());
    }
}

pub(super) fn write_mac(out: &mut Vec<u8>, mac: &[u8; 6]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for (i, byte) in mac.iter().enumerate() {
        if i > 0 {
            out.push(b':');
        }
        out.push(DIGITS[usize::from(byte >> 4)]);
        out.push(DIGITS[usize::from(byte & 15)]);
    }
}

/// `1.2.3.0/24 . 80`
pub(super) fn write_element(out: &mut Vec<u8>, element: &Element) {
    for (i, value) in element.values().iter().enumerate() {
        if i > 0 {
            out.extend_from_slice(b" . ");
        }
        match value {
            KeyValue::Addr(addr) => write_ip(out, *addr),
            KeyValue::Net(network) => write_net(out, network),
            KeyValue::Mac(mac) => write_mac(out, mac),
            KeyValue::Port(port) => write_number(out, (*port).into()),
        }
    }
}

/// In sets of networks fw4 writes whatever it has for a prefix length, which for a range is nothing and for
/// an odd mask -1; nft refuses both.
fn write_net(out: &mut Vec<u8>, network: &Network) {
    write_ip(out, network.addr);
    out.push(b'/');
    match network.prefix {
        Prefix::Bits(bits) => write_number(out, bits),
        Prefix::Mask(_) => out.extend_from_slice(b"-1"),
        Prefix::Range(_) => out.extend_from_slice(b"null"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_spelt_as_by_inet_ntop() {
        for text in [
            "1.2.3.4",
            "::",
            "::1",
            "::102",
            "::1.2.3.4",
            "::0.1.0.2",
            "::ffff:1.2.3.4",
            "1:0:0:1::1",
            "1:0:1:1:1:1:1:1",
            "fe80::abcd:1",
        ] {
            let mut out = Vec::new();
            write_ip(&mut out, text.parse().expect("an address"));
            assert_eq!(String::from_utf8_lossy(&out), text);
        }
    }
}
