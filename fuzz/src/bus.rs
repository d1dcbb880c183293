/*! What comes over ubus. */

use ferrowall::json;
use ferrowall::ubus::{HEADER, Message};

use crate::files::Folder;
use crate::in_time;

/// A message of any kind: what is understood can be written again and reads the same.
pub fn ubus_message(bytes: &[u8]) {
    let Some(head) = bytes.first_chunk::<HEADER>() else {
        return;
    };
    let Ok(length) = Message::length(head) else {
        return;
    };
    let Some(bytes) = bytes.get(..length) else {
        return;
    };
    let Ok(Some(mut message)) = in_time(|| Message::read(bytes)) else {
        return;
    };
    message.attributes.malformed = false;
    let mut again = Vec::new();
    message.write(&mut again).expect("what fitted in fits in");
    let again = Message::read(&again)
        .expect("valid")
        .expect("of a known kind");
    // NaN is not itself.
    assert_eq!(format!("{again:?}"), format!("{message:?}"));
}

/// JSON: what is understood is what serde_json understands, and what is written reads the same.
pub fn json(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let Ok(read) = in_time(|| json::read(text)) else {
        return;
    };
    let written = read.to_string();
    let again = json::read(&written).expect("valid");
    assert_eq!(again.to_string(), written);
    serde_json::from_str::<serde_json::Value>(&written).expect("valid for others too");
}

/// The answers of netifd and procd: interfaces, services and devices, with a NUL between them.
pub fn ubus_answers(bytes: &[u8]) {
    let mut answers = bytes.split(|byte| *byte == 0);
    let mut next = || answers.next().unwrap_or_default();
    Folder::with(|folder| {
        folder.write("ubus/network.interface-dump.json", next());
        folder.write("ubus/service-get_data.json", next());
        folder.write("ubus/network.device-status.json", next());
        folder.write("etc/config/firewall", include_bytes!("../every-kind.uci"));
        folder.prepare();
    });
}
