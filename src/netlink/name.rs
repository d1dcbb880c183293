/*! Names and comments on their way into C strings: checked for length, as bytes of the configuration. */

use std::borrow::Cow;
use std::ffi::{CStr, CString};

use super::error::Reason;
use super::kernel_abi::NFT_NAME_MAXLEN;
use super::udata::COMMENT_MAX;
use crate::text;

/// Ours.
pub const TABLE_NAME: &CStr = c"fw4";
/// Also ours: [`crate::ruleset::SOFTWARE_TABLE`].
pub const SOFTWARE_TABLE_NAME: &CStr = c"fw4_software";
/// The one in each.
pub const FLOWTABLE_NAME: &CStr = c"ft";

/// Its bytes, if there are at most `max` and all are what they are everywhere. Nearly all text is such, so this is asked first.
fn plain(text: &str, max: usize) -> Option<&[u8]> {
    // 0 becomes the largest number here.
    let is_plain = |byte: u8| byte.wrapping_sub(1) < 0x7f && byte != b'"';
    (text.len() <= max && text.bytes().all(is_plain)).then_some(text.as_bytes())
}

/// At most `max` bytes, none of them zero.
fn bytes(text: &str, max: usize) -> Result<Cow<'_, [u8]>, Reason> {
    if let Some(plain) = plain(text, max) {
        return Ok(Cow::Borrowed(plain));
    }
    let bytes = text::encode(text);
    if bytes.len() > max {
        return Err(Reason::TooLong(text.to_owned(), max));
    }
    match bytes.contains(&0) {
        true => Err(Reason::ZeroByte),
        false => Ok(bytes),
    }
}

/// The same with a zero behind.
pub fn bounded(name: &str, max: usize) -> Result<CString, Reason> {
    CString::new(bytes(name, max)?).map_err(|_| Reason::ZeroByte)
}

/// Name of a table, chain, set or object.
pub fn object(name: &str) -> Result<CString, Reason> {
    bounded(name, NFT_NAME_MAXLEN - 1)
}

/// The same without the zero.
pub fn object_bytes(name: &str) -> Result<Cow<'_, [u8]>, Reason> {
    bytes(name, NFT_NAME_MAXLEN - 1)
}

/// Text that nft's language has in quotes: it knows no escape for a quote within, so fw4 makes it a
/// single one, and what is loaded without nft must read the same.
pub fn quoted(text: &str, max: usize) -> Result<CString, Reason> {
    if text.contains('"') {
        bounded(&text.replace('"', "'"), max)
    } else {
        bounded(text, max)
    }
}

/// The bytes of a comment; nft allows 128.
pub fn comment(text: &str) -> Result<Cow<'_, [u8]>, Reason> {
    match plain(text, COMMENT_MAX) {
        Some(plain) => Ok(Cow::Borrowed(plain)),
        None => Ok(Cow::Owned(quoted(text, COMMENT_MAX)?.into_bytes())),
    }
}
