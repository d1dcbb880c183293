/*!
`Ruleset` to nft's own language, byte for byte as `fw4 print`.

One pass over the model into one buffer. What is quoted, where a blank line stands and which lists are
sets follows fw4's templates exactly, because people compare and patch its output.
*/

mod address;
mod fields;
mod layout;
mod list;
mod matching;
mod set;
mod statement;
mod trace;
mod unsayable;

pub use fields::{cidr, element_fields, time_unit};
pub use set::{print_set_reload, set_type};
pub use trace::{About, Traced, print_traced};
pub use unsayable::{Unsayable, unsayable};

use crate::ruleset::Ruleset;
use crate::text;

/// The whole ruleset, ready for `nft -f -`.
pub fn print(ruleset: &Ruleset) -> Vec<u8> {
    let mut printer = Printer::default();
    printer.ruleset(ruleset);
    printer.out
}

/// The text so far, and room for the items of a list until it is known how they must be written.
#[derive(Default)]
struct Printer {
    out: Vec<u8>,
    list: list::List,
    /// Where in the text each section's part begins.
    marks: Vec<trace::Mark>,
}

impl Printer {
    /// Text of our own, or of the model where fw4 prints it as it is.
    fn put(&mut self, text: &str) {
        if text.is_ascii() {
            self.out.extend_from_slice(text.as_bytes());
        } else {
            self.out.extend_from_slice(&text::encode(text));
        }
    }

    fn number(&mut self, number: impl Into<u64>) {
        write_number(&mut self.out, number.into());
    }

    /// `0x2e`
    fn hex(&mut self, number: u32) {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        self.out.extend_from_slice(b"0x");
        let nibbles = (32 - number.leading_zeros()).div_ceil(4).max(1);
        for i in (0..nibbles).rev() {
            self.out.push(DIGITS[(number >> (4 * i) & 15) as usize]);
        }
    }

    /// `"..."`. nft knows no escape for a quote within, so fw4 makes it a single one.
    fn quoted(&mut self, text: &str) {
        self.out.push(b'"');
        if text.contains('"') {
            self.put(&text.replace('"', "'"));
        } else {
            self.put(text);
        }
        self.out.push(b'"');
    }
}

fn write_number(out: &mut Vec<u8>, number: u64) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    let mut rest = number;
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_printf_does() {
        let mut printer = Printer::default();
        for number in [0u64, 7, 10, 65535, u64::MAX] {
            printer.number(number);
            printer.put(" ");
        }
        for number in [0, 0x2e, 0x100, u32::MAX] {
            printer.hex(number);
            printer.put(" ");
        }
        let text = String::from_utf8(printer.out).expect("ASCII");
        assert_eq!(
            text,
            "0 7 10 65535 18446744073709551615 0x0 0x2e 0x100 0xffffffff "
        );
    }

    #[test]
    fn a_quote_within_quotes_becomes_a_single_one() {
        let mut printer = Printer::default();
        printer.quoted("a\"b");
        assert_eq!(printer.out, b"\"a'b\"");
    }
}
