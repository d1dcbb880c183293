/*! Hints: what would have been right. */

/// The known name that `name` was probably meant to be: at most two edits away, and not most of it.
pub(crate) fn closest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let length = name.chars().count();
    known
        .filter(|candidate| candidate.chars().count().abs_diff(length) <= 2)
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(d, candidate)| *d <= 2 && *d * 2 < candidate.len())
        .min_by_key(|(d, _)| *d)
        .map(|(_, candidate)| candidate)
}

/// What an option accepts, for the options whose values are easily got wrong.
pub(super) fn accepted(option: &str) -> Option<&'static str> {
    Some(match option {
        "input" | "output" | "forward" => "one of ACCEPT, REJECT, DROP",
        "target" => {
            "one of ACCEPT, REJECT, DROP, NOTRACK, HELPER, MARK, DSCP, DNAT, SNAT, MASQUERADE"
        }
        "action" => "one of bypass, software, hardware",
        "flow_offloading_after_packets" => "a number of packets, like 30",
        "family" => "one of ipv4, ipv6, any",
        "src" | "dest" | "reflection_zone" => {
            "the name of a zone of this file that is in use, or *"
        }
        "src_port" | "dest_port" | "src_dport" | "snat_port" => "a port or a range like 8000-8080",
        "src_ip" | "dest_ip" | "src_dip" | "snat_ip" | "subnet" | "masq_src" | "masq_dest" => {
            "an address, a network like 192.168.1.0/24, a range like 10.0.0.1-10.0.0.9, or the name of an interface"
        }
        "src_mac" => "a MAC address like 00:11:22:aa:bb:cc",
        "icmp_type" => "a type name like echo-request, or numbers like 3/4",
        "limit" | "log_limit" | "synflood_rate" => "a rate like 10/minute",
        "start_date" | "stop_date" => "a date like 2026-12-31 or 2026-12-31T23:59:59",
        "start_time" | "stop_time" => "a time of day like 08:30 or 08:30:00",
        "weekdays" => "names of days like Mon Tue",
        "flow_offloading_dscp_mark" => {
            "six bits in a row and one that says that they are in use, like 0xfc000000/0x01000000"
        }
        "mark" | "set_mark" | "set_xmark" => "a number with or without a mask, like 0x10/0xff",
        "dscp" | "set_dscp" => "a class like EF or AF41, or a number from 0 to 63",
        "helper" | "set_helper" => "a helper named in /usr/share/firewall4/helpers",
        "enabled"
        | "masq"
        | "masq6"
        | "mtu_fix"
        | "drop_invalid"
        | "flow_offloading"
        | "flow_offloading_hw"
        | "flow_offloading_exempt_marked"
        | "flow_offloading_keep_dscp"
        | "flow_offloading_roaming"
        | "counter"
        | "reflection" => "0 or 1",
        "position" => {
            "one of ruleset-pre, ruleset-post, table-pre, table-post, chain-pre, chain-post"
        }
        "type" => "script or nftables",
        _ => return None,
    })
}

/// Edits between two words, in characters: one left out, put in or replaced, or two exchanged.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    let mut above = row.clone();
    let mut last = None;
    for ca in a.chars() {
        let mut next = Vec::with_capacity(row.len());
        next.push(row.first().map_or(0, |cost| cost + 1));
        let at = |row: &[usize], i: usize| row.get(i).copied().unwrap_or(usize::MAX / 2);
        for (i, cb) in b.iter().enumerate() {
            let replaced = at(&row, i) + usize::from(ca != *cb);
            let edited = at(&row, i + 1).min(at(&next, i)) + 1;
            let before = i.checked_sub(1).and_then(|i| Some((i, b.get(i)?)));
            let swapped = match before {
                Some((i, cb0)) if *cb0 == ca && last == Some(*cb) => at(&above, i) + 1,
                _ => edited,
            };
            next.push(replaced.min(edited).min(swapped));
        }
        last = Some(ca);
        above = std::mem::replace(&mut row, next);
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_seen() {
        assert_eq!(
            closest("gest", ["lan", "guest", "wan"].into_iter()),
            Some("guest")
        );
        assert_eq!(
            closest("dest_prot", ["dest_port", "dest"].into_iter()),
            Some("dest_port")
        );
        assert_eq!(closest("DORP", ["DROP"].into_iter()), Some("DROP"));
        assert_eq!(
            ["", "a", "abc", "acb", "xbc", "abcd"].map(|word| distance(word, "abc")),
            [3, 2, 0, 1, 1, 1]
        );
        assert_eq!(closest("zzz", ["lan", "wan"].into_iter()), None);
    }
}
