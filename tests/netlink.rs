/*! The netlink path against the real kernel, held beside what nft makes of the same ruleset as text. */

#[path = "netlink/support.rs"]
mod support;

#[path = "support/conformance.rs"]
mod cases;

#[path = "netlink/every_match.rs"]
mod every_match;

#[path = "netlink/conformance.rs"]
mod conformance;

#[path = "netlink/pairs/mod.rs"]
mod pairs;

#[path = "netlink/transaction.rs"]
mod transaction;

#[path = "netlink/faults.rs"]
mod faults;

#[path = "netlink/scale.rs"]
mod scale;

#[path = "netlink/reload.rs"]
mod reload;

#[path = "netlink/kernel_facts.rs"]
mod kernel_facts;

#[path = "netlink/held.rs"]
mod held;

#[path = "netlink/incremental/mod.rs"]
mod incremental;

#[path = "netlink/routes.rs"]
mod routes;
