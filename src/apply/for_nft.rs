/*! A ruleset as nft has to have it, and back again. */

use std::mem;
use std::os::unix::ffi::OsStrExt;

use crate::router::Router;
use crate::ruleset::{Flowtable, Item, Ruleset, Snippet};
use crate::text;

/// What of a ruleset is otherwise while nft loads it: the flowtables have all their devices, and files are where they really are
/// (nft knows nothing of a router root). A ruleset is large, so it is changed back, not copied.
pub struct Before {
    delete_flowtable: bool,
    /// So many devices of each flowtable wait to join.
    joined: Vec<usize>,
    user_includes: String,
    /// Of what [`included`] lists, if they were changed.
    paths: Vec<String>,
}

impl Before {
    pub fn change(ruleset: &mut Ruleset, router: &Router) -> Before {
        let mut before = Before {
            delete_flowtable: ruleset.delete_flowtable,
            joined: Vec::new(),
            user_includes: ruleset.user_includes.clone(),
            paths: Vec::new(),
        };
        for flowtable in flowtables(ruleset) {
            before.joined.push(flowtable.joined.len());
            flowtable.devices.append(&mut flowtable.joined);
        }
        if router.is_live() {
            return before;
        }
        let really = |path: &str| text::decode(router.path(path).as_os_str().as_bytes());
        before.paths = included(ruleset)
            .map(|snippet| {
                let path = really(&snippet.path);
                mem::replace(&mut snippet.path, path)
            })
            .collect();
        if let Some((folder, pattern)) = before.user_includes.rsplit_once('/') {
            ruleset.user_includes = [&really(folder), "/", pattern].concat();
        }
        before
    }

    pub fn restore(self, ruleset: &mut Ruleset) {
        ruleset.delete_flowtable = self.delete_flowtable;
        ruleset.user_includes = self.user_includes;
        for (flowtable, joined) in flowtables(ruleset).zip(self.joined) {
            let first = flowtable.devices.len().saturating_sub(joined);
            flowtable.joined = flowtable.devices.split_off(first);
        }
        for (snippet, path) in included(ruleset).zip(self.paths) {
            snippet.path = path;
        }
    }
}

fn flowtables(ruleset: &mut Ruleset) -> impl Iterator<Item = &mut Flowtable> {
    let both = [&mut ruleset.flowtable, &mut ruleset.software];
    both.into_iter().flatten()
}

/// Those that nft reads by their path.
fn included(ruleset: &mut Ruleset) -> impl Iterator<Item = &mut Snippet> {
    let placed = [
        &mut ruleset.ruleset_pre,
        &mut ruleset.table_pre,
        &mut ruleset.table_post,
        &mut ruleset.ruleset_post,
    ];
    let items = ruleset.chains.iter_mut().flat_map(|chain| &mut chain.items);
    let in_chains = items.filter_map(|item| match item {
        Item::Include(snippet) => Some(snippet),
        Item::Rule(_) => None,
    });
    placed.into_iter().flatten().chain(in_chains)
}
