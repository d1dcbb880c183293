/*!
A whole load: read what is there, build the transaction on it, commit; once more if somebody came between.
*/

use super::batch::Batch;
use super::commit::Report;
use super::dump::Prior;
use super::error::{Error, Unencodable};
use super::socket::Transport;
use crate::ruleset::Ruleset;

/// What becomes of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Its rules are replaced, see [`Batch::replace`].
    Replace,
    /// It is deleted and made anew, see [`Batch::renew`].
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
    let mut races = 0;
    loop {
        let mut prior = Prior::read(transport, ruleset)?;
        if races >= RACES {
            prior.generation = None;
        }
        let batch = match way {
            Way::Replace => Batch::replace(ruleset, &prior),
            Way::Renew => Batch::renew(ruleset, &prior),
            Way::Check => Batch::check(ruleset, &prior),
        };
        match batch.map_err(LoadError::Unencodable)?.commit(transport) {
            Err(Error::Raced) if races < RACES => races += 1,
            result => return Ok(result?),
        }
    }
}
