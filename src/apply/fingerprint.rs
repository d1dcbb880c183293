/*!
A short value that is the same for the same ruleset: would loading change anything?

An interface that comes up, or whose lease is renewed, seldom changes the ruleset. Whoever acts on
such news compares first.
*/

use std::borrow::Cow;
use std::hash::{Hash, Hasher};

use super::pipeline::{self, Prepared};
use super::{Job, Record, unchanged};
use crate::hash::Quick;
use crate::netlink;
use crate::router::Router;
use crate::ruleset::{Flowtable, Item, Match, OFFLOAD_CHAIN, Ruleset, Statement};
use crate::uci::Directories;

/// Of the ruleset, and of the devices behind its flowtable: the kernel forgets a device that goes away
/// even if one of the same name comes back, which only its number tells (`ifindex` of sysfs).
///
/// Another version of this program may load the same ruleset otherwise; all that costs is a reload.
pub(super) fn of(prepared: &mut Prepared) -> String {
    let mut hasher = Quick::new();
    let ruleset = &mut prepared.compiled.ruleset;
    // This tells what the kernel has now, not what it is to have.
    let deletes = std::mem::replace(&mut ruleset.delete_flowtable, false);
    ruleset.hash(&mut hasher);
    ruleset.delete_flowtable = deletes;
    let offload = &prepared.compiled.offload;
    let members = offload.devices.iter().chain(&offload.joined);
    let second = offload.software.iter().flat_map(Flowtable::members);
    for device in members.chain(second) {
        device.hash(&mut hasher);
        let number = prepared
            .router
            .read_file(&format!("/sys/class/net/{device}/ifindex"));
        number.unwrap_or_default().hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}

/// Of the rules that decide which flows are offloaded, whatever the devices of the zones are called and whichever ports have
/// hardware: a device that comes or goes takes its own flows along. `None` if all are offloaded, or none.
pub(super) fn of_offload_policy(ruleset: &Ruleset) -> Option<String> {
    let mut chain = ruleset.chain(OFFLOAD_CHAIN)?.clone();
    let mut offloads = false;
    chain.items.retain_mut(|item| {
        let Item::Rule(rule) = item else { return true };
        rule.matches
            .retain(|one| !matches!(one, Match::IfName { .. }));
        let does = rule.statements.last();
        // to software what is not between ports with hardware
        let otherwise = offloads && matches!(does, Some(Statement::SetMark(_)));
        offloads = matches!(does, Some(Statement::FlowOffload));
        !otherwise
    });
    if let [Item::Rule(only)] = &*chain.items
        && only.matches.is_empty()
    {
        return None;
    }
    let mut hasher = Quick::new();
    chain.hash(&mut hasher);
    Some(format!("{:016x}", hasher.finish()))
}

/// Would a reload put something else into the kernel than the last load did? Yes where that cannot be
/// told: the last load failed or was killed on its way, the table is gone, the configuration cannot be read. No if the firewall is
/// not loaded.
pub fn would_change(job: &Job) -> bool {
    let status = super::status(job);
    if !status.loaded {
        return false;
    }
    let known = |last: &Record| last.error.is_none() && last.fingerprint.is_some();
    let Some(last) = status.last.filter(known) else {
        return true;
    };
    if status.table == Some(false)
        || job.run_files().draining.exists()
        || unchanged::lacks_devices(&last.offload)
    {
        return true;
    }
    let Ok(source) = pipeline::read(&job.root) else {
        return true;
    };
    let (router, said) = Router::load(&job.root);
    if said.is_empty() && unchanged::is_same(job, &netlink::Kernel, &last, &source, &router) {
        return false;
    }
    match source.package(&Directories::below(&job.root), pipeline::PACKAGE) {
        Ok(package) => {
            let mut prepared =
                pipeline::prepare_router(&netlink::Kernel, Cow::Owned(package), router, said);
            Some(of(&mut prepared)) != last.fingerprint
        }
        Err(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ruleset::{Chain, Dir, HANDOVER, MarkChange, Origin, Part, Rule, Verdict};

    fn policy(rules: &[(bool, Statement)]) -> Option<String> {
        let rule = |(between, statement): &(bool, Statement)| {
            let names = vec!["lan1".to_owned()];
            let port = Match::IfName {
                dir: Dir::Src,
                names,
                invert: false,
            };
            Item::Rule(Rule {
                matches: between.then_some(port).into_iter().collect(),
                statements: vec![statement.clone()],
                comment: None,
                origin: Origin::RENDER,
            })
        };
        let chain = Chain {
            name: OFFLOAD_CHAIN.to_owned(),
            base: None,
            items: rules.iter().map(rule).collect(),
            part: Part::Filter,
        };
        of_offload_policy(&Ruleset {
            chains: vec![chain],
            ..Ruleset::default()
        })
    }

    #[test]
    fn which_ports_have_hardware_is_no_policy() {
        let add = Statement::FlowOffload;
        let hand_over = Statement::SetMark(MarkChange {
            mark: HANDOVER,
            mask: HANDOVER,
        });
        let exempt = (true, Statement::Verdict(Verdict::Return));
        let all = [(true, add.clone()), (false, hand_over.clone())];
        assert_eq!(policy(&all), None);
        let one = policy(&[exempt.clone(), (false, add.clone())]);
        assert!(one.is_some());
        let mixed = [&[exempt.clone()][..], &all].concat();
        assert_eq!(policy(&mixed), one);
        // a section that says software
        let software = [(true, hand_over), exempt, (false, add)];
        assert_ne!(policy(&software), one);
    }
}
