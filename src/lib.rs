/*!
Ferrowall: OpenWrt's firewall, from UCI text to one nf_tables transaction.

The data goes one way, each stage a module that knows only those before it:

```text
 UCI text ──uci──▶ Package ──config──▶ Firewall ─┐
                      ▲                          ├─compile─▶ Ruleset ─┬─nft────▶ text
 router ──router─▶ Router ───────────────────────┘                    └─netlink▶ kernel
```

`apply` puts the stages in order and commits; `cli` is what a person types.
*/

// The package's program is compiled such that `{:?}` shows nothing (scripts/small-std).
#![cfg_attr(not(test), warn(clippy::use_debug))]
// Nor are there threads: heap.rs relies on it.
#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

pub mod apply;
mod caret;
pub mod cli;
pub mod compile;
pub mod config;
pub mod diagnostic;
mod hash;
pub mod json;
pub mod lint;
pub mod netlink;
pub mod nft;
pub mod number;
pub mod offload;
pub mod report;
pub mod router;
pub mod ruleset;
mod said;
pub mod service;
mod sort;
mod sorted;
mod spawn;
mod stdio;
pub mod text;
pub mod ubus;
pub mod uci;
pub mod verdict;
mod whole;
