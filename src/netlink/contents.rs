/*!
What `table inet fw4` holds in the kernel: chains, sets, objects and flowtables, whoever made them.

Enough of each to tell whether it is what a ruleset asks for, and to delete it. Anonymous sets belong to their
rules and are not listed.
*/

use std::ffi::{CStr, CString};

use super::batch::{Builder, Kind, Trace};
use super::error::Error;
use super::kernel_abi::{
    MessageType, NFPROTO_INET, NFT_SET_ANONYMOUS, NFT_SET_MAP, NFTA_CHAIN_HOOK, NFTA_CHAIN_NAME,
    NFTA_CHAIN_POLICY, NFTA_CHAIN_TABLE, NFTA_CHAIN_TYPE, NFTA_HOOK_HOOKNUM, NFTA_HOOK_PRIORITY,
    NFTA_OBJ_DATA, NFTA_OBJ_NAME, NFTA_OBJ_TABLE, NFTA_OBJ_TYPE, NFTA_SET_DESC, NFTA_SET_DESC_SIZE,
    NFTA_SET_ELEM_LIST_SET, NFTA_SET_ELEM_LIST_TABLE, NFTA_SET_FLAGS, NFTA_SET_KEY_LEN,
    NFTA_SET_KEY_TYPE, NFTA_SET_NAME, NFTA_SET_TABLE, NFTA_SET_TIMEOUT,
};
use super::name::TABLE_NAME;
use super::pages::Attributes;
use super::request::{Request, absent_is_empty, be32, be64, string};
use super::socket::Transport;
use crate::ruleset::Origin;
use crate::text;

/// All of it, in the kernel's order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Contents {
    pub chains: Vec<Chain>,
    pub sets: Vec<Set>,
    pub objects: Vec<Object>,
    /// Flowtables other than `ft`.
    pub flowtables: Vec<CString>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    pub name: CString,
    pub base: Option<Base>,
}

/// Where a base chain hangs, as the kernel has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    pub hook: u32,
    pub priority: i32,
    pub kind: CString,
    pub policy: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set {
    pub name: CString,
    pub shape: Shape,
}

/// What of a set cannot be changed once it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    pub flags: u32,
    pub data_type: u32,
    pub key_length: u32,
    /// 0: no limit
    pub size: u32,
    /// Milliseconds, 0: none
    pub timeout: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    pub name: CString,
    /// `NFT_OBJECT_*`
    pub kind: u32,
    /// The attributes of its kind.
    pub data: Vec<u8>,
}

impl Set {
    pub fn is_map(&self) -> bool {
        self.shape.flags & NFT_SET_MAP != 0
    }
}

impl Contents {
    /// Nothing if there is no such table. `flowtables`: see [`super::flowtable::all`].
    pub fn read(
        transport: &mut impl Transport,
        flowtables: Vec<CString>,
    ) -> Result<Contents, Error> {
        Ok(Contents {
            chains: chains(transport)?,
            sets: sets(transport)?,
            objects: objects(transport)?,
            flowtables,
        })
    }

    pub fn chain(&self, name: &CStr) -> Option<&Chain> {
        self.chains.iter().find(|chain| *chain.name == *name)
    }

    pub fn set(&self, name: &CStr) -> Option<&Set> {
        self.sets.iter().find(|set| *set.name == *name)
    }

    pub fn object(&self, name: &CStr, kind: u32) -> Option<&Object> {
        self.objects
            .iter()
            .find(|object| object.kind == kind && *object.name == *name)
    }
}

fn chains(transport: &mut impl Transport) -> Result<Vec<Chain>, Error> {
    let mut chains = Vec::new();
    let request = Request::new(MessageType::GetChain, NFPROTO_INET);
    request.dump(transport, MessageType::NewChain, &mut |message| {
        let (mut ours, mut name, mut hook, mut kind, mut policy) = (false, None, None, None, 0);
        for (attribute, data) in message.attributes() {
            match attribute {
                NFTA_CHAIN_TABLE => ours = string(data).as_deref() == Some(TABLE_NAME),
                NFTA_CHAIN_NAME => name = string(data),
                NFTA_CHAIN_HOOK => hook = Some(Attributes(data)),
                NFTA_CHAIN_TYPE => kind = string(data),
                NFTA_CHAIN_POLICY => policy = be32(data).unwrap_or_default(),
                _ => {}
            }
        }
        let number =
            |hook: &Attributes<'_>, wanted| hook.first(wanted).and_then(be32).unwrap_or_default();
        let base = hook.map(|hook| Base {
            hook: number(&hook, NFTA_HOOK_HOOKNUM),
            priority: number(&hook, NFTA_HOOK_PRIORITY) as i32,
            kind: kind.unwrap_or_default(),
            policy,
        });
        chains.extend(name.filter(|_| ours).map(|name| Chain { name, base }));
    })?;
    Ok(chains)
}

