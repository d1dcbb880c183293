use super::lookup::{Known, named_set};
use super::options::{Fate, Options, Result, note, warn, warn_at};
use super::raw::Raw;
use super::shared::{ensure_tcp_udp, limit, log_prefix, protocols, schedule};
use super::value::{
    self, Family, Inv, Limit, Mark, NetworkMatch, PortRange, Proto, Schedule, Subnet, Target,
    ZoneRef,
};
use crate::diagnostic::{Diagnostics, Origin};

/// `config nat`
#[derive(Debug, Clone, PartialEq)]
pub struct Nat {
    pub origin: Origin,
    pub name: Option<String>,
    pub family: Option<Family>,
    pub src: Option<ZoneRef>,
    /// Outgoing device, printed as it is.
    pub device: Option<String>,
    pub proto: Vec<Proto>,
    pub src_ip: Option<NetworkMatch>,
    pub src_port: Option<Inv<PortRange>>,
    pub snat_ip: Option<NetworkMatch>,
    pub snat_port: Option<PortRange>,
    pub dest_ip: Option<NetworkMatch>,
    pub dest_port: Option<Inv<PortRange>>,
    pub limit: Option<Box<Limit>>,
    pub schedule: Option<Box<Schedule>>,
    pub mark: Option<Mark>,
    pub counter: bool,
    pub log: Option<String>,
    pub target: NatTarget,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NatTarget {
    Accept,
    Snat,
    Masquerade,
}

impl Nat {
    pub(super) fn parse(
        raw: &Raw<'_>,
        known: &Known<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let Ok((mut nat, enabled, target)) = Self::options(raw, known, diagnostics) else {
            warn(raw, diagnostics, "skipped due to invalid options");
            return None;
        };
        if !enabled {
            note(raw, diagnostics, "enabled", "is disabled, ignoring section");
            return None;
        }
        nat.target = match target {
            Target::Accept => NatTarget::Accept,
            Target::Snat => NatTarget::Snat,
            Target::Masquerade => NatTarget::Masquerade,
            _ => {
                warn_at(
                    raw,
                    diagnostics,
                    "target",
                    "has invalid target specified, defaulting to masquerade",
                );
                NatTarget::Masquerade
            }
        };
        if let Err((option, why)) = nat.check() {
            warn_at(
                raw,
                diagnostics,
                option,
                &format!("{why}, ignoring section"),
            );
            return None;
        }
        nat.log = log_prefix(nat.log, nat.name.as_deref());
        Some(nat)
    }

    /// Do the options go together? If not, which one does not and why.
    fn check(&mut self) -> std::result::Result<(), (&'static str, &'static str)> {
        let snat = self.target == NatTarget::Snat;
        let has_ports =
            self.snat_port.is_some() || self.src_port.is_some() || self.dest_port.is_some();
        let odd = |ip: &NetworkMatch| ip.addrs.iter().any(Subnet::has_odd_mask);
        if snat && self.snat_ip.is_none() && self.snat_port.is_none() {
            Err((
                "target",
                "needs either 'snat_ip' or 'snat_port' for target snat",
            ))
        } else if !snat && self.snat_ip.is_some() {
            Err(("snat_ip", "must not use 'snat_ip' for non-snat target"))
        } else if !snat && self.snat_port.is_some() {
            Err(("snat_port", "must not use 'snat_port' for non-snat target"))
        } else if has_ports && !ensure_tcp_udp(&mut self.proto) {
            Err(("proto", "specifies ports but no UDP/TCP protocol"))
        } else if self.snat_ip.as_ref().is_some_and(odd) {
            Err((
                "snat_ip",
                "must not use inversion or non-contiguous masks in 'snat_ip'",
            ))
        } else {
            Ok(())
        }
    }

    fn options(
        raw: &Raw<'_>,
        known: &Known<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Result<(Self, bool, Target)> {
        let network = |v: &_| known.network(v);
        let mut o = Options::new(raw, diagnostics);
        let enabled = o.opt("enabled", value::boolean)?.unwrap_or(true);
        let name = o.opt("name", value::string)?.or_else(|| raw.info.id());
        let family = o.opt("family", value::family)?;
        let src = o.opt("src", |v| known.zone_ref(v))?;
        let device = o.opt("device", value::string)?.filter(|d| !d.is_empty());
        o.unused("ipset", Fate::Unsupported, named_set)?;
        let proto = protocols(&mut o, &[Proto::Any])?;
        let src_ip = o.opt("src_ip", network)?;
        let src_port = o.opt("src_port", value::port)?;
        let snat_ip = o.opt_plain("snat_ip", network, |ip| ip.invert)?;
        let snat_port = o
            .opt_plain("snat_port", value::port, |p| p.invert)?
            .map(|p| p.value);
        let dest_ip = o.opt("dest_ip", network)?;
        let dest_port = o.opt("dest_port", value::port)?;
        o.unused("extra", Fate::Unsupported, value::string)?;
        let limit = limit(&mut o)?;
        o.opt("connlimit_ports", value::boolean)?;
        let schedule = schedule(&mut o)?;
        let mark = o.opt("mark", value::mark)?;
        let counter = o.opt("counter", value::boolean)?.unwrap_or(true);
        let log = o.opt("log", value::string)?;
        let target = o
            .opt("target", value::target)?
            .unwrap_or(Target::Masquerade);
        o.finish();
        let nat = Nat {
            origin: raw.origin,
            name,
            family,
            src,
            device,
            proto,
            src_ip,
            src_port,
            snat_ip,
            snat_port,
            dest_ip,
            dest_port,
            limit,
            schedule,
            mark,
            counter,
            log,
            target: NatTarget::Masquerade,
        };
        Ok((nat, enabled, target))
    }
}
