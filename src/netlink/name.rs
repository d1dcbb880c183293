/*! Names and comments on their way into C strings: checked for length, as bytes of the configuration. */

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

/// At most `max` bytes, none of them zero.
pub fn bounded(name: &str, max: usize) -> Result<CString, Reason> {
    let bytes = text::encode(name);
    if bytes.len() > max {
        return Err(Reason::TooLong(name.to_owned(), max));
    }
    CString::new(bytes.into_owned()).map_err(|_| Reason::ZeroByte)
}

/// Name of a table, chain, set or object.
pub fn object(name: &str) -> Result<CString, Reason> {
    bounded(name, NFT_NAME_MAXLEN - 1)
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
pub fn comment(text: &str) -> Result<Vec<u8>, Reason> {
    Ok(quoted(text, COMMENT_MAX)?.into_bytes())
}
