/*!
`restart` as text where a flowtable in hardware stays: all else goes, in the transaction that brings the new rules.

`delete table` would take the flowtable along, and its flows would have to leave the hardware first, which takes half a
minute.
*/

use std::ffi::CString;

use crate::netlink::{self, Prior, Socket};
use crate::ruleset::Ruleset;
use crate::text;

/// `NFT_OBJECT_*` as nft(8) says it, by number (linux/netfilter/nf_tables.h); empty where it has no word for it.
const OBJECTS: [&str; 11] = [
    "",
    "counter",
    "quota",
    "ct helper",
    "limit",
    "",
    "",
    "ct timeout",
    "secmark",
    "ct expectation",
    "synproxy",
];

/// Empties the table but for `ft` and the chains that the ruleset has too. `None` if something in it cannot be said.
pub fn text(socket: &mut Socket, ruleset: &Ruleset) -> Result<Option<Vec<u8>>, netlink::Error> {
    let contents = Prior::read_objects(socket)?.contents;
    let mut gone: Vec<(&str, &CString)> = Vec::new();
    gone.extend(
        contents
            .flowtables
            .iter()
            .map(|name| ("delete flowtable", name)),
    );
    // Maps may refer to chains and objects, so these come last. Kernels before 6.5 forget what the elements of
    // a deleted map refer to, unless they are deleted.
    for set in &contents.sets {
        let words = match set.is_map() {
            true => ["flush map", "delete map"],
            false => ["flush set", "delete set"],
        };
        gone.extend(words.map(|words| (words, &set.name)));
    }
    let chains = contents.chains.iter();
    let chains = chains.filter(|chain| !netlink::stays(chain, ruleset));
    gone.extend(chains.map(|chain| ("delete chain", &chain.name)));
    let mut said = b"flush table inet fw4\n".to_vec();
    let plain = |name: &str| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let mut say = |what: &[&str], name: &CString| {
        let name = text::decode(name.to_bytes());
        what.iter()
            .for_each(|word| said.extend_from_slice(word.as_bytes()));
        said.extend_from_slice(b" inet fw4 ");
        said.extend_from_slice(name.as_bytes());
        said.push(b'\n');
        plain(&name)
    };
    let mut sayable = gone
        .into_iter()
        .fold(true, |so_far, (what, name)| say(&[what], name) && so_far);
    for object in &contents.objects {
        let kind = usize::try_from(object.kind)
            .ok()
            .and_then(|kind| OBJECTS.get(kind));
        let kind = kind.copied().unwrap_or_default();
        sayable &= say(&["delete ", kind], &object.name) && !kind.is_empty();
    }
    Ok(sayable.then_some(said))
}
