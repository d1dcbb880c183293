use std::hash::{Hash, Hasher};

use super::{Origin, Rule};

/// A chain of the table, base chain or not.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct Chain {
    pub name: String,
    pub base: Option<BaseChain>,
    pub items: Vec<Item>,
    /// Under which heading it is printed.
    pub part: Part,
}

/// The headings of the printed ruleset: "Filter rules", "NAT rules", ...
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    Filter,
    Nat,
    Raw,
    Mangle,
}

/// What stands in a chain, in order.
#[derive(Debug, Clone, PartialEq, Hash)]
pub enum Item {
    Rule(Rule),
    Include(Snippet),
}

/// A file of raw nft text, included as it is. Only nft can read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    /// As printed, and as nft opens it.
    pub path: String,
    pub origin: Origin,
}

/// Which section asked for it is no part of what it does.
impl Hash for Snippet {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Snippet { path, origin: _ } = self;
        (path).hash(state);
    }
}

/// Where a chain hangs in the packet's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BaseChain {
    pub kind: ChainType,
    pub hook: Hook,
    pub priority: Priority,
    pub policy: Policy,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChainType {
    Filter,
    Nat,
    Route,
}

/// `enum nf_inet_hooks` in linux/netfilter.h.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hook {
    Prerouting,
    Input,
    Forward,
    Output,
    Postrouting,
}

/// nft's names for `enum nf_ip_hook_priorities`, linux/netfilter_ipv4.h.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Priority {
    /// -300
    Raw,
    /// -150
    Mangle,
    /// -100
    Dstnat,
    /// 0
    Filter,
    /// 1
    AfterFilter,
    /// 100
    Srcnat,
}

/// What happens to a packet that no rule of a base chain decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Policy {
    Accept,
    Drop,
}

impl Chain {
    /// The rules alone, without the includes between them.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.items.iter().filter_map(|item| match item {
            Item::Rule(rule) => Some(rule),
            Item::Include(_) => None,
        })
    }
}
