/*!
The order in which fw4 reads a configuration (`load()` in fw4.uc), section kind by section kind.

Each section gets its [`Origin`] when its turn comes, so that origins sort as fw4's messages do.
*/

use crate::json::Json;

use super::lookup::Known;
use super::options::warn;
use super::raw::{Item, Raw, RawOption, RawValue, Scalar, name};
use super::rule::Kind;
use super::sections::Id;
use super::{
    Defaults, Firewall, Forwarding, Helper, Include, Ipset, Nat, Redirect, Rule, SectionInfo,
    Sections, Zone,
};
use crate::diagnostic::{Diagnostics, Span};
use crate::router::Router;
use crate::uci::{Package, Section};

/// Where raw nft files are picked up from, and in which order.
const AUTO_INCLUDES: &str = "/usr/share/nftables.d";
const POSITIONS: [&str; 6] = [
    "ruleset-pre",
    "ruleset-post",
    "table-pre",
    "table-post",
    "chain-pre",
    "chain-post",
];

/// Reads `/etc/config/firewall` and `/usr/share/firewall4/helpers` together with what the router says.
///
/// Never fails: a section that is not valid is left out, and the diagnostics say why.
pub fn parse(firewall: &Package, helpers: &Package, router: &Router) -> (Firewall, Diagnostics) {
    let mut reader = Reader::new(firewall, helpers, router);
    reader.read_helpers(helpers);
    reader.read_defaults();
    reader.read_ipsets();
    reader.read_zones();
    reader.read_rules();
    reader.read_forwardings();
    reader.read_redirects();
    reader.read_nats();
    reader.read_includes();
    reader.read_offloads();
    (reader.out, reader.diagnostics)
}

struct Reader<'p> {
    router: &'p Router,
    firewall: &'p Package<'p>,
    out: Firewall,
    diagnostics: Diagnostics,
}

/// The sections of a kind that are still to be read.
struct Todo<'p> {
    kind: &'static str,
    ubus: std::vec::IntoIter<&'p Json>,
    uci: std::vec::IntoIter<&'p Section<'p>>,
    /// How many of UCI have been.
    seen: u32,
}

impl<'p> Reader<'p> {
    fn new(firewall: &'p Package<'p>, helpers: &'p Package<'p>, router: &'p Router) -> Self {
        let sections = firewall.sections.len() + helpers.sections.len() + router.ubus_rules.len();
        let out = Firewall {
            sections: Sections::with_capacity(sections),
            defaults: Defaults::default(),
            helpers: Vec::new(),
            ipsets: Vec::new(),
            zones: Vec::new(),
            rules: Vec::new(),
            forwardings: Vec::new(),
            redirects: Vec::new(),
            nats: Vec::new(),
            includes: Vec::new(),
            offloads: Vec::new(),
        };
        Reader {
            router,
            firewall,
            out,
            diagnostics: Diagnostics::default(),
        }
    }

