/*! Counting flows: how many are offloaded, how much of the traffic they carry, the largest of them. */

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::net::{IpAddr, SocketAddr};

use crate::json::Json;

use crate::json;
use crate::netlink::conntrack::{Connection, Offloaded};

/// How many of the largest flows are kept.
const TOP: usize = 10;

/// All connections, summed up.
#[derive(Debug, Default)]
pub struct Flows {
    pub total: u64,
    pub software: u64,
    pub hardware: u64,
    /// Share of the forwarded bytes that belong to flows which are offloaded now, 0 to 1. `None` where
    /// nothing is counted (`nf_conntrack_acct` is off) or nothing was forwarded.
    pub share_of_bytes: Option<f64>,
    /// The largest by bytes, largest first.
    pub top: Vec<Flow>,
}

/// One connection, as its initiator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    pub protocol: String,
    pub src: String,
    pub dst: String,
    /// `software`, `hardware`, or `none`.
    pub offload: &'static str,
    pub packets: u64,
    pub bytes: u64,
}

impl Flows {
    pub fn json(&self) -> Json {
        json::object(vec![
            ("total", self.total.into()),
            ("software", self.software.into()),
            ("hardware", self.hardware.into()),
            ("share_of_bytes", self.share_of_bytes.into()),
            ("top", self.top.iter().map(Flow::json).collect()),
        ])
    }
}

impl Flow {
    fn json(&self) -> Json {
        json::object(vec![
            ("protocol", self.protocol.as_str().into()),
            ("src", self.src.as_str().into()),
            ("dst", self.dst.as_str().into()),
            ("offload", self.offload.into()),
            ("packets", self.packets.into()),
            ("bytes", self.bytes.into()),
        ])
    }
}

/// Takes connections one by one, keeping only sums and the largest.
pub struct Counter<'a> {
    /// The router's own addresses: what ends there is not forwarded.
    local: &'a [IpAddr],
    flows: Flows,
    forwarded: u64,
    offloaded: u64,
    largest: BinaryHeap<Reverse<(u64, u64, Ranked)>>,
    seen: u64,
}

/// A connection in the heap; only bytes and the order of arrival decide there.
struct Ranked(Connection);

impl PartialEq for Ranked {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
impl Eq for Ranked {}
impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Ranked {
    fn cmp(&self, _: &Self) -> std::cmp::Ordering {
        std::cmp::Ordering::Equal
    }
}

impl<'a> Counter<'a> {
    pub fn new(local: &'a [IpAddr]) -> Self {
        Counter {
            local,
            flows: Flows::default(),
            forwarded: 0,
            offloaded: 0,
            largest: BinaryHeap::with_capacity(TOP + 1),
            seen: 0,
        }
    }

    pub fn add(&mut self, connection: &Connection) {
        self.flows.total += 1;
        self.seen += 1;
        match connection.offloaded {
            Offloaded::No => {}
            Offloaded::Software => self.flows.software += 1,
            Offloaded::Hardware => self.flows.hardware += 1,
        }
        if self.is_forwarded(connection) {
            self.forwarded += connection.bytes;
            if connection.offloaded != Offloaded::No {
                self.offloaded += connection.bytes;
            }
        }
        let least = self.largest.peek().map_or(0, |Reverse((bytes, ..))| *bytes);
        if self.largest.len() < TOP || connection.bytes > least {
            // the first of equals stays in front
            self.largest.push(Reverse((
                connection.bytes,
                u64::MAX - self.seen,
                Ranked(*connection),
            )));
            if self.largest.len() > TOP {
                self.largest.pop();
            }
        }
    }

    pub fn finish(mut self) -> Flows {
        self.flows.share_of_bytes =
            (self.forwarded > 0).then(|| self.offloaded as f64 / self.forwarded as f64);
        // `Reverse` turns the order round: the sorted vector begins with the largest
        self.flows.top = self
            .largest
            .into_sorted_vec()
            .into_iter()
            .map(|Reverse((_, _, Ranked(c)))| flow(&c))
            .collect();
        self.flows
    }

    /// Neither side is the router itself. With NAT the initiator's real peer is the reply's source.
    fn is_forwarded(&self, connection: &Connection) -> bool {
        !self.local.contains(&connection.original.src.ip())
            && !self.local.contains(&connection.reply.src.ip())
    }
}

fn flow(connection: &Connection) -> Flow {
    let protocol = match connection.original.protocol {
        1 => "icmp".into(),
        6 => "tcp".into(),
        17 => "udp".into(),
        47 => "gre".into(),
        58 => "icmpv6".into(),
        other => other.to_string(),
    };
    Flow {
        protocol,
        src: shown(connection.original.src),
        dst: shown(connection.original.dst),
        offload: match connection.offloaded {
            Offloaded::No => "none",
            Offloaded::Software => "software",
            Offloaded::Hardware => "hardware",
        },
        packets: connection.packets,
        bytes: connection.bytes,
    }
}

/// As `SocketAddr` shows itself, which can also fill columns and has 600 bytes of machine code for it.
fn shown(end: SocketAddr) -> String {
    let (ip, port) = (end.ip().to_string(), end.port().to_string());
    match end {
        SocketAddr::V4(_) => [&*ip, ":", &port].concat(),
        SocketAddr::V6(_) => ["[", &ip, "]:", &port].concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::netlink::conntrack::Tuple;

    fn connection(host: u8, offloaded: Offloaded, bytes: u64) -> Connection {
        let at = |ip: [u8; 4], port| (ip, port).into();
        let original = Tuple {
            src: at([192, 168, 1, host], 4000),
            dst: at([203, 0, 113, 9], 443),
            protocol: 6,
        };
        let reply = Tuple {
            src: original.dst,
            dst: at([198, 51, 100, 7], 4000),
            protocol: 6,
        };
        Connection {
            original,
            reply,
            offloaded,
            packets: 1,
            bytes,
        }
    }

    #[test]
    fn flows_are_counted_and_the_largest_kept() {
        let local = [IpAddr::from([192, 168, 1, 1])];
        let mut counter = Counter::new(&local);
        for n in 2..200u8 {
            let by = [Offloaded::No, Offloaded::Software, Offloaded::Hardware][usize::from(n % 3)];
            counter.add(&connection(n, by, u64::from(n) * 10));
        }
        // the router's own traffic counts as a connection and not as forwarded
        counter.add(&connection(1, Offloaded::No, 1_000_000));
        let flows = counter.finish();
        assert_eq!((flows.total, flows.software, flows.hardware), (199, 66, 66));
        let share = flows.share_of_bytes.expect("there was traffic");
        assert!((0.66..0.67).contains(&share), "{share}");
        let bytes: Vec<u64> = flows.top.iter().map(|f| f.bytes).collect();
        assert_eq!(
            bytes,
            [
                1_000_000, 1990, 1980, 1970, 1960, 1950, 1940, 1930, 1920, 1910
            ]
        );
    }

    #[test]
    fn ends_are_shown_as_everywhere() {
        for end in [
            "192.0.2.1:80",
            "[2001:db8::1]:65535",
            "[::ffff:192.0.2.1]:0",
        ] {
            assert_eq!(shown(end.parse().unwrap()), end);
        }
    }

    #[test]
    fn without_counters_there_is_no_share() {
        let local = [];
        let mut counter = Counter::new(&local);
        counter.add(&connection(2, Offloaded::Software, 0));
        assert_eq!(counter.finish().share_of_bytes, None);
    }
}
