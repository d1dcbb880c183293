/*! Numbers of the configuration on their way into attributes. */

use super::error::Reason;
use crate::ruleset::Number;

/// A whole number that fits its attribute.
pub fn whole<T: TryFrom<i128>>(number: Number, what: &'static str) -> Result<T, Reason> {
    match number {
        Number::Int(number) => T::try_from(number).map_err(|_| Reason::Number(what)),
        Number::Double(_) => Err(Reason::Number(what)),
    }
}
