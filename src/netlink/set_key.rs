/*! What the elements of named sets are as keys: first and last value of each field. */

use std::net::IpAddr;

use nftnl_sys as sys;

use super::element::{self, Key};
use super::error::Reason;
use super::interval::Interval;
use super::raw;
use super::value::Value;
use crate::ruleset::{self, Element, KeyType, KeyValue, Prefix, max_bits};

/// An element of a set whose elements are not merged.
pub fn express(set: &ruleset::Set, element: &Element, to: &mut raw::Element) -> Result<(), Reason> {
    if let [key] = set.key[..] {
        element::set_key(to, single(key, element)?.bytes());
        return Ok(());
    }
    let (first, last) = range(set, element)?;
    element::set_key(to, first.bytes());
    if set.interval {
        to.set_data(sys::NFTNL_SET_ELEM_KEY_END, last.bytes());
    }
    Ok(())
}

/// First and last key of an element, for sets whose elements are not merged.
pub fn range(set: &ruleset::Set, element: &Element) -> Result<(Key, Key), Reason> {
    let values = element.values();
    if values.len() != set.key.len() {
        return Err(Reason::ElementType);
    }
    if let [key] = set.key[..] {
        let mut only = Key::default();
        only.push_unpadded(single(key, element)?.bytes());
        return Ok((only, only));
    }
    let (mut low, mut high) = (Key::default(), Key::default());
    for (key, value) in set.key.iter().zip(values) {
        let (first, last) = bounds(*key, value)?;
        if first != last && !set.interval {
            return Err(Reason::NotAnInterval);
        }
        low.push(first.bytes());
        high.push(last.bytes());
    }
    Ok((low, high))
}

/// The value of an element of one field that is no interval.
fn single(key: KeyType, element: &Element) -> Result<Value, Reason> {
    let [value] = element.values() else {
        return Err(Reason::ElementType);
    };
    let (first, last) = bounds(key, value)?;
    match first == last {
        true => Ok(first),
        false => Err(Reason::NotAnInterval),
    }
}

pub fn single_interval(set: &ruleset::Set, element: &Element) -> Result<Interval, Reason> {
    match (set.key.as_slice(), element.values()) {
        ([key], [value]) => {
            let (first, last) = bounds(*key, value)?;
            Ok(Interval::new(first.number(), last.number()))
        }
        _ => Err(Reason::ElementType),
    }
}

/// First and last value of one field.
fn bounds(key: KeyType, value: &KeyValue) -> Result<(Value, Value), Reason> {
    let one = |value: Value| Ok((value, value));
    match (key, value) {
        (KeyType::Ipv4Addr, KeyValue::Addr(addr @ IpAddr::V4(_)))
        | (KeyType::Ipv6Addr, KeyValue::Addr(addr @ IpAddr::V6(_))) => one(Value::addr(*addr)),
        (KeyType::Ipv4Addr | KeyType::Ipv6Addr, KeyValue::Addr(_)) => Err(Reason::WrongFamily),
        (KeyType::Ipv4Addr | KeyType::Ipv6Addr, KeyValue::Net(network)) => {
            if network.addr.is_ipv4() != (key == KeyType::Ipv4Addr) {
                return Err(Reason::WrongFamily);
            }
            match network.prefix {
                Prefix::Bits(bits) if bits <= max_bits(network.addr) => {
                    Ok(prefix_bounds(network.addr, bits as u32))
                }
                Prefix::Bits(bits) => Err(Reason::PrefixTooLong(bits)),
                Prefix::Mask(_) => Err(Reason::OddMask),
                Prefix::Range(last)
                    if last.is_ipv4() == network.addr.is_ipv4() && last >= network.addr =>
                {
                    Ok((Value::addr(network.addr), Value::addr(last)))
                }
                Prefix::Range(_) => Err(Reason::BadRange),
            }
        }
        (KeyType::EtherAddr, KeyValue::Mac(mac)) => one(Value::new(mac)),
        (KeyType::InetService, KeyValue::Port(port)) => one(Value::port(*port)),
        _ => Err(Reason::ElementType),
    }
}

/// First and last address with the first `bits` bits of an address.
fn prefix_bounds(addr: IpAddr, bits: u32) -> (Value, Value) {
    match addr {
        IpAddr::V4(addr) => {
            let host = u32::MAX.checked_shr(bits).unwrap_or(0);
            let addr = u32::from(addr);
            (
                Value::new(&(addr & !host).to_be_bytes()),
                Value::new(&(addr | host).to_be_bytes()),
            )
        }
        IpAddr::V6(addr) => {
            let host = u128::MAX.checked_shr(bits).unwrap_or(0);
            let addr = u128::from(addr);
            (
                Value::new(&(addr & !host).to_be_bytes()),
                Value::new(&(addr | host).to_be_bytes()),
            )
        }
    }
}
