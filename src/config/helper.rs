use super::options::{Options, Result};
use super::raw::Raw;
use super::shared::protocols;
use super::value::{self, Family, PortRange, Proto};
use crate::diagnostic::{Diagnostic, Diagnostics, Origin};
use crate::router::Router;

/// `config helper` in `/usr/share/firewall4/helpers`: a conntrack helper of the kernel.
#[derive(Debug, Clone, PartialEq)]
pub struct Helper {
    pub origin: Origin,
    pub name: String,
    pub description: Option<String>,
    pub module: Option<String>,
    pub family: Option<Family>,
    /// Empty, or one protocol, never [`Proto::Any`].
    pub proto: Option<Proto>,
    pub port: Option<PortRange>,
    /// Its kernel module is loaded (`/sys/module/MODULE`).
    pub available: bool,
}

impl Helper {
    /// `name` is what to call the definition in a message: its name, or the section's.
    pub(super) fn parse(
        raw: &Raw<'_>,
        name: &str,
        router: &Router,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let parsed = Self::options(raw, router, diagnostics);
        let why = match &parsed {
            Ok((helper, 1)) if helper.port.is_some() => {
                return parsed.ok().map(|(helper, _)| helper);
            }
            Err(_) => "skipped due to invalid options",
            Ok((_, 2..)) => "must not specify multiple protocols",
            // fw4 crashes on these two
            Ok((_, 0)) => "must specify a protocol",
            Ok(_) => "must specify a port",
        };
        diagnostics.push(Diagnostic::warning(
            raw.origin,
            format!("Helper definition '{name}' {why}"),
        ));
        None
    }

    /// The helper, and how many protocols it names.
    fn options(
        raw: &Raw<'_>,
        router: &Router,
        diagnostics: &mut Diagnostics,
    ) -> Result<(Self, usize)> {
        let mut o = Options::new(raw, diagnostics);
        let name = o.required("name", value::string)?;
        let description = o.opt("description", value::string)?;
        let module = o.opt("module", value::string)?;
        let family = o.opt("family", value::family)?;
        let protocols = protocols(&mut o, &[])?;
        let port = o
            .opt_plain("port", value::port, |p| p.invert)?
            .map(|p| p.value);
        o.finish();
        let available = router.has_module(module.as_deref().unwrap_or("null"));
        let count = protocols.len();
        let proto = protocols.into_iter().next();
        Ok((
            Helper {
                origin: raw.origin,
                name,
                description,
                module,
                family,
                proto,
                port,
                available,
            },
            count,
        ))
    }
}
