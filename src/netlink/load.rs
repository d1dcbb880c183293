/*!
A whole load: read what is there, build the transaction on it, commit; once more if somebody came between.
*/

use super::batch::Batch;
use super::dump::Prior;
use super::error::{Error, Unencodable};
use super::held::Held;
use super::installed;
use super::report::{Extent, Report};
use super::request;
use super::socket::Transport;
use crate::ruleset::Ruleset;

/// What becomes of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Its rules are replaced, see [`Batch::replace`].
    Replace,
    /// It gets what it lacks and loses what it should not have, see [`Batch::update`]; where that is not possible, as with
    /// [`Way::Replace`], except that sets and objects of another type make way.
    Update,
    /// It holds this ruleset and nothing else, see [`Batch::renew`].
    Renew,
    /// Nothing: the kernel only says what it would refuse, see [`Batch::check`].
    Check,
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("{}", .0.iter().map(Unencodable::to_string).collect::<Vec<_>>().join("; "))]
    Unencodable(Vec<Unencodable>),
    #[error(transparent)]
    Kernel(#[from] Error),
}

/// After so many races the generation is not looked at any more: on a router where a DNS server fills sets all the
/// time a load must come through too. It stays one transaction, and the kernel refuses what does not fit.
const RACES: usize = 4;

/// Loads a ruleset into the kernel.
///
/// # Errors
/// If something cannot be expressed or is refused; the caller may leave its sections out and try again. The
/// kernel has what it had.
pub fn load(
    transport: &mut impl Transport,
    ruleset: &Ruleset,
    way: Way,
) -> Result<Report, LoadError> {
    load_since(transport, ruleset, way, &Held::default())
}

/// The same, knowing what an earlier load gave large sets.
///
/// # Errors
/// As [`load`].
pub fn load_since(
    transport: &mut impl Transport,
    ruleset: &Ruleset,
    way: Way,
    held: &Held,
) -> Result<Report, LoadError> {
    let mut races = 0;
    let mut difference = way == Way::Update;
    loop {
        let mut prior = match way {
            Way::Renew => Prior::read_objects(transport)?,
            Way::Update if difference && races < RACES => {
                Prior::read_since(transport, ruleset, held)?
            }
            _ => Prior::read(transport, ruleset)?,
        };
        let known = prior.generation;
        if races >= RACES {
            prior.generation = None;
        }
        let (batch, extent) = match way {
            Way::Update if difference => match update(transport, ruleset, &mut prior)? {
                Some(batch) => (batch, Extent::Difference),
                // That depends on what sets hold.
                None if !prior.held.is_empty() => {
                    difference = false;
                    continue;
                }
                None => {
                    difference = false;
                    (remake(ruleset, prior)?, Extent::Everything)
                }
            },
            Way::Update => (remake(ruleset, prior)?, Extent::Everything),
            Way::Replace => (whole(Batch::replace(ruleset, &prior))?, Extent::Everything),
            Way::Renew => (whole(Batch::renew(ruleset, &prior))?, Extent::Everything),
            Way::Check => (whole(Batch::check(ruleset, &prior))?, Extent::Everything),
        };
        let committed = match batch.commit(transport) {
            // What was read was read in several questions: it holds only if nothing changed meanwhile.
            Ok(report) if report.messages == 0 && races < RACES => {
                match request::generation(transport)? == known {
                    true => Ok(report),
                    false => Err(Error::Raced),
                }
            }
            other => other,
        };
        match committed {
            Err(Error::Raced) if races < RACES => races += 1,
            // Something is there that stands in the way of the difference, or it was made of old knowledge.
            Err(Error::Refused(_)) if difference => difference = false,
            result => {
                let report = result?;
                let built_on = known.filter(|_| races < RACES);
                if report.messages == 0 {
                    return Ok(Report::nothing(built_on));
                }
                // The kernel's count passes over 0 (`nf_tables_commit`).
                let generation = built_on.map(|number| number.wrapping_add(1).max(1));
                return Ok(Report {
                    extent,
                    generation,
                    ..report
                });
            }
        }
    }
}

fn whole(batch: Result<Batch, Vec<Unencodable>>) -> Result<Batch, LoadError> {
    batch.map_err(LoadError::Unencodable)
}

fn remake(ruleset: &Ruleset, prior: Prior) -> Result<Batch, LoadError> {
    whole(Batch::remake(ruleset, prior))
}

fn update(
    transport: &mut impl Transport,
    ruleset: &Ruleset,
    prior: &mut Prior,
) -> Result<Option<Batch>, LoadError> {
    if !prior.table {
        return Ok(None);
    }
    prior.read_keys(transport, ruleset)?;
    let installed = installed::rules(transport)?;
    Batch::update(ruleset, prior, &installed).map_err(LoadError::Unencodable)
}
