/*! `stop` and `flush`. */

use super::lock::Lock;
use super::{Error, Job, commit, files};
use crate::netlink::{self, Batch, Socket, Table, drain};

/// Deletes our tables and the state, and touches nothing else. False if the first table was not there.
pub fn stop(job: &Job) -> Result<bool, Error> {
    locked(job, |socket| {
        let there = netlink::has_table(socket)?;
        delete(socket, Table::is_ours)?;
        Ok(there)
    })
}

/// Deletes every nftables table of the network namespace, whoever made it, and the state.
pub fn flush(job: &Job) -> Result<(), Error> {
    locked(job, |socket| delete(socket, |_| true))
}

fn delete(socket: &mut Socket, which: fn(&Table) -> bool) -> Result<(), netlink::Error> {
    // Nobody translates the addresses of connections any more: they end now.
    drain::drain(socket, None)?;
    // Draining has deleted the second table.
    let mut tables = netlink::tables(socket)?;
    tables.retain(which);
    Batch::delete_tables(&tables).commit(socket).map(drop)
}

fn locked<T>(
    job: &Job,
    act: impl Fn(&mut Socket) -> Result<T, netlink::Error>,
) -> Result<T, Error> {
    let files = job.run_files();
    let _lock = Lock::acquire(&files).map_err(|source| Error::Io {
        what: format!("Unable to lock '{}'", files.lock.display()),
        source,
    })?;
    let kernel = |e: netlink::Error| Error::from(commit::Error::from(e));
    let mut socket = Socket::open().map_err(|e| kernel(netlink::Error::opening(e)))?;
    let done = act(&mut socket).map_err(kernel)?;
    files::remove(&files.state).map_err(|source| Error::Io {
        what: format!("Unable to remove '{}'", files.state.display()),
        source,
    })?;
    Ok(done)
}
