use std::ops::Deref;

use super::lookup::{Known, NamedSet, named_set};
use super::options::{Fate, Options, Result, note, warn, warn_at};
use super::raw::Raw;
use super::shared::{limit, log_limit, log_prefix, protocols, resolve_set, schedule};
use super::value::{
    self, Dscp, Family, HelperMatch, IcmpType, Inv, Limit, Mark, NetworkMatch, PortRange, Proto,
    Schedule, SetMatch, Target, ZoneRef,
};
use super::{HelperId, ZoneId};
use crate::diagnostic::{Diagnostics, Origin};
use crate::ruleset::MarkChange;

/// `config rule`, and `config offload` (ours), which has the same conditions.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    pub origin: Origin,
    /// Its name, or the section's id. `None` (printed as nothing) only for odd ubus rules.
    pub name: Option<String>,
    pub family: Option<Family>,
    pub src: Option<ZoneRef>,
    pub dest: Option<ZoneRef>,
    pub proto: Vec<Proto>,
    pub src_ip: Vec<NetworkMatch>,
    pub src_port: Vec<Inv<PortRange>>,
    pub dest_ip: Vec<NetworkMatch>,
    pub dest_port: Vec<Inv<PortRange>>,
    pub counter: bool,
    pub action: Option<Action>,
    rare: Option<Box<Rare>>,
}

/// What few rules have. A rule derefs to it, so that only its memory is apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Rare {
    pub device: Option<String>,
    /// `direction` out: the device is the outgoing one.
    pub egress: bool,
    pub ipset: Option<SetMatch>,
    pub helper: Option<HelperMatch>,
    /// `set_helper`, whatever the target: it takes part in finding the family.
    pub set_helper: Option<HelperId>,
    pub src_mac: Vec<Inv<[u8; 6]>>,
    pub icmp_type: Vec<IcmpType>,
    pub limit: Option<Box<Limit>>,
    pub schedule: Option<Box<Schedule>>,
    pub mark: Option<Mark>,
    pub dscp: Option<Dscp>,
    /// The log prefix, if it logs.
    pub log: Option<String>,
    pub log_limit: Option<Box<Limit>>,
}

static NOTHING_RARE: Rare = Rare {
    device: None,
    egress: false,
    ipset: None,
    helper: None,
    set_helper: None,
    src_mac: Vec::new(),
    icmp_type: Vec::new(),
    limit: None,
    schedule: None,
    mark: None,
    dscp: None,
    log: None,
    log_limit: None,
};

impl Rare {
    fn is_nothing(&self) -> bool {
        matches!(
            self,
            Rare {
                device: None,
                egress: false,
                ipset: None,
                helper: None,
                set_helper: None,
                src_mac,
                icmp_type,
                limit: None,
                schedule: None,
                mark: None,
                dscp: None,
                log: None,
                log_limit: None,
            } if src_mac.is_empty() && icmp_type.is_empty()
        )
    }
}

impl Deref for Rule {
    type Target = Rare;

    fn deref(&self) -> &Rare {
        self.rare.as_deref().unwrap_or(&NOTHING_RARE)
    }
}

/// `option target` with what it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    Accept,
    Reject,
    Drop,
    Notrack {
        src: ZoneId,
    },
    Helper {
        src: ZoneId,
        helper: HelperId,
    },
    Mark(MarkChange),
    Dscp(u8),
    /// `dnat`, `snat`, `masquerade`: accepted as a rule's target by fw4 and printed as a bare word, which
    /// nft refuses.
    Nat(&'static str),
    /// `config offload`: what becomes of the flow.
    Offload(value::Offloading),
}

/// What `config offload` has no use for.
const ONLY_IN_RULES: [&str; 20] = [
    "target",
    "direction",
    "device",
    "helper",
    "set_helper",
    "icmp_type",
    "limit",
    "limit_burst",
    "start_date",
    "stop_date",
    "start_time",
    "stop_time",
    "weekdays",
    "monthdays",
    "utc_time",
    "set_mark",
    "set_xmark",
    "set_dscp",
    "log",
    "log_limit",
];

