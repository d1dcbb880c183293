use std::borrow::Cow;
use std::net::IpAddr;

use super::lookup::subnets;
use super::options::{Fate, Options, Result, note, warn, warn_at};
use super::raw::{Item, Raw, Scalar};
use super::ucode::words;
use super::value::{self, Family, Number, SetType, Subnet, SubnetKind};
use crate::diagnostic::{Diagnostic, Diagnostics, Origin};
use crate::router::Router;
use crate::ruleset::{Dir, Element, KeyType, KeyValue, Network, Prefix};

/// `config ipset`
#[derive(Debug, Clone, PartialEq)]
pub struct Ipset {
    pub origin: Origin,
    pub name: String,
    pub comment: Option<String>,
    pub family: Family,
    /// What each field matches, and on which side of the packet unless a rule says otherwise.
    pub types: Vec<SetType>,
    pub directions: Vec<Dir>,
    pub key: Vec<KeyType>,
    pub interval: bool,
    pub maxelem: Option<Number>,
    pub timeout: Number,
    pub counters: bool,
    pub reload_set: Option<bool>,
    /// Parsed `list entry`.
    pub entries: Vec<Element>,
    /// A file of further entries, as configured; read when the set is compiled.
    pub loadfile: Option<String>,
}

/// Linux 5.6, packed as `Router::kernel` is: the first with concatenated intervals.
const NET_MATCH_SINCE: u32 = 0x0506_0000;

/// What the options say before they are held against each other. A match type of `None` is fw4's "set".
struct Draft<'r> {
    set: Ipset,
    enabled: bool,
    matches: Vec<(Dir, Option<SetType>)>,
    entries: Cow<'r, [Item<'r>]>,
}

impl Ipset {
    pub(super) fn parse(
        raw: &Raw<'_>,
        router: &Router,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let Ok(draft) = Self::options(raw, diagnostics) else {
            warn(raw, diagnostics, "skipped due to invalid options");
            return None;
        };
        if !draft.enabled {
            note(raw, diagnostics, "enabled", "is disabled, ignoring section");
            return None;
        }
        let mut set = draft.set;
        let has = |wanted| draft.matches.iter().any(|(_, kind)| *kind == Some(wanted));
        if draft.matches.is_empty() {
            warn(raw, diagnostics, "has no datatypes assigned");
            return None;
        }
        if set.family == Family::Any && (has(SetType::Ip) || has(SetType::Net)) {
            let why = "must not specify family 'any' when matching type 'ip' or 'net'";
            warn_at(raw, diagnostics, "family", why);
            return None;
        }
        for (dir, kind) in &draft.matches {
            let Some(kind) = *kind else {
                warn_at(
                    raw,
                    diagnostics,
                    "match",
                    "match type 'set' is not supported",
                );
                return None;
            };
            set.directions.push(*dir);
            set.types.push(kind);
            set.key.push(key_type(kind, set.family));
        }
        set.interval = has(SetType::Net);
        if set.interval && router.kernel < NET_MATCH_SINCE {
            warn_at(
                raw,
                diagnostics,
                "match",
                "match type 'net' requires kernel 5.6 or later",
            );
            return None;
        }
        for item in draft.entries.iter() {
            let entry = item.value.text();
            match set.entry(entry, router, diagnostics) {
                Some(element) => set.entries.push(element),
                None => {
                    let message = format!("{} ignoring invalid ipset entry '{entry}'", raw.label());
                    let mut d = Diagnostic::warning(raw.origin, message);
                    d.option = Some("entry".into());
                    d.value = Some(entry.to_owned());
                    d.span = item.span.cloned();
                    diagnostics.push(d);
                }
            }
        }
        Some(set)
    }

    fn options<'r>(raw: &'r Raw<'r>, diagnostics: &mut Diagnostics) -> Result<Draft<'r>> {
        let mut o = Options::new(raw, diagnostics);
        let enabled = o.opt("enabled", value::boolean)?.unwrap_or(true);
        let reload_set = o.opt("reload_set", value::boolean)?;
        let counters = o.opt("counters", value::boolean)?.unwrap_or(false);
        let comment = o.opt("comment", value::string)?.filter(|c| !c.is_empty());
        let name = o.required("name", value::identifier)?;
        let family = o.opt("family", value::family)?.unwrap_or(Family::V4);
        o.unused("storage", Fate::Unsupported, value::string)?;
        let matches = o.list("match", value::set_type)?;
        o.unused("iprange", Fate::Unsupported, value::string)?;
        o.unused("portrange", Fate::Unsupported, value::string)?;
        o.unused("netmask", Fate::Unsupported, value::number)?;
        let maxelem = o.opt("maxelem", value::number)?;
        o.unused("hashsize", Fate::Unsupported, value::number)?;
        let timeout = o.opt("timeout", value::number)?.unwrap_or(Number::Int(-1));
        o.unused("external", Fate::Unsupported, value::string)?;
        // null, which only ubus has, is one more entry that is invalid
        let entries = o.items("entry").unwrap_or_default();
        let loadfile = o.opt("loadfile", value::string)?.filter(|p| !p.is_empty());
        o.finish();
        let set = Ipset {
            origin: raw.origin,
            name,
            comment,
            family,
            types: Vec::new(),
            directions: Vec::new(),
            key: Vec::new(),
            interval: false,
            maxelem,
            timeout,
            counters,
            reload_set,
            entries: Vec::new(),
            loadfile,
        };
        Ok(Draft {
            set,
            enabled,
            matches,
            entries,
        })
    }

