/*! The command line tells the daemon, if there is one, that it has loaded something. */

use std::time::Duration;

use crate::apply::Requester;
use crate::ubus::{Client, Table};

/// An event that only wakes the daemon: what happened it reads in the record.
pub const LOADED: &str = "firewall.loaded";

/// A load does not wait longer for a bus that is stuck.
const PATIENCE: Duration = Duration::from_millis(500);

/// Best effort: a load is no worse for nobody knowing of it. Whom the daemon itself had run, it watches.
pub fn tell(by: Requester) {
    if matches!(by, Requester::Ubus | Requester::Netifd) {
        return;
    }
    if let Ok(mut client) = Client::connect_within(PATIENCE) {
        let _ = client.send_event(LOADED, Table::new());
    }
}
