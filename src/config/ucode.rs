/*!
The few rules of fw4's language that shape what an option value means.

fw4 is written in ucode, and its users' files rely on how ucode converts: `0x18` is a number, `010` is
ten, `1e3` is a fraction, an empty string is zero.
*/

use crate::number::{self, Number};

/// ucode's unary plus on a string (`uc_number_parse`, ucode vallist.c); `None` where ucode says NaN.
pub fn number(text: &str) -> Option<Number> {
    let rest = text.trim_start_matches(is_space);
    let (negative, rest) = match rest.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, rest.strip_prefix('+').unwrap_or(rest)),
    };
    if !rest.is_empty() && !rest.starts_with(|c: char| c.is_ascii_hexdigit()) {
        return None;
    }
    let bytes = rest.as_bytes();
    let (base, digits) = match (bytes.first(), bytes.get(1).map(|b| b | 32)) {
        (Some(b'0'), Some(b'x')) => (16, &rest[2..]),
        (Some(b'0'), Some(b'b')) => (2, &rest[2..]),
        (Some(b'0'), Some(b'o')) => (8, &rest[2..]),
        _ => (10, rest),
    };
    let len = digits
        .find(|c: char| !c.is_digit(base))
        .unwrap_or(digits.len());
    let tail = &digits[len..];
    if base == 16 && len == 0 {
        return None; // C's strtoull reads the 0 of a lone "0x" and stops at the x
    }
    if base == 16 && tail.starts_with('.') {
        return hex_float(digits).map(|d| Number::Double(if negative { -d } else { d }));
    }
    if base == 10 && tail.starts_with(['.', 'e', 'E']) {
        return float(rest).map(|d| Number::Double(if negative { -d } else { d }));
    }
    if !tail.trim_start_matches(is_space).is_empty() {
        return None;
    }
    // C's strtoull saturates; ucode then clamps what it negates.
    let n = digits[..len].chars().fold(0u64, |n, c| {
        n.checked_mul(u64::from(base))
            .and_then(|n| n.checked_add(u64::from(c.to_digit(base).unwrap_or(0))))
            .unwrap_or(u64::MAX)
    });
    Some(Number::Int(match negative {
        true => -i128::from(n.min(1 << 63)),
        false => i128::from(n),
    }))
}

/// What C's strtod takes of a decimal number, with nothing but blanks behind it.
fn float(text: &str) -> Option<f64> {
    let text = text.trim_end_matches(is_space);
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    number::double(text)
}

/// What C's strtod takes behind `0x`: `1.8p1` is three.
fn hex_float(text: &str) -> Option<f64> {
    let text = text.trim_end_matches(is_space);
    let (mantissa, exponent) = match text.split_once(['p', 'P']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse().ok()?),
        None => (text, 0i32),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str, step: f64, from: f64| {
        text.chars().try_fold((0.0, from), |(sum, weight), c| {
            Some((
                sum * step.max(1.0) + f64::from(c.to_digit(16)?) * weight,
                weight * step.min(1.0),
            ))
        })
    };
    let (whole, _) = digits(whole, 16.0, 1.0)?;
    let (fraction, _) = digits(fraction, 1.0 / 16.0, 1.0 / 16.0)?;
    Some((whole + fraction) * 2f64.powi(exponent.clamp(-2000, 2000)))
}

/// C's `isspace`
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c')
}

/// ucode's `trim`. Each value of a configuration comes through here, so it is done byte by byte.
pub fn trim(text: &str) -> &str {
    let stays = |byte: &u8| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    let bytes = text.as_bytes();
    let end = bytes.iter().rposition(stays).map_or(0, |last| last + 1);
    let start = bytes.iter().position(stays).unwrap_or(end);
    text.get(start..end).unwrap_or(text)
}

/// What is before and behind the first ASCII character of a kind; `None` if there is none.
pub fn cut(text: &str, here: impl Fn(u8) -> bool) -> Option<(&str, &str)> {
    let place = text.bytes().position(here)?;
    Some((text.get(..place)?, text.get(place + 1..)?))
}

/// fw4's `to_array` on a string: words separated by blanks.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    trim(text).split([' ', '\t']).filter(|w| !w.is_empty())
}

