use super::options::{Fate, Options, Result};
use super::raw::Raw;
use super::value::{self, DscpBits, Limit, Number, Policy, TimeUnit};
use crate::diagnostic::{Diagnostics, Origin};
use crate::ruleset::RejectCode;

/// `config defaults`
#[derive(Debug, Clone, PartialEq)]
pub struct Defaults {
    /// `None` if the file has no such section.
    pub origin: Option<Origin>,
    pub input: Policy,
    pub output: Policy,
    pub forward: Policy,
    pub drop_invalid: bool,
    pub tcp_reject_code: RejectCode,
    pub any_reject_code: RejectCode,
    pub synflood_protect: bool,
    /// Rate and burst of the SYN limit; a burst of 0 is left out.
    pub synflood_limit: Limit,
    /// `auto_helper` other than 0
    pub auto_helper: bool,
    pub flow_offloading: bool,
    pub flow_offloading_hw: bool,
    /// `list flow_offloading_devices` (ours): offload on exactly these devices.
    pub flow_offloading_devices: Option<Vec<String>>,
    /// `option fail_closed` (ours): where there are no rules and none can be loaded, the emergency ruleset is.
    pub fail_closed: bool,
    /// `option drop_forbidden_connections` (ours): a load ends connections that its rules would not let begin.
    pub drop_forbidden_connections: bool,
    /// `flow_offloading_after_packets` (ours): so many packets of a connection take the slow path first.
    pub flow_offloading_after_packets: u32,
    /// `flow_offloading_exempt_marked` (ours): flows whose packets a rule marks or classifies stay out of the flowtable.
    pub flow_offloading_exempt_marked: bool,
    /// `flow_offloading_keep_dscp` (ours), with the bits of `flow_offloading_dscp_mark`: connections keep their class.
    pub flow_offloading_keep_dscp: Option<DscpBits>,
    /// `flow_offloading_roaming` (ours): flows follow stations that move from one bridge port to another.
    pub flow_offloading_roaming: bool,
    pub auto_includes: bool,
    pub tcp_syncookies: Option<bool>,
    pub tcp_ecn: Option<Number>,
    pub tcp_window_scaling: Option<bool>,
    pub accept_redirects: Option<bool>,
    pub accept_source_route: Option<bool>,
}

impl Default for Defaults {
    /// What fw4 takes where nothing is configured.
    fn default() -> Self {
        Defaults {
            origin: None,
            input: Policy::Drop,
            output: Policy::Drop,
            forward: Policy::Drop,
            drop_invalid: false,
            tcp_reject_code: RejectCode::TcpReset,
            any_reject_code: RejectCode::PortUnreachable,
            synflood_protect: false,
            synflood_limit: Limit {
                rate: 25,
                unit: TimeUnit::Second,
                burst: Some(Number::Int(50)),
            },
            auto_helper: true,
            flow_offloading: false,
            flow_offloading_hw: false,
            flow_offloading_devices: None,
            fail_closed: true,
            drop_forbidden_connections: false,
            flow_offloading_after_packets: 0,
            flow_offloading_exempt_marked: false,
            flow_offloading_keep_dscp: None,
            flow_offloading_roaming: false,
            auto_includes: true,
            tcp_syncookies: None,
            tcp_ecn: None,
            tcp_window_scaling: None,
            accept_redirects: None,
            accept_source_route: None,
        }
    }
}

