/*!
Was everything a ruleset is made of the same at the last load? Then it is the same ruleset, whatever its size, and nothing
needs to be parsed or compiled to know that.

The record of a load says what the router answered ([`crate::router::Asked`]). Each question is asked again.
*/

use std::fs;
use std::hash::{Hash, Hasher};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::trial::paths;
use super::{Job, Record, pipeline};
use crate::hash::Quick;
use crate::json::Json;
use crate::netlink::{Socket, flowtable, moment};
use crate::offload;
use crate::router::{Asked, KernelFacts, Kind, Root, Router, short};
use crate::uci::Source;

/// What protocols are called is for the kernel's messages, and no part of a router root.
const PROTOCOLS: &str = "/etc/protocols";

/// For the record of a load that left nothing to tell (a source that could not be kept for a later try is told of) and nothing to
/// run. `state` is the file that was written.
pub(super) fn note(job: &Job, source: &Source, router: &Router, state: &str) -> Json {
    // Should somebody else change it, it is written again.
    let _ = router.read_file(state);
    note_program(job, source, router.asked());
    router.asked().json()
}

/// Would a load from this source on this router come to the ruleset of the last one?
pub(super) fn is_same(
    job: &Job,
    kernel: &dyn KernelFacts,
    last: &Record,
    source: &Source,
    router: &Router,
) -> bool {
    paths::is_settled(job)
        && router.asked().is_still(&last.inputs, |kind, about, asked| {
            ask_again(kind, about, asked, job, source, kernel, router);
        })
        // The queues of devices come and go as well.
        && offload::shaped_now(Root::new(&job.root), &last.offload).is_empty()
}

/// Has the kernel held it ever since?
pub(super) fn is_held(last: &Record) -> bool {
    is_now(last.moment.as_deref()) && !lacks_devices(&last.offload)
}

/// Has nobody made a transaction since?
pub(super) fn is_now(moment: Option<&str>) -> bool {
    let now = || moment::now(&mut Socket::open().ok()?);
    moment.is_some() && now().as_deref() == moment
}

/// Has a device left the flowtables by itself? It has if it was in another network namespace in between: then it has its
/// number again, and no transaction was counted.
pub(super) fn lacks_devices(loaded: &offload::Outcome) -> bool {
    let lists = [&loaded.devices, &loaded.software_devices];
    let wanted = lists.map(Vec::len);
    let there = || {
        let all = flowtable::all(&mut Socket::open().ok()?).ok()?;
        Some([all.ours, all.software].map(|one| one.map_or(0, |one| one.devices.len())))
    };
    wanted != [0; 2] && there().is_none_or(|there| there[0] < wanted[0] || there[1] < wanted[1])
}

fn ask_again(
    kind: Kind,
    about: &str,
    asked: &Asked,
    job: &Job,
    source: &Source,
    kernel: &dyn KernelFacts,
    router: &Router,
) {
    let files = router.files_noting(asked);
    match kind {
        Kind::File => drop(files.read_file(about)),
        Kind::Exists => drop(files.access(about)),
        Kind::Folder => drop(files.is_dir(about)),
        Kind::Entry => drop(files.is_entry(about)),
        Kind::Link => drop(files.read_link(about)),
        Kind::Names => drop(files.list_dir(about)),
        Kind::Bus => router.note_bus(asked),
        Kind::DeviceType => drop(router.device_type(about, asked)),
        Kind::Hardware => {
            let kernel = pipeline::Noting { kernel, asked };
            let devices: Vec<String> = about.split('\n').map(str::to_owned).collect();
            drop(kernel.accepts_hw_flowtable(&devices));
        }
        Kind::Package => drop(pipeline::other_package(&job.root, about, asked)),
        Kind::Program => note_program(job, source, asked),
    }
}

/// Another build of this program may make another ruleset of the same answers. The answers to another configuration say nothing
/// of the one that was kept since, by a load that was killed before it had written its record.
fn note_program(job: &Job, source: &Source, asked: &Asked) {
    // The owner's own words: a quick hash will do.
    let mut configuration = Quick::new();
    (&source.config, &source.changes).hash(&mut configuration);
    let mut answer = configuration.finish();
    let files = ["/proc/self/exe", PROTOCOLS].map(Path::new);
    for file in files.into_iter().chain([&*paths::confirmed(job)]) {
        if let Ok(it) = fs::metadata(file) {
            // Not when it was written: packages say what they like of that.
            let changed = (it.ctime() as u64).rotate_left(32) ^ it.ctime_nsec() as u64;
            for number in [it.dev(), it.ino(), it.size(), changed] {
                answer = short(&(answer ^ number).to_ne_bytes());
            }
        }
    }
    asked.note(Kind::Program, job.backend.name(), answer);
}

#[cfg(test)]
mod tests;
