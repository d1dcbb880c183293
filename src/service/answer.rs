/*! What callers and subscribers are told, as tables. */

use std::io::{self, Read, Seek};

use crate::json::{Json, Map};

use super::act::Act;
use super::run::Ended;
use crate::apply::{self, Job, LoadedZone, Status};
use crate::ubus::Table;
use crate::{json, text};

/// Diagnostics in a notification or in the answer to a load; `status` has them all.
const FEW: usize = 20;

/// JSON above this may not fit into a ubus message of 1 MiB, whose padding and type words it lacks.
const FITS: usize = 500 << 10;

/// What a check may print; more is not read.
const PRINTED: u64 = 4 << 20;

/// `ferrowall status --json`, and whether an act is under way.
pub fn status(job: &Job, busy: bool) -> Table {
    let mut map = object(apply::status(job).json());
    map.insert("busy".into(), busy.into());
    shorten(&mut map, usize::MAX);
    Table::from(&map)
}

/// `ferrowall offload --json`, and whether the firewall is loaded.
pub fn offload(job: &Job) -> Table {
    let mut map = object(apply::offload(job).json());
    map.insert("loaded".into(), apply::status(job).loaded.into());
    Table::from(&map)
}

pub fn zones(job: &Job) -> Table {
    let zones = apply::zones(job);
    Table::from(&json::map(vec![
        ("loaded", zones.is_ok().into()),
        (
            "zones",
            zones.iter().flatten().map(LoadedZone::json).collect(),
        ),
    ]))
}

/// How the last load went; `None` if there was none.
pub fn last_load(status: Status) -> Option<(bool, Table)> {
    let last = status.last?;
    let ok = last.error.is_none();
    let is = |d: &Json, severity: &str| d.get("severity").is_some_and(|s| s == severity);
    let said = status
        .diagnostics
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let fault = said
        .iter()
        .find(|d| is(d, "error"))
        .cloned()
        .unwrap_or_default();
    let of_fault = |key: &str| fault.get(key).cloned().unwrap_or_default();
    let mut map = json::map(vec![
        ("ok", ok.into()),
        ("action", last.action.into()),
        ("requested_by", last.requested_by.name().into()),
        ("time", last.time.into()),
        ("generation", last.generation.into()),
        ("duration_ms", last.duration_ms.into()),
        ("path", last.path.into()),
        ("error", last.error.into()),
        ("section", of_fault("section")),
        ("line", of_fault("line")),
        (
            "warnings",
            said.iter().filter(|d| is(d, "warning")).count().into(),
        ),
        ("diagnostics", status.diagnostics),
    ]);
    shorten(&mut map, FEW);
    Some((ok, Table::from(&map)))
}

/// For an act that left no record: it had nothing to load, or did not come so far.
pub fn without_record(job: &Job, act: Act, ended: &Ended) -> Table {
    let ok = ended.status.success();
    let error = match (ok, act, apply::status(job).loaded) {
        (true, ..) => None,
        (_, Act::Start, true) => Some(apply::Error::AlreadyLoaded.to_string()),
        (_, Act::Reload, false) => Some(apply::Error::NotLoaded.to_string()),
        _ => Some(format!("{}; the system log may tell more", ended.status)),
    };
    Table::from(&json::map(vec![("ok", ok.into()), ("error", error.into())]))
}

/// `ferrowall check --json`; if it could not check, why.
pub fn checked(ended: Ended) -> Table {
    let mut bytes = Vec::new();
    let read = ended.text.map(|text| rewound(text, &mut bytes));
    let printed = read.and_then(|()| json::read(&text::decode(&bytes)).ok());
    let Some(Json::Object(mut map)) = printed else {
        return Table::from(&json::map(vec![
            ("ok", false.into()),
            ("error", complaint(&ended.errors).into()),
            ("diagnostics", Json::Array(Vec::new())),
        ]));
    };
    shorten(&mut map, usize::MAX);
    Table::from(&map)
}

