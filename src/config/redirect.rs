use super::ZoneId;
use super::lookup::{Known, NamedSet, named_set};
use super::options::{Fate, Options, Result, note, warn, warn_at};
use super::raw::Raw;
use super::shared::{limit, log_limit, log_prefix, protocols, resolve_set, schedule};
use super::value::{
    self, Family, HelperMatch, Inv, Limit, Mark, NetworkMatch, PortRange, Proto, ReflectionSource,
    Schedule, SetMatch, Subnet, Target, ZoneRef,
};
use crate::diagnostic::{Diagnostics, Origin};

/// `config redirect`
#[derive(Debug, Clone, PartialEq)]
pub struct Redirect {
    pub origin: Origin,
    pub name: Option<String>,
    pub family: Option<Family>,
    pub target: RedirectTarget,
    pub src: Option<ZoneRef>,
    pub dest: Option<ZoneRef>,
    pub ipset: Option<SetMatch>,
    pub helper: Option<HelperMatch>,
    pub proto: Vec<Proto>,
    pub src_ip: Option<NetworkMatch>,
    pub src_mac: Vec<Inv<[u8; 6]>>,
    pub src_port: Option<Inv<PortRange>>,
    pub src_dip: Option<NetworkMatch>,
    pub src_dport: Option<Inv<PortRange>>,
    pub dest_ip: Option<NetworkMatch>,
    /// As configured; for DNAT `src_dport` stands in if it is missing.
    pub dest_port: Option<Inv<PortRange>>,
    pub limit: Option<Box<Limit>>,
    pub schedule: Option<Box<Schedule>>,
    pub mark: Option<Mark>,
    pub reflection: bool,
    pub reflection_src: ReflectionSource,
    pub reflection_zone: Vec<ZoneRef>,
    pub counter: bool,
    pub log: Option<String>,
    pub log_limit: Option<Box<Limit>>,
}

/// Each with the zone whose chain it goes into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RedirectTarget {
    Dnat { src: ZoneId },
    Snat { dest: ZoneId },
}

/// What the options say before they are held against each other; the redirect's target and set are
/// filled in then.
struct Draft {
    redirect: Redirect,
    enabled: bool,
    ipset: Option<NamedSet>,
    target: Target,
}

/// The option that stands against a target, and why.
type Objection = (&'static str, &'static str);

impl Redirect {
    pub(super) fn parse(
        raw: &Raw<'_>,
        known: &Known<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let Ok(Draft {
            mut redirect,
            enabled,
            ipset,
            target,
        }) = Self::options(raw, known, diagnostics)
        else {
            warn(raw, diagnostics, "skipped due to invalid options");
            return None;
        };
        if !enabled {
            note(raw, diagnostics, "enabled", "is disabled, ignoring section");
            return None;
        }
        let snat = match target {
            Target::Dnat => false,
            Target::Snat => true,
            _ => {
                warn_at(
                    raw,
                    diagnostics,
                    "target",
                    "has invalid target specified, defaulting to dnat",
                );
                false
            }
        };
        redirect.log = log_prefix(redirect.log, redirect.name.as_deref());
        if let Some(set) = ipset {
            redirect.ipset = Some(resolve_set(
                set,
                &mut redirect.proto,
                raw,
                known,
                diagnostics,
            )?);
        }
        match if snat {
            redirect.snat_target()
        } else {
            redirect.dnat_target()
        } {
            Ok(target) => redirect.target = target,
            Err((option, why)) => {
                warn_at(raw, diagnostics, option, why);
                return None;
            }
        }
        Some(redirect)
    }

    fn dnat_target(&self) -> std::result::Result<RedirectTarget, Objection> {
        let src = match self.src {
            None => return Err(("src", "has no source specified")),
            Some(ZoneRef::Any) => return Err(("src", "must not have source '*' for dnat target")),
            Some(ZoneRef::Zone(src)) => src,
        };
        match &self.dest_ip {
            Some(ip) if ip.invert => Err(("dest_ip", "must not specify a negated 'dest_ip' value")),
            Some(ip) if ip.addrs.iter().any(Subnet::has_odd_mask) => {
                Err(("dest_ip", "must not use non-contiguous masks in 'dest_ip'"))
            }
            _ => Ok(RedirectTarget::Dnat { src }),
        }
    }