fn sets(transport: &mut impl Transport) -> Result<Vec<Set>, Error> {
    let mut sets = Vec::new();
    let mut request = Request::new(MessageType::GetSet, NFPROTO_INET);
    request.attribute(NFTA_SET_TABLE, TABLE_NAME);
    let dumped = request.dump(transport, MessageType::NewSet, &mut |message| {
        let mut name = None;
        let mut shape = Shape {
            flags: 0,
            data_type: 0,
            key_length: 0,
            size: 0,
            timeout: 0,
        };
        for (attribute, data) in message.attributes() {
            let number = || be32(data).unwrap_or_default();
            match attribute {
                NFTA_SET_NAME => name = string(data),
                NFTA_SET_FLAGS => shape.flags = number(),
                NFTA_SET_KEY_TYPE => shape.data_type = number(),
                NFTA_SET_KEY_LEN => shape.key_length = number(),
                NFTA_SET_TIMEOUT => shape.timeout = be64(data).unwrap_or_default(),
                NFTA_SET_DESC => {
                    let size = Attributes(data).first(NFTA_SET_DESC_SIZE).and_then(be32);
                    shape.size = size.unwrap_or_default();
                }
                _ => {}
            }
        }
        let named = name.filter(|_| shape.flags & NFT_SET_ANONYMOUS == 0);
        sets.extend(named.map(|name| Set { name, shape }));
    });
    absent_is_empty(dumped)?;
    Ok(sets)
}

fn objects(transport: &mut impl Transport) -> Result<Vec<Object>, Error> {
    let mut objects = Vec::new();
    let mut request = Request::new(MessageType::GetObj, NFPROTO_INET);
    request.attribute(NFTA_OBJ_TABLE, TABLE_NAME);
    let dumped = request.dump(transport, MessageType::NewObj, &mut |message| {
        let attributes = message.attributes();
        let table = attributes.first(NFTA_OBJ_TABLE).and_then(string);
        let name = attributes.first(NFTA_OBJ_NAME).and_then(string);
        let kind = attributes.first(NFTA_OBJ_TYPE).and_then(be32);
        if let (Some(name), Some(kind), true) = (name, kind, table.as_deref() == Some(TABLE_NAME)) {
            let data = attributes.first(NFTA_OBJ_DATA).unwrap_or_default().to_vec();
            objects.push(Object { name, kind, data });
        }
    });
    absent_is_empty(dumped)?;
    Ok(objects)
}

fn trace(builder: &mut Builder, kind: Kind, name: &CStr) -> Trace {
    builder.trace(kind, &text::decode(name.to_bytes()), Origin::RENDER)
}

/// `delete chain`; nothing may jump to it, and it must be empty.
pub fn delete_chain(builder: &mut Builder, name: &CStr) {
    let trace = trace(builder, Kind::Chain, name);
    let mut message = builder.message(MessageType::DelChain, 0, trace);
    message.attribute_str(NFTA_CHAIN_TABLE, TABLE_NAME);
    message.attribute_str(NFTA_CHAIN_NAME, name);
    message.finish();
}

/// `delete set`, or map; no rule may look things up in it.
pub fn delete_set(builder: &mut Builder, set: &Set) {
    let trace = trace(builder, Kind::Set, &set.name);
    if set.is_map() {
        // Kernels before 6.5 forget what the elements of a deleted map refer to, unless they are deleted.
        let mut message = builder.message(MessageType::DelSetElem, 0, trace);
        message.attribute_str(NFTA_SET_ELEM_LIST_TABLE, TABLE_NAME);
        message.attribute_str(NFTA_SET_ELEM_LIST_SET, &set.name);
        message.finish();
    }
    let mut message = builder.message(MessageType::DelSet, 0, trace);
    message.attribute_str(NFTA_SET_TABLE, TABLE_NAME);
    message.attribute_str(NFTA_SET_NAME, &set.name);
    message.finish();
}

/// `delete limit`, `delete counter` and so on; nothing may refer to it.
pub fn delete_object(builder: &mut Builder, object: &Object) {
    let trace = trace(builder, Kind::Object, &object.name);
    let mut message = builder.message(MessageType::DelObj, 0, trace);
    message.attribute_str(NFTA_OBJ_TABLE, TABLE_NAME);
    message.attribute_str(NFTA_OBJ_NAME, &object.name);
    message.attribute_u32(NFTA_OBJ_TYPE, object.kind);
    message.finish();
}
