/*!
Where ubus answers come from: the files of a router root, or the bus itself.
*/

use std::io;
use std::path::{Path, PathBuf};

use crate::json::{self, Json};

use super::root::{Root, reason};
use crate::diagnostic::{Diagnostic, Diagnostics, Origin};
use crate::text;
use crate::ubus::{self, Call, Client, Table};

/// What fw4's `read_ubus()` asks for; null where there was no answer.
#[derive(Debug, Default)]
pub(super) struct Answers {
    /// `ubus call network.interface dump`
    pub interfaces: Json,
    /// `ubus call service get_data '{"type":"firewall"}'`
    pub services: Json,
}

/// One question to the bus, and where a snapshot keeps the answer.
#[derive(Debug, Clone, Copy)]
struct Question {
    object: &'static str,
    method: &'static str,
}

const INTERFACES: Question = Question {
    object: "network.interface",
    method: "dump",
};
const SERVICES: Question = Question {
    object: "service",
    method: "get_data",
};
const DEVICES: Question = Question {
    object: "network.device",
    method: "status",
};

impl Question {
    fn call(self) -> Call {
        let arguments = match self.object {
            "service" => Table::new().with("type", "firewall"),
            _ => Table::new(),
        };
        Call::new(self.object, self.method, arguments)
    }

    fn file(self) -> String {
        format!("/ubus/{}-{}.json", self.object, self.method)
    }
}

/// Whom to ask.
#[derive(Debug)]
pub(super) enum Source {
    /// The folder `ubus` of this router root.
    Recorded(PathBuf),
    /// The ubusd at this socket, or at its usual place.
    Live(Option<PathBuf>),
}

/// A router made by hand, in a test, asks nobody.
impl Default for Source {
    fn default() -> Source {
        Source::Recorded(PathBuf::new())
    }
}

impl Source {
    pub fn new(root: &Path, socket: Option<&Path>) -> Source {
        if Root::new(root).is_live() || !Root::new(root).is_dir("/ubus") {
            Source::Live(socket.map(Path::to_path_buf))
        } else {
            Source::Recorded(root.to_path_buf())
        }
    }

    /// Asks as fw4 does: an object that is missing or refuses is passed over in silence.
    pub fn answers(&self, diagnostics: &mut Diagnostics) -> Answers {
        let mut answers = self.ask(&[INTERFACES, SERVICES], diagnostics).into_iter();
        let mut next = || answers.next().unwrap_or_default();
        Answers {
            interfaces: next(),
            services: next(),
        }
    }

    /// `ubus call network.device status`; null if there is no answer.
    pub fn device_status(&self) -> Json {
        // That there is no bus has been said when the interfaces were asked for.
        self.ask(&[DEVICES], &mut Diagnostics::default())
            .pop()
            .unwrap_or_default()
    }

    /// All answers, each with the file that a snapshot keeps it in.
    pub fn everything(&self, diagnostics: &mut Diagnostics) -> Vec<(String, Json)> {
        let questions = [INTERFACES, DEVICES, SERVICES];
        let answers = self.ask(&questions, diagnostics);
        questions
            .iter()
            .map(|question| question.file())
            .zip(answers)
            .collect()
    }

    fn ask(&self, questions: &[Question], diagnostics: &mut Diagnostics) -> Vec<Json> {
        match self {
            Source::Live(socket) => live(socket.as_deref(), questions).unwrap_or_else(|error| {
                diagnostics.push(unreachable(&error));
                Vec::new()
            }),
            Source::Recorded(root) => {
                let mut recall = |question: &Question| {
                    recorded(Root::new(root), &question.file()).unwrap_or_else(|error| {
                        diagnostics.push(odd_answer(error));
                        Json::Null
                    })
                };
                questions.iter().map(&mut recall).collect()
            }
        }
    }
}

/// All questions over one connection, at once; null for what is not answered.
fn live(socket: Option<&Path>, questions: &[Question]) -> Result<Vec<Json>, ubus::Error> {
    let mut client = match socket {
        Some(path) => Client::connect_to(path)?,
        None => Client::connect()?,
    };
    let answers = client.call_all(questions.iter().map(|question| question.call()).collect())?;
    let json = |answer: &Result<Table, ubus::Error>| answer.as_ref().map_or(Json::Null, Json::from);
    Ok(answers.iter().map(json).collect())
}

/// fw4's words, which do not say what is wrong; that is left to the hint.
fn unreachable(error: &ubus::Error) -> Diagnostic {
    let message = "Unable to connect to ubus: Unable to connect to ubus socket";
    let mut diagnostic = Diagnostic::warning(Origin::ROUTER, message);
    diagnostic.hint = Some(format!("{error}; the ruleset knows of no interfaces"));
    diagnostic.bare = true;
    diagnostic
}

/// An answer that a snapshot wrote down. A file that is missing is an object that was not on the bus.
fn recorded(root: Root<'_>, path: &str) -> Result<Json, String> {
    let content = match root.read_file(path) {
        Ok(content) => content,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Json::Null),
        Err(error) => {
            return Err(format!("{path} is unreadable: {}", reason(&error)));
        }
    };
    json::read(&text::decode(&content)).map_err(|error| format!("{path} is no JSON: {error}"))
}

/// Something that fw4 does not look at, or dies of.
pub(super) fn odd_answer(message: String) -> Diagnostic {
    let mut diagnostic = Diagnostic::warning(Origin::ROUTER, message);
    diagnostic.silent_in_fw4 = true;
    diagnostic
}
