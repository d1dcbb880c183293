/*! `config include` of type nftables: raw nft text and where it goes. */

use std::collections::HashMap;

use crate::config::{Include, IncludeKind, Position};
use crate::ruleset::{Item, Snippet};

/// The snippets by place, in the order of the configuration.
#[derive(Debug, Default)]
pub(super) struct Snippets<'a> {
    pub(super) ruleset_pre: Vec<Snippet>,
    pub(super) ruleset_post: Vec<Snippet>,
    pub(super) table_pre: Vec<Snippet>,
    pub(super) table_post: Vec<Snippet>,
    chain_pre: HashMap<&'a str, Vec<Snippet>>,
    chain_post: HashMap<&'a str, Vec<Snippet>>,
}

impl<'a> Snippets<'a> {
    pub(super) fn of(includes: &'a [Include]) -> Self {
        let mut snippets = Snippets::default();
        for include in includes {
            let IncludeKind::Nftables(position) = &include.kind else {
                continue;
            };
            let place = match position {
                Position::RulesetPre => &mut snippets.ruleset_pre,
                Position::RulesetPost => &mut snippets.ruleset_post,
                Position::TablePre => &mut snippets.table_pre,
                Position::TablePost => &mut snippets.table_post,
                Position::ChainPre(chain) => snippets.chain_pre.entry(chain).or_default(),
                Position::ChainPost(chain) => snippets.chain_post.entry(chain).or_default(),
            };
            place.push(Snippet {
                path: include.path.clone(),
                origin: include.origin,
            });
        }
        snippets
    }

    pub(super) fn before(&self, chain: &str, items: &mut Vec<Item>) {
        append(&self.chain_pre, chain, items);
    }

    pub(super) fn after(&self, chain: &str, items: &mut Vec<Item>) {
        append(&self.chain_post, chain, items);
    }
}

fn append(snippets: &HashMap<&str, Vec<Snippet>>, chain: &str, items: &mut Vec<Item>) {
    items.extend(
        snippets
            .get(chain)
            .into_iter()
            .flatten()
            .cloned()
            .map(Item::Include),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Origin;

    fn include(path: &str, position: Position) -> Include {
        Include {
            origin: Origin(1),
            path: path.to_owned(),
            kind: IncludeKind::Nftables(position),
        }
    }

    #[test]
    fn snippets_of_a_chain_keep_their_order_and_side() {
        let includes = [
            include("b", Position::ChainPre("input".to_owned())),
            include("a", Position::ChainPre("input".to_owned())),
            include("c", Position::ChainPost("input".to_owned())),
            include("d", Position::TablePre),
        ];
        let snippets = Snippets::of(&includes);
        let mut items = Vec::new();
        snippets.before("input", &mut items);
        snippets.before("forward", &mut items);
        let paths: Vec<&str> = items
            .iter()
            .filter_map(|item| match item {
                Item::Include(snippet) => Some(snippet.path.as_str()),
                Item::Rule(_) => None,
            })
            .collect();
        assert_eq!(paths, ["b", "a"]);
        assert_eq!(snippets.table_pre.len(), 1);
    }
}
