/*!
A moment in the life of the kernel's ruleset: in which boot, which network namespace, after which transaction.

nf_tables counts its transactions (`NFTA_GEN_ID`), and whatever anybody changes by a message counts. So a ruleset that
was there at a moment is there unchanged for as long as it is the same moment. Only what ends by itself is not counted:
elements of sets with a time-out, and devices of a flowtable.
*/

use std::fs::File;
use std::io::Read;

use super::request;
use super::socket::Socket;

/// A UUID as text (random(4)).
const BOOT_ID: usize = 36;

/// The present one; `None` if it cannot be told.
pub fn now(socket: &mut Socket) -> Option<String> {
    let generation = request::generation(socket).ok()??;
    after(socket, generation)
}

/// The one after this transaction of the running boot and the socket's namespace.
pub fn after(socket: &Socket, generation: u32) -> Option<String> {
    let mut boot = [0; BOOT_ID];
    let mut file = File::open("/proc/sys/kernel/random/boot_id").ok()?;
    file.read_exact(&mut boot).ok()?;
    let boot = str::from_utf8(&boot).ok()?;
    let [namespace, generation] =
        [socket.namespace().ok()?, generation.into()].map(|number| number.to_string());
    Some([boot, &namespace, &generation].join(" "))
}

/// The number of its transaction.
pub(super) fn generation(moment: &str) -> Option<u32> {
    moment.rsplit(' ').next()?.parse().ok()
}
