//! Buses to test on: a small ubusd of our own, and the real one where it is installed.

mod broker;

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use broker::Broker;
use ferrowall::ubus::Client;

/// A bus of one kind or the other, listening at [`Bus::path`]; gone with all its files when dropped.
pub struct Bus {
    dir: PathBuf,
    daemon: Option<Daemon>,
    real: bool,
}

enum Daemon {
    Own(Broker),
    Real(Child),
}

static COUNTER: AtomicU32 = AtomicU32::new(0);

impl Bus {
    /// Our own ubusd.
    pub fn own() -> Bus {
        Bus::new(false)
    }

    /// Runs the test on our own bus, then on the real one if `ubusd` is on the PATH.
    pub fn each(test: impl Fn(&mut Bus)) {
        test(&mut Bus::own());
        let found = Command::new("ubusd")
            .arg("-h")
            .stderr(Stdio::null())
            .status()
            // Under qemu-user a program that is not there seems to start, and ends with 127.
            .is_ok_and(|status| status.code() != Some(127));
        // To others ubusd grants only what its access lists say.
        let root = fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
        if found && root {
            test(&mut Bus::new(true));
        } else {
            eprintln!("skipped on the real ubusd: it is not on the PATH, or we are not root");
        }
    }

    fn new(real: bool) -> Bus {
        let n = COUNTER.fetch_add(1, Ordering::Relaxed);
        let dir = std::env::temp_dir().join(format!("ferrowall-ubus-{}-{n}", std::process::id()));
        fs::create_dir(&dir).unwrap();
        let mut bus = Bus {
            dir,
            daemon: None,
            real,
        };
        bus.start();
        bus
    }

    pub fn path(&self) -> PathBuf {
        self.dir.join("ubus.sock")
    }

    /// Starts the daemon (again).
    pub fn start(&mut self) {
        let path = self.path();
        if !self.real {
            self.daemon = Some(Daemon::Own(Broker::start(&path)));
            return;
        }
        let mut command = Command::new("ubusd");
        command
            .arg("-s")
            .arg(&path)
            .arg("-A")
            .arg(&self.dir)
            .stderr(Stdio::null());
        self.daemon = Some(Daemon::Real(command.spawn().unwrap()));
        until("ubusd accepts connections", || {
            Client::connect_to(&path).is_ok()
        });
    }

    /// Ends the daemon; its clients lose their connections.
    pub fn stop(&mut self) {
        match self.daemon.take() {
            Some(Daemon::Own(broker)) => broker.stop(),
            Some(Daemon::Real(mut child)) => {
                child.kill().unwrap();
                child.wait().unwrap();
            }
            None => {}
        }
        // A killed ubusd leaves its socket behind.
        let _ = fs::remove_file(self.path());
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        self.stop();
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// Waits for a condition, ten seconds at most.
pub fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !condition() {
        assert!(Instant::now() < deadline, "never happened: {what}");
        thread::sleep(Duration::from_millis(2));
    }
}
