//! ubus by hand.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use ferrowall::ubus::{Attributes, HEADER, Kind, Message, Table};

use crate::served::{LONG, Served};
use crate::ubus::Bus;

/// A client of the lowest kind, which can do what no library lets one do.
pub struct Raw {
    stream: UnixStream,
    pub object: u32,
}

impl Raw {
    pub fn new(served: &Served, bus: &Bus) -> Raw {
        let object = served.client().lookup("firewall").unwrap();
        let stream = UnixStream::connect(bus.path()).unwrap();
        stream.set_read_timeout(Some(LONG)).unwrap();
        let mut raw = Raw { stream, object };
        assert_eq!(raw.receive().kind, Kind::Hello);
        raw
    }

    pub fn send(&mut self, method: &str) {
        let attributes = Attributes {
            object: Some(self.object),
            method: Some(method.to_owned()),
            data: Some(Table::new()),
            ..Attributes::default()
        };
        let message = Message {
            kind: Kind::Invoke,
            seq: 1,
            peer: self.object,
            attributes,
        };
        let mut bytes = Vec::new();
        message.write(&mut bytes).unwrap();
        self.send_bytes(&bytes);
    }

    pub fn send_bytes(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).unwrap();
    }

    pub fn receive(&mut self) -> Message {
        let mut bytes = vec![0; HEADER];
        self.stream.read_exact(&mut bytes).unwrap();
        bytes.resize(Message::length(bytes.first_chunk().unwrap()).unwrap(), 0);
        self.stream.read_exact(&mut bytes[HEADER..]).unwrap();
        Message::read(&bytes).unwrap().unwrap()
    }
}