    fn snat_target(&self) -> std::result::Result<RedirectTarget, Objection> {
        let dest = match self.dest {
            None => return Err(("dest", "has no destination specified")),
            Some(ZoneRef::Any) => {
                return Err(("dest", "must not have destination '*' for snat target"));
            }
            Some(ZoneRef::Zone(dest)) => dest,
        };
        match &self.src_dip {
            None => Err(("src_dip", "has no 'src_dip' option specified")),
            Some(ip) if ip.invert => Err(("src_dip", "must not specify a negated 'src_dip' value")),
            Some(ip) if ip.addrs.iter().any(Subnet::has_odd_mask) => {
                Err(("src_dip", "must not use non-contiguous masks in 'src_dip'"))
            }
            Some(_) if !self.src_mac.is_empty() => {
                Err(("src_mac", "must not use 'src_mac' option for snat target"))
            }
            Some(_) if self.helper.is_some() => {
                Err(("helper", "must not use 'helper' option for snat target"))
            }
            Some(_) => Ok(RedirectTarget::Snat { dest }),
        }
    }

    fn options(raw: &Raw<'_>, known: &Known<'_>, diagnostics: &mut Diagnostics) -> Result<Draft> {
        let network = |v: &_| known.network(v);
        let zone = |v: &_| known.zone_ref(v);
        let mut o = Options::new(raw, diagnostics);
        let enabled = o.opt("enabled", value::boolean)?.unwrap_or(true);
        let name = o.opt("name", value::string)?.or_else(|| raw.info.id());
        o.unused("_name", Fate::Deprecated, value::string)?;
        let family = o.opt("family", value::family)?;
        let (src, dest) = (o.opt("src", zone)?, o.opt("dest", zone)?);
        let ipset = o.opt("ipset", named_set)?;
        let helper = o.opt_plain("helper", |v| known.helper(v), |h| h.invert)?;
        let proto = protocols(&mut o, &[Proto::Tcp, Proto::Udp])?;
        let src_ip = o.opt("src_ip", network)?;
        let src_mac = o.list("src_mac", value::mac)?;
        let src_port = o.opt("src_port", value::port)?;
        let src_dip = o.opt("src_dip", network)?;
        let src_dport = o.opt("src_dport", value::port)?;
        let dest_ip = o.opt("dest_ip", network)?;
        let dest_port = o.opt("dest_port", value::port)?;
        o.unused("extra", Fate::Unsupported, value::string)?;
        let limit = limit(&mut o)?;
        let schedule = schedule(&mut o)?;
        let mark = o.opt("mark", value::mark)?;
        let reflection = o.opt("reflection", value::boolean)?.unwrap_or(true);
        let reflection_src = o
            .opt("reflection_src", value::reflection_source)?
            .unwrap_or(ReflectionSource::Internal);
        let reflection_zone = o.list("reflection_zone", |v| known.zone_ref(v))?;
        let counter = o.opt("counter", value::boolean)?.unwrap_or(true);
        let log = o.opt("log", value::string)?;
        let log_limit = log_limit(&mut o)?;
        let target = o.opt("target", value::target)?.unwrap_or(Target::Dnat);
        o.finish();
        let redirect = Redirect {
            origin: raw.origin,
            name,
            family,
            target: RedirectTarget::Dnat { src: ZoneId(0) },
            src,
            dest,
            ipset: None,
            helper,
            proto,
            src_ip,
            src_mac,
            src_port,
            src_dip,
            src_dport,
            dest_ip,
            dest_port,
            limit,
            schedule,
            mark,
            reflection,
            reflection_src,
            reflection_zone,
            counter,
            log,
            log_limit,
        };
        Ok(Draft {
            redirect,
            enabled,
            ipset,
            target,
        })
    }
}
