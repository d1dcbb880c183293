/*! A line in the system log: what must not be missed, whoever started us and whether anybody reads along. */

use std::os::unix::net::UnixDatagram;
use std::path::Path;

use crate::text;

/// `LOG_DAEMON | LOG_ALERT` (syslog(3), RFC 3164): the number that begins a message.
const ALERT: &str = "<25>firewall: ";

/// Something must be done at once. Best effort: without a logger (early at boot, in a container) there is
/// standard error.
pub fn alert(root: &Path, message: &str) {
    let line = [ALERT, message].concat();
    let _ = UnixDatagram::unbound().and_then(|socket| {
        socket.set_nonblocking(true)?;
        socket.send_to(&text::encode(&line), root.join("dev/log"))
    });
}
