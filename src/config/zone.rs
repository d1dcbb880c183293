use super::HelperId;
use super::lookup::{Known, Restriction, family_of_subnets, infer_family};
use super::options::{Fate, Options, Result, note, warn, warn_at};
use super::raw::Raw;
use super::value::{self, Device, Family, Limit, NetworkMatch, Number, Policy};
use crate::diagnostic::{Diagnostics, Origin};

/// `config zone`
#[derive(Debug, Clone, PartialEq)]
pub struct Zone {
    pub origin: Origin,
    pub name: String,
    /// As configured, or inferred from its subnets.
    pub family: Option<Family>,
    /// `list network`, then the networks that name this zone themselves (`data.zone`).
    pub network: Vec<Device>,
    pub device: Vec<Device>,
    pub subnet: Vec<NetworkMatch>,
    pub input: Policy,
    pub output: Policy,
    pub forward: Policy,
    pub masq: bool,
    pub masq_allow_invalid: bool,
    pub masq_src: Vec<NetworkMatch>,
    pub masq_dest: Vec<NetworkMatch>,
    pub masq6: bool,
    pub mtu_fix: bool,
    /// Bit 0: log refused packets, bit 1: log MSS clamping.
    pub log: Option<Number>,
    pub log_limit: Option<Limit>,
    /// The zone's option and that of the defaults, together.
    pub auto_helper: bool,
    pub helper: Vec<HelperId>,
    pub counter: bool,
}

/// Linux 4.10, packed as `Router::kernel` is: the first whose nf_tables can clamp the MSS.
const MSS_CLAMP_SINCE: u32 = 0x040a_0000;

impl Zone {
    pub(super) fn parse(
        raw: &Raw<'_>,
        known: &Known<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let Ok((mut zone, enabled)) = Self::options(raw, known, diagnostics) else {
            warn(raw, diagnostics, "skipped due to invalid options");
            return None;
        };
        if !enabled {
            note(raw, diagnostics, "enabled", "is disabled, ignoring section");
            return None;
        }
        for helper in &zone.helper {
            if !known.helpers.get(helper.0).is_some_and(|h| h.available) {
                // fw4 asks the list for its name, and gets none
                warn_at(
                    raw,
                    diagnostics,
                    "helper",
                    "uses unavailable ct helper 'null'",
                );
            }
        }
        if zone.mtu_fix && known.router.kernel < MSS_CLAMP_SINCE {
            warn_at(
                raw,
                diagnostics,
                "mtu_fix",
                "option 'mtu_fix' requires kernel 4.10 or later",
            );
            return None;
        }
        for network in known
            .router
            .networks
            .iter()
            .filter(|n| n.zone.as_ref() == Some(&zone.name))
        {
            zone.network.push(Device {
                invert: false,
                name: Some(network.name.clone()),
            });
        }
        let subnets = Restriction {
            family: family_of_subnets(&zone.subnet),
            what: "subnet list",
        };
        match infer_family(zone.family, &[subnets]) {
            Ok(family) => zone.family = family,
            Err(why) => {
                warn_at(raw, diagnostics, "subnet", &format!("{why}, skipping"));
                return None;
            }
        }
        Some(zone)
    }

    fn options(
        raw: &Raw<'_>,
        known: &Known<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Result<(Self, bool)> {
        let defaults = known.defaults;
        let network = |v: &_| known.network(v);
        let mut o = Options::new(raw, diagnostics);
        let enabled = o.opt("enabled", value::boolean)?.unwrap_or(true);
        let name = o.required("name", value::identifier)?;
        let family = o.opt("family", value::family)?;
        let networks = o.list("network", value::device)?;
        let devices = o.list("device", value::device)?;
        let subnet = o.list("subnet", network)?;
        let input = o.opt("input", value::policy)?.unwrap_or(defaults.input);
        let output = o.opt("output", value::policy)?.unwrap_or(defaults.output);
        let forward = o.opt("forward", value::policy)?.unwrap_or(defaults.forward);
        let masq = o.opt("masq", value::boolean)?.unwrap_or(false);
        let masq_allow_invalid = o
            .opt("masq_allow_invalid", value::boolean)?
            .unwrap_or(false);
        let masq_src = o.list("masq_src", network)?;
        let masq_dest = o.list("masq_dest", network)?;
        let masq6 = o.opt("masq6", value::boolean)?.unwrap_or(false);
        for name in ["extra", "extra_src", "extra_dest"] {
            o.unused(name, Fate::Unsupported, value::string)?;
        }
        let mtu_fix = o.opt("mtu_fix", value::boolean)?.unwrap_or(false);
        o.unused("custom_chains", Fate::Unsupported, value::boolean)?;
        let log = o.opt("log", value::number)?;
        let log_limit = o.opt("log_limit", value::limit)?;
        let auto_helper =
            o.opt("auto_helper", value::boolean)?.unwrap_or(true) && defaults.auto_helper;
        let helper = o.list("helper", |v| known.helper(v).map(|h| h.helper))?;
        let counter = o.opt("counter", value::boolean)?.unwrap_or(true);
        o.finish();
        let zone = Zone {
            origin: raw.origin,
            name,
            family,
            network: networks,
            device: devices,
            subnet,
            input,
            output,
            forward,
            masq,
            masq_allow_invalid,
            masq_src,
            masq_dest,
            masq6,
            mtu_fix,
            log,
            log_limit,
            auto_helper,
            helper,
            counter,
        };
        Ok((zone, enabled))
    }
}
