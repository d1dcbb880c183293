/*! Single values as nft text, for those who keep them elsewhere than in a ruleset (fw4's state file). */

use super::address::{write_element, write_network};
use crate::ruleset::{Element, Network, TimeUnit};
use crate::text;

/// `192.168.1.0/24`
pub fn cidr(network: &Network) -> String {
    let mut out = Vec::new();
    write_network(&mut out, network);
    text::decode(&out)
}

/// The fields of an element, one by one.
pub fn element_fields(element: &Element) -> Vec<String> {
    element
        .values()
        .iter()
        .map(|value| {
            let mut out = Vec::new();
            write_element(&mut out, &Element::One(value.clone()));
            text::decode(&out)
        })
        .collect()
}

/// `minute`
pub fn time_unit(unit: TimeUnit) -> &'static str {
    match unit {
        TimeUnit::Second => "second",
        TimeUnit::Minute => "minute",
        TimeUnit::Hour => "hour",
        TimeUnit::Day => "day",
    }
}
