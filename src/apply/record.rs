/*!
How the last load went: kept beside fw4's state for `status`.

fw4 forgets this; the owner who pressed "Save & Apply" never learns it. One small JSON file, written
after each attempt, whatever came of it.
*/

use std::fmt;
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::json::Json;

use super::files;
use crate::netlink::{Extent, Held, Report, Summary};
use crate::offload::Outcome;
use crate::sorted::Sorted;
use crate::{json, text};

const INPUTS: &str = "inputs";
const HELD: &str = "held";

/// The outcome of one attempt to load a ruleset.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// `start`, `reload` or `restart`.
    pub action: String,
    /// Who asked for it: see [`Requester`].
    pub requested_by: Requester,
    /// Seconds since 1970.
    pub time: u64,
    pub duration_ms: u64,
    /// Counts successful loads since boot; unchanged by a failure.
    pub generation: u64,
    /// `None` if it went well.
    pub error: Option<String>,
    /// `netlink` or `nft`.
    pub path: Option<String>,
    /// The raw nft files that made the text path necessary.
    pub snippets: Vec<String>,
    /// `None` if nothing was loaded.
    pub written: Option<Written>,
    pub offload: Outcome,
    /// What would have been loaded, in short; see `fingerprint`.
    pub fingerprint: Option<String>,
    /// When the kernel held it: see `netlink::moment`. `None` where that says nothing.
    pub moment: Option<String>,
    /// What the kernel held in large sets by then. Like `inputs`, for the next load alone.
    pub held: Held,
    /// The emergency ruleset is what is loaded.
    pub emergency: bool,
    /// How many connections ended because the rules forbid them; `None` if that was not asked for.
    pub ended_connections: Option<usize>,
    /// What flows are kept out of the flowtable, in short; `None` if it takes all of them.
    pub offload_policy: Option<String>,
    /// As in `status --json`.
    pub diagnostics: Json,
    /// What it was made of, for the next load alone: see `unchanged`. Null where there is more to a load than its ruleset.
    pub inputs: Json,
}

/// Who asked for a load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Requester {
    /// A person or a script on the command line, the init script included.
    #[default]
    Cli,
    /// A caller of the object `firewall`.
    Ubus,
    /// An interface that went up or down or changed.
    Netifd,
    /// The init script at boot.
    Boot,
}

/// How much of the ruleset went to the kernel.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// `none`, `incremental` or `full`.
    pub update: String,
    /// Of the netlink transaction; 0 if there was none, and where nft made it.
    pub messages: usize,
    /// How many of them there were of each kind.
    pub kinds: Sorted<String, u32>,
}

impl Written {
    /// Without a report it was nft that loaded: always everything.
    pub fn of(report: Option<&Report>) -> Self {
        let update = match report.map(|report| report.extent) {
            Some(Extent::Nothing) => "none",
            Some(Extent::Difference) => "incremental",
            Some(Extent::Everything) | None => "full",
        };
        let mut kinds = Sorted::default();
        for (kind, count) in report.iter().flat_map(|report| report.written.kinds()) {
            kinds.insert(kind.to_owned(), count);
        }
        Written {
            update: update.to_owned(),
            messages: report.map_or(0, |report| report.messages),
            kinds,
        }
    }
}

impl Written {
    fn json(&self) -> Json {
        let kinds = self
            .kinds
            .iter()
            .map(|(kind, count)| (kind.as_str(), (*count).into()));
        json::object(vec![
            ("update", self.update.as_str().into()),
            ("messages", self.messages.into()),
            ("kinds", json::object(kinds.collect())),
        ])
    }

    fn from_json(written: &Json) -> Option<Written> {
        let mut kinds = Sorted::default();
        for (kind, count) in written.get("kinds")?.as_object()? {
            kinds.insert(kind.clone(), u32::try_from(count.as_u64()?).ok()?);
        }
        Some(Written {
            update: json::owned(written, "update")?,
            messages: usize::try_from(written.get("messages")?.as_u64()?).ok()?,
            kinds,
        })
    }
}

/// `incremental, 3 messages (rule 2, rule deleted 1)`
impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.update)?;
        if self.messages == 0 {
            return Ok(());
        }
        let kinds: Vec<String> = self
            .kinds
            .iter()
            .map(|(kind, count)| format!("{kind} {count}"))
            .collect();
        write!(f, ", {} messages ({})", self.messages, kinds.join(", "))
    }
}

