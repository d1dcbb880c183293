/*! Chains. Each is declared whether it is there or not: the kernel then updates the policy of a base chain. */

use std::ffi::CStr;

use nftnl_sys as sys;

use super::batch::{Builder, Trace};
use super::error::Reason;
use super::kernel_abi::{MessageType, NF_ACCEPT, NF_DROP, NFPROTO_INET};
use super::{contents, name, raw};
use crate::ruleset::{BaseChain, Chain, ChainType, Hook, Policy, Priority};

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
    let mut raw = raw::Chain::new();
    raw.set_u32(sys::NFTNL_CHAIN_FAMILY, u32::from(NFPROTO_INET));
    raw.set_str(sys::NFTNL_CHAIN_TABLE, table);
    raw.set_str(sys::NFTNL_CHAIN_NAME, &name::object(&chain.name)?);
    if let Some(BaseChain {
        kind,
        hook: hooked,
        priority: at,
        policy: otherwise,
    }) = chain.base
    {
        raw.set_u32(sys::NFTNL_CHAIN_HOOKNUM, hook(hooked));
        raw.set_s32(sys::NFTNL_CHAIN_PRIO, priority(at));
        raw.set_str(sys::NFTNL_CHAIN_TYPE, chain_type(kind));
        raw.set_u32(sys::NFTNL_CHAIN_POLICY, policy(otherwise));
    }
    let mut message = builder.message(MessageType::NewChain, libc::NLM_F_CREATE as u16, trace);
    // SAFETY: the header stands with room for the largest message; the chain outlives the call.
    unsafe { sys::nftnl_chain_nlmsg_build_payload(message.header(), raw.as_ptr()) };
    message.finish();
    Ok(())
}
