/*! Pieces of a ruleset, each beside the nft text that means the same. */

pub mod matches;
pub mod objects;
pub mod statements;
pub mod words;
