/*!
The commands and what they take, as tables, and the help made of them. found.rs reads command lines by these tables.
*/

/// Something that may follow a command.
pub struct Arg {
    /// As it is typed, without dashes.
    pub name: &'static str,
    pub takes: Takes,
    /// Empty: not shown in the help.
    pub help: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// `--name`
    Flag,
    /// `-n`
    Letter,
    /// `--name VALUE`
    Value(&'static str),
    /// `--name [VALUE]`
    Maybe(&'static str),
    /// A word by its place.
    Word,
    /// The same, but it may be missing.
    OptionalWord,
}

pub struct Command {
    pub name: &'static str,
    /// Empty: not shown in the list of commands.
    pub about: &'static str,
    pub args: &'static [Arg],
}

const fn arg(name: &'static str, takes: Takes, help: &'static str) -> Arg {
    Arg { name, takes, help }
}

const fn command(name: &'static str, about: &'static str, args: &'static [Arg]) -> Command {
    Command { name, about, args }
}

const JSON: Arg = arg("json", Takes::Flag, "Answer in JSON");

/// In the order of the help.
pub static COMMANDS: &[Command] = &[
    command("start", "Load the firewall", &[]),
    command("stop", "Delete the firewall's table, and nothing else", &[]),
    command("flush", "Delete every nftables table of the router", &[]),
    command(
        "restart",
        "Replace the firewall, all of it; there is no moment without rules",
        &[],
    ),
    command(
        "reload",
        "Load the configuration again",
        &[
            arg(
                "if-changed",
                Takes::Flag,
                "Do nothing if the ruleset would be the same, or if nothing is loaded",
            ),
            arg(
                "end-flows",
                Takes::Flag,
                "End the flows offloaded in software; their connections go on",
            ),
        ],
    ),
    command(
        "reload-sets",
        "Fill the sets anew, leave the rules alone",
        &[],
    ),
    command(
        "try",
        "Load the configuration, and go back to the one before unless confirmed in time",
        &[
            arg(
                "timeout",
                Takes::Value("SECONDS"),
                "How long until it goes back, 60 unless given",
            ),
            JSON,
        ],
    ),
    command("confirm", "Keep what is tried", &[JSON]),
    command(
        "revert",
        "Go back now from what is tried",
        &[arg("if-due", Takes::Flag, ""), JSON],
    ),
    command("print", "Print the ruleset as nft text", &[]),
    command(
        "check",
        "Say what is wrong with the configuration; exit status 1 for warnings, 2 for errors",
        &[JSON],
    ),
    command(
        "status",
        "Say what is loaded and how the last load went",
        &[JSON],
    ),
    command(
        "offload",
        "Say what the kernel and the hardware forward by themselves",
        &[
            JSON,
            arg(
                "watch",
                Takes::Maybe("SECONDS"),
                "Say it again every few seconds",
            ),
        ],
    ),
    command(
        "network",
        "Name the zone that covers a network",
        &[arg("net", Takes::Word, "Network")],
    ),
    command(
        "device",
        "Name the zone that covers a device",
        &[arg("dev", Takes::Word, "Device")],
    ),
    command(
        "zone",
        "Name the devices of a zone",
        &[
            arg("zone", Takes::Word, "Zone"),
            arg("dev", Takes::OptionalWord, "Only this device"),
        ],
    ),
    command(
        "serve",
        "Answer for the firewall on ubus, and follow the network interfaces",
        &[],
    ),
    command(
        "snapshot",
        "Copy what the firewall sees of this router into a folder, for a bug report",
        &[arg("dir", Takes::Word, "Folder")],
    ),
    // for the init script, should `start` not live to do it: closes a router that has no rules
    command("emergency", "", &[]),
    // waits for the end of a try, see apply::guard
    command("guard", "", &[]),
];

/// May follow every command, or come before it.
pub static GLOBAL: &[Arg] = &[
    arg(
        "root",
        Takes::Value("DIR"),
        "Read the router from a folder laid out like one; run files go to DIR/var/run",
    ),
    arg(
        "backend",
        Takes::Value("auto|netlink|nft"),
        "How to reach the kernel; auto takes nft only where raw nft files need it",
    ),
    arg("q", Takes::Letter, "Say nothing of warnings"),
    arg(
        "v",
        Takes::Letter,
        "Say where in the file each problem is, and what reaches the kernel",
    ),
    // for the record: the daemon and the scripts of the package say for whom they act
    arg("by", Takes::Value("WHOM"), ""),
];

static HELP: &[Arg] = &[
    arg("h, --help", Takes::Letter, "Print help"),
    arg("V, --version", Takes::Letter, "Print version"),
];

pub fn find(name: &str) -> Option<&'static Command> {
    COMMANDS.iter().find(|command| command.name == name)
}

impl Arg {
    /// As the help shows it.
    fn shown(&self) -> String {
        let name = self.name;
        match self.takes {
            Takes::Flag => ["    --", name].concat(),
            Takes::Letter => ["-", name].concat(),
            Takes::Value(value) => ["    --", name, " <", value, ">"].concat(),
            Takes::Maybe(value) => ["    --", name, " [<", value, ">]"].concat(),
            Takes::Word => ["<", name, ">"].concat(),
            Takes::OptionalWord => ["[", name, "]"].concat(),
        }
    }

    pub fn is_word(&self) -> bool {
        matches!(self.takes, Takes::Word | Takes::OptionalWord)
    }
}

/// `Usage: ...`, one line, of one command or of all.
pub fn usage(command: Option<&Command>) -> String {
    let mut line = String::from("Usage: ferrowall ");
    match command {
        None => line += "[OPTIONS] <COMMAND>",
        Some(command) => {
            line += command.name;
            line += " [OPTIONS]";
            for word in command.args.iter().filter(|arg| arg.is_word()) {
                line.push(' ');
                line += &word.shown();
            }
        }
    }
    line.push('\n');
    line
}

/// What `--help` prints, of one command or of all.
pub fn help(command: Option<&Command>) -> String {
    let about = "OpenWrt's firewall: loads /etc/config/firewall into the kernel in one transaction";
    let mut out = String::from(command.map_or(about, |command| command.about));
    out += "\n\n";
    out += &usage(command);
    let mut table = Table(String::new());
    match command {
        None => {
            for command in COMMANDS {
                table.row(command.name, command.about, 11);
            }
            table.row("help", "Print this message or the help of a command", 11);
            table.end("Commands", &mut out);
        }
        Some(command) => {
            for word in command.args.iter().filter(|arg| arg.is_word()) {
                table.row(&word.shown(), word.help, 6);
            }
            table.end("Arguments", &mut out);
            for option in command.args.iter().filter(|arg| !arg.is_word()) {
                table.row(&option.shown(), option.help, 32);
            }
        }
    }
    for option in GLOBAL.iter().chain(HELP) {
        table.row(&option.shown(), option.help, 32);
    }
    table.end("Options", &mut out);
    out
}

struct Table(String);

impl Table {
    fn row(&mut self, name: &str, help: &str, width: usize) {
        if help.is_empty() {
            return;
        }
        self.0 += "  ";
        self.0 += name;
        for _ in name.len()..width + 2 {
            self.0.push(' ');
        }
        self.0 += help;
        self.0.push('\n');
    }

    /// Nothing if there is no row.
    fn end(&mut self, title: &str, out: &mut String) {
        if !self.0.is_empty() {
            *out += "\n";
            *out += title;
            *out += ":\n";
            *out += &std::mem::take(&mut self.0);
        }
    }
}
