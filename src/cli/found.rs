/*!
What of the tables (commands.rs) stands in a command line.

By hand, the way getopt_long(3) and clap read one: values follow an option or its `=`, letters stand together, after `--` come words
alone. clap made the program larger by 70,000 bytes for these few options; here the tests have it, to compare with.
*/

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use super::commands::{self, Arg, Command, GLOBAL, Takes};
use crate::text;

#[derive(Default)]
pub struct Found<'a> {
    pub command: Option<&'static Command>,
    /// What was named, and its value, which is empty for a flag. In the order of the command line.
    values: Vec<(&'static str, &'a OsStr)>,
    /// How many of them come before the command.
    before: usize,
}

impl<'a> Found<'a> {
    /// # Errors
    /// Says which argument is wrong.
    pub fn new(args: &'a [OsString]) -> Result<Self, String> {
        let mut found = Found::default();
        let mut args = args.iter().skip(1).map(OsString::as_os_str).peekable();
        let mut only_words = false;
        while let Some(arg) = args.next() {
            let wrong = |what: &str, then: &str| {
                let arg = text::decode(arg.as_bytes());
                Err([what, " '", &arg, "'", then].concat())
            };
            let unexpected = || wrong("unexpected argument", " found");
            let twice = || wrong("the argument", " cannot be used multiple times");
            let option = option_in(arg).filter(|_| !only_words);
            match option {
                // A command does not come after the `--`.
                None if found.command.is_none() && only_words => return unexpected(),
                None => {
                    if !found.word(arg) {
                        return match found.command {
                            Some(_) => unexpected(),
                            None => wrong("unrecognized command", ""),
                        };
                    }
                }
                Some([b'-']) => only_words = true,
                Some([b'-', long @ ..]) => {
                    let mut parts = long.splitn(2, |&byte| byte == b'=');
                    let name = parts.next().unwrap_or_default();
                    let attached = parts.next().map(OsStr::from_bytes);
                    let Some(option) = found.option(name, false) else {
                        return unexpected();
                    };
                    let value = match (option.takes, attached) {
                        (Takes::Flag, None) => OsStr::new(""),
                        (Takes::Flag, _) => return wrong("unexpected value in", ""),
                        (_, Some(value)) => value,
                        (takes, None) => {
                            match (args.next_if(|next| option_in(next).is_none()), takes) {
                                (Some(value), _) => value,
                                (None, Takes::Maybe(_)) => OsStr::new(""),
                                (None, _) => return wrong("a value is required for", ""),
                            }
                        }
                    };
                    if !found.put(option.name, value) {
                        return twice();
                    }
                }
                Some(letters) => {
                    for letter in letters.chunks(1) {
                        let Some(option) = found.option(letter, true) else {
                            return unexpected();
                        };
                        if !found.put(option.name, OsStr::new("")) {
                            return twice();
                        }
                    }
                }
            }
        }
        Ok(found)
    }

    /// A word is the command, or what a command takes by its place. False: there is no such command, or it takes no more.
    fn word(&mut self, word: &'a OsStr) -> bool {
        let Some(command) = self.command else {
            self.command = word.to_str().and_then(commands::find);
            self.before = self.values.len();
            return self.command.is_some();
        };
        let mut words = command.args.iter().filter(|arg| arg.is_word());
        let free = words.find(|arg| self.value(arg.name).is_none());
        free.is_some_and(|arg| self.put(arg.name, word))
    }

    fn option(&self, name: &[u8], is_letter: bool) -> Option<&'static Arg> {
        let own = self.command.map_or(&[][..], |command| command.args);
        own.iter().chain(GLOBAL).find(|arg| {
            let fits = !arg.is_word() && (arg.takes == Takes::Letter) == is_letter;
            fits && arg.name.as_bytes() == name
        })
    }

    /// False: it is there already, on this side of the command. Only of roots may be several.
    fn put(&mut self, name: &'static str, value: &'a OsStr) -> bool {
        let side = self.values.iter().skip(self.before);
        let is_new = name == "root" || side.clone().all(|put| put.0 != name);
        self.values.push((name, value));
        is_new
    }

    /// Of several the last.
    pub fn value(&self, name: &str) -> Option<&'a OsStr> {
        self.values(name).next_back()
    }

    pub fn values(&self, name: &str) -> impl DoubleEndedIterator<Item = &'a OsStr> {
        let named = self.values.iter().filter(move |put| put.0 == name);
        named.map(|put| put.1)
    }
}

