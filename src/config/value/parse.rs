/*!
fw4's `parse_*` functions: one option value in, a typed value out, `None` if it is not valid.

What depends on the rest of the configuration (zones, helpers, sets, networks) is in `super::lookup`.
*/

use std::borrow::Cow;
use std::net::IpAddr;

use super::super::raw::Scalar;
use super::super::ucode;
use super::*;
use crate::ruleset::{MarkChange, RejectCode};

/// `1 on true yes`, `0 off false no`
pub fn boolean(value: &Scalar) -> Option<bool> {
    match value {
        Scalar::Text(text) => match &**text {
            "1" | "on" | "true" | "yes" => Some(true),
            "0" | "off" | "false" | "no" => Some(false),
            _ => None,
        },
        other => match other.number()?.as_f64() {
            1.0 => Some(true),
            0.0 => Some(false),
            _ => None,
        },
    }
}

/// The whole value as text.
pub fn string(value: &Scalar) -> Option<String> {
    (*value != Scalar::Null).then(|| value.text().into_owned())
}

pub fn number(value: &Scalar) -> Option<Number> {
    value.number()
}

/// A name that nft takes: letters, digits and `/ _ . -`, not beginning with a digit.
pub fn identifier(value: &Scalar) -> Option<String> {
    let text = value.text();
    let mut chars = text.chars();
    let first = chars.next()?;
    let ok = (first.is_ascii_alphabetic() || matches!(first, '_' | '.'))
        && chars.all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '.' | '-'));
    ok.then(|| text.into_owned())
}

/// The first of `choices` that begins with the value, letter case aside.
pub fn choice<T: Copy>(value: &Scalar, choices: &[(&str, T)]) -> Option<T> {
    choose(value.as_text()?, choices)
}

pub(super) fn choose<T: Copy>(text: &str, choices: &[(&str, T)]) -> Option<T> {
    let wanted = text.as_bytes();
    choices
        .iter()
        .find(|(name, _)| {
            name.as_bytes()
                .get(..wanted.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(wanted))
        })
        .map(|(_, choice)| *choice)
}

pub fn policy(value: &Scalar) -> Option<Policy> {
    choice(
        value,
        &[
            ("accept", Policy::Accept),
            ("reject", Policy::Reject),
            ("drop", Policy::Drop),
        ],
    )
}

pub fn reject_code(value: &Scalar) -> Option<RejectCode> {
    choice(
        value,
        &[
            ("tcp-reset", RejectCode::TcpReset),
            ("port-unreachable", RejectCode::PortUnreachable),
            ("admin-prohibited", RejectCode::AdminProhibited),
            ("host-unreachable", RejectCode::HostUnreachable),
            ("no-route", RejectCode::NoRoute),
        ],
    )
}

pub fn reflection_source(value: &Scalar) -> Option<ReflectionSource> {
    choice(
        value,
        &[
            ("internal", ReflectionSource::Internal),
            ("external", ReflectionSource::External),
        ],
    )
}

/// All that fw4 takes as a target, of whatever section; each section then picks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    Accept,
    Reject,
    Drop,
    Notrack,
    Helper,
    Mark,
    Dscp,
    Dnat,
    Snat,
    Masquerade,
}

pub fn target(value: &Scalar) -> Option<Target> {
    choice(
        value,
        &[
            ("accept", Target::Accept),
            ("reject", Target::Reject),
            ("drop", Target::Drop),
            ("notrack", Target::Notrack),
            ("helper", Target::Helper),
            ("mark", Target::Mark),
            ("dscp", Target::Dscp),
            ("dnat", Target::Dnat),
            ("snat", Target::Snat),
            ("masquerade", Target::Masquerade),
        ],
    )
}

pub fn offloading(value: &Scalar) -> Option<Offloading> {
    choice(
        value,
        &[
            ("bypass", Offloading::Bypass),
            ("software", Offloading::Software),
            ("hardware", Offloading::Hardware),
        ],
    )
}

/// Anything with a 4 in it is IPv4, anything with a 6 IPv6. fw4 takes all that is no text for IPv4.
pub fn family(value: &Scalar) -> Option<Family> {
    match value.as_text() {
        None => Some(Family::V4),
        Some("any" | "all" | "*") => Some(Family::Any),
        Some("inet") => Some(Family::V4),
        Some(text) if text.contains('4') => Some(Family::V4),
        Some(text) if text.contains('6') => Some(Family::V6),
        Some(_) => None,
    }
}

