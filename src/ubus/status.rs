/*!
How a request ended, as ubus says it.
*/

use std::fmt;

/// `enum ubus_msg_status` of ubusmsg.h.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Ok,
    InvalidCommand,
    InvalidArgument,
    MethodNotFound,
    NotFound,
    NoData,
    PermissionDenied,
    Timeout,
    NotSupported,
    UnknownError,
    ConnectionFailed,
    NoMemory,
    ParseError,
    SystemError,
    /// A number that ubusmsg.h does not name.
    Other(u32),
}

/// In the order of their numbers, with the words of `ubus_strerror()`, which `ubus call` prints.
const NAMED: [(Status, &str); 14] = [
    (Status::Ok, "Success"),
    (Status::InvalidCommand, "Invalid command"),
    (Status::InvalidArgument, "Invalid argument"),
    (Status::MethodNotFound, "Method not found"),
    (Status::NotFound, "Not found"),
    (Status::NoData, "No response"),
    (Status::PermissionDenied, "Permission denied"),
    (Status::Timeout, "Request timed out"),
    (Status::NotSupported, "Operation not supported"),
    (Status::UnknownError, "Unknown error"),
    (Status::ConnectionFailed, "Connection failed"),
    (Status::NoMemory, "Out of memory"),
    (Status::ParseError, "Parsing message data failed"),
    (Status::SystemError, "System error"),
];

impl Status {
    pub fn from_code(code: u32) -> Status {
        let named = usize::try_from(code).ok().and_then(|i| NAMED.get(i));
        named.map_or(Status::Other(code), |(status, _)| *status)
    }

    pub fn code(self) -> u32 {
        match self {
            Status::Other(code) => code,
            _ => NAMED
                .iter()
                .position(|(status, _)| *status == self)
                .map_or(9, |i| i as u32),
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match NAMED.iter().find(|(status, _)| status == self) {
            Some((_, words)) => f.write_str(words),
            None => write!(f, "Unknown error: {}", self.code()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_go_there_and_back() {
        for code in 0..20 {
            assert_eq!(Status::from_code(code).code(), code);
        }
        assert_eq!(Status::from_code(7), Status::Timeout);
        assert_eq!(Status::from_code(99).to_string(), "Unknown error: 99");
    }
}
