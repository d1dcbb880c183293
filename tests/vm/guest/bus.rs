//! The router's bus, and netifd on it, for the test machine: bus serve SOCKET FOLDER
//!
//! Answers `network.interface dump`, `network.device status` and `service get_data` with the files that a router
//! root keeps of them, read anew each time. Besides, as `ubus` does:
//!
//!     bus event NAME JSON
//!     bus call OBJECT METHOD

#[path = "../../support/ubus/broker.rs"]
mod broker;

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::Duration;

use ferrowall::json::{self, Json};
use ferrowall::ubus::{Client, Incoming, Method, Object, Status, Table};

type Outcome = Result<(), Box<dyn Error>>;

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["serve", socket, folder] => serve(Path::new(socket), Path::new(folder)),
        ["event", name, data] => {
            let data = json::read(data).map_err(|_| "no JSON")?;
            let data = data.as_object().ok_or("no object")?;
            Ok(Client::connect()?.send_event(name, data.into())?)
        }
        ["call", object, method] => {
            let answer = Client::connect()?.call(object, method, Table::new())?;
            println!("{}", Json::from(&answer));
            Ok(())
        }
        _ => Err("bus serve SOCKET FOLDER | bus event NAME JSON | bus call OBJECT METHOD".into()),
    }
}

fn serve(socket: &Path, folder: &Path) -> Outcome {
    let broker = broker::Broker::start(socket);
    let outcome = netifd(socket, folder);
    broker.stop();
    outcome
}

/// Ends only if something goes wrong.
fn netifd(socket: &Path, folder: &Path) -> Outcome {
    let mut client = Client::connect_to(socket)?;
    for (object, method) in [
        ("network.interface", "dump"),
        ("network.device", "status"),
        ("service", "get_data"),
    ] {
        client.add_object(Object::new(object).with(Method::new(method)))?;
    }
    loop {
        if let Some(Incoming::Call(request)) = client.wait(Duration::from_secs(3600))? {
            let file = folder.join(format!("{}-{}.json", request.object, request.method));
            let answer = read(&file).ok_or(Status::NoData);
            client.answer(request, answer)?;
        }
    }
}

fn read(file: &Path) -> Option<Table> {
    let json = json::read(&fs::read_to_string(file).ok()?).ok()?;
    json.as_object().map(Table::from)
}
