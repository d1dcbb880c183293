/*!
A moment in the life of the kernel's ruleset: in which boot, which network namespace, after which transaction.

nf_tables counts its transactions (`NFTA_GEN_ID`), and whatever anybody changes by a message counts. So a ruleset that
was there at a moment is there unchanged for as long as it is the same moment. Only what ends by itself is not counted:
elements of sets with a time-out, and devices of a flowtable.
*/

use std::fs;

use super::request;
use super::socket::Socket;

/// The present one; `None` if it cannot be told.
pub fn now(socket: &mut Socket) -> Option<String> {
    let generation = request::generation(socket).ok()??;
    after(socket, generation)
}

/// The one after this transaction of the running boot and the socket's namespace.
pub fn after(socket: &Socket, generation: u32) -> Option<String> {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let namespace = socket.namespace().ok()?;
    Some(
        [
            boot.trim_end(),
            &namespace.to_string(),
            &generation.to_string(),
        ]
        .join(" "),
    )
}

/// The number of its transaction.
pub(super) fn generation(moment: &str) -> Option<u32> {
    moment.rsplit(' ').next()?.parse().ok()
}
