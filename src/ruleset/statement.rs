use std::fmt;
use std::net::IpAddr;

/// `N/unit burst B packets`
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    pub rate: u64,
    pub unit: TimeUnit,
    /// nft's default (5) if not given.
    pub burst: Option<Number>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeUnit {
    Second,
    Minute,
    Hour,
    Day,
}

/// A number as fw4's `parse_int` takes it: ucode's `+value`, which may be a fraction. nft wants whole ones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// Wide enough for all that ucode's 64 bit numbers hold, signed and unsigned.
    Int(i128),
    Double(f64),
}

impl Number {
    /// As ucode compares and tests it.
    pub fn as_f64(self) -> f64 {
        match self {
            Number::Int(n) => n as f64,
            Number::Double(d) => d,
        }
    }

    /// The whole number, if it is one that fits.
    pub fn as_u64(self) -> Option<u64> {
        match self {
            Number::Int(n) => u64::try_from(n).ok(),
            Number::Double(_) => None,
        }
    }
}

/// As ucode prints it: a fraction like C's `%.14g`.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Number::Int(n) => write!(f, "{n}"),
            Number::Double(d) => write_general(f, d),
        }
    }
}

/// C's `%.14g`: 14 significant digits, trailing zeros dropped, an exponent below 1e-4 and from 1e14 on.
fn write_general(f: &mut fmt::Formatter<'_>, d: f64) -> fmt::Result {
    const DIGITS: i32 = 14;
    if d.is_infinite() {
        return f.write_str(if d > 0.0 { "Infinity" } else { "-Infinity" });
    }
    if d == 0.0 {
        return f.write_str(if d.is_sign_negative() { "-0" } else { "0" });
    }
    let scientific = format!("{:.*e}", DIGITS as usize - 1, d);
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..DIGITS).contains(&exponent) {
        let fixed = format!("{:.*}", (DIGITS - 1 - exponent).max(0) as usize, d);
        return f.write_str(strip_zeros(&fixed));
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    write!(f, "{}e{sign}{:02}", strip_zeros(mantissa), exponent.abs())
}

fn strip_zeros(digits: &str) -> &str {
    if digits.contains('.') {
        digits.trim_end_matches('0').trim_end_matches('.')
    } else {
        digits
    }
}

/// First and last port, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PortRange {
    pub min: u16,
    pub max: u16,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Accept,
    Drop,
    /// `reject` without a code; fw4 prints it only where no chain does it.
    Reject,
    Return,
    Jump(String),
}

/// What `handle_reject` answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MarkChange {
    pub mark: u32,
    pub mask: u32,
}

/// The address NAT rewrites to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NatAddr {
    Host(IpAddr),
    Range(IpAddr, IpAddr),
}

/// Address and ports of a NAT statement; either may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NatRange {
    pub addr: Option<NatAddr>,
    pub ports: Option<PortRange>,
}

/// What is done with a packet that matched.
#[derive(Debug, Clone, PartialEq)]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_print_as_in_c() {
        for (d, text) in [
            (5.5, "5.5"),
            (5.0, "5"),
            (1e14, "1e+14"),
            (1e13, "10000000000000"),
            (0.0001, "0.0001"),
        ] {
            assert_eq!(Number::Double(d).to_string(), text);
        }
        assert_eq!(Number::Double(0.00001).to_string(), "1e-05");
        assert_eq!(Number::Double(-2.5).to_string(), "-2.5");
    }
}
