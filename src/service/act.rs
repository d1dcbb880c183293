/*! What the daemon has others do: verbs of the command line. */

use crate::ubus::{Status, Table, Value};

/// One run of this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    Start,
    Reload,
    Restart,
    Stop,
    /// A reload, if an interface has changed so that it makes a difference.
    Refresh,
    /// A reload that ends all offloaded flows: a station has moved.
    EndFlows,
    Check,
    Print,
    /// For so many seconds.
    Try(u32),
    Confirm,
    Revert,
    /// Going back from a try whose time is over.
    Expire,
}

/// Seconds of a try, unless told.
const TRY: i64 = 60;
const LONGEST_TRY: i64 = 86_400;

impl Act {
    /// The act behind a method, if there is one.
    pub fn of_method(method: &str) -> Option<Act> {
        Some(match method {
            "start" => Act::Start,
            "reload" => Act::Reload,
            "restart" => Act::Restart,
            "stop" => Act::Stop,
            "check" => Act::Check,
            "print" => Act::Print,
            "try" => Act::Try(TRY as u32),
            "confirm" => Act::Confirm,
            "revert" => Act::Revert,
            _ => return None,
        })
    }

    /// With what the caller says about it.
    pub fn with(self, arguments: &Table) -> Result<Act, Status> {
        match (self, arguments.get("timeout")) {
            (Act::Try(_), Some(value)) if *value != Value::Null => value
                .as_i64()
                .filter(|seconds| (1..=LONGEST_TRY).contains(seconds))
                .map(|seconds| Act::Try(seconds as u32))
                .ok_or(Status::InvalidArgument),
            _ => Ok(self),
        }
    }

    pub fn arguments(self) -> &'static [&'static str] {
        match self {
            Act::Start => &["--by", "ubus", "start"],
            Act::Reload => &["--by", "ubus", "reload"],
            Act::Restart => &["--by", "ubus", "restart"],
            Act::Stop => &["stop"],
            // quiet as the hotplug script is: the same warnings need not be logged each time
            Act::Refresh => &["-q", "--by", "netifd", "reload", "--if-changed"],
            Act::EndFlows => &["-q", "--by", "netifd", "reload", "--end-flows"],
            Act::Check => &["check", "--json"],
            Act::Print => &["print"],
            // followed by the seconds
            Act::Try(_) => &["--by", "ubus", "try", "--json", "--timeout"],
            Act::Confirm => &["--by", "ubus", "confirm", "--json"],
            Act::Revert => &["--by", "ubus", "revert", "--json"],
            Act::Expire => &["--by", "ubus", "revert", "--if-due"],
        }
    }

    /// Does it answer by printing?
    pub fn prints(self) -> bool {
        matches!(self, Act::Try(_) | Act::Confirm | Act::Revert) || self.only_reads()
    }

    /// Does it change nothing, and so need not wait for those that do?
    pub fn only_reads(self) -> bool {
        matches!(self, Act::Check | Act::Print)
    }

    /// Does it load what the configuration and the interfaces say by then?
    pub fn loads(self) -> bool {
        matches!(
            self,
            Act::Start | Act::Reload | Act::Restart | Act::Refresh | Act::EndFlows
        )
    }
}
