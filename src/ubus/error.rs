/*!
What can go wrong on the bus.
*/

use std::io;
use std::path::PathBuf;

use super::{MAX_MESSAGE, Status};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot connect to {}: {source}", path.display())]
    Connect { path: PathBuf, source: io::Error },
    #[error("ubus connection broke: {0}")]
    Io(#[from] io::Error),
    /// ubusd is gone, or threw us out.
    #[error("ubusd closed the connection")]
    Closed,
    /// ubusd or the object asked said no.
    #[error("{0}")]
    Status(Status),
    #[error("no answer over ubus in time")]
    Timeout,
    #[error("malformed ubus message: {0}")]
    Malformed(&'static str),
    /// ubusd closes the connection of who sends more.
    #[error("ubus message above {MAX_MESSAGE} bytes")]
    TooLarge,
    #[error("ubus message nested too deeply")]
    TooDeep,
}

impl Error {
    /// Is the connection of no use after this? Then [`super::Client::reconnect`] makes a new one.
    pub fn is_fatal(&self) -> bool {
        match self {
            Error::Connect { .. } | Error::Io(_) | Error::Closed | Error::Malformed(_) => true,
            Error::Status(_) | Error::Timeout | Error::TooLarge | Error::TooDeep => false,
        }
    }
}
