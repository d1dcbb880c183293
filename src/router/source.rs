/*!
Where ubus answers come from: the files of a router root, or the bus itself.
*/

use std::io;
use std::path::Path;

use serde_json::Value as Json;

use super::root::{Root, reason};
use crate::diagnostic::{Diagnostic, Diagnostics, Origin};
use crate::text;

/// What fw4's `read_ubus()` asks for; null where there was no answer.
#[derive(Debug, Default)]
pub(super) struct Answers {
    /// `ubus call network.interface dump`
    pub interfaces: Json,
    /// `ubus call service get_data '{"type":"firewall"}'`
    pub services: Json,
}

pub(super) fn answers(root: &Path, diagnostics: &mut Diagnostics) -> Answers {
    let mut ask = |name| match recorded(Root(root), name) {
        Ok(answer) => answer,
        Err(error) => {
            diagnostics.push(odd_answer(error));
            Json::Null
        }
    };
    Answers {
        interfaces: ask("network.interface-dump"),
        services: ask("service-get_data"),
    }
}

/// `ubus call network.device status`; null if there is no answer.
pub(super) fn device_status(root: &Path) -> Json {
    recorded(Root(root), "network.device-status").unwrap_or_default()
}

/// An answer that a snapshot wrote down. A file that is missing is an object that was not on the bus.
fn recorded(root: Root<'_>, name: &str) -> Result<Json, String> {
    let path = format!("/ubus/{name}.json");
    let content = match root.read_file(&path) {
        Ok(content) => content,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Json::Null),
        Err(error) => {
            return Err(format!("{path} is unreadable: {}", reason(&error)));
        }
    };
    serde_json::from_str(&text::decode(&content))
        .map_err(|error| format!("{path} is no JSON: {error}"))
}

/// Something that fw4 does not look at, or dies of.
pub(super) fn odd_answer(message: String) -> Diagnostic {
    let mut diagnostic = Diagnostic::warning(Origin::ROUTER, message);
    diagnostic.silent_in_fw4 = true;
    diagnostic
}
