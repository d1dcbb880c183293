/*! The command line, low level flags to types. */

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use clap::builder::OsStringValueParser;
use clap::error::ErrorKind;
use clap::{ArgAction, ArgMatches};

use super::commands::{self, COMMANDS, Command, GLOBAL, Takes};
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

/// All of them in a command line that clap has accepted: of those before and behind the command clap tells one side only.
fn roots(args: &[OsString]) -> Vec<PathBuf> {
    let mut roots = Vec::new();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let bytes = arg.as_bytes();
        if bytes == b"--root" {
            roots.extend(args.next().map(PathBuf::from));
        } else if let Some(root) = bytes.strip_prefix(b"--root=") {
            roots.push(PathBuf::from(OsStr::from_bytes(root)));
        }
    }
    if roots.is_empty() {
        roots.push(PathBuf::from("/"));
    }
    roots
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
    let matches = command()
        .try_get_matches_from(args.clone())
        .map_err(|error| wrong(&message(&args, error.kind())))?;
    let Some((name, sub)) = matches.subcommand() else {
        return Err(wrong("no command given"));
    };
    let word = |id: &str| match value(sub, id) {
        Some(word) => Ok(text::decode(word.as_bytes())),
        None => Err(wrong(&["<", id, "> is missing"].concat())),
    };
    let json = || sub.get_flag("json");
    let roots = roots(&args);
    if roots.len() > 1 && name != "check" {
        return Err(wrong("only check takes more than one --root"));
    }
    let verb = match name {
        "start" => Verb::Start,
        "stop" => Verb::Stop,
        "flush" => Verb::Flush,
        "restart" => Verb::Restart,
        "reload" => Verb::Reload {
            if_changed: sub.get_flag("if-changed"),
            end_flows: sub.get_flag("end-flows"),
        },
        "reload-sets" => Verb::ReloadSets,
        "snapshot" => {
            word("dir")?;
            Verb::Snapshot(path(sub, "dir"))
        }
        "check" => Verb::Check {
            json: json(),
            roots: roots.clone(),
        },
        "status" => Verb::Status { json: json() },
        "offload" => Verb::Offload {
            json: json(),
            watch: match value(sub, "watch").map(OsStr::to_str) {
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
            timeout: match value(sub, "timeout")
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
            if_due: sub.get_flag("if-due"),
            json: json(),
        },
        "guard" => Verb::Guard,
        _ => Verb::Print,
    };
    Ok(Args {
        root: roots.into_iter().next().unwrap_or_default(),
        backend: match value(&matches, "backend").map(OsStr::as_bytes) {
            None | Some(b"auto") => Backend::Auto,
            Some(b"netlink") => Backend::Netlink,
            Some(b"nft") => Backend::Nft,
            Some(_) => return Err(wrong("--backend is one of auto, netlink, nft")),
        },
        quiet: matches.get_flag("q"),
        verbose: matches.get_flag("v"),
        by: match value(&matches, "by").map(OsStr::as_bytes) {
            None | Some(b"cli") => Requester::Cli,
            Some(b"ubus") => Requester::Ubus,
            Some(b"netifd") => Requester::Netifd,
            Some(b"boot") => Requester::Boot,
            Some(_) => return Err(wrong("--by is one of cli, ubus, netifd, boot")),
        },
        verb,
    })
}

fn value<'a>(matches: &'a ArgMatches, id: &str) -> Option<&'a OsStr> {
    matches.get_one::<OsString>(id).map(OsString::as_os_str)
}

fn path(matches: &ArgMatches, id: &str) -> PathBuf {
    PathBuf::from(value(matches, id).unwrap_or(OsStr::new("/")))
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

/// What clap found wrong, of all the arguments. It could say so itself, with ten times the machine code.
fn message(args: &[OsString], kind: ErrorKind) -> String {
    let culprit = culprit(args, kind).unwrap_or_default();
    match kind {
        ErrorKind::UnknownArgument => ["unexpected argument '", &culprit, "' found"].concat(),
        ErrorKind::InvalidSubcommand => ["unrecognized command '", &culprit, "'"].concat(),
        ErrorKind::InvalidValue => ["a value is required for '", &culprit, "'"].concat(),
        ErrorKind::ArgumentConflict => [
            "the argument '",
            &culprit,
            "' cannot be used multiple times",
        ]
        .concat(),
        kind => kind.as_str().unwrap_or("this cannot be read").into(),
    }
}

/// The argument from which on clap refuses them.
fn culprit(args: &[OsString], kind: ErrorKind) -> Option<String> {
    let refused = |end: &usize| {
        let some = args.get(..*end).unwrap_or_default().to_vec();
        let refused = command().try_get_matches_from(some).err();
        refused.is_some_and(|error| error.kind() == kind)
    };
    let end = (1..=args.len()).rev().take_while(refused).last()?;
    Some(text::decode(args.get(end - 1)?.as_bytes()))
}

fn command() -> clap::Command {
    let commands = COMMANDS.iter().map(|command| {
        let args = command.args.iter().map(arg);
        clap::Command::new(command.name).args(args)
    });
    clap::Command::new("ferrowall")
        .disable_help_subcommand(true)
        .args(GLOBAL.iter().map(|global| arg(global).global(true)))
        .subcommands(commands)
}

fn arg(arg: &commands::Arg) -> clap::Arg {
    let made = clap::Arg::new(arg.name);
    match arg.takes {
        Takes::Flag => return made.long(arg.name).action(ArgAction::SetTrue),
        Takes::Letter => {
            let letter = arg.name.chars().next();
            return made.short(letter).action(ArgAction::SetTrue);
        }
        Takes::Value(value) if arg.name == "root" => made
            .long(arg.name)
            .value_name(value)
            .action(ArgAction::Append),
        Takes::Value(value) => made.long(arg.name).value_name(value),
        Takes::Maybe(value) => {
            let made = made.long(arg.name).value_name(value);
            made.num_args(0..=1).default_missing_value("")
        }
        Takes::Word | Takes::OptionalWord => made,
    }
    .value_parser(OsStringValueParser::new())
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn the_tables_hold_nothing_that_clap_refuses() {
        command().debug_assert();
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
