/*! The transactions there are: from a ruleset, and what the kernel has, to a batch. */

use super::batch::{Batch, Builder};
use super::dump::{Prior, Table};
use super::error::Unencodable;
use super::installed::InstalledChain;
use super::{ruleset_batch, table};
use crate::ruleset::{Ruleset, Set};

impl Batch {
    /// What loading fw4's text does: `table inet fw4` is there with all its own chains, sets and objects, all
    /// rules in it are those of `ruleset`, and nothing else is touched. Chains and sets that others made stay
    /// (their rules go, as with `flush table`); elements of sets are added, none removed. Raw nft snippets
    /// are not part of it: only nft can read them.
    ///
    /// If something cannot be expressed, nothing is built and all such things are named: the caller may
    /// leave their sections out and try again.
    pub fn replace(ruleset: &Ruleset, prior: &Prior) -> Result<Batch, Vec<Unencodable>> {
        ruleset_batch::replace(ruleset, prior).map(Builder::finish)
    }

    /// The same, but nothing is committed: the kernel says what it would refuse.
    pub fn check(ruleset: &Ruleset, prior: &Prior) -> Result<Batch, Vec<Unencodable>> {
        ruleset_batch::replace(ruleset, prior).map(Builder::finish_as_check)
    }

    /// `restart`: the table holds this ruleset and nothing else, within one transaction. Chains that stay
    /// where they hang, and a flowtable whose flags stay, are kept; all else is deleted and made anew.
    pub fn renew(ruleset: &Ruleset, prior: &Prior) -> Result<Batch, Vec<Unencodable>> {
        ruleset_batch::renew(ruleset, prior).map(Builder::finish)
    }

    /// Only what differs between the ruleset and what the kernel has: rules that stay keep their handles and
    /// counters. Nothing to do, nothing in it. `None` if the difference cannot be made in place: see [`Batch::remake`].
    ///
    /// Rules of others stay where they are: at the head of a chain at the head, at its end at the end, between rules of
    /// ours behind the one they stand behind. Chains, sets and objects that the ruleset does not have stay, without rules
    /// of ours, as with [`Batch::replace`].
    pub fn update(
        ruleset: &Ruleset,
        prior: &Prior,
        installed: &[InstalledChain],
    ) -> Result<Option<Batch>, Vec<Unencodable>> {
        let builder = ruleset_batch::update(ruleset, prior, installed)?;
        Ok(builder.map(Builder::finish))
    }

    /// As [`Batch::replace`], but chains, sets and objects that are there with another type are deleted first.
    pub fn remake(ruleset: &Ruleset, prior: Prior) -> Result<Batch, Vec<Unencodable>> {
        ruleset_batch::remake(ruleset, prior).map(Builder::finish)
    }

    /// `reload-sets`: each of these sets, which must exist, holds exactly its elements afterwards.
    pub fn refill<'a>(sets: impl IntoIterator<Item = &'a Set>) -> Result<Batch, Vec<Unencodable>> {
        ruleset_batch::refill(sets).map(Builder::finish)
    }

    /// Deletes every table given, of any family: `stop` ours, `flush` all.
    pub fn delete_tables<'a>(tables: impl IntoIterator<Item = &'a Table>) -> Batch {
        let mut builder = Builder::new(None);
        for table in tables {
            table::delete(&mut builder, table.family, &table.name);
        }
        builder.finish()
    }
}
