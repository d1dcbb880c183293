use std::hash::{Hash, Hasher};
use std::net::IpAddr;

use super::{Network, Number, Origin};

/// A named set: `config ipset`.
#[derive(Debug, Clone, PartialEq)]
pub struct Set {
    pub name: String,
    pub comment: Option<String>,
    pub key: Vec<KeyType>,
    /// `size N`, if above 0
    pub size: Option<Number>,
    /// `timeout Ns`: above 0, the default life of an element; the flag alone if `Some(0)`.
    pub timeout: Option<Number>,
    /// `flags interval` and `auto-merge`
    pub interval: bool,
    pub elements: Vec<Element>,
    pub origin: Origin,
}

/// Which section asked for it is no part of what it does.
impl Hash for Set {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Set {
            name,
            comment,
            key,
            size,
            timeout,
            interval,
            elements,
            origin: _,
        } = self;
        (name, comment, key, size, timeout, interval, elements).hash(state);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyType {
    Ipv4Addr,
    Ipv6Addr,
    EtherAddr,
    InetService,
}

/// One element: a value per field of the key, `1.2.3.0/24 . 80`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Element {
    One(KeyValue),
    Concat(Box<[KeyValue]>),
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum KeyValue {
    /// A host address, printed bare.
    Addr(IpAddr),
    /// `addr/bits`, printed with the prefix even if it is the whole address.
    Net(Network),
    Mac([u8; 6]),
    Port(u16),
}

impl Element {
    pub fn values(&self) -> &[KeyValue] {
        match self {
            Element::One(value) => std::slice::from_ref(value),
            Element::Concat(values) => values,
        }
    }
}
