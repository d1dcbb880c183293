/*!
The flow tables of packet engines, as their drivers show them in debugfs: MediaTek's
`/sys/kernel/debug/ppe{0,1,2}/entries` (drivers/net/ethernet/mediatek/mtk_ppe_debugfs.c) and Airoha's
`/sys/kernel/debug/ppe/entries` (drivers/net/ethernet/airoha/airoha_ppe_debugfs.c). One line a flow:

```text
00001 BND IPv4 5T orig=192.168.1.2:4000->203.0.113.9:443 new=... packets=12 bytes=3400
```
*/

use crate::json::Json;

use crate::router::Root;
use crate::{json, text};

/// Where drivers put them, and what to call them.
const PLACES: [&str; 4] = ["ppe0", "ppe1", "ppe2", "ppe"];
const DEBUGFS: &str = "/sys/kernel/debug";

/// One engine's table, summed up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Engine {
    pub name: String,
    /// All entries in use.
    pub entries: u64,
    /// Flows that the hardware forwards.
    pub bound: u64,
    /// Seen by the hardware, not taken over.
    pub unbound: u64,
    /// Ended or invalid, not yet reused.
    pub finished: u64,
    /// Where the driver counts them.
    pub packets: Option<u64>,
    pub bytes: Option<u64>,
}

impl Engine {
    pub fn json(&self) -> Json {
        json::object(vec![
            ("name", self.name.as_str().into()),
            ("entries", self.entries.into()),
            ("bound", self.bound.into()),
            ("unbound", self.unbound.into()),
            ("finished", self.finished.into()),
            ("packets", self.packets.into()),
            ("bytes", self.bytes.into()),
        ])
    }
}

/// The engines of this router; none if the hardware has none or debugfs is not mounted.
pub fn engines(files: Root<'_>) -> Vec<Engine> {
    PLACES
        .iter()
        .filter_map(|name| {
            let bytes = files.read_file(&format!("{DEBUGFS}/{name}/entries")).ok()?;
            Some(sum_up(name, &text::decode(&bytes)))
        })
        .collect()
}

/// Does the router have MediaTek's Wireless Ethernet Dispatch (offload to and from Wi-Fi)?
pub fn has_wed(files: Root<'_>) -> bool {
    files
        .list_dir(DEBUGFS)
        .is_some_and(|names| names.iter().any(|name| name.starts_with("wed")))
}

fn sum_up(name: &str, entries: &str) -> Engine {
    let mut engine = Engine {
        name: name.to_owned(),
        entries: 0,
        bound: 0,
        unbound: 0,
        finished: 0,
        packets: None,
        bytes: None,
    };
    for line in entries.lines() {
        let mut words = line.split_ascii_whitespace();
        let counter = match (words.next(), words.next()) {
            (Some(_), Some("BND")) => &mut engine.bound,
            (Some(_), Some("UNB")) => &mut engine.unbound,
            (Some(_), Some("FIN" | "INV")) => &mut engine.finished,
            _ => continue,
        };
        *counter += 1;
        engine.entries += 1;
        for word in words {
            if let Some(n) = word
                .strip_prefix("packets=")
                .and_then(|n| n.parse::<u64>().ok())
            {
                *engine.packets.get_or_insert(0) += n;
            }
            if let Some(n) = word
                .strip_prefix("bytes=")
                .and_then(|n| n.parse::<u64>().ok())
            {
                *engine.bytes.get_or_insert(0) += n;
            }
        }
    }
    engine
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_counted_by_their_state() {
        let table = "\
00001 BND IPv4 5T orig=10.0.0.2:1->203.0.113.9:443 new=198.51.100.7:1->203.0.113.9:443 packets=12 bytes=3400
00002 UNB IPv4 5T orig=10.0.0.3:1->203.0.113.9:443
00003 BND IPv6 5T orig=2001:db8::2:1->2001:db8::9:443 packets=3 bytes=600
00004 INV
";
        let engine = sum_up("ppe0", table);
        assert_eq!(
            (
                engine.entries,
                engine.bound,
                engine.unbound,
                engine.finished
            ),
            (4, 2, 1, 1)
        );
        assert_eq!((engine.packets, engine.bytes), (Some(15), Some(4000)));
    }

    #[test]
    fn a_table_without_counters_says_so() {
        let engine = sum_up(
            "ppe",
            "00001 BND IPv4 5T orig=a->b new=a->b eth=m->m\nnonsense\n\n",
        );
        assert_eq!((engine.bound, engine.packets), (1, None));
    }
}
