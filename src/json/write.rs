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
    for c in text.chars() {
        let short = match c {
            '"' | '\\' => c,
            '\n' => 'n',
            '\r' => 'r',
            '\t' => 't',
            '\x08' => 'b',
            '\x0c' => 'f',
            '\0'..'\x20' => {
                *out += "\\u00";
                for half in [c as u32 >> 4, c as u32 & 15] {
                    out.extend(char::from_digit(half, 16));
                }
                continue;
            }
            _ => {
                out.push(c);
                continue;
            }
        };
        out.push('\\');
        out.push(short);
    }
    out.push('"');
}
