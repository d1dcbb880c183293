use super::Build;
use crate::netlink::raw;

/// Keeps the packet out of connection tracking.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct Notrack;

impl Build for Notrack {
    fn build(&self) -> raw::Expression {
        raw::Expression::new(c"notrack")
    }
}