/// Is that all of the text?
pub fn is_word(text: &str) -> bool {
    !text.is_empty()
        && !text
            .bytes()
            .any(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n'))
}

/// `sprintf(text)` with nothing to put in: fw4 sends some messages through printf a second time, so a
/// `%` in a file name comes out as whatever printf makes of it.
pub fn printf_without_arguments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('%') {
        out.push_str(&rest[..start]);
        let spec = &rest[start + 1..];
        let mut at = leading_digits(spec);
        if spec[at..].starts_with('$') {
            at += 1; // an argument by its number: there is none either
        }
        let (mut flags, mut width) = ("", &spec[..at]);
        if at == 0 || width.ends_with('$') {
            let len = spec[at..].len()
                - spec[at..]
                    .trim_start_matches(['#', '0', '-', ' ', '+'])
                    .len();
            flags = &spec[at..at + len];
            at += len;
            let digits = leading_digits(&spec[at..]);
            width = &spec[at..at + digits];
            at += digits;
        }
        let mut precision = None;
        if let Some(after) = spec[at..].strip_prefix('.') {
            let sign = usize::from(after.starts_with('-'));
            let len = after[sign..]
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(after.len() - sign);
            precision = Some(if sign == 1 {
                0
            } else {
                after[..len].parse().unwrap_or(0usize).min(4096)
            });
            at += 1 + sign + len;
        }
        let format = Format {
            flags,
            width: width.parse().unwrap_or(0).min(4096),
            precision,
        };
        match spec[at..]
            .chars()
            .next()
            .and_then(|c| Some((c, format.of_nothing(c)?)))
        {
            Some((c, converted)) => {
                out.push_str(&converted);
                rest = &spec[at + c.len_utf8()..];
            }
            None => {
                out.push('%');
                rest = spec;
            }
        }
    }
    out.push_str(rest);
    out
}

/// Length of a width: digits that do not begin with the flag 0.
fn leading_digits(text: &str) -> usize {
    match text.starts_with('0') {
        true => 0,
        false => text
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len()),
    }
}

struct Format<'a> {
    flags: &'a str,
    width: usize,
    precision: Option<usize>,
}

impl Format<'_> {
    /// The conversion `c` of an argument that is not there: zero, or `(null)`.
    fn of_nothing(&self, c: char) -> Option<String> {
        let body = match c {
            '%' => return Some("%".into()),
            'd' | 'i' | 'u' | 'x' | 'X' | 'o' => "0".into(),
            'e' => format!("{}e+00", self.zero(6)),
            'E' => format!("{}E+00", self.zero(6)),
            'f' | 'F' => self.zero(6),
            'g' | 'G' => "0".into(),
            // ucode gives printf a null pointer there: it prints "(null)" and no padding
            's' => return Some("(null)".into()),
            'c' => "\0".into(),
            'J' => "null".into(),
            _ => return None,
        };
        let signed = matches!(c, 'd' | 'i' | 'e' | 'E' | 'f' | 'F' | 'g' | 'G');
        let sign = match signed {
            true if self.flags.contains('+') => "+",
            true if self.flags.contains(' ') => " ",
            _ => "",
        };
        let missing = self.width.saturating_sub(body.len() + sign.len());
        Some(if self.flags.contains('-') {
            format!("{sign}{body}{}", " ".repeat(missing))
        } else if self.flags.contains('0') {
            format!("{sign}{}{body}", "0".repeat(missing))
        } else {
            format!("{}{sign}{body}", " ".repeat(missing))
        })
    }

    fn zero(&self, default: usize) -> String {
        match self.precision.unwrap_or(default) {
            0 => "0".to_owned(),
            digits => ["0.", &"0".repeat(digits)].concat(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_become_numbers_as_in_ucode() {
        let int = |n| Some(Number::Int(n));
        for (text, want) in [
            ("", int(0)),
            (" ", int(0)),
            ("-", int(0)),
            ("24", int(24)),
            (" 24 ", int(24)),
            ("024", int(24)),
            ("08", int(8)),
            ("0x18", int(24)),
            ("0b11", int(3)),
            ("0o17", int(15)),
            ("-3", int(-3)),
            ("+3", int(3)),
            ("24abc", None),
            ("0x", None),
            (".5", None),
            ("1_000", None),
            ("inf", None),
            ("e5", None),
            ("1e1", Some(Number::Double(10.0))),
            ("5.", Some(Number::Double(5.0))),
            ("5.5", Some(Number::Double(5.5))),
            ("0x1.8p1", Some(Number::Double(3.0))),
            ("0x1f.c", Some(Number::Double(31.75))),
            ("0x1.g", None),
            ("99999999999999999999", int(u64::MAX.into())),
            ("-99999999999999999999", int(i64::MIN.into())),
        ] {
            assert_eq!(number(text), want, "{text:?}");
        }
    }

    #[test]
    fn a_percent_sign_in_a_message_goes_through_printf() {
        assert_eq!(printf_without_arguments("100%s.nft"), "100(null).nft");
        assert_eq!(printf_without_arguments("50%off"), "500ff");
        assert_eq!(printf_without_arguments("%d"), "0");
        assert_eq!(
            printf_without_arguments("list%20of%20hosts"),
            "list                   0f%20hosts"
        );
        assert_eq!(printf_without_arguments("'%s' 100%'"), "'(null)' 100%'");
    }
}
