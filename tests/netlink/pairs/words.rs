/*! Short words for the model, so that a pair reads like its nft line. */

use std::net::IpAddr;

use ferrowall::ruleset::Match as M;
use ferrowall::ruleset::Statement as S;
use ferrowall::ruleset::*;

pub fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

/// `a`, `a/n`, `a-b`
pub fn net(text: &str) -> Network {
    if let Some((addr, bits)) = text.split_once('/') {
        return Network {
            addr: ip(addr),
            prefix: Prefix::Bits(bits.parse().expect("a length")),
        };
    }
    match text.split_once('-') {
        Some((addr, last)) => Network {
            addr: ip(addr),
            prefix: Prefix::Range(ip(last)),
        },
        None => Network::host(ip(text)),
    }
}

pub fn addr(dir: Dir, invert: bool, list: &[&str]) -> M {
    let addrs: Vec<Network> = list.iter().map(|text| net(text)).collect();
    M::Addr {
        family: family_of(addrs[0].addr),
        dir,
        addrs,
        invert,
    }
}

pub fn ports(proto: L4, dir: Dir, invert: bool, list: &[(u16, u16)]) -> M {
    let ports = list
        .iter()
        .map(|(min, max)| PortRange {
            min: *min,
            max: *max,
        })
        .collect();
    M::Port {
        proto,
        dir,
        ports,
        invert,
    }
}

pub fn names(dir: Dir, invert: bool, list: &[&str]) -> M {
    M::IfName {
        dir,
        names: list.iter().map(|name| name.to_string()).collect(),
        invert,
    }
}

pub fn masked(text: &str, mask: &str, invert: bool) -> M {
    let addr = MaskedAddr {
        addr: ip(text),
        mask: Some(ip(mask)),
        invert,
    };
    M::AddrMasked {
        family: family_of(ip(text)),
        dir: Dir::Src,
        addr,
    }
}

pub fn macs(invert: bool, last: &[u8]) -> M {
    M::EtherSaddr {
        macs: last
            .iter()
            .map(|x| [0, 0x11, 0x22, 0x33, 0x44, *x])
            .collect(),
        invert,
    }
}

pub fn set(fields: &[SetField], name: &str, invert: bool) -> M {
    M::Set {
        fields: fields.to_vec(),
        name: name.to_owned(),
        invert,
    }
}

pub fn time(hour: u8, min: u8, sec: u8) -> TimeOfDay {
    TimeOfDay { hour, min, sec }
}

pub fn date(year: u16, month: u8, day: u8) -> Timestamp {
    Timestamp {
        year,
        month,
        day,
        time: time(12, 30, 5),
    }
}

pub fn limit(rate: u64, unit: TimeUnit, burst: Option<i128>) -> Limit {
    Limit {
        rate,
        unit,
        burst: burst.map(Number::Int),
    }
}

pub fn jump(chain: &str) -> S {
    S::Verdict(Verdict::Jump(chain.to_owned()))
}

pub const ACCEPT: S = S::Verdict(Verdict::Accept);

pub const V4: M = M::NfProto(Family::V4);

pub const V6: M = M::NfProto(Family::V6);

pub type Pair = (Vec<M>, Vec<S>, &'static str);
