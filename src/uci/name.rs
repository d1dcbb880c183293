/*!
Which characters names may have (libuci, `uci_validate_str` in util.c).
*/

/// Section and option names: letters, digits and `_`.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_word)
}

/// The name behind `package`: `-` as well.
pub(super) fn is_package_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| is_word(b) || b == b'-')
}

/// Section types and names of configuration files: all that is visible in ASCII.
pub(super) fn is_type(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic())
}

/// Values of uncommitted changes (`uci_validate_text`): no control characters but tab and line ends.
pub(super) fn is_text(text: &str) -> bool {
    text.bytes()
        .all(|b| b >= 32 || matches!(b, b'\t' | b'\n' | b'\r'))
}

#[inline(always)]
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