/// What follows the dash, which alone is a word.
fn option_in(arg: &OsStr) -> Option<&[u8]> {
    let name = arg.as_bytes().strip_prefix(b"-");
    name.filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use clap::ArgAction;
    use clap::builder::OsStringValueParser;

    use super::super::commands::COMMANDS;
    use super::*;

    fn clap_command() -> clap::Command {
        let commands = COMMANDS.iter().map(|command| {
            let args = command.args.iter().map(clap_arg);
            clap::Command::new(command.name).args(args)
        });
        clap::Command::new("ferrowall")
            .disable_help_subcommand(true)
            .disable_help_flag(true)
            .args(GLOBAL.iter().map(|global| clap_arg(global).global(true)))
            .subcommands(commands)
    }

    fn clap_arg(arg: &Arg) -> clap::Arg {
        let made = clap::Arg::new(arg.name);
        match arg.takes {
            Takes::Flag => return made.long(arg.name).action(ArgAction::SetTrue),
            Takes::Letter => {
                let letter = arg.name.chars().next();
                return made.short(letter).action(ArgAction::SetTrue);
            }
            Takes::Value(_) if arg.name == "root" => made.long("root").action(ArgAction::Append),
            Takes::Value(_) => made.long(arg.name),
            Takes::Maybe(_) => {
                let made = made.long(arg.name).num_args(0..=1);
                made.default_missing_value("")
            }
            Takes::Word | Takes::OptionalWord => made,
        }
        .value_parser(OsStringValueParser::new())
    }

    /// All that was found, option by option; of roots the number alone, for clap shows those of one side of the command.
    fn by_hand(args: &[OsString]) -> Option<Vec<(String, OsString)>> {
        let found = Found::new(args).ok()?;
        let mut all: Vec<(String, OsString)> = Vec::new();
        if let Some(command) = found.command {
            all.push((command.name.to_owned(), OsString::new()));
        }
        let own = found.command.map_or(&[][..], |command| command.args);
        for arg in own.iter().chain(GLOBAL).filter(|arg| arg.name != "root") {
            let value = found.value(arg.name).map(OsStr::to_owned);
            all.extend(value.map(|value| (arg.name.to_owned(), value)));
        }
        Some(all)
    }

    fn by_clap(args: &[OsString]) -> Option<Vec<(String, OsString)>> {
        let matches = clap_command().try_get_matches_from(args).ok()?;
        let mut all: Vec<(String, OsString)> = Vec::new();
        let (own, matches) = match matches.subcommand() {
            Some((name, sub)) => {
                all.push((name.to_owned(), OsString::new()));
                let command = COMMANDS.iter().find(|command| command.name == name);
                (command.expect("one of them").args, sub)
            }
            None => (&[][..], &matches),
        };
        for arg in own.iter().chain(GLOBAL).filter(|arg| arg.name != "root") {
            let value = match arg.takes {
                Takes::Flag | Takes::Letter => matches.get_flag(arg.name).then(OsString::new),
                _ => matches.get_one::<OsString>(arg.name).cloned(),
            };
            all.extend(value.map(|value| (arg.name.to_owned(), value)));
        }
        Some(all)
    }

    #[test]
    fn the_tables_hold_nothing_that_clap_refuses() {
        clap_command().debug_assert();
    }

    #[test]
    fn clap_takes_the_same_command_lines_and_finds_the_same_in_them() {
        const WORDS: [&str; 34] = [
            "print",
            "check",
            "start",
            "status",
            "offload",
            "try",
            "reload",
            "zone",
            "device",
            "snapshot",
            "lan",
            "-",
            "--",
            "-q",
            "-v",
            "-qv",
            "-qq",
            "-x",
            "--json",
            "--json=x",
            "--root",
            "--root=/r",
            "--root=",
            "--backend",
            "--backend=nft",
            "--timeout",
            "--timeout=5",
            "--watch",
            "--watch=3",
            "--if-changed",
            "--end-flows",
            "--nonsense",
            "9",
            "",
        ];
        let mut number = 7_u64;
        let mut random = |below: usize| {
            number = number
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (number >> 33) as usize % below
        };
        let mut taken = 0;
        for _ in 0..20_000 {
            let mut args = vec![OsString::from("ferrowall")];
            args.extend((0..1 + random(6)).map(|_| OsString::from(WORDS[random(WORDS.len())])));
            let ours = by_hand(&args);
            assert_eq!(ours, by_clap(&args), "{args:?}");
            taken += usize::from(ours.is_some());
        }
        assert!(taken > 1000, "{taken}");
    }
}