impl Defaults {
    /// An option that is not valid counts as not given: dropping the section, as fw4 does with others,
    /// would leave the router with policies nobody chose (fw4 itself crashes here).
    pub(super) fn parse(raw: &Raw<'_>, diagnostics: &mut Diagnostics) -> Result<Self> {
        let d = Self::default();
        let mut o = Options::forgiving(raw, diagnostics);
        let (input, output, forward) = (
            o.opt("input", value::policy)?.unwrap_or(d.input),
            o.opt("output", value::policy)?.unwrap_or(d.output),
            o.opt("forward", value::policy)?.unwrap_or(d.forward),
        );
        let drop_invalid = o
            .opt("drop_invalid", value::boolean)?
            .unwrap_or(d.drop_invalid);
        let tcp_reject_code = o
            .opt("tcp_reject_code", value::reject_code)?
            .unwrap_or(d.tcp_reject_code);
        let any_reject_code = o
            .opt("any_reject_code", value::reject_code)?
            .unwrap_or(d.any_reject_code);
        let syn_flood = o.opt("syn_flood", value::boolean)?;
        let synflood_protect = o
            .opt("synflood_protect", value::boolean)?
            .or(syn_flood)
            .unwrap_or(d.synflood_protect);
        let rate = o
            .opt("synflood_rate", value::limit)?
            .unwrap_or(d.synflood_limit);
        let burst = o
            .opt("synflood_burst", value::number)?
            .unwrap_or(Number::Int(50));
        let tcp_syncookies = o.opt("tcp_syncookies", value::boolean)?;
        let tcp_ecn = o.opt("tcp_ecn", value::number)?;
        let tcp_window_scaling = o.opt("tcp_window_scaling", value::boolean)?;
        let accept_redirects = o.opt("accept_redirects", value::boolean)?;
        let accept_source_route = o.opt("accept_source_route", value::boolean)?;
        let auto_helper = o
            .opt("auto_helper", value::boolean)?
            .unwrap_or(d.auto_helper);
        o.unused("custom_chains", Fate::Unsupported, value::boolean)?;
        o.unused("disable_ipv6", Fate::Unsupported, value::boolean)?;
        let flow_offloading = o
            .opt("flow_offloading", value::boolean)?
            .unwrap_or(d.flow_offloading);
        let flow_offloading_hw = o
            .opt("flow_offloading_hw", value::boolean)?
            .unwrap_or(d.flow_offloading_hw);
        let auto_includes = o
            .opt("auto_includes", value::boolean)?
            .unwrap_or(d.auto_includes);
        let devices = o.list("flow_offloading_devices", value::string)?;
        let fail_closed = o
            .opt("fail_closed", value::boolean)?
            .unwrap_or(d.fail_closed);
        let drop_forbidden_connections = o
            .opt("drop_forbidden_connections", value::boolean)?
            .unwrap_or(d.drop_forbidden_connections);
        let after_packets = o.opt("flow_offloading_after_packets", |v| {
            u32::try_from(value::number(v)?.as_u64()?).ok()
        })?;
        let roaming = o.opt("flow_offloading_roaming", value::boolean)?;
        let exempt_marked = o.opt("flow_offloading_exempt_marked", value::boolean)?;
        let keep_dscp = o.opt("flow_offloading_keep_dscp", value::boolean)?;
        let dscp_bits = o.opt("flow_offloading_dscp_mark", value::dscp_bits)?;
        o.finish();
        Ok(Defaults {
            origin: Some(raw.origin),
            input,
            output,
            forward,
            drop_invalid,
            tcp_reject_code,
            any_reject_code,
            synflood_protect,
            synflood_limit: Limit {
                burst: value::truthy(burst),
                ..rate
            },
            auto_helper,
            flow_offloading,
            flow_offloading_hw,
            flow_offloading_devices: (!devices.is_empty()).then_some(devices),
            fail_closed,
            drop_forbidden_connections,
            flow_offloading_after_packets: after_packets.unwrap_or_default(),
            flow_offloading_exempt_marked: exempt_marked.unwrap_or_default(),
            flow_offloading_keep_dscp: (keep_dscp == Some(true))
                .then(|| dscp_bits.unwrap_or_default()),
            flow_offloading_roaming: roaming.unwrap_or_default(),
            auto_includes,
            tcp_syncookies,
            tcp_ecn,
            tcp_window_scaling,
            accept_redirects,
            accept_source_route,
        })
    }
}
