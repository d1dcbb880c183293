/*!
Getting flows out of the network hardware before its flowtable goes, and out of any flowtable if other flows belong in it.

When a flowtable is deleted, the kernel unbinds the drivers before it ends the flows: the drivers never hear of
that, and their entries go on forwarding whatever the new rules say. So nothing may add flows any more, then the
flows end while the drivers are still bound, and only then may the flowtable be deleted. It is the same with a device
that leaves the flowtable: what its driver holds stays there.

A flow ends by itself when it has not been renewed for a while; its connection stays and takes the slow
path. That takes up to half a minute. What is left then ends with its entry in connection tracking.
*/

use std::ffi::CStr;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::batch::{Builder, Kind};
use super::error::Error;
use super::flowtable::ExistingFlowtable;
use super::name::{FLOWTABLE_NAME, TABLE_NAME};
use super::socket::Transport;
use super::{conntrack, flowtable, installed, request, software};
use crate::ruleset::{Origin, Ruleset};
use crate::text;

/// How long flows may end by themselves: the kernel's time-out for them (`net.netfilter.nf_flowtable_tcp_timeout`,
/// 30 s unless changed), and some seconds for its collector and the drivers.
const GRACE: Duration = Duration::from_secs(35);
/// The kernel looks for ended flows once a second (`nf_flow_offload_work_gc`) and then tells the driver.
const COLLECTOR: Duration = Duration::from_secs(1);
const POLL: Duration = Duration::from_millis(200);
const RACES: usize = 4;

/// Must a flowtable in hardware make way for this ruleset, or a device of it?
pub fn needed(transport: &mut impl Transport, ruleset: &Ruleset) -> Result<bool, Error> {
    let Some(live) = flowtable::existing(transport)?.filter(ExistingFlowtable::hardware) else {
        return Ok(false);
    };
    let wanted = ruleset.flowtable.as_ref().filter(|one| one.hardware);
    Ok(wanted.is_none_or(|wanted| {
        let mut gone = live.gone(wanted);
        gone.any(|device| is_up(device))
    }))
}

/// The flows of a device that goes down have ended while its driver was still bound (`nf_flow_table_cleanup`).
fn is_up(device: &CStr) -> bool {
    let name = text::decode(device.to_bytes());
    let flags = fs::read_to_string(format!("/sys/class/net/{name}/flags")).unwrap_or_default();
    let flags = flags.trim_ascii().strip_prefix("0x");
    flags.is_some_and(|flags| u32::from_str_radix(flags, 16).is_ok_and(|flags| flags & IFF_UP != 0))
}

const IFF_UP: u32 = libc::IFF_UP as u32;

fn in_hardware(transport: &mut impl Transport) -> Result<bool, Error> {
    let existing = flowtable::existing(transport)?;
    Ok(existing.is_some_and(|existing| existing.hardware()))
}

/// Gets all flows out of the hardware, so that the flowtable can be deleted; does nothing if it is none in hardware.
/// All rules stay, except those that add flows. Without a `journal` connections are lost; with it they have time to
/// leave the hardware, and what this changes meanwhile is written down there, for [`recover`].
///
/// Where the kernel cannot be asked for connections (no ctnetlink), nobody can tell when the last flow has left, nor end
/// what is left: then all flows have the whole time, with or without a journal.
///
/// # Errors
/// The kernel refuses to be asked or told, or the journal cannot be written. Flows that cannot be ended are none: they
/// are on their way out.
pub fn drain(transport: &mut impl Transport, journal: Option<&Path>) -> Result<(), Error> {
    if !in_hardware(transport)? {
        return Ok(());
    }
    // Before anything changes: does the kernel answer at all?
    let told = conntrack::count_in_hardware(transport)?.is_some();
    let expiring = match journal {
        None if told => None,
        journal => Some(Expiring::prepare(journal)?),
    };
    stop_adding(transport, false)?;
    let mut count = || conntrack::count_in_hardware(transport);
    let mut left = count()?;
    if left == Some(0) {
        return Ok(());
    }
    if let Some(expiring) = expiring {
        expiring.begin();
        left = wait(&mut count, GRACE)?;
    }
    if left.is_some_and(|left| left > 0) {
        conntrack::delete_in_hardware(transport)?;
    }
    // Connection tracking tells nothing more from here on: one round of the collector marks the flows as ended and
    // orders the drivers to delete them, the next one takes them out of the flowtable. (A flow that is still in
    // it when the flowtable is deleted takes the mark IPS_OFFLOAD off its connection, whose next flow may have set it.)
    sleep(2 * COLLECTOR);
    Ok(())
}

/// Until no flow is left, or the time is over; `count` says `None` where nobody can tell. What it said last.
fn wait(
    count: &mut impl FnMut() -> Result<Option<usize>, Error>,
    grace: Duration,
) -> Result<Option<usize>, Error> {
    let until = Instant::now() + grace;
    loop {
        let rest = until.saturating_duration_since(Instant::now());
        match count()? {
            None => {
                // Asking again and again would only have the kernel look for the module each time.
                sleep(rest);
                return Ok(None);
            }
            Some(left) if left == 0 || rest.is_zero() => return Ok(Some(left)),
            Some(_) => sleep(POLL),
        }
    }
}

