/*!
Numbers of layer 4 protocols by name, as `getprotobyname(3)` gives them to nft.

`/etc/protocols` says what a name means on this router; a router without it, or one that lacks a common
name, gets the numbers that IANA assigned (<https://www.iana.org/assignments/protocol-numbers>).
*/

use std::fs;
use std::path::Path;

/// Names and numbers of a protocols(5) file, then IANA's.
#[derive(Debug, Clone, Default)]
pub struct Protocols {
    entries: Vec<(String, u8)>,
}

/// The names that OpenWrt's `/etc/protocols` and fw4's configurations use.
const IANA: &[(&str, u8)] = &[
    ("ip", 0),
    ("icmp", 1),
    ("igmp", 2),
    ("ggp", 3),
    ("ipencap", 4),
    ("st", 5),
    ("tcp", 6),
    ("egp", 8),
    ("igp", 9),
    ("pup", 12),
    ("udp", 17),
    ("hmp", 20),
    ("xns-idp", 22),
    ("rdp", 27),
    ("iso-tp4", 29),
    ("dccp", 33),
    ("xtp", 36),
    ("ddp", 37),
    ("idpr-cmtp", 38),
    ("ipv6", 41),
    ("ipv6-route", 43),
    ("ipv6-frag", 44),
    ("idrp", 45),
    ("rsvp", 46),
    ("gre", 47),
    ("esp", 50),
    ("ah", 51),
    ("skip", 57),
    ("ipv6-icmp", 58),
    ("icmpv6", 58),
    ("ipv6-nonxt", 59),
    ("ipv6-opts", 60),
    ("rspf", 73),
    ("vmtp", 81),
    ("eigrp", 88),
    ("ospf", 89),
    ("ospfigp", 89),
    ("ax.25", 93),
    ("ipip", 94),
    ("etherip", 97),
    ("encap", 98),
    ("pim", 103),
    ("ipcomp", 108),
    ("vrrp", 112),
    ("l2tp", 115),
    ("isis", 124),
    ("sctp", 132),
    ("fc", 133),
    ("mobility-header", 135),
    ("udplite", 136),
    ("mpls-in-ip", 137),
    ("manet", 138),
    ("hip", 139),
    ("shim6", 140),
    ("wesp", 141),
    ("rohc", 142),
    ("ethernet", 143),
];

impl Protocols {
    /// Those of a file; an unreadable one counts as empty.
    pub fn read(path: &Path) -> Self {
        let text = fs::read(path).unwrap_or_default();
        Protocols::parse(&crate::text::decode(&text))
    }

    /// protocols(5): name, number, aliases, comment.
    fn parse(text: &str) -> Self {
        let mut entries = Vec::new();
        for line in text.lines() {
            let mut words = line
                .split('#')
                .next()
                .unwrap_or_default()
                .split_ascii_whitespace();
            let (Some(name), Some(number)) = (words.next(), words.next()) else {
                continue;
            };
            let Ok(number) = number.parse() else { continue };
            entries.push((name.to_owned(), number));
            entries.extend(words.map(|alias| (alias.to_owned(), number)));
        }
        Protocols { entries }
    }

    /// The number of a protocol given by name or number.
    pub fn number(&self, name: &str) -> Option<u8> {
        let in_file = self
            .entries
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, n)| *n);
        let assigned = || {
            IANA.iter()
                .find(|(known, _)| *known == name)
                .map(|(_, n)| *n)
        };
        let digits = || {
            // As nft's lexer reads numbers: decimal, or hexadecimal with 0x.
            match name.strip_prefix("0x") {
                Some(hex) => u8::from_str_radix(hex, 16).ok(),
                None => name.parse().ok(),
            }
        };
        in_file.or_else(assigned).or_else(digits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_comes_before_the_assigned_numbers() {
        let protocols =
            Protocols::parse("# comment\ntcp 6 TCP\nmine\t200 MINE own # x\ngre 99\nbad x\n");
        assert_eq!(protocols.number("tcp"), Some(6));
        assert_eq!(protocols.number("own"), Some(200));
        assert_eq!(protocols.number("gre"), Some(99));
        assert_eq!(protocols.number("esp"), Some(50));
        assert_eq!(protocols.number("41"), Some(41));
        assert_eq!(protocols.number("0x2f"), Some(47));
        assert_eq!(protocols.number("300"), None);
        assert_eq!(protocols.number("nosuch"), None);
    }
}
