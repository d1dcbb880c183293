/*!
Rules of `table inet fw4` as the kernel has them: by which handle each is known, and which of them are ours.
*/

use std::ffi::{CStr, CString};

use super::batch::{Builder, Trace};
use super::error::Error;
use super::kernel_abi::{
    MessageType, NFPROTO_INET, NFTA_EXPR_NAME, NFTA_LIST_ELEM, NFTA_RULE_CHAIN,
    NFTA_RULE_EXPRESSIONS, NFTA_RULE_HANDLE, NFTA_RULE_TABLE, NFTA_RULE_USERDATA,
};
use super::name::TABLE_NAME;
use super::pages::Attributes;
use super::request::{Request, absent_is_empty, be64, string};
use super::socket::Transport;
use super::udata;
use crate::ruleset::OFFLOAD_CHAIN;

/// A rule, in the place it has in its chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Installed {
    pub handle: u64,
    /// What we wrote into it when we made it; `None`: it is another's.
    pub mark: Option<u64>,
}

/// The rules of a chain, first one first.
#[derive(Debug, Clone, PartialEq)]
pub struct InstalledChain {
    pub name: CString,
    pub rules: Vec<Installed>,
}

/// All rules; chains without any are not listed.
pub fn rules(transport: &mut impl Transport) -> Result<Vec<InstalledChain>, Error> {
    let mut chains: Vec<InstalledChain> = Vec::new();
    each(transport, &mut |chain, handle, attributes| {
        let mark = attributes
            .first(NFTA_RULE_USERDATA)
            .and_then(udata::read_mark);
        let rule = Installed { handle, mark };
        // The kernel goes through chain by chain.
        match chains.last_mut() {
            Some(last) if *last.name == *chain => last.rules.push(rule),
            _ => chains.push(InstalledChain {
                name: chain.to_owned(),
                rules: vec![rule],
            }),
        }
    })?;
    Ok(chains)
}

/// Chain and handle of every rule that adds flows to a flowtable, whoever made it, or hands them over to the second
/// table: nothing else in its chain ends with a `meta` expression.
pub fn offloading(transport: &mut impl Transport) -> Result<Vec<(CString, u64)>, Error> {
    let mut found = Vec::new();
    each(transport, &mut |chain, handle, attributes| {
        let code = attributes.first(NFTA_RULE_EXPRESSIONS).unwrap_or_default();
        let names = Attributes(code)
            .filter(|(kind, _)| *kind == NFTA_LIST_ELEM)
            .filter_map(|(_, one)| Attributes(one).first(NFTA_EXPR_NAME).and_then(string));
        let (mut offloads, mut sets) = (false, false);
        for name in names {
            offloads |= *name == *c"flow_offload";
            sets = *name == *c"meta";
        }
        if offloads || sets && chain.to_bytes() == OFFLOAD_CHAIN.as_bytes() {
            found.push((chain.to_owned(), handle));
        }
    })?;
    Ok(found)
}

fn each(
    transport: &mut impl Transport,
    visit: &mut dyn FnMut(&CStr, u64, Attributes<'_>),
) -> Result<(), Error> {
    let mut request = Request::new(MessageType::GetRule, NFPROTO_INET);
    request.attribute(NFTA_RULE_TABLE, TABLE_NAME);
    let dumped = request.dump(transport, MessageType::NewRule, &mut |message| {
        let attributes = message.attributes();
        let text = |kind| {
            let bytes = attributes.first(kind)?;
            CStr::from_bytes_until_nul(bytes).ok()
        };
        let handle = attributes.first(NFTA_RULE_HANDLE).and_then(be64);
        let ours = text(NFTA_RULE_TABLE) == Some(TABLE_NAME);
        if let (true, Some(chain), Some(handle)) = (ours, text(NFTA_RULE_CHAIN), handle) {
            visit(chain, handle, attributes);
        }
    });
    absent_is_empty(dumped)
}

/// `delete rule inet fw4 CHAIN handle HANDLE`
pub fn delete(builder: &mut Builder, chain: &CStr, handle: u64, trace: Trace) {
    let mut message = builder.message(MessageType::DelRule, 0, trace);
    message.attribute_str(NFTA_RULE_TABLE, TABLE_NAME);
    message.attribute_str(NFTA_RULE_CHAIN, chain);
    message.attribute(NFTA_RULE_HANDLE, &handle.to_be_bytes());
    message.finish();
}
