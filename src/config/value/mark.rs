/*! Marks and classes of service, which go into one another. */

use super::super::raw::Scalar;
use super::super::ucode;
use super::parse::inverted;
use super::*;
use crate::ruleset::MarkChange;

/// `0x10/0xff`
pub fn mark(value: &Scalar) -> Option<Mark> {
    let Inv { invert, value } = inverted(value)?;
    let (mark, mask) = match value.split_once('/') {
        None => (mark_number(value)?, u32::MAX),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn text(s: &str) -> Scalar<'_> {
        Scalar::Text(s)
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
