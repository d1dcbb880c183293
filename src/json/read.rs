/*! Text to JSON, by RFC 8259 and nothing beyond it. Of equal names in an object the last counts. */

use std::io;

use super::{Json, Map, Number};
use crate::number;

/// Where the text stops being JSON, in characters from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {what}")]
pub struct Error {
    pub line: usize,
    pub column: usize,
    pub what: &'static str,
}

impl From<Error> for io::Error {
    fn from(error: Error) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, error)
    }
}

/// So deep may arrays and objects lie in each other: as many as the stack of any thread holds.
const DEPTH: usize = 127;

/// # Errors
/// It is not one JSON value, with blanks around it at most.
pub fn read(text: &str) -> Result<Json, Error> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(DEPTH).and_then(|value| match reader.peek() {
        None => Ok(value),
        Some(_) => Err("nothing more was expected"),
    });
    value.map_err(|what| {
        let before = text.get(..reader.at).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        Error {
            line: before.matches('\n').count() + 1,
            column: line.chars().count() + 1,
            what,
        }
    })
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

type Read<T> = Result<T, &'static str>;

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Passes over the bytes that are such. Those that end a run are ASCII, so it ends between characters.
    fn skip(&mut self, such: impl Fn(u8) -> bool) {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let other = rest.iter().position(|byte| !such(*byte));
        self.at += other.unwrap_or(rest.len());
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The next byte that is no blank, without taking it.
    fn peek(&mut self) -> Option<u8> {
        self.skip(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
        self.byte()
    }

    fn takes(&mut self, expected: &str) -> bool {
        let there = self.rest().starts_with(expected);
        if there {
            self.at += expected.len();
        }
        there
    }

    fn value(&mut self, depth: usize) -> Read<Json> {
        let deeper = || depth.checked_sub(1).ok_or("nested too deep");
        match self.peek() {
            Some(b'{') => {
                self.at += 1;
                let (mut map, depth) = (Map::new(), deeper()?);
                self.list("}", |reader| {
                    if reader.peek() != Some(b'"') {
                        return Err("a name was expected");
                    }
                    let name = reader.string()?;
                    if reader.peek() != Some(b':') {
                        return Err("':' was expected");
                    }
                    reader.at += 1;
                    map.insert(name, reader.value(depth)?);
                    Ok(())
                })?;
                Ok(Json::Object(map))
            }
            Some(b'[') => {
                self.at += 1;
                let (mut items, depth) = (Vec::new(), deeper()?);
                self.list("]", |reader| {
                    items.push(reader.value(depth)?);
                    Ok(())
                })?;
                Ok(Json::Array(items))
            }
            Some(b'"') => self.string().map(Json::String),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ if self.takes("null") => Ok(Json::Null),
            _ if self.takes("true") => Ok(Json::Bool(true)),
            _ if self.takes("false") => Ok(Json::Bool(false)),
            _ => Err("a value was expected"),
        }
    }

    /// What stands between commas, up to the end.
    fn list(&mut self, end: &str, mut item: impl FnMut(&mut Self) -> Read<()>) -> Read<()> {
        self.peek();
        if self.takes(end) {
            return Ok(());
        }
        loop {
            item(self)?;
            self.peek();
            if self.takes(end) {
                return Ok(());
            }
            if !self.takes(",") {
                return Err("',' or the end was expected");
            }
        }
    }

    fn string(&mut self) -> Read<String> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let start = self.at;
            self.skip(|byte| !matches!(byte, b'"' | b'\\' | 0..b' '));
            out += self.text.get(start..self.at).unwrap_or_default();
            match self.byte() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => {
                    self.at += 1;
                    out.push(self.escaped()?);
                }
                Some(_) => return Err("a control character in a text"),
                None => return Err("the text does not end"),
            }
        }
    }

    /// What follows a backslash.
    fn escaped(&mut self) -> Read<char> {
        let c = self.rest().chars().next().ok_or("the text does not end")?;
        let meant = match c {
            '"' | '\\' | '/' => c,
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'b' => '\x08',
            'f' => '\x0c',
            'u' => {
                self.at += 1;
                let unit = self.unit()?;
                let high = (0xd800..0xdc00).contains(&unit);
                let code = if high && self.takes("\\u") {
                    let low = self.unit()?;
                    let offset = low.checked_sub(0xdc00).filter(|offset| *offset < 0x400);
                    offset.map(|offset| 0x10000 + ((unit - 0xd800) << 10) + offset)
                } else {
                    Some(unit)
                };
                // what is left of a pair alone is no character
                return code.and_then(char::from_u32).ok_or("half a character");
            }
            _ => return Err("no such escape"),
        };
        self.at += 1;
        Ok(meant)
    }

    fn unit(&mut self) -> Read<u32> {
        let digits = self.rest().get(..4).unwrap_or_default();
        let mut unit = 0;
        for c in digits.chars() {
            unit = unit * 16
                + c.to_digit(16)
                    .ok_or("four hexadecimal digits were expected")?;
        }
        self.at += digits.len();
        match digits.len() {
            4 => Ok(unit),
            _ => Err("four hexadecimal digits were expected"),
        }
    }

    fn digits(&mut self) -> Read<()> {
        let start = self.at;
        self.skip(|byte| byte.is_ascii_digit());
        match self.at > start {
            true => Ok(()),
            false => Err("a digit was expected"),
        }
    }

    fn number(&mut self) -> Read<Json> {
        let negative = self.takes("-");
        let start = self.at;
        if !self.takes("0") {
            self.digits()?;
        }
        let whole = self.at;
        if self.takes(".") {
            self.digits()?;
        }
        if self.takes("e") || self.takes("E") {
            let _sign = self.takes("+") || self.takes("-");
            self.digits()?;
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        // Beyond 64 bits it is a double.
        let number = match text.parse::<u64>() {
            Ok(n) if self.at == whole && (!negative || (1..=1 << 63).contains(&n)) => {
                Number::Int(if negative { -i128::from(n) } else { n.into() })
            }
            _ => {
                let n = number::double(text).filter(|n| n.is_finite());
                let n = n.ok_or("the number is out of range")?;
                Number::Double(if negative { -n } else { n })
            }
        };
        Ok(Json::Number(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// serde_json's answer to the same text.
    fn agreed(text: &str) -> Option<Json> {
        serde_json::from_str::<serde_json::Value>(text)
            .ok()
            .map(Json::from)
    }

    #[test]
    fn what_is_json_is_read_and_written_back() {
        for text in [
            "null",
            "true",
            "[]",
            "{}",
            "0",
            "-5",
            "18446744073709551615",
            "-9223372036854775808",
            "1.5",
            "2.0",
            r#"{"z":1,"a":[null,false,"s",{"b":[]}],"":""}"#,
            r#""\"\\\n\r\t\b\f\u0000\u001f é €""#,
        ] {
            assert_eq!(read(text).unwrap().to_string(), text);
            assert_eq!(read(text).ok(), agreed(text));
        }
    }

    #[test]
    fn what_another_reader_takes_is_taken_and_nothing_else() {
        let deep = |n: usize| ["[".repeat(n), "]".repeat(n)].concat();
        let mut texts = vec![
            deep(127),
            deep(128),
            deep(129),
            deep(50_000),
            "{\"a\":".repeat(200),
        ];
        for text in [
            "",
            " ",
            "nul",
            "nullx",
            "null null",
            "[1,]",
            "[,1]",
            "[1 2]",
            "[1",
            "{",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{a:1}",
            "{\"a\":1,\"b\":2,\"a\":3}",
            " [ 1 , 2 ] ",
            "\t\r\n{ \"a\" : 1 }\n",
            "01",
            "-",
            "-0",
            "+1",
            "1.",
            ".5",
            "1e",
            "1e5",
            "1E+5",
            "1.25e-3",
            "1e400",
            "-1e400",
            "18446744073709551616",
            "-9223372036854775809",
            "\"",
            "\"a",
            "\"\\",
            "\"\\x\"",
            "\"\n\"",
            "\"\\u00e9\"",
            "\"\\ud83d\\ude00\"",
            "\"\\ud83d\"",
            "\"\\ude00\"",
            "\"\\ud83d\\u0041\"",
            "\"\\u12\"",
            "\"\\u12g4\"",
            "\"\\u€\"",
            "\"\u{7f}\"",
            "\u{feff}1",
            "1 x",
        ] {
            texts.push(text.to_owned());
        }
        for text in texts {
            assert_eq!(
                read(&text).ok(),
                agreed(&text),
                "{}",
                text.get(..60).unwrap_or(&text)
            );
        }
    }

    #[test]
    fn any_text_cut_anywhere_is_refused_or_read_but_never_fatal() {
        let text = r#"{"zones":[{"name":"wän","n":-1.5e3,"on":true,"x":"\u00e9\n"}],"last":null}"#;
        for end in (0..=text.len()).filter(|end| text.is_char_boundary(*end)) {
            let (cut, rest) = text.split_at(end);
            assert_eq!(read(cut).ok(), agreed(cut));
            assert_eq!(read(rest).ok(), agreed(rest));
        }
    }

    #[test]
    fn the_place_of_the_mistake_is_named() {
        let error = read("{\"ä\": 1,\n \"b\": x}").unwrap_err();
        assert_eq!(error.to_string(), "line 2, column 7: a value was expected");
    }
}
