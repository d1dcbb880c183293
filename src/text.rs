/*!
Bytes that may not be UTF-8, kept in `String`s without loss.

UCI files, file names and ubus strings are bytes; nearly all of them are UTF-8, and the rest must
come out of `print` as they went in. A byte that is no part of a UTF-8 sequence is kept as one
character of Unicode's last private plane, `U+10FF00 + byte` (the idea of Python's PEP 383), and turned
back by [`encode`] wherever text leaves the program: the nft text, netlink attributes, paths, messages.
*/

use std::borrow::Cow;

const BASE: u32 = 0x10_FF00;
/// The first byte of the range in UTF-8. Text without it, nearly all there is, need not be looked
/// at more closely.
const PLANE: u8 = 0xF4;

/// Bytes from outside as a `String`; [`encode`] gives the same bytes back.
pub fn decode(bytes: &[u8]) -> String {
    read(bytes).into_owned()
}

/// [`decode`] without a copy where the bytes are the text.
pub fn read(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes)
        && !bytes.contains(&PLANE)
    {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        if !chunk.valid().as_bytes().contains(&PLANE) {
            out.push_str(chunk.valid());
        } else {
            for c in chunk.valid().chars() {
                // A genuine character of our private range would be taken for an escape: escape its
                // bytes.
                match escaped(c) {
                    None => out.push(c),
                    Some(_) => {
                        out.extend(c.encode_utf8(&mut [0; 4]).bytes().filter_map(escape));
                    }
                }
            }
        }
        out.extend(chunk.invalid().iter().copied().filter_map(escape));
    }
    Cow::Owned(out)
}

/// The bytes behind a `String` made by [`decode`].
pub fn encode(text: &str) -> Cow<'_, [u8]> {
    if !text.as_bytes().contains(&PLANE) || !text.chars().any(|c| escaped(c).is_some()) {
        return Cow::Borrowed(text.as_bytes());
    }
    let mut out = Vec::with_capacity(text.len());
    for c in text.chars() {
        match escaped(c) {
            Some(byte) => out.push(byte),
            None => out.extend(c.encode_utf8(&mut [0; 4]).bytes()),
        }
    }
    Cow::Owned(out)
}

fn escape(byte: u8) -> Option<char> {
    char::from_u32(BASE + u32::from(byte))
}

fn escaped(c: char) -> Option<u8> {
    u8::try_from(u32::from(c).wrapping_sub(BASE)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_string_comes_back() {
        for bytes in [
            &b"plain"[..],
            b"B\xfcro",
            "Büro".as_bytes(),
            b"\xff\xfe\x00",
            "\u{10FF41}".as_bytes(),
        ] {
            assert_eq!(&*encode(&decode(bytes)), bytes);
        }
    }

    #[test]
    fn utf8_stays_readable() {
        assert_eq!(decode("Büro".as_bytes()), "Büro");
    }
}