    fn known(&self) -> Known<'_> {
        let Firewall {
            defaults,
            helpers,
            ipsets,
            zones,
            ..
        } = &self.out;
        Known {
            router: self.router,
            defaults,
            helpers,
            ipsets,
            zones,
        }
    }

    /// The sections of a kind, ubus first where fw4 takes them from there too. A section over ubus has no id.
    fn todo(&self, kind: &'static str, with_ubus: bool) -> Todo<'p> {
        let is_meant =
            |rule: &&Json| with_ubus && rule.get("type").and_then(Json::as_str) == Some(kind);
        let ubus: Vec<_> = self.router.ubus_rules.iter().filter(is_meant).collect();
        let sections = self.firewall.sections.iter();
        let uci: Vec<_> = sections.filter(|section| section.kind == kind).collect();
        Todo {
            kind,
            ubus: ubus.into_iter(),
            uci: uci.into_iter(),
            seen: 0,
        }
    }

    fn next(&self, todo: &mut Todo<'p>) -> Option<Raw<'p>> {
        let kind = todo.kind;
        if let Some(json) = todo.ubus.next() {
            return Some(self.ubus_section(kind, json));
        }
        let section = todo.uci.next()?;
        let id = match section.anonymous {
            true => Id::Place(todo.seen),
            false => Id::Name((&*section.name).into()),
        };
        todo.seen += 1;
        Some(self.uci_section(kind, section, id))
    }

    /// What the sections of a kind mean, one after the other: there may be very many.
    fn each<T>(
        &mut self,
        kind: &'static str,
        with_ubus: bool,
        mut parse: impl FnMut(&Raw<'_>, &Known<'_>, &mut Diagnostics) -> Option<T>,
    ) -> Vec<T> {
        let mut todo = self.todo(kind, with_ubus);
        let mut said = Diagnostics::default();
        let mut out = Vec::with_capacity(todo.ubus.len() + todo.uci.len());
        while let Some(raw) = self.next(&mut todo) {
            if let Some(section) = parse(&raw, &self.known(), &mut said) {
                out.push(section);
            }
            self.out.sections.push(raw.info);
        }
        self.diagnostics.extend(said);
        out
    }

    fn uci_section(&self, kind: &'static str, section: &'p Section<'p>, id: Id) -> Raw<'p> {
        let options = section
            .options
            .iter()
            .map(|o| RawOption {
                name: &o.name,
                value: RawValue::from_uci(&o.value),
            })
            .collect();
        self.raw(kind, Some(id), section.span.clone(), options)
    }

    fn ubus_section(&self, kind: &'static str, json: &'p Json) -> Raw<'p> {
        let options = json
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, value)| RawOption {
                name,
                value: RawValue::from_json(value),
            })
            .collect();
        self.raw(kind, None, None, options)
    }

    /// The section whose turn it is.
    fn raw<'o>(
        &self,
        kind: &'static str,
        id: Option<Id>,
        span: Option<Span>,
        options: Vec<RawOption<'o>>,
    ) -> Raw<'o> {
        let info = SectionInfo {
            kind,
            id,
            name: name(&options),
            span,
        };
        Raw {
            origin: self.out.sections.next_origin(),
            info,
            options,
        }
    }

    fn read_helpers(&mut self, helpers: &'p Package<'p>) {
        for section in helpers.sections.iter().filter(|s| s.kind == "helper") {
            // fw4 looks the id up in the wrong package, and prints that it found none
            let raw = self.uci_section("helper", section, Id::Name("(null)".into()));
            let name = raw.info.name.as_deref().unwrap_or(&section.name);
            let helper = Helper::parse(&raw, name, self.router, &mut self.diagnostics);
            self.out.helpers.extend(helper);
            self.out.sections.push(raw.info);
        }
    }

    fn read_defaults(&mut self) {
        let mut is_first = true;
        let defaults = self.each("defaults", false, |raw, _, said| {
            if std::mem::take(&mut is_first) {
                return Defaults::parse(raw, said).ok();
            }
            warn(raw, said, ": ignoring duplicate defaults section");
            None
        });
        self.out.defaults = defaults.into_iter().next().unwrap_or_default();
    }

    fn read_ipsets(&mut self) {
        self.out.ipsets = self.each("ipset", true, |raw, known, said| {
            Ipset::parse(raw, known.router, said)
        });
    }

    fn read_zones(&mut self) {
        self.out.zones = self.each("zone", false, Zone::parse);
    }

    fn read_rules(&mut self) {
        self.out.rules = self.rules("rule", true, Kind::Rule);
    }

    /// fw4 does not know these.
    fn read_offloads(&mut self) {
        self.out.offloads = self.rules("offload", false, Kind::Offload);
    }

    fn rules(&mut self, kind: &'static str, with_ubus: bool, what: Kind) -> Vec<Rule> {
        self.each(kind, with_ubus, |raw, known, said| {
            Rule::parse(raw, known, what, said)
        })
    }

    fn read_forwardings(&mut self) {
        self.out.forwardings = self.each("forwarding", false, Forwarding::parse);
    }

    fn read_redirects(&mut self) {
        self.out.redirects = self.each("redirect", true, Redirect::parse);
    }

    fn read_nats(&mut self) {
        self.out.nats = self.each("nat", true, Nat::parse);
    }

    fn read_includes(&mut self) {
        self.out.includes = self.each("include", false, |raw, known, said| {
            Include::parse(raw, false, known.router, said)
        });
        if !self.out.defaults.auto_includes {
            return;
        }
        for position in POSITIONS {
            let folder = format!("{AUTO_INCLUDES}/{position}");
            if position.starts_with("chain-") {
                for chain in self.router.list_dir(&folder).unwrap_or_default() {
                    self.read_found(position, Some(&chain), &format!("{folder}/{chain}/*.nft"));
                }
            } else {
                self.read_found(position, None, &format!("{folder}/*.nft"));
            }
        }
    }

    /// The files a pattern finds, each as if it were a section of its own.
    fn read_found(&mut self, position: &str, chain: Option<&str>, pattern: &str) {
        for path in self.router.glob(pattern) {
            if !self.router.access(&path) {
                continue;
            }
            let given = [
                ("type", Some("nftables")),
                ("position", Some(position)),
                ("path", Some(&*path)),
                ("chain", chain),
            ];
            let options = given.into_iter().filter_map(|(name, text)| {
                let value = Scalar::Text(text?);
                let value = RawValue::One(Item { value, span: None });
                Some(RawOption { name, value })
            });
            let options = options.collect();
            let raw = self.raw("nftables", None, None, options);
            let include = Include::parse(&raw, true, self.router, &mut self.diagnostics);
            self.out.includes.extend(include);
            self.out.sections.push(raw.info);
        }
    }
}
