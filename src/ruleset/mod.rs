/*!
The model of a ruleset: pure data, known to both back ends, knowing nothing.

`compile` makes a [`Ruleset`]; `nft` writes it as text, `netlink` as messages. What stands here says
what a packet meets, never how nft spells it or the kernel encodes it. Each rule remembers the
configuration section it comes from ([`Origin`]), so that a refusal can be traced back.
*/

mod address;
mod chain;
mod flowtable;
mod matching;
mod object;
mod rule;
mod set;
mod statement;

pub use crate::number::Number;
pub use address::{AddrRange, MaskedAddr, Network, Prefix, mask_bits, max_bits};
pub use chain::{BaseChain, Chain, ChainType, Hook, Item, Part, Policy, Priority, Snippet};
pub use flowtable::Flowtable;
pub use matching::{
    CtState, Dir, Family, IcmpKind, L4, Match, MetaHour, MetaTime, SetField, TimeOfDay, Timestamp,
    Weekday, family_of,
};
pub use object::{CtHelper, Define, LimitObject};
pub use rule::Rule;
pub use set::{Element, KeyType, KeyValue, Set};
pub use statement::{
    Dscp, Limit, MarkChange, NatAddr, NatRange, PortRange, RejectCode, Statement, TimeUnit, Verdict,
};

pub use crate::diagnostic::Origin;

/// The name of the one table, `inet fw4`; others reach into it by that name.
pub const TABLE: &str = "fw4";
/// The table for flows in software where others are in hardware, see [`Ruleset::software`].
pub const SOFTWARE_TABLE: &str = "fw4_software";
/// The name of the one flowtable in each.
pub const FLOWTABLE: &str = "ft";
/// Where it is decided what goes into it, if there is anything to decide.
pub const OFFLOAD_CHAIN: &str = "flow_offload";
/// Where the class of a connection is written down; those that give it to packets have a number behind.
pub const DSCP_CHAIN: &str = "flow_dscp";

/// The bit of the packet mark that hands a flow over to the second table, which takes it off again. Between both is no routing
/// and no queue.
pub const HANDOVER: u32 = 0x0200_0000;

/// All of `table inet fw4`, in the order in which it is printed.
#[derive(Debug, Clone, PartialEq, Default, Hash)]
pub struct Ruleset {
    /// The table has a flowtable `ft` already that must be deleted before it is declared anew
    /// (text path only: the netlink path looks for itself).
    pub delete_flowtable: bool,
    pub flowtable: Option<Flowtable>,
    /// The flowtable of `table inet fw4_software`, beside one in hardware: the kernel takes a device twice in different
    /// tables only (`nft_register_flowtable_net_hooks`), and a rule fills flowtables of its own table only.
    pub software: Option<Flowtable>,
    pub helpers: Vec<CtHelper>,
    pub sets: Vec<Set>,
    pub defines: Vec<Define>,
    pub limits: Vec<LimitObject>,
    pub chains: Vec<Chain>,
    /// Raw nft files outside of chains; those inside are items of their chain.
    pub ruleset_pre: Vec<Snippet>,
    pub table_pre: Vec<Snippet>,
    pub table_post: Vec<Snippet>,
    pub ruleset_post: Vec<Snippet>,
    /// The pattern every ruleset includes at its head, `/etc/nftables.d/*.nft`.
    pub user_includes: String,
}

impl Ruleset {
    /// Takes out everything that these sections asked for. What refers to it is the caller's business: the
    /// kernel names it next.
    pub fn leave_out(&mut self, origins: &[Origin]) {
        let keep = |origin: &Origin| !origins.contains(origin);
        self.helpers.retain(|h| keep(&h.origin));
        self.sets.retain(|s| keep(&s.origin));
        self.limits.retain(|l| keep(&l.origin));
        for chain in &mut self.chains {
            chain.items.retain(|item| match item {
                Item::Rule(rule) => keep(&rule.origin),
                Item::Include(snippet) => keep(&snippet.origin),
            });
        }
        for snippets in [
            &mut self.ruleset_pre,
            &mut self.table_pre,
            &mut self.table_post,
            &mut self.ruleset_post,
        ] {
            snippets.retain(|s| keep(&s.origin));
        }
    }

    /// Takes out the flowtable and the rules that fill it.
    pub fn leave_out_flowtable(&mut self) {
        self.flowtable = None;
        self.software = None;
        self.chains
            .retain(|chain| chain.name != OFFLOAD_CHAIN && !chain.name.starts_with(DSCP_CHAIN));
        let offloads = |rule: &Rule| {
            rule.statements.iter().any(|statement| match statement {
                Statement::FlowOffload => true,
                Statement::Verdict(Verdict::Jump(chain)) => chain == OFFLOAD_CHAIN,
                _ => false,
            })
        };
        for chain in &mut self.chains {
            chain
                .items
                .retain(|item| !matches!(item, Item::Rule(rule) if offloads(rule)));
        }
    }

    /// The only chain of the second table.
    pub fn software_chain() -> Chain {
        let taken = MarkChange {
            mark: 0,
            mask: HANDOVER,
        };
        Chain {
            name: "forward".to_owned(),
            base: Some(BaseChain {
                kind: ChainType::Filter,
                hook: Hook::Forward,
                priority: Priority::AfterFilter,
                policy: Policy::Accept,
            }),
            items: vec![Item::Rule(Rule {
                matches: vec![Match::Mark {
                    mark: HANDOVER,
                    mask: HANDOVER,
                    invert: false,
                }],
                statements: vec![Statement::SetMark(taken), Statement::FlowOffload],
                comment: None,
                origin: Origin::RENDER,
            })],
            part: Part::Filter,
        }
    }

    pub fn chain(&self, name: &str) -> Option<&Chain> {
        self.chains.iter().find(|c| c.name == name)
    }
}
