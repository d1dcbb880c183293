/*!
Numbers as ucode and JSON have them: whole ones of 64 bits, signed or unsigned, and doubles.

Text to double and back is done here by multiplying with powers of ten. The standard library's conversions are exact to
the last bit of any double and weigh 30,000 bytes (docs/size.md); what a firewall is configured with has few digits,
and ucode prints 14 of them.
*/

use std::fmt;
use std::hash::{Hash, Hasher};

/// A number as fw4's `parse_int` takes it: ucode's `+value`, which may be a fraction. nft wants whole ones.
#[derive(Clone, Copy, PartialEq)]
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

    /// The same with a sign.
    pub fn as_i64(self) -> Option<i64> {
        match self {
            Number::Int(n) => i64::try_from(n).ok(),
            Number::Double(_) => None,
        }
    }

    /// As ucode prints it inside of an array or object: a double keeps its point.
    pub fn json(self) -> String {
        let mut text = self.to_string();
        let whole = |b: u8| b.is_ascii_digit() || b == b'-';
        if matches!(self, Number::Double(_)) && text.bytes().all(whole) {
            text += ".0";
        }
        text
    }
}

/// As ucode prints it: a fraction like C's `%.14g`.
/// Equal numbers hash alike, both zeros too.
impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Number::Int(n) => n.hash(state),
            Number::Double(d) => (d + 0.0).to_bits().hash(state),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            // std prints 128 bits by code of their own
            Number::Int(n) => {
                f.write_str(if n < 0 { "-" } else { "" })?;
                u64::try_from(n.unsigned_abs()).unwrap_or(u64::MAX).fmt(f)
            }
            Number::Double(d) => f.write_str(&general(d)),
        }
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.json())
    }
}

/// Digits, perhaps with a point, perhaps with an exponent: what C's strtod takes of a decimal number. `None` if
/// anything else is in it.
pub fn double(text: &str) -> Option<f64> {
    let (number, exponent) = match text.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, exponent.parse().ok()?),
        None => (text, 0i32),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    // More digits than these make no difference to a double.
    let mut digits: u64 = 0;
    let mut power = exponent;
    for (place, digit) in whole.bytes().chain(fraction.bytes()).enumerate() {
        let digit = digit.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        let behind = place >= whole.len();
        if digits < 1_000_000_000_000_000_000 {
            digits = digits * 10 + u64::from(digit);
            power = power.saturating_sub(behind.into());
        } else {
            power = power.saturating_add((!behind).into());
        }
    }
    Some(scaled(digits as f64, power))
}

/// A number times a power of ten, in steps that a double holds.
fn scaled(mut number: f64, mut power: i32) -> f64 {
    // Above 22 a power of ten is not exact.
    while power > 0 && number != 0.0 && number.is_finite() {
        let step = power.min(22);
        number *= 10f64.powi(step);
        power -= step;
    }
    while power < 0 && number != 0.0 {
        let step = (-power).min(22);
        number /= 10f64.powi(step);
        power += step;
    }
    number
}

