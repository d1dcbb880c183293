/*!
`Firewall` and `Router` to `Ruleset`: fw4's lowering, chain by chain.

First every section is lowered to rules that wait in the basket of the chain they belong to; on the way
it becomes known which chains each zone needs. Then the table is put together in the order in which
fw4 prints it. Each rule is looked at once, so the work grows with the number of rules and no faster.
*/

mod base;
mod conditions;
mod devices;
mod family;
mod flags;
mod forwarding;
mod ipset;
mod keep_dscp;
mod lowered;
mod mangle_chains;
mod nat;
mod nat_chains;
mod offload;
mod offload_policy;
mod raw_chains;
mod redirect;
mod reflection;
mod rule;
mod setmatch;
mod snippets;
mod subnet;
mod table;
#[cfg(test)]
mod testing;
mod zone;
mod zone_chains;
mod zone_match;

pub use flags::{Flag, Flags};
pub use offload::{Offload, OffloadMode};
pub use subnet::SubnetGroup;
pub use zone::{CompiledZone, MatchRule, RelatedSubnet};

use conditions::SetLookup;
use devices::NO_NAME;
use lowered::{Base, Baskets, Lowered, Slot};

use crate::config::value::{HelperMatch, Offloading, Proto, SetMatch};
use crate::config::{Firewall, IncludeKind, Zone, ZoneId};
use crate::diagnostic::{Diagnostic, Diagnostics, Origin};
use crate::router::{KernelFacts, Router};
use crate::ruleset::Ruleset;
use crate::sorted::Sorted;

/// The ruleset and what else the rest of the program wants to know.
#[derive(Debug)]
pub struct Compiled {
    pub ruleset: Ruleset,
    /// As [`Firewall::zones`], index by index.
    pub zones: Vec<CompiledZone>,
    /// Shell scripts to run once the ruleset is in the kernel.
    pub scripts: Vec<Script>,
    pub offload: Offload,
    pub diagnostics: Diagnostics,
}

/// `config include` of type script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    pub path: String,
    pub origin: Origin,
}

/// Lowers a configuration for the router it is meant for.
///
/// The kernel is asked whether it would offload to the hardware, if that is wanted, and whether there is
/// a flowtable already; nothing is changed.
pub fn compile(firewall: &Firewall, router: &Router, kernel: &dyn KernelFacts) -> Compiled {
    let mut lowering = Lowering::new(firewall, router);
    lowering.zones();
    lowering.rules();
    lowering.forwardings();
    lowering.redirects();
    lowering.nats();
    let mut offload = lowering.offload(kernel);
    offload.upper = lowering.upper(&offload);
    lowering.offload_policy(&offload);
    let ruleset = lowering.table(&offload, kernel.has_flowtable());
    let scripts = firewall
        .includes
        .iter()
        .filter(|include| include.kind == IncludeKind::Script)
        .map(|include| Script {
            path: include.path.clone(),
            origin: include.origin,
        })
        .collect();
    let Lowering {
        zones, diagnostics, ..
    } = lowering;
    Compiled {
        ruleset,
        zones,
        scripts,
        offload,
        diagnostics,
    }
}

/// The state of a compilation.
struct Lowering<'a> {
    firewall: &'a Firewall,
    router: &'a Router,
    zones: Vec<CompiledZone>,
    /// For each zone the first of the same name: chains are found by name.
    namesakes: Vec<ZoneId>,
    baskets: Baskets,
    /// Rules are lowered to say of which flows they speak, and what becomes of these.
    offloading: Option<Offloading>,
    /// Flows in software have a table of their own.
    second_table: bool,
    /// Then: devices between which all goes to hardware; none if all ports can do that.
    between: Vec<String>,
    diagnostics: Diagnostics,
}

impl<'a> Lowering<'a> {
    fn new(firewall: &'a Firewall, router: &'a Router) -> Self {
        let mut first = Sorted::default();
        for (zone, id) in firewall.zones.iter().zip((0..).map(ZoneId)) {
            first.insert(zone.name.as_str(), id);
        }
        let zones = firewall.zones.iter();
        let namesakes = zones.filter_map(|zone| first.get(zone.name.as_str()).copied());
        Lowering {
            firewall,
            router,
            zones: Vec::with_capacity(firewall.zones.len()),
            namesakes: namesakes.collect(),
            baskets: Baskets::for_zones(firewall.zones.len()),
            offloading: None,
            second_table: false,
            between: Vec::new(),
            diagnostics: Diagnostics::default(),
        }
    }

    /// Puts a rule into a chain of a zone.
    fn push(&mut self, zone: ZoneId, slot: Slot, rule: Lowered) {
        let zone = self.namesakes.get(zone.0).copied().unwrap_or(zone);
        if let Some(basket) = self.baskets.zone(zone, slot) {
            basket.push(rule);
        }
    }

    fn push_base(&mut self, base: Base, rule: Lowered) {
        self.baskets.base(base).push(rule);
    }

    fn dflag(&mut self, zone: ZoneId, flag: Flag) {
        if let Some(zone) = self.zones.get_mut(zone.0) {
            zone.dflags.set(flag);
        }
    }

    fn sflag(&mut self, zone: ZoneId, flag: Flag) {
        if let Some(zone) = self.zones.get_mut(zone.0) {
            zone.sflags.set(flag);
        }
    }

    fn zone_config(&self, zone: ZoneId) -> Option<&'a Zone> {
        self.firewall.zones.get(zone.0)
    }

    fn zone_name(&self, zone: ZoneId) -> &'a str {
        self.zone_config(zone).map_or("", |zone| &zone.name)
    }

    fn helper_match(&self, wanted: HelperMatch) -> Option<(&'a str, bool)> {
        let helper = self.firewall.helpers.get(wanted.helper.0)?;
        Some((&helper.name, wanted.invert))
    }

    fn set_lookup(
        &self,
        wanted: Option<&SetMatch>,
        proto: &Proto,
    ) -> Result<Option<SetLookup<'a>>, setmatch::DestinationMac> {
        let Some(wanted) = wanted else {
            return Ok(None);
        };
        let Some(set) = self.firewall.ipsets.get(wanted.set.0) else {
            return Ok(None);
        };
        let fields = setmatch::fields(set, wanted, proto)?;
        Ok(Some(SetLookup {
            fields,
            name: &set.name,
            invert: wanted.invert,
        }))
    }

    /// A warning about a section, begun as fw4 begins it.
    fn warn(&mut self, origin: Origin, message: impl AsRef<str>) {
        let warning = self.about(origin, message.as_ref());
        self.diagnostics.push(warning);
    }

    fn warn_option(&mut self, origin: Origin, option: &str, value: &str, message: String) {
        let mut warning = self.about(origin, &message);
        warning.option = Some(option.to_owned());
        warning.value = Some(value.to_owned());
        self.diagnostics.push(warning);
    }

    fn about(&self, origin: Origin, message: &str) -> Diagnostic {
        let Some(section) = self.firewall.sections.get(origin) else {
            return Diagnostic::warning(origin, message);
        };
        let mut warning = Diagnostic::warning(origin, format!("{} {message}", section.label()));
        warning.span = section.span.clone();
        warning
    }
}
