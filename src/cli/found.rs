/*!
What of the tables (commands.rs) stands in a command line.

By hand, the way getopt_long(3) and clap read one: values follow an option or its `=`, letters stand together, after `--` come words
alone. clap made the program larger by 70,000 bytes for these few options.
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
