/*!
fw4's `parse_*` functions: one option value in, a typed value out, `None` if it is not valid.

What depends on the rest of the configuration (zones, helpers, sets, networks) is in `super::lookup`.
*/

use super::super::raw::Scalar;
use super::super::ucode;
use super::*;
use crate::ruleset::RejectCode;

/// `1 on true yes`, `0 off false no`
pub fn boolean(value: &Scalar) -> Option<bool> {
    match value {
        Scalar::Text(text) => match *text {
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
    (!value.is_null()).then(|| value.text().to_owned())
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
    ok.then(|| text.to_owned())
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
pub fn inverted<'v>(value: &'v Scalar<'_>) -> Option<Inv<&'v str>> {
    if value.is_null() {
        return None;
    }
    let text = value.text();
    // Nearly all values have neither blanks around them nor a mark.
    if let (Some(b'\"'..), Some(b'!'..)) = (text.as_bytes().first(), text.as_bytes().last()) {
        return Some(Inv {
            invert: false,
            value: text,
        });
    }
    // An end of line before the mark makes it a part of the value.
    let first = text.bytes().find(|byte| !matches!(byte, b' ' | b'\t'));
    let value = ucode::trim(text);
    let (invert, value) = match value.strip_prefix('!') {
        Some(rest) if first == Some(b'!') => (true, ucode::trim(rest)),
        _ => (false, value),
    };
    (!value.is_empty()).then_some(Inv { invert, value })
}

pub fn device(value: &Scalar) -> Option<Device> {
    let Inv { invert, value } = inverted(value)?;
    Some(Device {
        invert,
        name: (value != "*").then(|| value.to_owned()),
    })
}

/// `option proto` takes one protocol, or both that have ports.
#[derive(Debug, Clone, PartialEq)]
pub enum Protocol {
    One(Proto),
    TcpUdp,
}

pub fn protocol(value: &Scalar) -> Option<Protocol> {
    let name = inverted(value)?.value;
    let lower;
    let name = match name.bytes().any(|b| b.is_ascii_uppercase()) {
        true => {
            lower = name.to_ascii_lowercase();
            &lower
        }
        false => name,
    };
    Some(Protocol::One(match name {
        "tcp" | "6" => Proto::Tcp,
        "udp" | "17" => Proto::Udp,
        "tcpudp" => return Some(Protocol::TcpUdp),
        "all" | "any" | "*" => Proto::Any,
        "icmp" | "1" => Proto::Icmp,
        "icmpv6" | "ipv6-icmp" | "58" => Proto::IcmpV6,
        _ => Proto::Other(name.to_owned()),
    }))
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
    let range = match ucode::cut(value, |byte| matches!(byte, b'-' | b':')) {
        None => {
            let port = port_number(value)?;
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
    let add = |port: u32, byte: u8| {
        byte.is_ascii_digit()
            .then(|| port * 10 + u32::from(byte - b'0'))
    };
    (1..=5).contains(&text.len()).then_some(())?;
    text.bytes().try_fold(0, add)?.try_into().ok()
}

/// `Some` if the text is one digit or more.
pub(super) fn digits(text: &str) -> Option<&str> {
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then_some(text)
}

/// `10/minute`; a bare number is per second, the unit may be cut short.
pub fn limit(value: &Scalar) -> Option<Limit> {
    let text = inverted(value)?.value;
    let (rate, unit) = match text.split_once('/') {
        None => (text, TimeUnit::Second),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn text(s: &str) -> Scalar<'_> {
        Scalar::Text(s)
    }

    #[test]
    fn an_enum_may_be_cut_short() {
        assert_eq!(policy(&text("ACC")), Some(Policy::Accept));
        assert_eq!(target(&text("m")), Some(Target::Mark));
        assert_eq!(target(&text("mas")), Some(Target::Masquerade));
        assert_eq!(policy(&text("accepted")), None);
        assert_eq!(policy(&Number::Int(1).into()), None);
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
}
