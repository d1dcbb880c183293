/*! JSON as text, without blanks (RFC 8259). */

use std::fmt;

use super::Json;

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        write(self, &mut out);
        f.write_str(&out)
    }
}

fn write(value: &Json, out: &mut String) {
    match value {
        Json::Null => *out += "null",
        Json::Bool(true) => *out += "true",
        Json::Bool(false) => *out += "false",
        Json::Number(number) => *out += &number.json(),
        Json::String(text) => quoted(text, out),
        Json::Array(items) => {
            let mut before = '[';
            for item in items {
                out.push(before);
                write(item, out);
                before = ',';
            }
            *out += if before == '[' { "[]" } else { "]" };
        }
        Json::Object(map) => {
            let mut before = '{';
            for (name, value) in map.iter() {
                out.push(before);
                quoted(name, out);
                out.push(':');
                write(value, out);
                before = ',';
            }
            *out += if before == '{' { "{}" } else { "}" };
        }
    }
}

fn quoted(text: &str, out: &mut String) {
    out.push('"');
    let mut start = 0;
    for (place, byte) in text.bytes().enumerate() {
        let short = match byte {
            b'"' | b'\\' => byte,
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            b'\x08' => b'b',
            b'\x0c' => b'f',
            0..b' ' => b'u',
            _ => continue,
        };
        *out += text.get(start..place).unwrap_or_default();
        start = place + 1;
        out.push('\\');
        out.push(char::from(short));
        if short == b'u' {
            *out += "00";
            for half in [byte >> 4, byte & 15] {
                out.extend(char::from_digit(half.into(), 16));
            }
        }
    }
    *out += text.get(start..).unwrap_or_default();
    out.push('"');
}
