/*! The command line, low level flags to types. */

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use crate::apply::{Backend, Requester};

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
    },
    ReloadSets,
    Print,
    Check {
        json: bool,
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
}

/// # Errors
/// Usage, help or version to show: print it and exit with its code.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Args, clap::Error> {
    let matches = command().try_get_matches_from(args)?;
    let Some((name, sub)) = matches.subcommand() else {
        return Err(command().error(
            clap::error::ErrorKind::MissingSubcommand,
            "no command given",
        ));
    };
    let text = |id: &str| sub.get_one::<String>(id).cloned().unwrap_or_default();
    let verb = match name {
        "start" => Verb::Start,
        "stop" => Verb::Stop,
        "flush" => Verb::Flush,
        "restart" => Verb::Restart,
        "reload" => Verb::Reload {
            if_changed: sub.get_flag("if-changed"),
        },
        "reload-sets" => Verb::ReloadSets,
        "snapshot" => Verb::Snapshot(path(sub, "dir")),
        "check" => Verb::Check {
            json: sub.get_flag("json"),
        },
        "status" => Verb::Status {
            json: sub.get_flag("json"),
        },
        "offload" => Verb::Offload {
            json: sub.get_flag("json"),
            watch: sub.get_one::<u64>("watch").copied(),
        },
        "network" => Verb::Network(text("net")),
        "device" => Verb::Device(text("dev")),
        "zone" => Verb::Zone(text("zone"), sub.get_one::<String>("dev").cloned()),
        "serve" => Verb::Serve,
        "emergency" => Verb::Emergency,
        _ => Verb::Print,
    };
    Ok(Args {
        root: path(&matches, "root"),
        backend: matches
            .get_one::<Backend>("backend")
            .copied()
            .unwrap_or_default(),
        quiet: matches.get_flag("quiet"),
        verbose: matches.get_flag("verbose"),
        by: matches
            .get_one::<Requester>("by")
            .copied()
            .unwrap_or_default(),
        verb,
    })
}

fn path(matches: &ArgMatches, id: &str) -> PathBuf {
    matches
        .get_one::<PathBuf>(id)
        .cloned()
        .unwrap_or_else(|| PathBuf::from("/"))
}

fn backend(text: &str) -> Result<Backend, String> {
    match text {
        "auto" => Ok(Backend::Auto),
        "netlink" => Ok(Backend::Netlink),
        "nft" => Ok(Backend::Nft),
        _ => Err("one of auto, netlink, nft".into()),
    }
}

fn requester(text: &str) -> Result<Requester, String> {
    match text {
        "cli" => Ok(Requester::Cli),
        "ubus" => Ok(Requester::Ubus),
        "netifd" => Ok(Requester::Netifd),
        "boot" => Ok(Requester::Boot),
        _ => Err("one of cli, ubus, netifd, boot".into()),
    }
}

fn command() -> Command {
    let verb = |name: &'static str, about: &'static str| Command::new(name).about(about);
    let json = || {
        Arg::new("json")
            .long("json")
            .action(ArgAction::SetTrue)
            .help("Answer in JSON")
    };
    let name = |id: &'static str, help: &'static str| Arg::new(id).help(help);
    Command::new("ferrowall")
        .version(env!("CARGO_PKG_VERSION"))
        .about("OpenWrt's firewall: loads /etc/config/firewall into the kernel in one transaction")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .arg(
            Arg::new("root")
                .long("root")
                .value_name("DIR")
                .global(true)
                .value_parser(value_parser!(PathBuf))
                .help(
                    "Read the router from a folder laid out like one; run files go to DIR/var/run",
                ),
        )
        .arg(
            Arg::new("backend")
                .long("backend")
                .value_name("auto|netlink|nft")
                .global(true)
                .value_parser(backend)
                .help("How to reach the kernel; auto takes nft only where raw nft files need it"),
        )
        .arg(
            Arg::new("quiet")
                .short('q')
                .global(true)
                .action(ArgAction::SetTrue)
                .help("Say nothing of warnings"),
        )
        .arg(
            Arg::new("verbose")
                .short('v')
                .global(true)
                .action(ArgAction::SetTrue)
                .help("Say where in the file each problem is, and what reaches the kernel"),
        )
        // for the record: the daemon and the scripts of the package say for whom they act
        .arg(
            Arg::new("by")
                .long("by")
                .global(true)
                .hide(true)
                .value_parser(requester),
        )
        .subcommands([
            verb("start", "Load the firewall"),
            verb("stop", "Delete the firewall's table, and nothing else"),
            verb("flush", "Delete every nftables table of the router"),
            verb(
                "restart",
                "Replace the firewall, all of it; there is no moment without rules",
            ),
            verb("reload", "Load the configuration again").arg(
                Arg::new("if-changed")
                    .long("if-changed")
                    .action(ArgAction::SetTrue)
                    .help("Do nothing if the ruleset would be the same, or if nothing is loaded"),
            ),
            verb("reload-sets", "Fill the sets anew, leave the rules alone"),
            verb("print", "Print the ruleset as nft text"),
            verb("check", "Try the ruleset out without loading it").arg(json()),
            verb("status", "Say what is loaded and how the last load went").arg(json()),
            verb(
                "offload",
                "Say what the kernel and the hardware forward by themselves",
            )
            .arg(json())
            .arg(
                Arg::new("watch")
                    .long("watch")
                    .value_name("SECONDS")
                    .num_args(0..=1)
                    .default_missing_value("2")
                    .value_parser(value_parser!(u64).range(1..))
                    .help("Say it again every few seconds"),
            ),
            verb("network", "Name the zone that covers a network")
                .arg(name("net", "Network").required(true)),
            verb("device", "Name the zone that covers a device")
                .arg(name("dev", "Device").required(true)),
            verb("zone", "Name the devices of a zone")
                .arg(name("zone", "Zone").required(true))
                .arg(name("dev", "Only this device")),
            verb(
                "serve",
                "Answer for the firewall on ubus, and follow the network interfaces",
            ),
            // for the init script, should `start` not live to do it
            verb(
                "emergency",
                "Close the router if it has no rules: only management from the lan side gets in",
            )
            .hide(true),
            verb(
                "snapshot",
                "Copy what the firewall sees of this router into a folder, for a bug report",
            )
            .arg(
                Arg::new("dir")
                    .value_name("DIR")
                    .required(true)
                    .value_parser(value_parser!(PathBuf)),
            ),
        ])
}
