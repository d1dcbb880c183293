/*! An `io::Error` that says a text of ours: the text as it lies in the program, where std would make a `String` of it. */

use std::io;

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Said(&'static str);

pub fn error(kind: io::ErrorKind, text: &'static str) -> io::Error {
    io::Error::new(kind, Said(text))
}

pub fn other(text: &'static str) -> io::Error {
    error(io::ErrorKind::Other, text)
}
