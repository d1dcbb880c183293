/*!
The daemon: the object `firewall` on ubus, and an ear for the network interfaces.

It is one poll loop without threads that sleeps until something comes. Whatever may take long (a load, a
check, printing) is done by this same program run anew with the command line's own verbs, so that
`status` is answered meanwhile, what a load needed is given back to the system, and daemon and command
line cannot differ. The daemon holds no state of the firewall: it may be killed at any time (procd does,
with SIGTERM, which needs no handler), and a load under way goes on without it.

docs/ubus.md says what is answered.
*/

mod act;
mod answer;
mod bus;
mod daemon;
mod debounce;
mod object;
mod printed;
mod privilege;
mod queue;
mod roaming;
mod run;
mod tell;

use std::io;

use crate::apply::Job;
use crate::stdio;

pub use tell::tell;

/// Serves until it is killed, or until it cannot; then says why.
pub fn serve(job: Job) -> io::Error {
    if let Err(error) = privilege::drop() {
        stdio::log(format!(
            "The firewall's daemon keeps the capabilities that it has: {error}"
        ));
    }
    daemon::Daemon::new(job).run()
}
