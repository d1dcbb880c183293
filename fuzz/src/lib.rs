/*!
What the fuzz targets do with the bytes they are given: one function for each door through which bytes from outside
come in.

A finding is a panic, more than a second of CPU time, or more memory than `scripts/fuzz` allows.
*/

mod bus;
mod dump;
mod files;
mod text;

pub use bus::{json, ubus_answers, ubus_message};
pub use dump::netlink_dump;
pub use files::{loadfiles, pipeline};
pub use text::{deltas, uci};

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// No input may keep this thread at work for longer. Not measured by the wall: others may use this machine too.
const PATIENCE: Duration = Duration::from_secs(1);

/// Fails if the work takes longer than an input may.
fn in_time<T>(work: impl FnOnce() -> T) -> T {
    let now = || {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
    };
    let begun = now();
    let result = work();
    let taken = now() - begun;
    assert!(taken < PATIENCE, "took {taken:?}");
    result
}