/// As which of the two a section is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Rule,
    Offload,
}

/// What the options say before they are held against each other.
struct Draft {
    rule: Rule,
    rare: Rare,
    enabled: bool,
    ipset: Option<NamedSet>,
    any_device: bool,
    marks: Marks,
    target: Option<Target>,
    offloading: Option<value::Offloading>,
}

#[derive(Default)]
struct Marks {
    mark: Option<Mark>,
    set_mark: Option<Mark>,
    set_xmark: Option<Mark>,
    dscp: Option<Dscp>,
    set_dscp: Option<Dscp>,
}

impl Rule {
    pub(super) fn parse(
        raw: &Raw<'_>,
        known: &Known<'_>,
        kind: Kind,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let Ok(mut draft) = Self::options(raw, known, kind, diagnostics) else {
            warn(raw, diagnostics, "skipped due to invalid options");
            return None;
        };
        if !draft.enabled {
            note(raw, diagnostics, "enabled", "is disabled, ignoring section");
            return None;
        }
        if kind == Kind::Offload {
            for name in ONLY_IN_RULES
                .into_iter()
                .filter(|name| raw.option(name).is_some())
            {
                let why = format!("option '{name}' means nothing for offloading");
                warn_at(raw, diagnostics, name, &why);
            }
        }
        let action = match draft.action() {
            Ok(action) => action,
            Err(why) => {
                warn_at(raw, diagnostics, "target", &why);
                return None;
            }
        };
        if draft.any_device {
            warn_at(raw, diagnostics, "device", "must not specify '*' as device");
            return None;
        }
        let (rule, rare) = (&mut draft.rule, &mut draft.rare);
        rule.action = action;
        rare.log = log_prefix(rare.log.take(), rule.name.as_deref());
        if let Some(set) = draft.ipset {
            rare.ipset = Some(resolve_set(set, &mut rule.proto, raw, known, diagnostics)?);
        }
        if !rare.is_nothing() {
            rule.rare = Some(Box::new(draft.rare));
        }
        Some(draft.rule)
    }

    fn options(
        raw: &Raw<'_>,
        known: &Known<'_>,
        kind: Kind,
        diagnostics: &mut Diagnostics,
    ) -> Result<Draft> {
        let network = |v: &_| known.network(v);
        let zone = |v: &_| known.zone_ref(v);
        let mut o = Options::new(raw, diagnostics);
        let enabled = o.opt("enabled", value::boolean)?.unwrap_or(true);
        let name = o.opt("name", value::string)?.or_else(|| raw.info.id());
        o.unused("_name", Fate::Deprecated, value::string)?;
        let family = o.opt("family", value::family)?;
        let (src, dest) = (o.opt("src", zone)?, o.opt("dest", zone)?);
        let device = o.opt_plain("device", value::device, |d| d.invert)?;
        let egress = o.opt("direction", value::egress)?.unwrap_or(false);
        let ipset = o.opt("ipset", named_set)?;
        let helper = o.opt("helper", |v| known.helper(v))?;
        let set_helper = o.opt_plain("set_helper", |v| known.helper(v), |h| h.invert)?;
        let proto = protocols(&mut o, &[Proto::Tcp, Proto::Udp])?;
        let src_ip = o.list("src_ip", network)?;
        let src_mac = o.list("src_mac", value::mac)?;
        let src_port = o.list("src_port", value::port)?;
        let dest_ip = o.list("dest_ip", network)?;
        let dest_port = o.list("dest_port", value::port)?;
        let icmp_type = o.list("icmp_type", value::icmp_type)?;
        o.unused("extra", Fate::Unsupported, value::string)?;
        let limit = limit(&mut o)?;
        let schedule = schedule(&mut o)?;
        let marks = Marks::options(&mut o)?;
        let counter = o.opt("counter", value::boolean)?.unwrap_or(true);
        let log = o.opt("log", value::string)?;
        let log_limit = log_limit(&mut o)?;
        let target = o.opt("target", value::target)?;
        let offloading = match kind {
            Kind::Rule => None,
            Kind::Offload => o
                .opt("action", value::offloading)?
                .or(Some(value::Offloading::Bypass)),
        };
        o.finish();
        let any_device = device.as_ref().is_some_and(|d| d.name.is_none());
        Ok(Draft {
            rule: Rule {
                origin: raw.origin,
                name,
                family,
                src,
                dest,
                proto,
                src_ip,
                src_port,
                dest_ip,
                dest_port,
                counter,
                action: None,
                rare: None,
            },
            rare: Rare {
                device: device.and_then(|d| d.name),
                egress,
                ipset: None,
                helper,
                set_helper: set_helper.map(|h| h.helper),
                src_mac,
                icmp_type,
                limit,
                schedule,
                mark: marks.mark,
                dscp: marks.dscp,
                log,
                log_limit,
            },
            enabled,
            ipset,
            any_device,
            marks,
            target,
            offloading,
        })
    }
}

