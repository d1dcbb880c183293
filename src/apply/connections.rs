/*!
Running connections after a change of the rules: which of them the new rules would not let begin.

fw4's rules accept what is established, so a connection that a new rule forbids goes on, and an offloaded one does not
even meet the rules. What ends a connection on purpose is deleting its entry in connection tracking.
*/

use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use super::{Error, commit, snippets};
use crate::netlink::{self, KernelRoutes, Place, Protocols, Socket, conntrack};
use crate::router::Router;
use crate::ruleset::{Hook, Ruleset};
use crate::verdict::{self, Judge, Packet};

const PROTOCOLS: &str = "/etc/protocols";
const TCP: u8 = 6;

/// What to do with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Count,
    End,
}

/// How many there are. `None` if nobody can tell: raw nft files, or rules that others have put into our chains, may allow what
/// ours forbid.
pub fn forbidden(
    new: &Ruleset,
    old: Option<&Ruleset>,
    router: &Router,
    fate: Fate,
) -> Result<Option<usize>, Error> {
    let kernel = |e: netlink::Error| Error::from(commit::Error::from(e));
    let mut socket = Socket::open().map_err(|e| kernel(netlink::Error::opening(e)))?;
    if !snippets::with_content(new, router).is_empty() {
        return Ok(None);
    }
    let installed = netlink::rules(&mut socket).map_err(kernel)?;
    let others = |chain: &netlink::InstalledChain| {
        let ours = |name: &str| chain.name.to_bytes() == name.as_bytes();
        new.chains.iter().any(|chain| ours(&chain.name))
            && chain.rules.iter().any(|rule| rule.mark.is_none())
    };
    if installed.iter().any(others) {
        return Ok(None);
    }
    let mut routes = routes()?;
    let protocols = Protocols::read(Path::new(PROTOCOLS));
    let judge = Judge {
        new,
        old,
        protocols: &protocols,
    };
    let mut forbids = |connection: &conntrack::Connection| judge.forbids(connection, &mut routes);
    let found = match fate {
        Fate::Count => conntrack::count(&mut socket, &mut forbids),
        Fate::End => conntrack::delete_wanted(&mut socket, &mut forbids),
    };
    found.map(Some).map_err(kernel)
}

fn routes() -> Result<KernelRoutes, Error> {
    KernelRoutes::open().map_err(|source| Error::Io {
        what: "Unable to ask for routes".into(),
        source,
    })
}

/// The two ends of the SSH connection that this program is run from, if the rules would not let it begin anew: the
/// client, and this router. `connection` is what sshd and dropbear say in `SSH_CONNECTION`.
pub fn cut_off(connection: &str, ruleset: &Ruleset) -> Option<(SocketAddr, SocketAddr)> {
    let mut words = connection.split(' ');
    let mut end = || -> Option<(SocketAddr, Option<&str>)> {
        let (addr, port) = (words.next()?, words.next()?);
        let (addr, scope) = match addr.split_once('%') {
            Some((addr, scope)) => (addr, Some(scope)),
            None => (addr, None),
        };
        let addr: IpAddr = addr.parse().ok()?;
        Some((
            SocketAddr::new(addr.to_canonical(), port.parse().ok()?),
            scope,
        ))
    };
    let ((client, scope), (server, _)) = (end()?, end()?);
    let place = || match KernelRoutes::open()
        .ok()?
        .place_for(client.ip(), server.ip())?
    {
        Place::Behind(device) => device,
        Place::Here => Some("lo".to_owned()),
    };
    let device = scope.map(str::to_owned).or_else(place);
    let packet = Packet {
        src: client,
        dst: server,
        protocol: TCP,
        iif: device.as_deref(),
        oif: None,
        dnat: false,
    };
    let protocols = Protocols::read(Path::new(PROTOCOLS));
    let possible = verdict::at(Hook::Input, ruleset, packet, &protocols);
    (possible & verdict::ACCEPT == 0).then_some((client, server))
}
