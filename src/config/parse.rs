/*!
The order in which fw4 reads a configuration (`load()` in fw4.uc), section kind by section kind.

Each section gets its [`Origin`] when its turn comes, so that origins sort as fw4's messages do.
*/

use std::collections::HashMap;

use crate::json::Json;

use super::lookup::Known;
use super::options::warn;
use super::raw::{Item, Raw, RawOption, RawValue, Scalar};
use super::rule::Kind;
use super::{
    Defaults, Firewall, Forwarding, Helper, Include, Ipset, Nat, Redirect, Rule, SectionInfo,
    Sections, Zone,
};
use crate::diagnostic::Diagnostics;
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
    by_kind: HashMap<&'p str, Vec<&'p Section>>,
    /// Sections over ubus, by kind.
    ubus: HashMap<&'p str, Vec<&'p Json>>,
    out: Firewall,
    diagnostics: Diagnostics,
}

impl<'p> Reader<'p> {
    fn new(firewall: &'p Package, router: &'p Router) -> Self {
        let mut by_kind: HashMap<&str, Vec<&Section>> = HashMap::new();
        for section in &firewall.sections {
            by_kind.entry(&section.kind).or_default().push(section);
        }
        let mut ubus: HashMap<&str, Vec<&Json>> = HashMap::new();
        for rule in &router.ubus_rules {
            if let Some(kind) = rule.get("type").and_then(Json::as_str) {
                ubus.entry(kind).or_default().push(rule);
            }
        }
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
            by_kind,
            ubus,
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

    /// The sections of a kind with their ids, ubus first where fw4 takes them from there too. A section
    /// over ubus has no id.
    fn sections(&mut self, kind: &'p str, with_ubus: bool) -> Vec<(Raw<'p>, Option<String>)> {
        let mut out = Vec::new();
        if with_ubus {
            for json in self.ubus.remove(kind).unwrap_or_default() {
                out.push((self.ubus_section(kind, json), None));
            }
        }
        for (n, section) in self
            .by_kind
            .remove(kind)
            .unwrap_or_default()
            .into_iter()
            .enumerate()
        {
            let id = match section.anonymous {
                true => format!("@{kind}[{n}]"),
                false => section.name.clone(),
            };
            out.push((self.uci_section(section, id.clone()), Some(id)));
        }
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
        let info = SectionInfo {
            kind: section.kind.clone(),
            id: Some(id),
            name: None,
            span: section.span.clone(),
        };
        self.register(info, options)
    }

    fn ubus_section(&mut self, kind: &str, json: &'p Json) -> Raw<'p> {
        let options = json
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, value)| RawOption {
                name,
                value: RawValue::from_json(value),
            })
            .collect();
        self.register(
            SectionInfo {
                kind: kind.to_owned(),
                id: None,
                name: None,
                span: None,
            },
            options,
        )
    }

    fn register(&mut self, mut info: SectionInfo, options: Vec<RawOption<'p>>) -> Raw<'p> {
        let mut raw = Raw {
            origin: self.out.sections.next_origin(),
            label: String::new(),
            options,
        };
        info.name = raw.text("name").map(|name| name.into_owned());
        raw.label = info.label();
        self.out.sections.push(info);
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
        for (n, (raw, _)) in self.sections("defaults", false).iter().enumerate() {
            if n > 0 {
                warn(
                    raw,
                    &mut self.diagnostics,
                    ": ignoring duplicate defaults section",
                );
            } else if let Ok(defaults) = Defaults::parse(raw, &mut self.diagnostics) {
                self.out.defaults = defaults;
            }
        }
    }

    fn read_ipsets(&mut self) {
        for (raw, _) in self.sections("ipset", true) {
            self.out
                .ipsets
                .extend(Ipset::parse(&raw, self.router, &mut self.diagnostics));
        }
    }

    fn read_zones(&mut self) {
        for (raw, _) in self.sections("zone", false) {
            let mut said = Diagnostics::default();
            let zone = Zone::parse(&raw, &self.out.defaults, &self.known(), &mut said);
            self.diagnostics.extend(said);
            self.out.zones.extend(zone);
        }
    }

    fn read_rules(&mut self) {
        let sections = self.sections("rule", true);
        self.out.rules = self.rules(&sections, Kind::Rule);
    }

    /// fw4 does not know these.
    fn read_offloads(&mut self) {
        let sections = self.sections("offload", false);
        self.out.offloads = self.rules(&sections, Kind::Offload);
    }

    fn rules(&mut self, sections: &[(Raw<'_>, Option<String>)], kind: Kind) -> Vec<Rule> {
        let mut said = Diagnostics::default();
        let known = self.known();
        let rules = sections
            .iter()
            .filter_map(|(raw, id)| Rule::parse(raw, id.as_deref(), &known, kind, &mut said))
            .collect();
        self.diagnostics.extend(said);
        rules
    }

    fn read_forwardings(&mut self) {
        let sections = self.sections("forwarding", false);
        let mut said = Diagnostics::default();
        let known = self.known();
        let forwardings: Vec<Forwarding> = sections
            .iter()
            .filter_map(|(raw, _)| Forwarding::parse(raw, &known, &mut said))
            .collect();
        self.out.forwardings = forwardings;
        self.diagnostics.extend(said);
    }

    fn read_redirects(&mut self) {
        let sections = self.sections("redirect", true);
        let mut said = Diagnostics::default();
        let known = self.known();
        let redirects: Vec<Redirect> = sections
            .iter()
            .filter_map(|(raw, id)| Redirect::parse(raw, id.as_deref(), &known, &mut said))
            .collect();
        self.out.redirects = redirects;
        self.diagnostics.extend(said);
    }

    fn read_nats(&mut self) {
        let sections = self.sections("nat", true);
        let mut said = Diagnostics::default();
        let known = self.known();
        let nats: Vec<Nat> = sections
            .iter()
            .filter_map(|(raw, id)| Nat::parse(raw, id.as_deref(), &known, &mut said))
            .collect();
        self.out.nats = nats;
        self.diagnostics.extend(said);
    }

    fn read_includes(&mut self) {
        for (raw, _) in self.sections("include", false) {
            self.out.includes.extend(Include::parse(
                &raw,
                false,
                self.router,
                &mut self.diagnostics,
            ));
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
            let info = SectionInfo {
                kind: "nftables".into(),
                id: None,
                name: None,
                span: None,
            };
            let raw = self.register(info, options);
            self.out.includes.extend(Include::parse(
                &raw,
                true,
                self.router,
                &mut self.diagnostics,
            ));
        }
    }
}
