/*! A line in the system log: what must not be missed, whoever started us and whether anybody reads along. */

use std::os::unix::net::UnixDatagram;
use std::path::Path;

use crate::text;

/// `LOG_DAEMON | LOG_ALERT` and `LOG_DAEMON | LOG_NOTICE` (syslog(3), RFC 3164): the numbers that begin a message.
const ALERT: &str = "25";
const NOTICE: &str = "29";

/// Something must be done at once.
pub fn alert(root: &Path, message: &str) {
    send(root, ALERT, message);
}

/// Worth knowing later.
pub fn notice(root: &Path, message: &str) {
    send(root, NOTICE, message);
}

/// Best effort: without a logger (early at boot, in a container) there is standard error.
fn send(root: &Path, priority: &str, message: &str) {
    let line = ["<", priority, ">firewall: ", message].concat();
    let _ = UnixDatagram::unbound().and_then(|socket| {
        socket.set_nonblocking(true)?;
        socket.send_to(&text::encode(&line), root.join("dev/log"))
    });
}
