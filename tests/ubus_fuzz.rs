//! The decoder on bytes that nobody meant: it neither panics nor makes more of them than they are.

use std::io::Write;
use std::os::unix::net::{UnixListener, UnixStream};
use std::thread;
use std::time::{Duration, Instant};

use ferrowall::ubus::{Attributes, Client, Error, HEADER, Kind, Message, Table, Value};

/// xorshift64*, so that every run tries the same.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.next() as u8).collect()
    }
}

/// How long to go on beyond the usual rounds: `FERROWALL_FUZZ_SECONDS=600 cargo test --release --test ubus_fuzz`.
fn patience() -> Duration {
    let seconds = std::env::var("FERROWALL_FUZZ_SECONDS").ok();
    Duration::from_secs(seconds.and_then(|s| s.parse().ok()).unwrap_or(0))
}

/// The same for every usual run, another for every long one.
fn seed() -> u64 {
    let now = || {
        std::time::UNIX_EPOCH
            .elapsed()
            .map_or(3, |since| since.as_nanos() as u64 | 1)
    };
    if patience().is_zero() { 2 } else { now() }
}

fn sample() -> Vec<u8> {
    let address = Table::new().with("address", "192.0.2.1").with("mask", 24);
    let lan = Table::new()
        .with("interface", "lan")
        .with("up", true)
        .with("uptime", 1_i64 << 40)
        .with("ipv4-address", vec![Value::Table(address)])
        .with(
            "data",
            Table::new()
                .with("load", Value::Double(0.5))
                .with("none", Value::Null),
        )
        .with("small", Value::Int16(-1));
    let attributes = Attributes {
        status: Some(0),
        path: Some("network.interface".to_owned()),
        object: Some(0x8123_4567),
        method: Some("dump".to_owned()),
        object_type: Some(1),
        signature: Some(Table::new().with("dump", Table::new().with("name", 3))),
        data: Some(Table::new().with("interface", vec![Value::Table(lan)])),
        target: Some(2),
        active: Some(true),
        no_reply: true,
        subscribers: Some(vec![3, 4]),
        user: Some("root".to_owned()),
        group: Some("root".to_owned()),
        malformed: false,
    };
    let mut bytes = Vec::new();
    Message {
        kind: Kind::Data,
        seq: 7,
        peer: 9,
        attributes,
    }
    .write(&mut bytes)
    .unwrap();
    bytes
}

/// Values in a table, all levels.
fn count(table: &Table) -> usize {
    table.iter().map(|(_, value)| count_value(value)).sum()
}

fn count_value(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count_value).sum(),
        Value::Table(table) => count(table),
        _ => 0,
    }
}

/// Reads the bytes as a message of their own length; each value must have cost at least its eight
/// bytes of head, and what is written again must read the same.
fn try_message(bytes: &[u8]) -> bool {
    let Some(head) = bytes.first_chunk::<HEADER>() else {
        return false;
    };
    let Ok(len) = Message::length(head) else {
        return false;
    };
    let Some(bytes) = bytes.get(..len) else {
        return false;
    };
    let Ok(Some(mut message)) = Message::read(bytes) else {
        return false;
    };
    let attributes = &message.attributes;
    let values =
        [&attributes.data, &attributes.signature].map(|table| table.as_ref().map_or(0, count));
    assert!(values.iter().sum::<usize>() * 8 <= len);
    message.attributes.malformed = false;
    let mut again = Vec::new();
    message.write(&mut again).unwrap();
    let read_again = Message::read(&again).unwrap().unwrap();
    // NaN is not itself.
    assert_eq!(format!("{read_again:?}"), format!("{message:?}"));
    true
}

#[test]
fn random_bytes_never_panic() {
    let mut random = Random(1);
    for _ in 0..60_000 {
        let len = random.below(96);
        let mut bytes = random.bytes(HEADER + len);
        // Most would fail at the head.
        bytes[0] = 0;
        bytes[1] %= 13;
        bytes[8..12].copy_from_slice(&(len as u32 + 4).to_be_bytes());
        try_message(&bytes);
    }
}

