/*! What rules, redirects and nats have in common. */

use super::lookup::{Known, NamedSet};
use super::options::{Fate, Options, Result, warn_at};
use super::raw::{Raw, Scalar};
use super::value::{self, Limit, Proto, Protocol, Schedule, SetMatch};
use crate::diagnostic::Diagnostics;
use crate::ruleset::KeyType;

/// `limit` and `limit_burst`; a burst alone means nothing.
pub(super) fn limit(o: &mut Options<'_, '_>) -> Result<Option<Box<Limit>>> {
    let names = ["limit", "limit_burst"];
    if o.has_none(&names) {
        return Ok(None);
    }
    let [limit, burst] = names;
    let limit = o.opt(limit, value::limit)?;
    let burst = o.opt(burst, value::number)?.and_then(value::truthy);
    Ok(limit.map(|limit| Box::new(Limit { burst, ..limit })))
}

/// `log_limit`
pub(super) fn log_limit(o: &mut Options<'_, '_>) -> Result<Option<Box<Limit>>> {
    Ok(o.opt("log_limit", value::limit)?.map(Box::new))
}

/// `proto`, or what stands in if it is not given.
pub(super) fn protocols(o: &mut Options<'_, '_>, default: &[Proto]) -> Result<Vec<Proto>> {
    let Some(items) = o.items("proto") else {
        return Ok(default.to_vec());
    };
    let mut out = Vec::with_capacity(items.len());
    for item in items.iter() {
        match value::protocol(&item.value) {
            Some(Protocol::One(proto)) => out.push(proto),
            Some(Protocol::TcpUdp) => out.extend([Proto::Tcp, Proto::Udp]),
            None => return Err(o.invalid("proto", item)),
        }
    }
    Ok(out)
}

const TIMES: [&str; 7] = [
    "utc_time",
    "start_date",
    "stop_date",
    "start_time",
    "stop_time",
    "weekdays",
    "monthdays",
];

/// The time options. `utc_time` is checked and has no effect, as in fw4.
pub(super) fn schedule(o: &mut Options<'_, '_>) -> Result<Option<Box<Schedule>>> {
    if o.has_none(&TIMES) {
        return Ok(None);
    }
    let [utc, from_date, to_date, from_time, to_time, days, month] = TIMES;
    o.opt(utc, value::boolean)?;
    let schedule = Schedule {
        start_date: o.opt(from_date, value::date)?,
        stop_date: o.opt(to_date, value::date)?,
        start_time: o.opt(from_time, value::time)?,
        stop_time: o.opt(to_time, value::time)?,
        weekdays: o.opt(days, value::weekdays)?,
    };
    o.unused(month, Fate::Unsupported, value::monthdays)?;
    Ok((schedule != Schedule::default()).then(|| Box::new(schedule)))
}

/// `option log`: a switch, or the prefix itself.
pub(super) fn log_prefix(log: Option<String>, name: Option<&str>) -> Option<String> {
    let log = log?;
    match value::boolean(&Scalar::Text(&log)) {
        Some(true) => Some(format!("{}: ", name.unwrap_or("null"))),
        Some(false) => None,
        None => Some(log).filter(|l| !l.is_empty()),
    }
}

/// The set a section refers to. A set with ports needs TCP or UDP: a section for any protocol is
/// narrowed to these two.
pub(super) fn resolve_set(
    set: NamedSet,
    proto: &mut Vec<Proto>,
    raw: &Raw<'_>,
    known: &Known<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<SetMatch> {
    let Some((id, ipset)) = known.ipset(&set.name) else {
        warn_at(
            raw,
            diagnostics,
            "ipset",
            &format!("references unknown set '{}'", set.name),
        );
        return None;
    };
    if ipset.key.contains(&KeyType::InetService) && !ensure_tcp_udp(proto) {
        let why = "references named set with port match but no UDP/TCP protocol, ignoring section";
        warn_at(raw, diagnostics, "proto", why);
        return None;
    }
    Some(SetMatch {
        invert: set.invert,
        set: id,
        dirs: set.dirs,
    })
}

/// True if TCP or UDP is among the protocols, or if "any" could be narrowed to them.
pub(super) fn ensure_tcp_udp(proto: &mut Vec<Proto>) -> bool {
    if proto.iter().any(|p| matches!(p, Proto::Tcp | Proto::Udp)) {
        return true;
    }
    let any = !proto.is_empty() && proto.iter().all(|p| *p == Proto::Any);
    if any {
        *proto = vec![Proto::Tcp, Proto::Udp];
    }
    any
}
