/*! Named sets and their elements. */

use super::Printer;
use super::address::write_element;
use crate::ruleset::{KeyType, Set};

/// nft commands that empty each set and fill it anew, as `fw4 reload-sets` pipes them into nft. Sets
/// without elements of ours are only emptied.
pub fn print_set_reload<'a>(sets: impl IntoIterator<Item = &'a Set>) -> Vec<u8> {
    let mut printer = Printer::default();
    for set in sets {
        printer.put("flush set inet fw4 ");
        printer.put(&set.name);
        printer.put("\n");
        if set.elements.is_empty() {
            continue;
        }
        printer.put("add element inet fw4 ");
        printer.put(&set.name);
        printer.put(" {\n");
        printer.elements(set, "\t");
        printer.put("}\n\n");
    }
    printer.out
}

/// `ipv4_addr . inet_service`
pub fn set_type(key: &[KeyType]) -> String {
    key.iter()
        .map(|key| key_type(*key))
        .collect::<Vec<_>>()
        .join(" . ")
}

impl Printer {
    pub(super) fn set(&mut self, set: &Set) {
        self.put("\tset ");
        self.put(&set.name);
        self.put(" {\n");
        if let Some(comment) = &set.comment {
            self.put("\t\tcomment ");
            self.quoted(comment);
            self.put("\n");
        }
        self.put("\t\ttype ");
        for (i, key) in set.key.iter().enumerate() {
            if i > 0 {
                self.put(" . ");
            }
            self.put(key_type(*key));
        }
        self.put("\n");
        if let Some(size) = set.size {
            self.put(&format!("\t\tsize {size}\n"));
        }
        if let Some(timeout) = set.timeout.filter(|timeout| timeout.as_f64() > 0.0) {
            self.put(&format!("\t\ttimeout {timeout}s\n"));
        }
        if set.interval {
            self.put("\t\tauto-merge\n");
        }
        match (set.interval, set.timeout.is_some()) {
            (true, true) => self.put("\t\tflags interval,timeout\n"),
            (true, false) => self.put("\t\tflags interval\n"),
            (false, true) => self.put("\t\tflags timeout\n"),
            (false, false) => {}
        }
        if !set.elements.is_empty() {
            self.put("\t\telements = {\n");
            self.elements(set, "\t\t\t");
            self.put("\t\t}\n");
        }
        self.put("\t}\n\n");
    }

    fn elements(&mut self, set: &Set, indent: &str) {
        for element in &set.elements {
            self.put(indent);
            write_element(&mut self.out, element);
            self.put(",\n");
        }
    }
}

fn key_type(key: KeyType) -> &'static str {
    match key {
        KeyType::Ipv4Addr => "ipv4_addr",
        KeyType::Ipv6Addr => "ipv6_addr",
        KeyType::EtherAddr => "ether_addr",
        KeyType::InetService => "inet_service",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ruleset::{Element, KeyValue, Network, Number, Origin, Prefix};

    #[test]
    fn a_set_of_networks_and_ports_is_spelt_with_all_its_flags() {
        let network = Network {
            addr: "10.0.0.1".parse().expect("an address"),
            prefix: Prefix::Bits(32),
        };
        let element = Element::Concat(vec![KeyValue::Net(network), KeyValue::Port(80)].into());
        let set = Set {
            name: "hosts".to_owned(),
            comment: Some("a \"set\"".to_owned()),
            key: vec![KeyType::Ipv4Addr, KeyType::InetService],
            size: Some(Number::Int(10)),
            timeout: Some(Number::Int(0)),
            interval: true,
            elements: vec![element],
            origin: Origin(1),
        };
        let mut printer = Printer::default();
        printer.set(&set);
        let text = "\tset hosts {\n\t\tcomment \"a 'set'\"\n\t\ttype ipv4_addr . inet_service\n\
            \t\tsize 10\n\t\tauto-merge\n\t\tflags interval,timeout\n\t\telements = {\n\
            \t\t\t10.0.0.1/32 . 80,\n\t\t}\n\t}\n\n";
        assert_eq!(String::from_utf8_lossy(&printer.out), text);
        let commands = "flush set inet fw4 hosts\nadd element inet fw4 hosts {\n\
            \t10.0.0.1/32 . 80,\n}\n\n";
        assert_eq!(String::from_utf8_lossy(&print_set_reload([&set])), commands);
    }
}
