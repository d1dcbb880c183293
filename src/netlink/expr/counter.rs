use super::Build;
use crate::netlink::raw;

/// Counts packets and bytes, from zero.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct Counter;

impl Build for Counter {
    fn build(&self) -> raw::Expression {
        raw::Expression::new(c"counter")
    }
}
