/*!
Configurations that somebody or something has spoilt: none brings the program down; each loads, or it is said where it is
wrong.

300 of them by default, `FERROWALL_SPOILT=10000` tries as many.
*/

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::check;
use crate::configurations::{ours, theirs};
use crate::namespace::in_namespace;

/// xorshift64*, so that every run tries the same.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11;
        (number % limit.max(1) as u64) as usize
    }
}

/// What is put in the place of values.
const VALUES: [&str; 24] = [
    "",
    "'",
    "\"",
    "\\",
    "*",
    "!",
    "!*",
    "-1",
    "0",
    "99999999999999999999",
    "1-",
    "a b",
    "lan",
    "wan",
    "::/0",
    "0.0.0.0/0",
    "10.0.0.1/33",
    "1.2.3.4-1.2.3.3",
    "accept; drop",
    "}\n\tflush ruleset",
    "$lan_devices",
    "%s%n",
    "\u{1f525}",
    "\u{7f}\u{1}",
];

fn mutate(text: &[u8], other: &[u8], random: &mut Random) -> Vec<u8> {
    let mut out = text.to_vec();
    for _ in 0..=random.below(3) {
        let mut lines: Vec<&[u8]> = out.split_inclusive(|b| *b == b'\n').collect();
        if lines.is_empty() {
            return other.to_vec();
        }
        let at = random.below(lines.len());
        let value = format!("{}'\n", VALUES[random.below(VALUES.len())]).into_bytes();
        let mut built = Vec::new();
        match random.below(8) {
            0 => drop(lines.remove(at)),
            1 => lines.insert(at, lines[at]),
            2 => {
                let from = random.below(lines.len());
                lines.swap(at, from);
            }
            3 => {
                let others: Vec<&[u8]> = other.split_inclusive(|b| *b == b'\n').collect();
                lines.insert(
                    at,
                    others
                        .get(random.below(others.len()))
                        .copied()
                        .unwrap_or_default(),
                );
            }
            4..=6 => {
                // the value of an option
                let quote = lines[at]
                    .iter()
                    .position(|b| *b == b'\'')
                    .map_or(0, |at| at + 1);
                built.extend_from_slice(&lines[at][..quote]);
                built.extend_from_slice(&value);
                lines[at] = &built;
            }
            _ => {
                built.extend_from_slice(lines[at]);
                let byte = random.below(built.len());
                if let Some(byte) = built.get_mut(byte) {
                    *byte ^= 1 << random.below(8);
                }
                lines[at] = &built;
            }
        }
        out = lines.concat();
    }
    out
}

#[test]
fn a_spoilt_configuration_loads_or_is_said_to_be_wrong_where_it_is() {
    in_namespace(
        "mutated::a_spoilt_configuration_loads_or_is_said_to_be_wrong_where_it_is",
        || {
            let wanted = std::env::var("FERROWALL_SPOILT")
                .ok()
                .and_then(|n| n.parse().ok())
                .unwrap_or(300);
            let mut roots = ours();
            roots.extend(theirs());
            let texts: Vec<Vec<u8>> = roots
                .iter()
                .map(|root| {
                    std::fs::read(root.path().join("etc/config/firewall")).expect("a configuration")
                })
                .collect();
            let mut random = Random(0x9e37_79b9_7f4a_7c15);
            let (mut loads, mut said, mut wrong) = (0, 0, Vec::new());
            for number in 0..wanted {
                let (root, text) = (&roots[number % roots.len()], &texts[number % roots.len()]);
                let spoilt = mutate(text, &texts[random.below(texts.len())], &mut random);
                root.write(&spoilt);
                let outcome = catch_unwind(AssertUnwindSafe(|| check(root.path())));
                let Ok(checked) = outcome else {
                    wrong.push(format!(
                        "{number} panics:\n{}",
                        String::from_utf8_lossy(&spoilt)
                    ));
                    continue;
                };
                assert_eq!(checked.not_tried, None);
                let named = |why: &str| {
                    why.contains("/etc/config/firewall:") || why.contains("/etc/nftables.d/")
                };
                match &checked.refused {
                    None => loads += 1,
                    Some(why) if named(why) => said += 1,
                    Some(why) => wrong.push(format!(
                        "{number}: {why}\n{}",
                        String::from_utf8_lossy(&spoilt)
                    )),
                }
            }
            eprintln!("{wanted} spoilt: {loads} load, {said} are said to be wrong as a whole");
            assert!(
                wrong.is_empty(),
                "{} of {wanted}:\n{}",
                wrong.len(),
                wrong.join("\n")
            );
            assert!(
                loads > wanted / 4 && said > wanted / 100,
                "{loads} load, {said} do not"
            );
        },
    );
}
