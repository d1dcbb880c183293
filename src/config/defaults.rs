use super::value::{Limit, Number, Policy};
use crate::diagnostic::Origin;
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
    pub auto_includes: bool,
    pub tcp_syncookies: Option<bool>,
    pub tcp_ecn: Option<Number>,
    pub tcp_window_scaling: Option<bool>,
    pub accept_redirects: Option<bool>,
    pub accept_source_route: Option<bool>,
}