#[test]
fn a_message_with_a_few_bytes_changed_never_panics() {
    let sample = sample();
    assert!(try_message(&sample));
    let mut random = Random(seed());
    let (mut understood, mut tried) = (0u64, 0u64);
    let until = Instant::now() + patience();
    while tried < 60_000 || Instant::now() < until {
        tried += 1;
        let mut bytes = sample.clone();
        for _ in 0..=random.below(4) {
            let at = random.below(bytes.len());
            match random.below(4) {
                0 => bytes[at] = random.next() as u8,
                1 => bytes[at] ^= 1 << random.below(8),
                2 => drop(bytes.splice(at..at, [0; 4])),
                _ => bytes.truncate(at.max(HEADER)),
            }
        }
        if random.below(2) == 0 {
            let len = bytes.len() as u32 - 8;
            bytes[8..12].copy_from_slice(&len.to_be_bytes());
        }
        understood += u64::from(try_message(&bytes));
    }
    println!("{tried} messages, {understood} got past the head");
    assert!(understood > 10_000, "only {understood} got past the head");
}

#[test]
fn every_cut_of_a_message_is_refused() {
    let sample = sample();
    for len in 0..sample.len() {
        assert!(!try_message(&sample[..len]));
        assert!(Message::read(&sample[..len]).is_err());
    }
}

#[test]
fn the_most_values_a_message_can_hold_stay_within_bounds() {
    // 131,070 nulls without a name, as an array in DATA.
    let nulls = 131_068_u32;
    let word = |id: u32, len: u32| (id << 24 | len).to_be_bytes();
    let mut bytes = vec![0, 2, 0, 0, 0, 0, 0, 0];
    bytes.extend(word(0, 4 + 4 + 8 + nulls * 8));
    bytes.extend(word(7, 4 + 8 + nulls * 8));
    bytes.extend(word(0x81, 8 + nulls * 8));
    bytes.extend([0; 4]);
    for _ in 0..nulls {
        bytes.extend(word(0x80, 8));
        bytes.extend([0; 4]);
    }
    assert!(try_message(&bytes));
}

/// A ubusd that greets and then talks nonsense.
#[test]
fn a_client_survives_a_bus_that_talks_nonsense() {
    let path = std::env::temp_dir().join(format!("ferrowall-nonsense-{}", std::process::id()));
    let listener = UnixListener::bind(&path).unwrap();
    let mut hello = Vec::new();
    Message {
        kind: Kind::Hello,
        seq: 0,
        peer: 5,
        attributes: Attributes::default(),
    }
    .write(&mut hello)
    .unwrap();
    let sample = sample();
    let rounds = 400;
    let bus = thread::spawn(move || {
        let mut random = Random(3);
        for _ in 0..rounds {
            let (mut stream, _): (UnixStream, _) = listener.accept().unwrap();
            let mut bytes = hello.clone();
            match random.below(3) {
                0 => bytes.extend(random.bytes(200)),
                1 => bytes = random.bytes(64),
                _ => bytes.extend(
                    sample
                        .iter()
                        .map(|b| if random.below(40) == 0 { b ^ 0x55 } else { *b }),
                ),
            }
            // The client may have given up already.
            let _ = stream.write_all(&bytes);
        }
    });
    for _ in 0..rounds {
        let Ok(mut client) = Client::connect_to(&path) else {
            continue;
        };
        client.set_timeout(Duration::from_secs(10));
        let error = loop {
            match client.pump() {
                Ok(_) => {}
                Err(error) => break error,
            }
        };
        assert!(
            matches!(error, Error::Closed | Error::Malformed(_)),
            "{error}"
        );
    }
    bus.join().unwrap();
    std::fs::remove_file(&path).unwrap();
}
