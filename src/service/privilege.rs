/*!
What the daemon may do: ask nf_tables and connection tracking, which is `CAP_NET_ADMIN`, and nothing else that root may.

What it has others do is this program run anew: as root a program gets all capabilities back when it is executed, for loads
run the owner's scripts, which may need any of them. That is also why `no_new_privs` is not set.
*/

use rustix::io;
use rustix::thread::{CapabilitySet, CapabilitySets, set_capabilities};

/// # Errors
/// The kernel does not let it, because it had less before.
pub fn drop() -> io::Result<()> {
    let needed = CapabilitySet::NET_ADMIN;
    let sets = CapabilitySets {
        effective: needed,
        permitted: needed,
        inheritable: CapabilitySet::empty(),
    };
    set_capabilities(None, sets)
}
