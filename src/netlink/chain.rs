/*! Chains. Each is declared whether it is there or not: the kernel then updates the policy of a base chain. */

use std::ffi::CStr;

use super::batch::{Builder, Trace};
use super::error::Reason;
use super::kernel_abi::{
    MessageType, NF_ACCEPT, NF_DROP, NFTA_CHAIN_HOOK, NFTA_CHAIN_NAME, NFTA_CHAIN_POLICY,
    NFTA_CHAIN_TABLE, NFTA_CHAIN_TYPE, NFTA_HOOK_HOOKNUM, NFTA_HOOK_PRIORITY,
};
use super::{contents, name};
use crate::ruleset::{Chain, ChainType, Hook, Policy, Priority};

/// `enum nf_inet_hooks`, linux/netfilter.h.
fn hook(hook: Hook) -> u32 {
    match hook {
        Hook::Prerouting => 0,
        Hook::Input => 1,
        Hook::Forward => 2,
        Hook::Output => 3,
        Hook::Postrouting => 4,
    }
}

/// `enum nf_ip_hook_priorities`, linux/netfilter_ipv4.h.
fn priority(priority: Priority) -> i32 {
    match priority {
        Priority::Raw => -300,
        Priority::Mangle => -150,
        Priority::Dstnat => -100,
        Priority::Filter => 0,
        Priority::AfterFilter => 1,
        Priority::Srcnat => 100,
    }
}

fn chain_type(kind: ChainType) -> &'static CStr {
    match kind {
        ChainType::Filter => c"filter",
        ChainType::Nat => c"nat",
        ChainType::Route => c"route",
    }
}

fn policy(policy: Policy) -> u32 {
    match policy {
        Policy::Accept => NF_ACCEPT,
        Policy::Drop => NF_DROP,
    }
}

/// Hangs an existing chain where this one should?
pub fn is_in_place(existing: &contents::Chain, chain: &Chain) -> bool {
    match (&existing.base, chain.base) {
        (None, None) => true,
        (Some(is), Some(base)) => {
            is.hook == hook(base.hook)
                && is.priority == priority(base.priority)
                && *is.kind == *chain_type(base.kind)
        }
        _ => false,
    }
}

/// Has it also the right policy?
pub fn is_same(existing: &contents::Chain, chain: &Chain) -> bool {
    let same_policy = match (&existing.base, chain.base) {
        (Some(is), Some(base)) => is.policy == policy(base.policy),
        _ => true,
    };
    same_policy && is_in_place(existing, chain)
}

/// `chain NAME { type ... hook ... priority ...; policy ...; }`
pub fn add(builder: &mut Builder, table: &CStr, chain: &Chain, trace: Trace) -> Result<(), Reason> {
    let name = name::object(&chain.name)?;
    let mut message = builder.message(MessageType::NewChain, libc::NLM_F_CREATE as u16, trace);
    message.attribute_str(NFTA_CHAIN_TABLE, table);
    message.attribute_str(NFTA_CHAIN_NAME, &name);
    if let Some(base) = chain.base {
        let hooked = message.nest(NFTA_CHAIN_HOOK);
        message.attribute_u32(NFTA_HOOK_HOOKNUM, hook(base.hook));
        message.attribute_u32(NFTA_HOOK_PRIORITY, priority(base.priority) as u32);
        message.nest_end(hooked);
        message.attribute_u32(NFTA_CHAIN_POLICY, policy(base.policy));
        message.attribute_str(NFTA_CHAIN_TYPE, chain_type(base.kind));
    }
    message.finish();
    Ok(())
}
