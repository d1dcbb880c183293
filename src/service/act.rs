/*! What the daemon has others do: verbs of the command line. */

/// One run of this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    Start,
    Reload,
    Restart,
    Stop,
    /// A reload, if an interface has changed so that it makes a difference.
    Refresh,
    Check,
    Print,
}

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
            _ => return None,
        })
    }

    pub fn arguments(self) -> &'static [&'static str] {
        match self {
            Act::Start => &["--by", "ubus", "start"],
            Act::Reload => &["--by", "ubus", "reload"],
            Act::Restart => &["--by", "ubus", "restart"],
            Act::Stop => &["stop"],
            // quiet as the hotplug script is: the same warnings need not be logged each time
            Act::Refresh => &["-q", "--by", "netifd", "reload", "--if-changed"],
            Act::Check => &["check", "--json"],
            Act::Print => &["print"],
        }
    }

    /// Does it change nothing, and so need not wait for those that do?
    pub fn only_reads(self) -> bool {
        matches!(self, Act::Check | Act::Print)
    }

    /// Does it load what the configuration and the interfaces say by then?
    pub fn loads(self) -> bool {
        matches!(self, Act::Start | Act::Reload | Act::Restart | Act::Refresh)
    }
}
