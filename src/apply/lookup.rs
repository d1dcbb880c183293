/*! The verbs `network`, `device` and `zone`: what covers what, as it was when the firewall was loaded. */

use super::lock::Lock;
use super::state::State;
use super::{Error, Job};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup<'a> {
    /// The zone of a network of netifd.
    Network(&'a str),
    /// The zone of a device.
    Device(&'a str),
    /// The devices of a zone, or only this one if it is among them.
    Zone(&'a str, Option<&'a str>),
}

/// The answer line by line; `None` if there is no such thing.
///
/// # Errors
/// The firewall is not loaded.
pub fn lookup(job: &Job, wanted: &Lookup<'_>) -> Result<Option<Vec<String>>, Error> {
    let files = job.run_files();
    // an act may be under way: its state counts. Who may not lock may still read.
    let _lock = Lock::acquire(&files);
    let state = State::read(&files.state).map_err(|_| Error::NoState)?;
    let one = |name: Option<&str>| name.map(|name| vec![name.to_owned()]);
    Ok(match *wanted {
        Lookup::Network(network) => one(state.zone_of_network(network)),
        Lookup::Device(device) => one(state.zone_of_device(device)),
        Lookup::Zone(zone, None) => state
            .devices_of_zone(zone)
            .map(|devices| devices.into_iter().map(str::to_owned).collect()),
        Lookup::Zone(zone, Some(device)) => one(state
            .devices_of_zone(zone)
            .and_then(|all| all.into_iter().find(|d| *d == device))),
    })
}