impl Record {
    /// # Errors
    /// There is no record, or it cannot be read.
    pub fn read(path: &Path) -> io::Result<Record> {
        let bytes = files::read_own(path)?;
        let mut record: Json = json::read(&text::decode(&bytes))?;
        Record::from_json(&mut record).ok_or_else(|| io::ErrorKind::InvalidData.into())
    }

    pub fn write(&self, path: &Path) -> io::Result<()> {
        let mut record = self.json();
        if let Json::Object(fields) = &mut record {
            fields.insert(INPUTS.to_owned(), self.inputs.clone());
            if !self.held.sets.is_empty() {
                fields.insert(HELD.to_owned(), held_json(&self.held));
            }
        }
        files::replace(path, &text::encode(&record.to_string()))
    }

    /// `None` if something is missing. The diagnostics and the inputs are moved out.
    pub(crate) fn from_json(record: &mut Json) -> Option<Record> {
        let number = |key: &str| record.get(key)?.as_u64();
        Some(Record {
            action: json::owned(record, "action")?,
            requested_by: json::text(record, "requested_by")
                .map_or(Some(Requester::default()), Requester::named)?,
            time: number("time")?,
            duration_ms: number("duration_ms")?,
            generation: number("generation")?,
            error: json::owned(record, "error"),
            path: json::owned(record, "path"),
            snippets: json::text_items(record, "snippets"),
            written: record.get("written").and_then(Written::from_json),
            offload: Outcome::from_json(record.get("offload")?)?,
            fingerprint: json::owned(record, "fingerprint"),
            moment: json::owned(record, "moment"),
            held: record.get(HELD).map_or_else(Held::default, held),
            emergency: record.get("emergency").and_then(Json::as_bool) == Some(true),
            ended_connections: number("ended_connections").and_then(|n| usize::try_from(n).ok()),
            offload_policy: json::owned(record, "offload_policy"),
            diagnostics: record.get_mut("diagnostics")?.take(),
            inputs: record.get_mut(INPUTS).map_or(Json::Null, Json::take),
        })
    }

    /// For `status`: without what is for the next load.
    pub fn json(&self) -> Json {
        json::object(vec![
            ("action", self.action.as_str().into()),
            ("requested_by", self.requested_by.name().into()),
            ("time", self.time.into()),
            ("duration_ms", self.duration_ms.into()),
            ("generation", self.generation.into()),
            ("error", json::maybe(self.error.as_deref())),
            ("path", json::maybe(self.path.as_deref())),
            ("snippets", json::texts(&self.snippets)),
            (
                "written",
                self.written.as_ref().map_or(Json::Null, Written::json),
            ),
            ("offload", json::object(self.offload.fields())),
            ("fingerprint", json::maybe(self.fingerprint.as_deref())),
            ("moment", json::maybe(self.moment.as_deref())),
            ("emergency", self.emergency.into()),
            ("ended_connections", self.ended_connections.into()),
            (
                "offload_policy",
                json::maybe(self.offload_policy.as_deref()),
            ),
            ("diagnostics", self.diagnostics.clone()),
        ])
    }
}

fn held_json(held: &Held) -> Json {
    let sets = held.sets.iter();
    let sets = sets.map(|(name, summary)| (name.as_str(), summary.text().into()));
    json::object(vec![
        ("moment", json::maybe(held.moment.as_deref())),
        ("sets", json::object(sets.collect())),
    ])
}

fn held(json: &Json) -> Held {
    let mut sets = Sorted::default();
    let listed = json.get("sets").and_then(Json::as_object);
    for (name, text) in listed.into_iter().flatten() {
        if let Some(summary) = text.as_str().and_then(Summary::read) {
            sets.insert(name.clone(), summary);
        }
    }
    let moment = json::owned(json, "moment");
    Held { moment, sets }
}

impl Requester {
    pub fn name(self) -> &'static str {
        match self {
            Requester::Cli => "cli",
            Requester::Ubus => "ubus",
            Requester::Netifd => "netifd",
            Requester::Boot => "boot",
        }
    }

    fn named(name: &str) -> Option<Requester> {
        [
            Requester::Cli,
            Requester::Ubus,
            Requester::Netifd,
            Requester::Boot,
        ]
        .into_iter()
        .find(|requester| requester.name() == name)
    }
}

/// Seconds since 1970, as the router's clock has it.
pub fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or(Duration::ZERO)
        .as_secs()
}