    /// fw4's `parse_ipsetentry()`: one line of a load file or `list entry`, a value for each field.
    pub fn entry(
        &self,
        text: &str,
        router: &Router,
        diagnostics: &mut Diagnostics,
    ) -> Option<Element> {
        if let [key] = self.key[..] {
            // most sets are plain lists: no vector for these
            let one = !text.bytes().any(|byte| matches!(byte, b' ' | b'\t'));
            return one
                .then(|| {
                    self.key_value(text, key, router, diagnostics)
                        .map(Element::One)
                })
                .flatten();
        }
        let fields = split_blanks(text);
        if fields.len() != self.key.len() {
            return None;
        }
        let values: Option<Vec<KeyValue>> = fields
            .iter()
            .zip(&self.key)
            .map(|(field, key)| self.key_value(field, *key, router, diagnostics))
            .collect();
        values.map(|values| Element::Concat(values.into()))
    }

    fn key_value(
        &self,
        field: &str,
        key: KeyType,
        router: &Router,
        diagnostics: &mut Diagnostics,
    ) -> Option<KeyValue> {
        let scalar = || Scalar::Text(field);
        match key {
            KeyType::Ipv4Addr | KeyType::Ipv6Addr => {
                let v4 = key == KeyType::Ipv4Addr;
                if let (Ok(addr), false) = (field.parse::<IpAddr>(), self.interval) {
                    return (addr.is_ipv4() == v4).then_some(KeyValue::Addr(addr));
                }
                let found: Vec<Subnet> = subnets(field, router)?
                    .into_iter()
                    .filter(|s| s.is_v4() == v4)
                    .collect();
                let several = if v4 {
                    found.len() > 1
                } else {
                    found.len() == 2
                };
                if several {
                    let message = format!(
                        "Set entry '{field}' resolves to multiple addresses, using first one"
                    );
                    diagnostics.push(Diagnostic::warning(self.origin, message));
                }
                let first = found.into_iter().next()?;
                Some(match self.interval {
                    false => KeyValue::Addr(first.addr),
                    true => KeyValue::Net(Network {
                        addr: first.addr,
                        prefix: first.kind.into(),
                    }),
                })
            }
            KeyType::EtherAddr => value::mac(&scalar())
                .filter(|mac| !mac.invert)
                .map(|mac| KeyValue::Mac(mac.value)),
            KeyType::InetService => {
                let port = value::port(&scalar()).filter(|port| !port.invert)?.value;
                (port.min == port.max).then_some(KeyValue::Port(port.min))
            }
        }
    }
}

fn key_type(kind: SetType, family: Family) -> KeyType {
    match kind {
        SetType::Ip | SetType::Net if family == Family::V4 => KeyType::Ipv4Addr,
        SetType::Ip | SetType::Net => KeyType::Ipv6Addr,
        SetType::Mac => KeyType::EtherAddr,
        SetType::Port => KeyType::InetService,
    }
}

/// ucode's `split(text, /[ \t]+/)`: blanks at either end leave an empty field there.
fn split_blanks(text: &str) -> Vec<&str> {
    let blank = [' ', '\t'];
    let mut fields: Vec<&str> = words(text).collect();
    if text.starts_with(blank) {
        fields.insert(0, "");
    }
    if text.ends_with(blank) || fields.is_empty() {
        fields.push("");
    }
    fields
}

impl From<SubnetKind> for Prefix {
    fn from(kind: SubnetKind) -> Self {
        match kind {
            SubnetKind::Bits { bits, .. } => Prefix::Bits(bits),
            SubnetKind::Mask(mask) => Prefix::Mask(mask),
            SubnetKind::Range(last) => Prefix::Range(last),
        }
    }
}