/// `in` or `out`; true is out.
pub fn egress(value: &Scalar) -> Option<bool> {
    match value.as_text()? {
        "in" | "ingress" => Some(false),
        "out" | "egress" => Some(true),
        _ => None,
    }
}

/// `!value`: what follows the mark, without the blanks around it; `None` if nothing does.
pub fn inverted<'v>(value: &'v Scalar<'_>) -> Option<Inv<Cow<'v, str>>> {
    if *value == Scalar::Null {
        return None;
    }
    let (invert, value) = match value.text() {
        Cow::Borrowed(text) => {
            let (invert, rest) = unmarked(text);
            (invert, Cow::Borrowed(rest))
        }
        Cow::Owned(text) => {
            let (invert, rest) = unmarked(&text);
            (invert, Cow::Owned(rest.to_owned()))
        }
    };
    (!value.is_empty()).then_some(Inv { invert, value })
}

fn unmarked(text: &str) -> (bool, &str) {
    let start = text.trim_start_matches([' ', '\t']);
    match start.strip_prefix('!') {
        Some(rest) => (true, ucode::trim(rest)),
        None => (false, ucode::trim(text)),
    }
}

pub fn device(value: &Scalar) -> Option<Device> {
    let Inv { invert, value } = inverted(value)?;
    Some(Device {
        invert,
        name: (value != "*").then(|| value.into_owned()),
    })
}

/// One protocol, or both for `tcpudp`.
pub fn protocol(value: &Scalar) -> Option<Vec<Proto>> {
    let name = inverted(value)?.value.to_ascii_lowercase();
    Some(vec![match name.as_str() {
        "all" | "any" | "*" => Proto::Any,
        "1" | "icmp" => Proto::Icmp,
        "58" | "icmpv6" | "ipv6-icmp" => Proto::IcmpV6,
        "tcpudp" => return Some(vec![Proto::Tcp, Proto::Udp]),
        "6" | "tcp" => Proto::Tcp,
        "17" | "udp" => Proto::Udp,
        _ => Proto::Other(name),
    }])
}

/// Six groups of one or two hex digits between `:` or `-`.
pub fn mac(value: &Scalar) -> Option<Inv<[u8; 6]>> {
    let Inv { invert, value } = inverted(value)?;
    let mut mac = [0u8; 6];
    let mut groups = value.split([':', '-']);
    for byte in &mut mac {
        let group = groups.next()?;
        if group.is_empty() || group.len() > 2 || !group.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        *byte = u8::from_str_radix(group, 16).ok()?;
    }
    groups
        .next()
        .is_none()
        .then_some(Inv { invert, value: mac })
}

/// `80`, `8000-8080`, `8000:8080`
pub fn port(value: &Scalar) -> Option<Inv<PortRange>> {
    let Inv { invert, value } = inverted(value)?;
    let range = match value.split_once(['-', ':']) {
        None => {
            let port = port_number(&value)?;
            PortRange {
                min: port,
                max: port,
            }
        }
        Some((min, max)) => PortRange {
            min: port_number(min)?,
            max: port_number(max)?,
        },
    };
    (range.min <= range.max).then_some(Inv {
        invert,
        value: range,
    })
}

fn port_number(text: &str) -> Option<u16> {
    (1..=5).contains(&text.len()).then_some(())?;
    digits(text)?;
    text.parse().ok()
}

/// `Some` if the text is one digit or more.
pub(super) fn digits(text: &str) -> Option<&str> {
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then_some(text)
}

/// `10/minute`; a bare number is per second, the unit may be cut short.
pub fn limit(value: &Scalar) -> Option<Limit> {
    let text = inverted(value)?.value;
    let (rate, unit) = match text.split_once('/') {
        None => (&*text, TimeUnit::Second),
        Some((rate, unit)) => {
            let plain = !unit.is_empty() && unit.bytes().all(|b| b.is_ascii_lowercase());
            plain.then_some(())?;
            let units = [
                ("second", TimeUnit::Second),
                ("minute", TimeUnit::Minute),
                ("hour", TimeUnit::Hour),
                ("day", TimeUnit::Day),
            ];
            (rate, choose(unit, &units)?)
        }
    };
    let rate = ucode::number(digits(rate)?)?.as_u64()?;
    Some(Limit {
        rate,
        unit,
        burst: None,
    })
}

