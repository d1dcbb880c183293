/*! Rules and port forwards that come too late: an earlier one of the same chain takes everything. */

use super::reach::Reach;
use super::{Finding, Kind, Subject};
use crate::config::value::ZoneRef;
use crate::config::{Action, RedirectTarget, Rule};

pub(super) fn look(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    let firewall = subject.firewall;
    let rules: Vec<(&Rule, Reach<'_>)> = firewall
        .rules
        .iter()
        .filter(|rule| {
            matches!(
                rule.action,
                Some(Action::Accept | Action::Reject | Action::Drop)
            )
        })
        .map(|rule| (rule, Reach::of_rule(rule)))
        .collect();
    for (n, (rule, reach)) in rules.iter().enumerate() {
        let earlier = rules
            .iter()
            .take(n)
            .find(|(other, all)| same_chain(other, rule) && all.covers(reach));
        if let Some((other, _)) = earlier {
            let kind = match other.action == rule.action {
                true => Kind::Redundant,
                false => Kind::Shadowed,
            };
            found.push(Finding::new(kind, rule.origin, "", "").against(other.origin));
        }
    }
    for (n, redirect) in firewall.redirects.iter().enumerate() {
        let RedirectTarget::Dnat { .. } = redirect.target else {
            continue;
        };
        let reach = Reach::of_redirect(redirect);
        let earlier = firewall.redirects.iter().take(n).find(|other| {
            other.target == redirect.target && Reach::of_redirect(other).covers(&reach)
        });
        if let Some(other) = earlier {
            let finding = Finding::new(Kind::ShadowedRedirect, redirect.origin, "src_dport", "");
            found.push(finding.against(other.origin));
        }
    }
}

/// Does every packet that could reach the later rule meet the earlier one before?
fn same_chain(earlier: &Rule, later: &Rule) -> bool {
    let dest = earlier.dest == later.dest
        || matches!(
            (earlier.src, earlier.dest, later.dest),
            (Some(ZoneRef::Zone(_)), Some(ZoneRef::Any), Some(_))
        );
    earlier.src == later.src
        && dest
        && (earlier.device.is_none()
            || (&earlier.device, earlier.egress) == (&later.device, later.egress))
}