impl Marks {
    fn options(o: &mut Options<'_, '_>) -> Result<Self> {
        let names = ["mark", "set_mark", "set_xmark", "dscp", "set_dscp"];
        if o.has_none(&names) {
            return Ok(Marks::default());
        }
        let [mark, set_mark, set_xmark, dscp, set_dscp] = names;
        Ok(Marks {
            mark: o.opt(mark, value::mark)?,
            set_mark: o.opt_plain(set_mark, value::mark, |m| m.invert)?,
            set_xmark: o.opt_plain(set_xmark, value::mark, |m| m.invert)?,
            dscp: o.opt(dscp, value::dscp)?,
            set_dscp: o.opt_plain(set_dscp, value::dscp, |d| d.invert)?,
        })
    }
}

impl Draft {
    /// The target with what it needs, or what fw4 says is missing.
    fn action(&self) -> std::result::Result<Option<Action>, String> {
        let source = |name: &str| match self.rule.src {
            Some(ZoneRef::Zone(zone)) => Ok(zone),
            _ => Err(format!("must specify a source zone for target '{name}'")),
        };
        if let Some(offloading) = self.offloading {
            return Ok(Some(Action::Offload(offloading)));
        }
        Ok(Some(match self.target {
            None => return Ok(None),
            Some(Target::Accept) => Action::Accept,
            Some(Target::Reject) => Action::Reject,
            Some(Target::Drop) => Action::Drop,
            Some(Target::Notrack) => Action::Notrack {
                src: source("notrack")?,
            },
            Some(Target::Helper) => {
                let src = source("helper")?;
                let helper = self
                    .rare
                    .set_helper
                    .ok_or("must specify option 'set_helper' for target 'helper'")?;
                Action::Helper { src, helper }
            }
            Some(Target::Mark) => match (self.marks.set_mark, self.marks.set_xmark) {
                (Some(mark), _) => Action::Mark(mark.as_set_mark()),
                (None, Some(mark)) => Action::Mark(mark.as_set_xmark()),
                (None, None) => {
                    return Err(
                        "must specify option 'set_mark' or 'set_xmark' for target 'mark'".into(),
                    );
                }
            },
            Some(Target::Dscp) => {
                let set = self
                    .marks
                    .set_dscp
                    .ok_or("must specify option 'set_dscp' for target 'dscp'")?;
                Action::Dscp(set.dscp)
            }
            Some(Target::Dnat) => Action::Nat("dnat"),
            Some(Target::Snat) => Action::Nat("snat"),
            Some(Target::Masquerade) => Action::Nat("masquerade"),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// There may be tens of thousands of them in a router's memory.
    #[test]
    fn a_rule_is_small() {
        assert!(size_of::<Rule>() <= 216, "{}", size_of::<Rule>());
    }
}
