/*!
A zone's devices, grouped so that each group fits one match of an nft rule.

`iifname` matches a set of plain names, but a name with a wildcard only by itself; negated names
go with every group.
*/

/// A device of a zone, from its networks or its `device` option.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct MatchDevice {
    pub(super) invert: bool,
    /// `None` for `*`.
    pub(super) name: Option<String>,
}

/// The devices one rule can match.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct DeviceGroup {
    pub(super) pos: Vec<String>,
    pub(super) neg: Vec<String>,
    pub(super) neg_wildcard: Vec<String>,
}

/// What fw4 makes of a missing name: the text of ucode's null.
pub(super) const NO_NAME: &str = "null";

/// A name no device can have: matches nothing.
const NEVER: &str = "/never/";

/// Groups the devices and rewrites their names to nft's: `wg+` becomes `wg*`. Names with a `+` elsewhere
/// than at the end are left out and handed to `refuse`.
pub(super) fn group(devices: &mut [MatchDevice], mut refuse: impl FnMut(&str)) -> Vec<DeviceGroup> {
    let mut wildcards = Vec::new();
    let mut all = DeviceGroup::default();
    for device in devices {
        let Some((stem, wildcard)) = device.name.as_deref().and_then(pattern) else {
            refuse(device.name.as_deref().unwrap_or(NO_NAME));
            continue;
        };
        if wildcard && stem.is_empty() {
            // Every device: nothing to match. No device at all: a name that never is.
            if device.invert {
                device.name = Some(NEVER.to_owned());
                device.invert = false;
                wildcards.push(NEVER.to_owned());
            }
            continue;
        }
        if wildcard {
            device.name = Some(format!("{stem}*"));
        }
        let Some(name) = device.name.clone() else {
            continue;
        };
        match (device.invert, wildcard) {
            (false, true) => wildcards.push(name),
            (false, false) => all.pos.push(name),
            (true, true) => all.neg_wildcard.push(name),
            (true, false) => all.neg.push(name),
        }
    }
    let mut groups: Vec<_> = wildcards
        .into_iter()
        .map(|name| DeviceGroup {
            pos: vec![name],
            neg: all.neg.clone(),
            neg_wildcard: all.neg_wildcard.clone(),
        })
        .collect();
    if !all.pos.is_empty() || groups.is_empty() {
        groups.push(all);
    }
    groups
}

/// Each name once. Where two networks share a device (wan and wan6), the one that comes up later changes nothing in the ruleset.
pub(super) fn distinct(names: &[String]) -> Vec<String> {
    let mut distinct: Vec<String> = Vec::with_capacity(names.len());
    for name in names {
        if !distinct.contains(name) {
            distinct.push(name.clone());
        }
    }
    distinct
}

/// The name without its wildcard, and whether it has one. fw4's expression `^([^+]*)(\+)?$` is matched line
/// by line, should there be several.
fn pattern(name: &str) -> Option<(&str, bool)> {
    name.split('\n').find_map(|line| {
        let (stem, wildcard) = match line.strip_suffix('+') {
            Some(stem) => (stem, true),
            None => (line, false),
        };
        (!stem.contains('+')).then_some((stem, wildcard))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grouped(names: &[&str]) -> (Vec<DeviceGroup>, Vec<MatchDevice>, Vec<String>) {
        let mut devices: Vec<_> = names
            .iter()
            .map(|name| MatchDevice {
                invert: name.starts_with('!'),
                name: Some(name.trim_start_matches('!').to_owned()),
            })
            .collect();
        let mut refused = Vec::new();
        let groups = group(&mut devices, |name| refused.push(name.to_owned()));
        (groups, devices, refused)
    }

    #[test]
    fn each_wildcard_gets_a_group_and_plain_names_share_one() {
        let (groups, _, _) = grouped(&["eth0", "wg+", "!eth9", "eth1", "!tun+"]);
        let pos: Vec<_> = groups.iter().map(|g| g.pos.join(" ")).collect();
        assert_eq!(pos, ["wg*", "eth0 eth1"]);
        assert!(
            groups
                .iter()
                .all(|g| g.neg == ["eth9"] && g.neg_wildcard == ["tun*"])
        );
    }

    #[test]
    fn plus_alone_is_every_device_and_its_negation_none() {
        let (groups, devices, _) = grouped(&["+", "!+"]);
        assert_eq!(groups.len(), 1);
        assert_eq!(groups[0].pos, ["/never/"]);
        assert!(!devices[1].invert);
        assert_eq!(devices[0].name.as_deref(), Some("+"));
    }

    #[test]
    fn a_plus_in_the_middle_is_refused() {
        let (groups, _, refused) = grouped(&["a+b"]);
        assert_eq!(refused, ["a+b"]);
        assert_eq!(groups, [DeviceGroup::default()]);
    }
}
