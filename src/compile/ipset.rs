/*! `config ipset`: named sets, with the entries of their files. */

use super::Lowering;
use crate::ruleset::Set;

impl Lowering<'_> {
    pub(super) fn sets(&mut self) -> Vec<Set> {
        let firewall = self.firewall;
        let mut sets = Vec::with_capacity(firewall.ipsets.len());
        for ipset in &firewall.ipsets {
            let elements = ipset.entries.clone();
            sets.push(Set {
                name: ipset.name.clone(),
                comment: ipset.comment.clone().filter(|comment| !comment.is_empty()),
                key: ipset.key.clone(),
                size: ipset.maxelem.filter(|size| size.as_f64() > 0.0),
                timeout: Some(ipset.timeout).filter(|timeout| timeout.as_f64() >= 0.0),
                interval: ipset.interval,
                elements,
                origin: ipset.origin,
            });
        }
        sets
    }
}
