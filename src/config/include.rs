use super::options::{Fate, Options, Result, note, warn, warn_at};
use super::raw::Raw;
use super::ucode::printf_without_arguments;
use super::value;
use crate::diagnostic::{Diagnostic, Diagnostics, Origin, Severity};
use crate::router::Router;

/// `config include`, or a file found under `/usr/share/nftables.d`.
#[derive(Debug, Clone, PartialEq)]
pub struct Include {
    pub origin: Origin,
    /// Where a symlink points to, as fw4 resolves it: one step.
    pub path: String,
    pub kind: IncludeKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IncludeKind {
    /// A shell script, run after the commit.
    Script,
    /// nft text, included in the ruleset.
    Nftables(Position),
}

/// `option position`, with `option chain` where it takes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Position {
    RulesetPre,
    RulesetPost,
    TablePre,
    TablePost,
    ChainPre(String),
    ChainPost(String),
}

/// Hand-written rules of fw3's time: a script that needs `fw4_compatible` to be run.
const USER_SCRIPT: &str = "/etc/firewall.user";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    RulesetPre,
    RulesetPost,
    TablePre,
    TablePost,
    ChainPre,
    ChainPost,
}

/// What the options say before they are held against each other.
struct Draft {
    enabled: bool,
    path: String,
    script: bool,
    compatible: bool,
    place: Option<Place>,
    chain: Option<String>,
}

impl Include {
    /// `found`: it was found in a folder, nobody configured it.
    pub(super) fn parse(
        raw: &Raw<'_>,
        found: bool,
        router: &Router,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let Ok(draft) = Self::options(raw, diagnostics) else {
            // fw4 crashes here
            warn(raw, diagnostics, "skipped due to invalid options");
            return None;
        };
        if !draft.enabled {
            note(raw, diagnostics, "enabled", "is disabled, ignoring section");
            return None;
        }
        if draft.script && !draft.compatible {
            warn(
                raw,
                diagnostics,
                "is not marked as compatible with fw4, ignoring section",
            );
            warn(
                raw,
                diagnostics,
                "requires 'option fw4_compatible 1' to be considered compatible",
            );
            return None;
        }
        let kind = match draft.script {
            true => draft.script_kind(raw, diagnostics)?,
            false => IncludeKind::Nftables(draft.position(raw, diagnostics)?),
        };
        let path = router.read_link(&draft.path).unwrap_or(draft.path);
        if !router.access(&path) {
            let why = format!("specifies unreachable path '{path}', ignoring section");
            warn_at(raw, diagnostics, "path", &why);
            return None;
        }
        if found {
            let message = printf_without_arguments(&format!("Automatically including '{path}'"));
            let mut d = Diagnostic::warning(raw.origin, message);
            d.severity = Severity::Note;
            diagnostics.push(d);
        }
        Some(Include {
            origin: raw.origin,
            path,
            kind,
        })
    }

    fn options(raw: &Raw<'_>, diagnostics: &mut Diagnostics) -> Result<Draft> {
        let places = [
            ("ruleset-prepend", Place::RulesetPre),
            ("ruleset-postpend", Place::RulesetPost),
            ("ruleset-append", Place::RulesetPost),
            ("table-prepend", Place::TablePre),
            ("table-postpend", Place::TablePost),
            ("table-append", Place::TablePost),
            ("chain-prepend", Place::ChainPre),
            ("chain-postpend", Place::ChainPost),
            ("chain-append", Place::ChainPost),
        ];
        let mut o = Options::new(raw, diagnostics);
        let enabled = o.opt("enabled", value::boolean)?.unwrap_or(true);
        let path = o.required("path", value::string)?;
        let kinds = [("script", true), ("nftables", false)];
        let script = o.opt("type", |v| value::choice(v, &kinds))?.unwrap_or(true);
        let compatible = o
            .opt("fw4_compatible", value::boolean)?
            .unwrap_or(path != USER_SCRIPT);
        o.unused("family", Fate::Unsupported, value::family)?;
        o.unused("reload", Fate::Unsupported, value::boolean)?;
        let place = o.opt("position", |v| value::choice(v, &places))?;
        let chain = o.opt("chain", value::identifier)?;
        o.finish();
        Ok(Draft {
            enabled,
            path,
            script,
            compatible,
            place,
            chain,
        })
    }
}

impl Draft {
    fn script_kind(&self, raw: &Raw<'_>, diagnostics: &mut Diagnostics) -> Option<IncludeKind> {
        let misplaced = match (&self.chain, self.place) {
            (Some(_), _) => "chain",
            (None, Some(_)) => "position",
            (None, None) => return Some(IncludeKind::Script),
        };
        let why =
            format!("must not specify '{misplaced}' for non-nftables includes, ignoring section");
        warn_at(raw, diagnostics, misplaced, &why);
        None
    }

    fn position(&self, raw: &Raw<'_>, diagnostics: &mut Diagnostics) -> Option<Position> {
        let place = self.place.unwrap_or(Place::TablePost);
        let position = match (place, self.chain.clone()) {
            (Place::ChainPre, Some(chain)) => return Some(Position::ChainPre(chain)),
            (Place::ChainPost, Some(chain)) => return Some(Position::ChainPost(chain)),
            (Place::ChainPre | Place::ChainPost, None) => {
                let why = format!(
                    "must specify 'chain' for position {}, ignoring section",
                    place.name()
                );
                warn_at(raw, diagnostics, "position", &why);
                return None;
            }
            (Place::RulesetPre, _) => Position::RulesetPre,
            (Place::RulesetPost, _) => Position::RulesetPost,
            (Place::TablePre, _) => Position::TablePre,
            (Place::TablePost, _) => Position::TablePost,
        };
        if self.chain.is_some() {
            let why = format!(
                "specifies 'chain' which has no effect for position {}",
                place.name()
            );
            warn_at(raw, diagnostics, "chain", &why);
        }
        Some(position)
    }
}

impl Place {
    fn name(self) -> &'static str {
        match self {
            Place::RulesetPre => "ruleset-prepend",
            Place::RulesetPost => "ruleset-append",
            Place::TablePre => "table-prepend",
            Place::TablePost => "table-append",
            Place::ChainPre => "chain-prepend",
            Place::ChainPost => "chain-append",
        }
    }
}
