// std's own `main` brings a handler for overflowing stacks, which takes a `BTreeMap` of threads: start.rs does without.
#![cfg_attr(not(test), no_main)]
#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

#[cfg(panic = "abort")]
mod backtrace;
#[cfg(not(test))]
mod fault;
mod heap;
#[cfg(not(test))]
mod start;

#[cfg(not(test))]
#[global_allocator]
static HEAP: heap::Heap = heap::Heap::new();
