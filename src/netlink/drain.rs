/*!
Getting flows out of the network hardware before its flowtable goes, and out of any flowtable if other flows belong in it.

When a flowtable is deleted, the kernel unbinds the drivers before it ends the flows: the drivers never hear of
that, and their entries go on forwarding whatever the new rules say. So nothing may add flows any more, then the
flows end while the drivers are still bound, and only then may the flowtable be deleted.

A flow ends by itself when it has not been renewed for a while; its connection stays and takes the slow
path. That takes up to half a minute. What is left then ends with its entry in connection tracking.
*/

use std::fs;
use std::io;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::batch::{Builder, Kind};
use super::error::Error;
use super::ruleset_batch::{FLOWTABLE_NAME, TABLE_NAME};
use super::socket::Transport;
use super::{conntrack, dump, flowtable, installed};
use crate::ruleset::{Origin, Ruleset};
use crate::text;

/// How long flows may end by themselves: the kernel's time-out for them (`net.netfilter.nf_flowtable_tcp_timeout`,
/// 30 s unless changed), and some seconds for its collector and the drivers.
pub const GRACE: Duration = Duration::from_secs(35);
/// The kernel looks for ended flows once a second (`nf_flow_offload_work_gc`) and then tells the driver.
const COLLECTOR: Duration = Duration::from_secs(1);
const POLL: Duration = Duration::from_millis(200);
const RACES: usize = 4;

/// Must a flowtable in hardware make way for this ruleset?
pub fn needed(transport: &mut impl Transport, ruleset: &Ruleset) -> Result<bool, Error> {
    let stays = ruleset.flowtable.as_ref().is_some_and(|one| one.hardware);
    Ok(!stays && in_hardware(transport)?)
}

fn in_hardware(transport: &mut impl Transport) -> Result<bool, Error> {
    let existing = flowtable::existing(transport)?;
    Ok(existing.is_some_and(|existing| existing.hardware()))
}

/// Gets all flows out of the hardware, so that the flowtable can be deleted; does nothing if it is none in hardware.
/// All rules stay, except those that add flows. With a `grace` of nothing connections are lost.
///
/// # Errors
/// The kernel refuses to be asked or told. Flows that cannot be ended are none: they are on their way out.
pub fn drain(transport: &mut impl Transport, grace: Duration) -> Result<(), Error> {
    if !in_hardware(transport)? {
        return Ok(());
    }
    stop_adding(transport, false)?;
    let mut left = conntrack::count_in_hardware(transport)?;
    if left == 0 {
        return Ok(());
    }
    if !grace.is_zero() {
        let _expiring = Expiring::begin();
        let until = Instant::now() + grace;
        while left > 0 && Instant::now() < until {
            sleep(POLL);
            left = conntrack::count_in_hardware(transport)?;
        }
    }
    if left > 0 {
        conntrack::delete_in_hardware(transport)?;
    }
    // Connection tracking tells nothing more from here on: one round of the collector marks the flows as ended and
    // orders the drivers to delete them, the next one takes them out of the flowtable. (A flow that is still in
    // it when the flowtable is deleted takes the mark IPS_OFFLOAD off its connection, whose next flow may have set it.)
    sleep(2 * COLLECTOR);
    Ok(())
}

/// Ends all flows, so that their next packets are asked again whether they are to be offloaded. Their connections
/// go on. For a ruleset that is loaded right afterwards, with a flowtable and rules that fill it.
///
/// In software it is enough to delete the flowtable, which ends its flows as if they had timed out. Nothing but
/// the kernel's time-outs ends single flows and leaves their connections alone.
pub fn end_flows(transport: &mut impl Transport) -> Result<(), Error> {
    match flowtable::existing(transport)? {
        None => Ok(()),
        Some(existing) if existing.hardware() => drain(transport, GRACE),
        Some(_) => stop_adding(transport, true),
    }
}

/// One transaction that takes out the rules that add flows, and the flowtable if asked to.
fn stop_adding(transport: &mut impl Transport, and_flowtable: bool) -> Result<(), Error> {
    let mut races = 0;
    loop {
        let generation = dump::generation(transport)?;
        let mut builder = Builder::new(generation);
        for (chain, handle) in installed::offloading(transport)? {
            let trace = builder.trace(Kind::Rule, &text::decode(chain.to_bytes()), Origin::RENDER);
            installed::delete(&mut builder, &chain, handle, trace);
        }
        if and_flowtable {
            flowtable::delete(&mut builder, TABLE_NAME, FLOWTABLE_NAME);
        }
        match builder.finish().commit(transport) {
            Err(Error::Raced) if races < RACES => races += 1,
            other => return other.map(drop),
        }
    }
}

/// While this lives, flows are not renewed: the kernel's time-outs for them are 0.
struct Expiring(Vec<(&'static str, Vec<u8>)>);

const TIMEOUTS: [&str; 2] = [
    "/proc/sys/net/netfilter/nf_flowtable_tcp_timeout",
    "/proc/sys/net/netfilter/nf_flowtable_udp_timeout",
];
/// The kernel's own (`NF_FLOW_TIMEOUT`), in seconds.
const USUAL: &[u8] = b"30";

impl Expiring {
    /// Kernels before 5.13 have no such settings: flows that are used stay until their connections are deleted.
    fn begin() -> Self {
        let mut before = Vec::new();
        for path in TIMEOUTS {
            let set = || -> io::Result<Vec<u8>> {
                let mut value = fs::read(path)?;
                fs::write(path, b"0")?;
                // Left behind by one that was killed.
                if value.trim_ascii() == b"0" {
                    value = USUAL.to_vec();
                }
                Ok(value)
            };
            before.extend(set().ok().map(|value| (path, value)));
        }
        Expiring(before)
    }
}

impl Drop for Expiring {
    fn drop(&mut self) {
        for (path, value) in &self.0 {
            // It was writable a moment ago; if it no longer is, there is nobody to tell.
            let _ = fs::write(path, value);
        }
    }
}