/// `0x10/0xff`
pub fn mark(value: &Scalar) -> Option<Mark> {
    let Inv { invert, value } = inverted(value)?;
    let (mark, mask) = match value.split_once('/') {
        None => (mark_number(&value)?, u32::MAX),
        Some((mark, mask)) => (mark_number(mark)?, mark_number(mask)?),
    };
    Some(Mark { invert, mark, mask })
}

/// `0xfc000000/0x01000000`: six bits in a row, and others that say that they hold something (tc-ctinfo(8)).
pub fn dscp_bits(value: &Scalar) -> Option<DscpBits> {
    let Mark { invert, mark, mask } = mark(value)?;
    let six = mark.checked_shr(mark.trailing_zeros()) == Some(0x3f);
    let apart = mask != 0 && mark & mask == 0;
    (six && apart && !invert).then_some(DscpBits {
        dscp: mark,
        state: mask,
    })
}

fn mark_number(text: &str) -> Option<u32> {
    let body = text
        .strip_prefix('0')
        .filter(|rest| rest.starts_with(['x', 'X']))
        .unwrap_or(text);
    let body = body.strip_prefix(['x', 'X']).unwrap_or(body);
    (!body.is_empty() && body.bytes().all(|b| b.is_ascii_hexdigit())).then_some(())?;
    let n = ucode::number(text)?;
    (n.as_f64() <= f64::from(u32::MAX)).then(|| n.as_f64() as u32)
}

impl Mark {
    /// `set_mark`: the mark's own bits are set whatever the mask says.
    pub fn as_set_mark(self) -> MarkChange {
        MarkChange {
            mark: self.mark,
            mask: self.mark | self.mask,
        }
    }

    /// `set_xmark`: exactly the bits of the mask change.
    pub fn as_set_xmark(self) -> MarkChange {
        MarkChange {
            mark: self.mark,
            mask: self.mask,
        }
    }
}

/// A class like `AF41` (RFC 2474, 2597, 3246, 8622), or a number.
pub fn dscp(value: &Scalar) -> Option<Dscp> {
    let Inv { invert, value } = inverted(value)?;
    let name = value.to_ascii_uppercase();
    let class = match name.as_str() {
        "BE" => Some(0),
        "LE" => Some(1),
        "EF" => Some(0x2e),
        _ => match (name.get(..2), name.get(2..).map(str::as_bytes)) {
            (Some("CS"), Some([n @ b'0'..=b'7'])) => Some((n - b'0') << 3),
            (Some("AF"), Some([class @ b'1'..=b'4', drop @ b'1'..=b'3'])) => {
                Some((class - b'0') << 3 | (drop - b'0') << 1)
            }
            _ => None,
        },
    };
    let dscp = match class {
        Some(dscp) => dscp,
        None => {
            let n = ucode::number(&name)?.as_f64();
            (0.0..=63.0).contains(&n).then_some(n as u8)?
        }
    };
    Some(Dscp { invert, dscp })
}

/// `src_ip`, `dest_port`, `mac`: a side and a type. `None` in place of the type is fw4's "set".
pub fn set_type(value: &Scalar) -> Option<(Dir, Option<SetType>)> {
    let text = value.as_text()?;
    let (dir, name) = match text.split_once('_') {
        Some(("src", name)) if !name.is_empty() => (Dir::Src, name),
        Some(("dst" | "dest", name)) if !name.is_empty() => (Dir::Dst, name),
        _ => (Dir::Src, text),
    };
    let types = [
        ("ip", Some(SetType::Ip)),
        ("port", Some(SetType::Port)),
        ("mac", Some(SetType::Mac)),
        ("net", Some(SetType::Net)),
        ("set", None),
    ];
    Some((dir, choose(name, &types)?))
}

