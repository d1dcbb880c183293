/*!
What a configuration means that its owner will hardly have meant.

fw4 says nothing of all this, so `print` and the loading verbs do not either: it is for `check`. Each file here looks for
one or a few [`Kind`]s of finding, by itself and without asking anybody; where the router's interfaces are not known,
nothing is said that depends on them.
*/

mod explain;
mod exposed;
mod finding;
mod ignored;
mod kind;
mod names;
mod port_forward;
mod reach;
mod shadowed;
mod zones;

pub use explain::explain;
pub use finding::Finding;
pub use kind::Kind;

use crate::compile::CompiledZone;
use crate::config::{Firewall, Zone, ZoneId};
use crate::diagnostic::{Diagnostics, Origin, Span};
use crate::router::Router;
use crate::sorted::Sorted;
use crate::uci::{Package, Section, Spanned, Value};

/// One configuration, as the file has it and as it was understood.
pub struct Subject<'a> {
    pub package: &'a Package<'a>,
    pub firewall: &'a Firewall,
    /// As [`Firewall::zones`], index by index.
    pub zones: &'a [CompiledZone],
    pub router: &'a Router,
    /// The section of the file behind each origin.
    sections: Sorted<Origin, &'a Section<'a>>,
}

/// All findings, as diagnostics.
pub fn lint(subject: &Subject<'_>) -> Diagnostics {
    let mut found = Vec::new();
    ignored::look(subject, &mut found);
    names::look(subject, &mut found);
    zones::look(subject, &mut found);
    exposed::look(subject, &mut found);
    shadowed::look(subject, &mut found);
    port_forward::look(subject, &mut found);
    let mut out = Diagnostics::default();
    for finding in found {
        out.push(finding.diagnostic(subject));
    }
    out
}

impl<'a> Subject<'a> {
    pub fn new(
        package: &'a Package<'a>,
        firewall: &'a Firewall,
        zones: &'a [CompiledZone],
        router: &'a Router,
    ) -> Self {
        // each kind is numbered for itself, in the order of the file
        let mut left: Vec<(&str, std::slice::Iter<'a, Section<'a>>)> = Vec::new();
        let mut sections = Sorted::default();
        for (origin, info) in firewall.sections.iter() {
            // helpers are in a file of their own, what came over ubus is in none
            if info.id.is_none() || info.kind == "helper" {
                continue;
            }
            if !left.iter().any(|(kind, _)| *kind == info.kind) {
                left.push((info.kind, package.sections.iter()));
            }
            let of_kind = left.iter_mut().find(|(kind, _)| *kind == info.kind);
            let next = of_kind.and_then(|(kind, left)| left.find(|section| section.kind == *kind));
            if let Some(section) = next {
                sections.insert(origin, section);
            }
        }
        Subject {
            package,
            firewall,
            zones,
            router,
            sections,
        }
    }

    fn section(&self, origin: Origin) -> Option<&'a Section<'a>> {
        self.sections.get(&origin).copied()
    }

    /// Where an option of a section stands, or that one of its values.
    fn span(&self, origin: Origin, option: &str, value: &str) -> Option<Span> {
        let section = self.section(origin)?;
        let found = section
            .option(option)
            .and_then(|o| place_of(&o.value, value));
        found.or(section.span.as_ref()).cloned()
    }

    /// What an option says in the file; the item itself if it is a list.
    fn value(&self, origin: Origin, option: &str, item: String) -> Option<String> {
        match &self.section(origin)?.option(option)?.value {
            Value::String(one) => Some(one.text.to_string()),
            Value::List(_) => Some(item),
        }
    }

    fn zone(&self, id: ZoneId) -> Option<&'a Zone> {
        self.firewall.zones.get(id.0)
    }
}

fn place_of<'v>(value: &'v Value<'_>, text: &str) -> Option<&'v Span> {
    let one: &Spanned<'_> = match value {
        Value::String(one) => one,
        Value::List(items) => items.iter().find(|i| i.text == text).or(items.first())?,
    };
    one.span.as_ref()
}
