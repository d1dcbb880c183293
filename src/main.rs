// std's own `main` brings a handler for overflowing stacks, which takes a `BTreeMap` of threads: start.rs does without.
#![cfg_attr(not(test), no_main)]

#[cfg(panic = "abort")]
mod backtrace;
#[cfg(not(test))]
mod fault;
#[cfg(not(test))]
mod start;
