/*!
Files of raw nft text: which of them say anything.

Only nft can read them. Where all of them are empty but for comments, as on a fresh router, the ruleset
needs no nft.
*/

use std::io;

use crate::router::{Router, reason};
use crate::ruleset::{Item, Ruleset, Snippet};

/// The files with something in them, in the order in which nft would read them.
pub fn with_content(ruleset: &Ruleset, router: &Router) -> Vec<String> {
    let user = router.glob(&ruleset.user_includes);
    let in_chains = ruleset
        .chains
        .iter()
        .flat_map(|c| &c.items)
        .filter_map(|item| match item {
            Item::Include(snippet) => Some(snippet),
            Item::Rule(_) => None,
        });
    let placed = [
        &ruleset.ruleset_pre,
        &ruleset.table_pre,
        &ruleset.table_post,
        &ruleset.ruleset_post,
    ];
    let paths = placed
        .into_iter()
        .flatten()
        .chain(in_chains)
        .map(|Snippet { path, .. }| path.clone());
    let mut seen = Vec::new();
    for path in user.into_iter().chain(paths) {
        if !seen.contains(&path) && says_something(router, &path) {
            seen.push(path);
        }
    }
    seen
}

/// Why nft must not be given this file: it is none, or too large to be one. What is not there nft says itself.
pub fn unfit(router: &Router, path: &str) -> Option<String> {
    let error = router.read_file(path).err()?;
    let unfit = error.kind() == io::ErrorKind::InvalidInput
        || matches!(
            error.raw_os_error(),
            Some(libc::EFBIG | libc::EISDIR | libc::ENXIO)
        );
    unfit.then(|| reason(&error))
}

/// A file that cannot be read counts: nft then says what is wrong with it.
fn says_something(router: &Router, path: &str) -> bool {
    router
        .read_file(path)
        .map_or(true, |bytes| has_content(&bytes))
}

/// More than blanks and comments (`#` to the end of the line, nft(8) "Input file formats")?
fn has_content(bytes: &[u8]) -> bool {
    bytes.split(|b| *b == b'\n').any(|line| {
        let line = line.trim_ascii();
        !line.is_empty() && !line.starts_with(b"#")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_blanks_are_nothing() {
        assert!(!has_content(b""));
        assert!(!has_content(b"# nothing\n\n   \t\n  # here\r\n"));
        assert!(has_content(b"# a chain\nchain user {}\n"));
        assert!(has_content(b"chain user {}"));
    }
}
