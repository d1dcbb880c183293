/*!
Which address family a rule is for, found from all it refers to.

A zone, set, helper or list of addresses may belong to one family only; a rule that refers to it is
then for that family too, and one that refers to both families cannot be.
*/

use crate::config::value::Family as Configured;
use crate::ruleset::Family;

/// Narrows the configured family by the families of the things referred to, each with fw4's word
/// for it. `Err` holds fw4's words for the first contradiction.
pub(super) fn infer(
    configured: Option<Configured>,
    references: &[(Option<Family>, &str)],
) -> Result<Option<Configured>, String> {
    let mut result = configured;
    for &(family, what) in references {
        let Some(family) = family else { continue };
        match result.and_then(Configured::single) {
            None => result = Some(configured_as(family)),
            Some(known) if known == family => {}
            Some(known) => {
                return Err(format!(
                    "is restricted to {} but referenced {what} is {} only",
                    readable(Some(known)),
                    readable(Some(family)),
                ));
            }
        }
    }
    Ok(result)
}

pub(super) fn single(family: Option<Configured>) -> Option<Family> {
    family.and_then(Configured::single)
}

/// As fw4 writes it in comments and messages.
pub(super) fn readable(family: Option<Family>) -> &'static str {
    match family {
        Some(Family::V4) => "IPv4",
        Some(Family::V6) => "IPv6",
        None => "IPv4/IPv6",
    }
}

fn configured_as(family: Family) -> Configured {
    match family {
        Family::V4 => Configured::V4,
        Family::V6 => Configured::V6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_family_is_narrowed_by_the_first_reference() {
        let found = infer(Some(Configured::Any), &[(None, "a"), (Some(Family::V6), "b")]);
        assert_eq!(found, Ok(Some(Configured::V6)));
        assert_eq!(infer(None, &[(None, "a")]), Ok(None));
        assert_eq!(infer(Some(Configured::Any), &[]), Ok(Some(Configured::Any)));
    }

    #[test]
    fn a_contradiction_is_told_in_fw4s_words() {
        let found = infer(Some(Configured::V4), &[(Some(Family::V6), "source zone")]);
        let words = "is restricted to IPv4 but referenced source zone is IPv6 only";
        assert_eq!(found, Err(words.to_owned()));
    }
}