/// C's `%.14g` (printf(3)): 14 significant digits, trailing zeros dropped, an exponent below 1e-4 and from 1e14 on.
/// Infinity and "not a number" as ucode has them.
fn general(number: f64) -> String {
    let sign = if number.is_sign_negative() { "-" } else { "" };
    let size = number.abs();
    if number.is_nan() {
        return "NaN".into();
    }
    if size.is_infinite() || size == 0.0 {
        let text = if size == 0.0 { "0" } else { "Infinity" };
        return [sign, text].concat();
    }
    // The exponent, by trying; then all digits in front of the point.
    let mut exponent = 0;
    while scaled(size, -exponent) >= 10.0 {
        exponent += 1;
    }
    while scaled(size, -exponent) < 1.0 {
        exponent -= 1;
    }
    let mut digits = (scaled(size, 13 - exponent) + 0.5) as u64;
    if digits >= 100_000_000_000_000 {
        digits /= 10;
        exponent += 1;
    }
    let digits = digits.to_string();
    let digits = digits.trim_end_matches('0');
    let point = |before: usize| match digits.split_at_checked(before) {
        Some((whole, "")) => whole.to_owned(),
        Some((whole, fraction)) => [whole, ".", fraction].concat(),
        None => [digits, &"0".repeat(before - digits.len())].concat(),
    };
    let text = match usize::try_from(exponent) {
        Ok(exponent) if exponent < 14 => point(exponent + 1),
        Err(_) if exponent >= -4 => {
            let zeros = "0".repeat((-1 - exponent) as usize);
            ["0.", &zeros, digits].concat()
        }
        _ => {
            let direction = if exponent < 0 { "e-" } else { "e+" };
            let power = exponent.unsigned_abs();
            let zero = if power < 10 { "0" } else { "" };
            [&point(1), direction, zero, &power.to_string()].concat()
        }
    };
    [sign, &text].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_print_as_printf_prints_14_digits() {
        for (number, text) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (5.0, "5"),
            (5.5, "5.5"),
            (-2.5, "-2.5"),
            (100.0, "100"),
            (0.1, "0.1"),
            (0.0001, "0.0001"),
            (0.00012345, "0.00012345"),
            (0.00001, "1e-05"),
            (1.0 / 3.0, "0.33333333333333"),
            (2.0 / 3.0, "0.66666666666667"),
            (99_999_999_999_999.0, "99999999999999"),
            (99_999_999_999_999.9, "1e+14"),
            (1e14, "1e+14"),
            (1e15, "1e+15"),
            (123_456_789_012_345.5, "1.2345678901235e+14"),
            (9_007_199_254_740_993.0, "9.007199254741e+15"),
            (1e100, "1e+100"),
            (-1.5e-300, "-1.5e-300"),
            (f64::MAX, "1.7976931348623e+308"),
            (f64::MIN_POSITIVE, "2.2250738585072e-308"),
            (5e-324, "4.9406564584125e-324"),
            (f64::INFINITY, "Infinity"),
            (f64::NEG_INFINITY, "-Infinity"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(Number::Double(number).to_string(), text);
        }
        assert_eq!(Number::Double(2.0).json(), "2.0");
        assert_eq!(Number::Double(2.5).json(), "2.5");
        assert_eq!(Number::Double(1e20).json(), "1e+20");
        assert_eq!(Number::Int(-2).json(), "-2");
    }

    #[test]
    fn what_has_few_digits_is_read_to_the_last_bit() {
        for text in [
            "0",
            "5.",
            ".5",
            "0.1",
            "1e3",
            "1.5E+3",
            "25e-4",
            "3.141592653589793",
            "123456.789",
            "9007199254740991",
            "1e22",
            "1e-22",
            "0.000001",
            "18446744073709551616",
            "1e400",
            "0e999999",
            "1e-400",
        ] {
            assert_eq!(double(text), text.parse::<f64>().ok(), "{text}");
        }
        for text in [
            "",
            ".",
            "e5",
            "1e",
            "1x",
            "-1",
            "1e5e",
            "1e99999999999",
            "é",
        ] {
            assert_eq!(double(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_printed_and_read_again_is_the_same_but_for_the_last_digits() {
        let mut seed = 1u64;
        for _ in 0..20_000 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let number = f64::from_bits(seed & !(1 << 63));
            if !number.is_finite() || number < 1e-290 {
                continue;
            }
            let text = Number::Double(number).to_string();
            let read = double(&text).unwrap();
            assert!(
                (read - number).abs() <= number * 6e-14,
                "{number:e}: {text}"
            );
            // and as exactly as can be seen in 14 digits
            let exact: f64 = text.parse().unwrap();
            assert!(
                (exact - number).abs() <= number * 5.1e-14,
                "{number:e}: {text}"
            );
        }
    }
}
