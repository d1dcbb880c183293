/*! The command line, low level flags to types. */

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use super::commands::{self, Command};
use super::found::Found;
use crate::apply::{Backend, Requester};
use crate::text;

#[derive(Debug)]
pub struct Args {
    pub root: PathBuf,
    pub backend: Backend,
    pub quiet: bool,
    pub verbose: bool,
    pub by: Requester,
    pub verb: Verb,
}

#[derive(Debug)]
pub enum Verb {
    Start,
    Stop,
    Flush,
    Restart,
    Reload {
        if_changed: bool,
        end_flows: bool,
    },
    ReloadSets,
    Print,
    /// Of each of these router roots.
    Check {
        json: bool,
        roots: Vec<PathBuf>,
    },
    Status {
        json: bool,
    },
    /// With `watch`: again and again, so many seconds apart.
    Offload {
        json: bool,
        watch: Option<u64>,
    },
    Network(String),
    Device(String),
    Zone(String, Option<String>),
    Snapshot(PathBuf),
    Serve,
    Emergency,
    /// With new rules for so many seconds.
    Try {
        timeout: u64,
        json: bool,
    },
    Confirm {
        json: bool,
    },
    Revert {
        if_due: bool,
        json: bool,
    },
    Guard,
}

impl Verb {
    /// Should it first go back from a try whose time is over? Not what only reads files, or does that itself.
    pub fn minds_a_try(&self) -> bool {
        matches!(
            self,
            Verb::Start
                | Verb::Stop
                | Verb::Reload { .. }
                | Verb::Restart
                | Verb::ReloadSets
                | Verb::Status { .. }
                | Verb::Network(_)
                | Verb::Device(_)
                | Verb::Zone(..)
        )
    }
}

/// A day.
const LONGEST_TRY: u64 = 86_400;

/// What to print instead of doing anything.
#[derive(Debug)]
pub enum Instead {
    /// It was asked for: standard output, success.
    Asked(String),
    /// The command line says nothing that could be done: standard error, exit status 2.
    Wrong(String),
}

/// # Errors
/// Usage, help or version to show.
pub fn parse(args: Vec<OsString>) -> Result<Args, Instead> {
    if let Some(text) = asked(&args) {
        return Err(Instead::Asked(text));
    }
    if args.len() <= 1 {
        return Err(Instead::Wrong(commands::help(None)));
    }
    let topic = topic(&args);
    let wrong = |message: &str| {
        let usage = commands::usage(topic);
        let help = "For more information, try '--help'.\n";
        Instead::Wrong(["error: ", message, "\n\n", &usage, "\n", help].concat())
    };
    let found = Found::new(&args).map_err(|message| wrong(&message))?;
    let Some(command) = found.command else {
        return Err(wrong("no command given"));
    };
    let has = |name: &str| found.value(name).is_some();
    let word = |id: &str| match found.value(id) {
        Some(word) => Ok(text::decode(word.as_bytes())),
        None => Err(wrong(&["<", id, "> is missing"].concat())),
    };
    let json = || has("json");
    let mut roots: Vec<PathBuf> = found.values("root").map(PathBuf::from).collect();
    if roots.is_empty() {
        roots.push(PathBuf::from("/"));
    }
    if roots.len() > 1 && command.name != "check" {
        return Err(wrong("only check takes more than one --root"));
    }
    let verb = match command.name {
        "start" => Verb::Start,
        "stop" => Verb::Stop,
        "flush" => Verb::Flush,
        "restart" => Verb::Restart,
        "reload" => Verb::Reload {
            if_changed: has("if-changed"),
            end_flows: has("end-flows"),
        },
        "reload-sets" => Verb::ReloadSets,
        "snapshot" => {
            word("dir")?;
            Verb::Snapshot(PathBuf::from(found.value("dir").unwrap_or_default()))
        }
        "check" => Verb::Check {
            json: json(),
            roots: roots.clone(),
        },
        "status" => Verb::Status { json: json() },
        "offload" => Verb::Offload {
            json: json(),
            watch: match found.value("watch").map(OsStr::to_str) {
                None => None,
                Some(Some("")) => Some(2),
                Some(seconds) => match seconds.and_then(|seconds| seconds.parse().ok()) {
                    None | Some(0) => {
                        return Err(wrong("--watch takes a number of seconds, 1 or more"));
                    }
                    seconds => seconds,
                },
            },
        },
        "network" => Verb::Network(word("net")?),
        "device" => Verb::Device(word("dev")?),
        "zone" => Verb::Zone(word("zone")?, word("dev").ok()),
        "serve" => Verb::Serve,
        "emergency" => Verb::Emergency,
        "try" => Verb::Try {
            timeout: match found
                .value("timeout")
                .map(|word| word.to_str().and_then(|w| w.parse().ok()))
            {
                None => 60,
                Some(Some(seconds @ 1..=LONGEST_TRY)) => seconds,
                Some(_) => return Err(wrong("--timeout takes a number of seconds, 1 to 86400")),
            },
            json: json(),
        },
        "confirm" => Verb::Confirm { json: json() },
        "revert" => Verb::Revert {
            if_due: has("if-due"),
            json: json(),
        },
        "guard" => Verb::Guard,
        _ => Verb::Print,
    };
    Ok(Args {
        root: roots.into_iter().next().unwrap_or_default(),
        backend: match found.value("backend").map(OsStr::as_bytes) {
            None | Some(b"auto") => Backend::Auto,
            Some(b"netlink") => Backend::Netlink,
            Some(b"nft") => Backend::Nft,
            Some(_) => return Err(wrong("--backend is one of auto, netlink, nft")),
        },
        quiet: has("q"),
        verbose: has("v"),
        by: match found.value("by").map(OsStr::as_bytes) {
            None | Some(b"cli") => Requester::Cli,
            Some(b"ubus") => Requester::Ubus,
            Some(b"netifd") => Requester::Netifd,
            Some(b"boot") => Requester::Boot,
            Some(_) => return Err(wrong("--by is one of cli, ubus, netifd, boot")),
        },
        verb,
    })
}