/// For an act that could not even be begun.
pub fn failure(error: &io::Error) -> Table {
    Table::new()
        .with("ok", false)
        .with("error", error.to_string())
}

fn complaint(errors: &[u8]) -> String {
    text::decode(errors.trim_ascii_end())
}

fn rewound(mut text: std::fs::File, bytes: &mut Vec<u8>) {
    // What cannot be read is no JSON, and is told as that.
    let _ = text
        .rewind()
        .and_then(|()| text.take(PRINTED).read_to_end(bytes));
}

fn object(json: Json) -> Map {
    match json {
        Json::Object(map) => map,
        _ => Map::new(),
    }
}

/// Keeps the first of the diagnostics, as many as asked and as fit; `omitted` says how many are left out.
fn shorten(map: &mut Map, most: usize) {
    let Some(Json::Array(list)) = map.get_mut("diagnostics") else {
        return;
    };
    let all = list.len();
    list.truncate(most);
    while !list.is_empty() && size(list) > FITS {
        list.truncate(list.len() / 2);
    }
    let omitted = all - list.len();
    if omitted > 0 {
        map.insert("omitted".into(), omitted.into());
    }
}

fn size(list: &[Json]) -> usize {
    list.iter().map(|d| d.to_string().len()).sum()
}

#[cfg(test)]
mod tests {
    use crate::json::json;

    use super::*;
    use crate::apply::Record;
    use crate::ubus::MAX_MESSAGE;

    #[test]
    fn however_much_there_is_to_say_it_fits_into_a_message() {
        let one =
            json!({"severity": "warning", "line": 1, "column": null, "message": "m".repeat(300)});
        let mut map = Map::new();
        map.insert("diagnostics".into(), Json::Array(vec![one; 5_000]));
        shorten(&mut map, usize::MAX);
        let kept = map
            .get("diagnostics")
            .and_then(Json::as_array)
            .unwrap()
            .len();
        assert_eq!(map.get("omitted"), Some(&json!(5_000 - kept)));
        assert!(kept > 500);
        let message = crate::ubus::Message {
            kind: crate::ubus::Kind::Data,
            seq: 0,
            peer: 0,
            attributes: crate::ubus::Attributes {
                data: Some(Table::from(&map)),
                ..Default::default()
            },
        };
        let mut bytes = Vec::new();
        message.write(&mut bytes).unwrap();
        assert!(bytes.len() < MAX_MESSAGE);
        shorten(&mut map, FEW);
        assert_eq!(
            map.get("diagnostics")
                .and_then(Json::as_array)
                .unwrap()
                .len(),
            FEW
        );
    }

    #[test]
    fn a_failed_load_names_the_section_at_fault() {
        let said = |severity: &str, section: &str| json!({"severity": severity, "section": section, "line": 7});
        let mut record = json!({
            "action": "reload", "requested_by": "boot", "time": 1, "duration_ms": 2, "generation": 3,
            "error": "refused", "path": null,
            "offload": {"requested": "off", "effective": "off", "devices": [], "reason": null},
            "diagnostics": null,
        });
        let status = Status {
            loaded: true,
            table: None,
            reverts_in: None,
            last: Record::from_json(&mut record),
            diagnostics: [
                said("warning", "@rule[0]"),
                said("error", "@rule[1]"),
                said("warning", "@rule[2]"),
            ]
            .into_iter()
            .collect(),
        };
        let (ok, table) = last_load(status).unwrap();
        let told = Json::from(&table);
        assert!(!ok);
        assert_eq!(
            (&told["section"], &told["line"]),
            (&json!("@rule[1]"), &json!(7))
        );
        assert_eq!(
            (&told["warnings"], &told["error"]),
            (&json!(2), &json!("refused"))
        );
        assert_eq!(told["requested_by"], json!("boot"));
    }
}
