/*! Which address family a rule is for, found from all it refers to. */

use super::Lowering;
use crate::config::value::{Family as Configured, ZoneRef};
use crate::config::{HelperId, Restriction, infer_family};
use crate::diagnostic::Origin;
use crate::ruleset::Family;

impl Lowering<'_> {
    /// Narrows the configured family by those of the things referred to, each with fw4's word for it.
    /// `Err` after a warning: they contradict each other.
    pub(super) fn family<const N: usize>(
        &mut self,
        origin: Origin,
        configured: Option<Configured>,
        references: [(Option<Configured>, &str); N],
    ) -> Result<Option<Configured>, Contradiction> {
        let restrictions = references.map(|(family, what)| Restriction { family, what });
        infer_family(configured, &restrictions).map_err(|why| {
            self.warn(origin, format!("{why}, skipping"));
            Contradiction
        })
    }

    pub(super) fn zone_family(&self, zone: Option<ZoneRef>) -> Option<Configured> {
        match zone {
            Some(ZoneRef::Zone(id)) => self.zone_config(id)?.family,
            _ => None,
        }
    }

    pub(super) fn helper_family(&self, helper: Option<HelperId>) -> Option<Configured> {
        self.firewall.helpers.get(helper?.0)?.family
    }
}

/// Told already.
pub(super) struct Contradiction;

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