/// The command that stands in the arguments, wherever.
fn topic(args: &[OsString]) -> Option<&'static Command> {
    let mut words = args.iter().skip(1).filter_map(|arg| arg.to_str());
    words.find_map(commands::find)
}

/// Help or version, if that is what the arguments ask for.
fn asked(args: &[OsString]) -> Option<String> {
    let mut words = args.iter().skip(1).filter_map(|arg| arg.to_str());
    if words.clone().next() == Some("help") {
        return Some(commands::help(topic(args)));
    }
    words.find_map(|arg| match (arg, arg.strip_prefix('-')) {
        ("--help", _) => Some(commands::help(topic(args))),
        ("--version", _) => Some(version()),
        (_, Some(letters)) if !letters.starts_with('-') => match letters {
            _ if letters.contains('h') => Some(commands::help(topic(args))),
            _ if letters.contains('V') => Some(version()),
            _ => None,
        },
        _ => None,
    })
}

fn version() -> String {
    concat!("ferrowall ", env!("CARGO_PKG_VERSION"), "\n").into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::commands::{COMMANDS, GLOBAL, Takes};

    fn run(line: &str) -> Result<Args, Instead> {
        let words = ["ferrowall"].into_iter().chain(line.split_whitespace());
        parse(words.map(OsString::from).collect())
    }

    fn wrong(line: &str) -> String {
        match run(line) {
            Err(Instead::Wrong(text)) => text,
            other => panic!("{line}: {other:?}"),
        }
    }

    fn asked(line: &str) -> String {
        match run(line) {
            Err(Instead::Asked(text)) => text,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn options_stand_before_and_behind_the_command() {
        for line in [
            "-q --root /r --backend nft print",
            "print -q --root=/r --backend=nft",
            "-q print --root /r --backend nft",
        ] {
            let args = run(line).unwrap();
            assert_eq!(args.root, PathBuf::from("/r"), "{line}");
            assert_eq!(args.backend, Backend::Nft, "{line}");
            assert!(args.quiet && !args.verbose, "{line}");
            assert!(matches!(args.verb, Verb::Print), "{line}");
        }
        let args = run("-qv status --json").unwrap();
        assert!(args.quiet && args.verbose);
        assert!(matches!(args.verb, Verb::Status { json: true }));
    }

    #[test]
    fn every_command_of_the_table_is_understood() {
        for command in COMMANDS {
            let words = command.args.iter().filter(|arg| arg.takes == Takes::Word);
            let words = words.map(|_| "word").collect::<Vec<_>>().join(" ");
            let args = run(&[command.name, " ", &words].concat()).unwrap();
            let printed = matches!(args.verb, Verb::Print);
            assert_eq!(printed, command.name == "print", "{}", command.name);
        }
    }

    #[test]
    fn behind_two_dashes_all_are_words() {
        for (line, name, only) in [
            ("zone -- lan --json", "lan", Some("--json")),
            ("zone --root=/r lan --", "lan", None),
            ("zone - --", "-", None),
        ] {
            let Verb::Zone(zone, dev) = run(line).unwrap().verb else {
                panic!("{line}");
            };
            assert_eq!((&*zone, dev.as_deref()), (name, only), "{line}");
        }
    }

    #[test]
    fn of_an_option_before_and_behind_the_command_the_second_counts() {
        let args = run("--backend nft -q print --backend=netlink -q").unwrap();
        assert_eq!(args.backend, Backend::Netlink);
        let Verb::Check { roots, .. } = run("--root /a check --root=/b --root /c").unwrap().verb
        else {
            panic!("no check");
        };
        assert_eq!(roots, ["/a", "/b", "/c"].map(PathBuf::from));
    }

    #[test]
    fn watch_takes_a_number_of_seconds_or_none() {
        let watch = |line| match run(line).unwrap().verb {
            Verb::Offload { watch, .. } => watch,
            other => panic!("{other:?}"),
        };
        assert_eq!(watch("offload"), None);
        assert_eq!(watch("offload --watch"), Some(2));
        assert_eq!(watch("offload --watch 5"), Some(5));
        assert_eq!(watch("offload --watch=5 --json"), Some(5));
        for line in [
            "offload --watch 0",
            "offload --watch x",
            "offload --watch -1",
        ] {
            wrong(line);
        }
    }

    #[test]
    fn a_try_takes_a_minute_unless_told() {
        let timeout = |line| match run(line).unwrap().verb {
            Verb::Try { timeout, .. } => timeout,
            other => panic!("{other:?}"),
        };
        assert_eq!(timeout("try"), 60);
        assert_eq!(timeout("try --timeout 5"), 5);
        for line in ["try --timeout 0", "try --timeout x", "try --timeout 86401"] {
            wrong(line);
        }
    }

    #[test]
    fn words_that_are_not_utf8_reach_the_command() {
        use std::os::unix::ffi::OsStringExt;
        let words = [b"fw4".to_vec(), b"zone".to_vec(), b"l\xe4n".to_vec()];
        let args = parse(words.map(OsString::from_vec).into()).unwrap();
        let Verb::Zone(zone, None) = args.verb else {
            panic!("{:?}", args.verb);
        };
        assert_eq!(&*text::encode(&zone), b"l\xe4n");
    }

    #[test]
    fn what_is_wrong_is_named_and_the_usage_is_the_commands_own() {
        for (line, said, usage) in [
            (
                "bogus",
                "unrecognized command 'bogus'",
                "[OPTIONS] <COMMAND>",
            ),
            (
                "reload --bogus",
                "unexpected argument '--bogus' found",
                "reload [OPTIONS]",
            ),
            (
                "print more",
                "unexpected argument 'more' found",
                "print [OPTIONS]",
            ),
            ("zone", "<zone> is missing", "zone [OPTIONS] <zone> [dev]"),
            (
                "print --root",
                "a value is required for '--root'",
                "print [OPTIONS]",
            ),
            (
                "--root /r -q --backend",
                "a value is required for '--backend'",
                "[OPTIONS] <COMMAND>",
            ),
            (
                "--root -q print",
                "a value is required for '--root'",
                "print [OPTIONS]",
            ),
            (
                "-q -q print",
                "the argument '-q' cannot be used multiple times",
                "print [OPTIONS]",
            ),
            (
                "--backend x print",
                "--backend is one of auto, netlink, nft",
                "print [OPTIONS]",
            ),
            (
                "status --json=x",
                "unexpected value in '--json=x'",
                "status [OPTIONS]",
            ),
            (
                "-- print",
                "unexpected argument 'print' found",
                "print [OPTIONS]",
            ),
            (
                "-qx print",
                "unexpected argument '-qx' found",
                "print [OPTIONS]",
            ),
            (
                "print --q",
                "unexpected argument '--q' found",
                "print [OPTIONS]",
            ),
            ("-q", "no command given", "[OPTIONS] <COMMAND>"),
        ] {
            let text = wrong(line);
            let expected = format!("error: {said}\n\nUsage: ferrowall {usage}\n\n");
            assert!(text.starts_with(&expected), "{line}: {text}");
        }
    }

    #[test]
    fn help_names_every_command_and_option_that_is_not_internal() {
        let all = asked("--help");
        assert_eq!(all, asked("help"));
        assert_eq!(all, wrong(""));
        for command in COMMANDS {
            let listed = all.contains(&format!("\n  {} ", command.name));
            assert_eq!(listed, !command.about.is_empty());
            let own = asked(&[command.name, " --help"].concat());
            assert_eq!(own, asked(&["help ", command.name].concat()));
            assert_eq!(own, asked(&[command.name, " -qh"].concat()));
            for arg in command
                .args
                .iter()
                .chain(GLOBAL)
                .filter(|arg| !arg.help.is_empty())
            {
                assert!(own.contains(arg.help) && own.contains(arg.name), "{own}");
            }
        }
        assert_eq!(asked("-V"), asked("--version"));
    }
}