/// The mask of a prefix length, fw4's `to_mask()`: a negative length gives the complement.
pub fn mask_of(bits: i128, v6: bool) -> Option<IpAddr> {
    let max = if v6 { 128 } else { 32 };
    let len = u32::try_from(bits.unsigned_abs())
        .ok()
        .filter(|len| *len <= max)?;
    let ones = |width: u32| (!0u128).checked_shl(width - len).unwrap_or(0);
    Some(match v6 {
        true => IpAddr::V6(if bits < 0 { !ones(128) } else { ones(128) }.into()),
        false => {
            let mask = ones(32) as u32;
            IpAddr::V4(if bits < 0 { !mask } else { mask }.into())
        }
    })
}

/// The prefix length that fw4's `to_bits()` reads out of a mask, `None` if it is none. Its quirk is kept:
/// a byte of some ones and then zeros does not end the prefix, only a byte of zeros does
/// (255.240.255.0 counts as 20).
pub fn bits_of(mask: IpAddr) -> Option<u64> {
    let bytes = match mask {
        IpAddr::V4(a) => a.octets().to_vec(),
        IpAddr::V6(a) => a.octets().to_vec(),
    };
    let mut bits = 0;
    let mut ended = false;
    for byte in bytes {
        ended |= byte == 0;
        let ones = if ended { 0 } else { byte.leading_ones() };
        bits += u64::from(ones);
        if u32::from(byte) << ones & 0xff != 0 {
            return None;
        }
    }
    Some(bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(s: &str) -> Scalar<'_> {
        Scalar::Text(Cow::Borrowed(s))
    }

    #[test]
    fn an_enum_may_be_cut_short() {
        assert_eq!(policy(&text("ACC")), Some(Policy::Accept));
        assert_eq!(target(&text("m")), Some(Target::Mark));
        assert_eq!(target(&text("mas")), Some(Target::Masquerade));
        assert_eq!(policy(&text("accepted")), None);
        assert_eq!(policy(&Scalar::Number(Number::Int(1))), None);
    }

    #[test]
    fn ports_are_numbers_or_ranges() {
        let range = |min, max| Some(PortRange { min, max });
        assert_eq!(port(&text("80")).map(|p| p.value), range(80, 80));
        assert_eq!(
            port(&text("! 80-90")).map(|p| (p.invert, p.value)),
            Some((true, PortRange { min: 80, max: 90 }))
        );
        assert_eq!(port(&text("80:90")).map(|p| p.value), range(80, 90));
        for wrong in [
            "",
            "90-80",
            "65536",
            "080808",
            "80-",
            "-80",
            "80-90-100",
            "http",
        ] {
            assert_eq!(port(&text(wrong)), None, "{wrong}");
        }
    }

    #[test]
    fn marks_take_hex_and_masks() {
        let m = |mark, mask| {
            Some(Mark {
                invert: false,
                mark,
                mask,
            })
        };
        assert_eq!(mark(&text("0x10/0xff")), m(0x10, 0xff));
        assert_eq!(mark(&text("16")), m(16, u32::MAX));
        assert_eq!(mark(&text("1e3")), m(1000, u32::MAX));
        for wrong in ["x10", "ff", "0x", "0x100000000", "1/", "-1"] {
            assert_eq!(mark(&text(wrong)), None, "{wrong}");
        }
    }

    #[test]
    fn masks_are_read_with_fw4s_quirk() {
        let bits = |m: &str| bits_of(m.parse().expect("address"));
        assert_eq!(bits("255.255.255.0"), Some(24));
        assert_eq!(bits("255.240.255.0"), Some(20));
        assert_eq!(bits("255.0.255.0"), None);
        assert_eq!(bits("::ffff"), None);
        assert_eq!(mask_of(20, false), "255.255.240.0".parse().ok());
        assert_eq!(mask_of(-24, false), "0.0.0.255".parse().ok());
        assert_eq!(mask_of(33, false), None);
    }

    #[test]
    fn classes_of_service() {
        for (name, want) in [
            ("EF", 0x2e),
            ("cs6", 0x30),
            ("AF41", 0x22),
            ("le", 1),
            ("0x3f", 63),
        ] {
            assert_eq!(dscp(&text(name)).map(|d| d.dscp), Some(want), "{name}");
        }
        for wrong in ["AF51", "AF44", "CS8", "64", "-1", "EFF"] {
            assert_eq!(dscp(&text(wrong)), None, "{wrong}");
        }
    }
}
