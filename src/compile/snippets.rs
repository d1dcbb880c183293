/*! `config include` of type nftables: raw nft text and where it goes. */

use crate::config::{Include, IncludeKind, Position};
use crate::ruleset::{Item, Snippet};

/// The snippets by place, in the order of the configuration.
#[derive(Debug, Default)]
pub(super) struct Snippets<'a> {
    pub(super) ruleset_pre: Vec<Snippet>,
    pub(super) ruleset_post: Vec<Snippet>,
    pub(super) table_pre: Vec<Snippet>,
    pub(super) table_post: Vec<Snippet>,
    /// With the names of their chains.
    chain_pre: Vec<(&'a str, Snippet)>,
    chain_post: Vec<(&'a str, Snippet)>,
}

impl<'a> Snippets<'a> {
    pub(super) fn of(includes: &'a [Include]) -> Self {
        let mut snippets = Snippets::default();
        for include in includes {
            let IncludeKind::Nftables(position) = &include.kind else {
                continue;
            };
            let snippet = Snippet {
                path: include.path.clone(),
                origin: include.origin,
            };
            match position {
                Position::RulesetPre => snippets.ruleset_pre.push(snippet),
                Position::RulesetPost => snippets.ruleset_post.push(snippet),
                Position::TablePre => snippets.table_pre.push(snippet),
                Position::TablePost => snippets.table_post.push(snippet),
                Position::ChainPre(chain) => snippets.chain_pre.push((chain, snippet)),
                Position::ChainPost(chain) => snippets.chain_post.push((chain, snippet)),
            }
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

fn append(snippets: &[(&str, Snippet)], chain: &str, items: &mut Vec<Item>) {
    let of_chain = snippets.iter().filter(|(of, _)| *of == chain);
    items.extend(of_chain.map(|(_, snippet)| Item::Include(snippet.clone())));
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
