use super::lookup::{Known, Restriction, infer_family};
use super::options::{Options, Result, note, warn};
use super::raw::Raw;
use super::value::{self, Family, ZoneRef};
use crate::diagnostic::{Diagnostics, Origin};

/// `config forwarding`
#[derive(Debug, Clone, PartialEq)]
pub struct Forwarding {
    pub origin: Origin,
    pub name: Option<String>,
    /// As configured, or inferred from the zones.
    pub family: Option<Family>,
    pub src: ZoneRef,
    pub dest: ZoneRef,
}

impl Forwarding {
    pub(super) fn parse(
        raw: &Raw<'_>,
        known: &Known<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let Ok((mut forwarding, enabled)) = Self::options(raw, known, diagnostics) else {
            warn(raw, diagnostics, "skipped due to invalid options");
            return None;
        };
        if !enabled {
            note(raw, diagnostics, "enabled", "is disabled, ignoring section");
            return None;
        }
        let by = [
            Restriction {
                family: known.family_of(forwarding.src),
                what: "source zone",
            },
            Restriction {
                family: known.family_of(forwarding.dest),
                what: "destination zone",
            },
        ];
        match infer_family(forwarding.family, &by) {
            Ok(family) => forwarding.family = family,
            Err(why) => {
                warn(raw, diagnostics, &format!("{why}, skipping"));
                return None;
            }
        }
        Some(forwarding)
    }

    fn options(
        raw: &Raw<'_>,
        known: &Known<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Result<(Self, bool)> {
        let mut o = Options::new(raw, diagnostics);
        let enabled = o.opt("enabled", value::boolean)?.unwrap_or(true);
        let name = o.opt("name", value::string)?.filter(|n| !n.is_empty());
        let family = o.opt("family", value::family)?;
        let src = o.required("src", |v| known.zone_ref(v))?;
        let dest = o.required("dest", |v| known.zone_ref(v))?;
        o.finish();
        Ok((
            Forwarding {
                origin: raw.origin,
                name,
                family,
                src,
                dest,
            },
            enabled,
        ))
    }
}