/// Ends all flows, so that their next packets are asked again whether they are to be offloaded. Their connections
/// go on. For a ruleset that is loaded right afterwards, with a flowtable and rules that fill it.
///
/// In software it is enough to delete the flowtable, which ends its flows as if they had timed out. Nothing but
/// the kernel's time-outs ends single flows and leaves their connections alone.
pub fn end_flows(transport: &mut impl Transport, journal: &Path) -> Result<(), Error> {
    match flowtable::existing(transport)? {
        None => Ok(()),
        Some(existing) if existing.hardware() => drain(transport, Some(journal)),
        Some(_) => stop_adding(transport, true),
    }
}

/// One transaction that takes out the rules that add flows or hand them over, and the flowtable if asked to.
fn stop_adding(transport: &mut impl Transport, and_flowtable: bool) -> Result<(), Error> {
    let mut races = 0;
    loop {
        let generation = request::generation(transport)?;
        let mut builder = Builder::new(generation);
        for (chain, handle) in installed::offloading(transport)? {
            let trace = builder.trace(Kind::Rule, &text::decode(chain.to_bytes()), Origin::RENDER);
            installed::delete(&mut builder, &chain, handle, trace);
        }
        // What ends in hardware must not go on there: it would stay for as long as it is used.
        software::remove(&mut builder);
        if and_flowtable {
            flowtable::delete(&mut builder, TABLE_NAME, FLOWTABLE_NAME);
        }
        match builder.finish().commit(transport) {
            Err(Error::Raced) if races < RACES => races += 1,
            other => return other.map(drop),
        }
    }
}

const TIMEOUTS: [&str; 2] = [
    "/proc/sys/net/netfilter/nf_flowtable_tcp_timeout",
    "/proc/sys/net/netfilter/nf_flowtable_udp_timeout",
];
/// The kernel's own (`NF_FLOW_TIMEOUT`), in seconds.
const USUAL: &str = "30";

/// Between `begin` and the end of its life, flows are not renewed: the kernel's time-outs for them are 0. The journal, if there
/// is one, holds what they were, a line each.
struct Expiring<'a> {
    before: String,
    journal: Option<&'a Path>,
}

impl<'a> Expiring<'a> {
    fn prepare(journal: Option<&'a Path>) -> Result<Self, Error> {
        // Kernels before 5.13 have no such settings: flows that are used stay until their connections are deleted.
        let mut before = String::new();
        for path in TIMEOUTS {
            before += fs::read_to_string(path).unwrap_or_default().trim_ascii();
            before.push('\n');
        }
        if let Some(journal) = journal {
            let written = || {
                let _ = fs::remove_file(journal);
                let mut file = OpenOptions::new()
                    .write(true)
                    .create_new(true)
                    .mode(0o600)
                    .open(journal)?;
                file.write_all(before.as_bytes())
            };
            written().map_err(|e| Error::from_io("note the flow time-outs", e))?;
        }
        Ok(Expiring { before, journal })
    }

    fn begin(&self) {
        for path in TIMEOUTS {
            // not there: see above
            let _ = fs::write(path, "0");
        }
    }
}

impl Drop for Expiring<'_> {
    fn drop(&mut self) {
        put_back(&self.before);
        if let Some(journal) = self.journal {
            let _ = fs::remove_file(journal);
        }
    }
}

/// Undoes what a drain has set and could not put back, because it was killed. Nobody else may be draining.
pub fn recover(journal: &Path) {
    let Ok(before) = fs::read_to_string(journal) else {
        return;
    };
    put_back(&before);
    let _ = fs::remove_file(journal);
}

fn put_back(before: &str) {
    for (path, value) in TIMEOUTS.into_iter().zip(values(before)) {
        // It was writable a moment ago; if it no longer is, there is nobody to tell.
        let _ = fs::write(path, value);
    }
}

/// What a journal says of the time-outs; the kernel's own where it says nothing of use.
fn values(journal: &str) -> [&str; 2] {
    let mut lines = journal.lines();
    [(); 2].map(|()| {
        let number = |line: &&str| line.parse::<u32>().is_ok_and(|seconds| seconds > 0);
        lines.next().filter(number).unwrap_or(USUAL)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_that_was_cut_off_gives_the_kernels_own_timeouts() {
        for (journal, wanted) in [
            ("120\n60\n", ["120", "60"]),
            ("120\n6", ["120", "6"]),
            ("120\n", ["120", "30"]),
            ("0\n60\n", ["30", "60"]),
            ("", ["30", "30"]),
            ("\n\n", ["30", "30"]),
            ("-1\n$(reboot)\n", ["30", "30"]),
        ] {
            assert_eq!(values(journal), wanted, "{journal:?}");
        }
    }

    #[test]
    fn flows_have_the_whole_time_where_nobody_can_tell_and_no_more_than_they_need_elsewhere() {
        let (grace, begin) = (2 * POLL, Instant::now());
        assert_eq!(wait(&mut || Ok(None), grace).expect("told"), None);
        assert!(begin.elapsed() >= grace);

        let (mut left, begin) = (2, Instant::now());
        let mut count = || {
            left -= 1;
            Ok(Some(left))
        };
        assert_eq!(wait(&mut count, 100 * POLL).expect("told"), Some(0));
        assert!(begin.elapsed() < 50 * POLL);
        assert_eq!(wait(&mut || Ok(Some(3)), POLL).expect("told"), Some(3));
    }
}
