/*!
The order in which fw4 reads a configuration (`load()` in fw4.uc), section kind by section kind.

Each section gets its [`Origin`] when its turn comes, so that origins sort as fw4's messages do.
*/

use crate::json::Json;

use super::lookup::Known;
use super::options::warn;
use super::raw::{Item, Raw, RawOption, RawValue, Scalar};
use super::rule::Kind;
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
    let mut reader = Reader::new(firewall, router);
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
    firewall: &'p Package,
    out: Firewall,
    diagnostics: Diagnostics,
}

/// The sections of a kind that are still to be read.
struct Todo<'p> {
    kind: &'p str,
    ubus: std::vec::IntoIter<&'p Json>,
    uci: std::vec::IntoIter<&'p Section>,
    /// How many of UCI have been.
    seen: usize,
}

impl<'p> Reader<'p> {
    fn new(firewall: &'p Package, router: &'p Router) -> Self {
        let out = Firewall {
            sections: Sections::default(),
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
            helpers,
            ipsets,
            zones,
            ..
        } = &self.out;
        Known {
            router: self.router,
            helpers,
            ipsets,
            zones,
        }
    }

    /// The sections of a kind, ubus first where fw4 takes them from there too. A section over ubus has no id.
    fn todo(&mut self, kind: &'p str, with_ubus: bool) -> Todo<'p> {
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

    fn next(&mut self, todo: &mut Todo<'p>) -> Option<Raw<'p>> {
        let kind = todo.kind;
        if let Some(json) = todo.ubus.next() {
            return Some(self.ubus_section(kind, json));
        }
        let section = todo.uci.next()?;
        let id = match section.anonymous {
            true => ["@", kind, "[", &todo.seen.to_string(), "]"].concat(),
            false => section.name.clone(),
        };
        todo.seen += 1;
        Some(self.uci_section(section, id))
    }

    /// What the sections of a kind mean, one after the other: there may be very many.
    fn each<T>(
        &mut self,
        kind: &'p str,
        with_ubus: bool,
        parse: impl Fn(&Raw<'_>, &Known<'_>, &mut Diagnostics) -> Option<T>,
    ) -> Vec<T> {
        let mut todo = self.todo(kind, with_ubus);
        let mut said = Diagnostics::default();
        let mut out = Vec::with_capacity(todo.ubus.len() + todo.uci.len());
        while let Some(raw) = self.next(&mut todo) {
            out.extend(parse(&raw, &self.known(), &mut said));
        }
        self.diagnostics.extend(said);
        out
    }

    fn uci_section(&mut self, section: &'p Section, id: String) -> Raw<'p> {
        let options = section
            .options
            .iter()
            .map(|o| RawOption {
                name: &o.name,
                value: RawValue::from_uci(&o.value),
            })
            .collect();
        self.register(&section.kind, Some(id), section.span.clone(), options)
    }

    fn ubus_section(&mut self, kind: &'p str, json: &'p Json) -> Raw<'p> {
        let options = json
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, value)| RawOption {
                name,
                value: RawValue::from_json(value),
            })
            .collect();
        self.register(kind, None, None, options)
    }

    fn register(
        &mut self,
        kind: &'p str,
        id: Option<String>,
        span: Option<Span>,
        options: Vec<RawOption<'p>>,
    ) -> Raw<'p> {
        let raw = Raw {
            origin: self.out.sections.next_origin(),
            kind,
            id,
            options,
        };
        self.out.sections.push(SectionInfo {
            kind: kind.to_owned(),
            id: raw.id.clone(),
            name: raw.text("name").map(|name| name.into_owned()),
            span,
        });
        raw
    }

    fn read_helpers(&mut self, helpers: &'p Package) {
        for section in helpers.sections.iter().filter(|s| s.kind == "helper") {
            // fw4 looks the id up in the wrong package, and prints that it found none
            let raw = self.uci_section(section, "(null)".into());
            let name = raw
                .text("name")
                .unwrap_or_else(|| section.name.as_str().into());
            let helper = Helper::parse(&raw, &name, self.router, &mut self.diagnostics);
            self.out.helpers.extend(helper);
        }
    }

    fn read_defaults(&mut self) {
        let mut todo = self.todo("defaults", false);
        let mut is_first = true;
        while let Some(raw) = self.next(&mut todo) {
            if !std::mem::take(&mut is_first) {
                warn(
                    &raw,
                    &mut self.diagnostics,
                    ": ignoring duplicate defaults section",
                );
            } else if let Ok(defaults) = Defaults::parse(&raw, &mut self.diagnostics) {
                self.out.defaults = defaults;
            }
        }
    }

    fn read_ipsets(&mut self) {
        let mut todo = self.todo("ipset", true);
        while let Some(raw) = self.next(&mut todo) {
            let set = Ipset::parse(&raw, self.router, &mut self.diagnostics);
            self.out.ipsets.extend(set);
        }
    }

    fn read_zones(&mut self) {
        let mut todo = self.todo("zone", false);
        while let Some(raw) = self.next(&mut todo) {
            let mut said = Diagnostics::default();
            let zone = Zone::parse(&raw, &self.out.defaults, &self.known(), &mut said);
            self.diagnostics.extend(said);
            self.out.zones.extend(zone);
        }
    }

    fn read_rules(&mut self) {
        self.out.rules = self.rules("rule", true, Kind::Rule);
    }

    /// fw4 does not know these.
    fn read_offloads(&mut self) {
        self.out.offloads = self.rules("offload", false, Kind::Offload);
    }

    fn rules(&mut self, kind: &'p str, with_ubus: bool, what: Kind) -> Vec<Rule> {
        self.each(kind, with_ubus, |raw, known, said| {
            Rule::parse(raw, raw.id.as_deref(), known, what, said)
        })
    }

    fn read_forwardings(&mut self) {
        self.out.forwardings = self.each("forwarding", false, Forwarding::parse);
    }

    fn read_redirects(&mut self) {
        self.out.redirects = self.each("redirect", true, |raw, known, said| {
            Redirect::parse(raw, raw.id.as_deref(), known, said)
        });
    }

    fn read_nats(&mut self) {
        self.out.nats = self.each("nat", true, |raw, known, said| {
            Nat::parse(raw, raw.id.as_deref(), known, said)
        });
    }

    fn read_includes(&mut self) {
        let mut todo = self.todo("include", false);
        while let Some(raw) = self.next(&mut todo) {
            let include = Include::parse(&raw, false, self.router, &mut self.diagnostics);
            self.out.includes.extend(include);
        }
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
            let text = |s: &str| {
                RawValue::One(Item {
                    value: Scalar::Text(s.to_owned().into()),
                    span: None,
                })
            };
            let mut options = vec![
                RawOption {
                    name: "type",
                    value: text("nftables"),
                },
                RawOption {
                    name: "position",
                    value: text(position),
                },
                RawOption {
                    name: "path",
                    value: text(&path),
                },
            ];
            options.extend(chain.map(|chain| RawOption {
                name: "chain",
                value: text(chain),
            }));
            let raw = self.register("nftables", None, None, options);
            self.out.includes.extend(Include::parse(
                &raw,
                true,
                self.router,
                &mut self.diagnostics,
            ));
        }
    }
}
