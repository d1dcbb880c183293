//! Hosts around a router: each a network namespace of its own, with one cable to the test's own namespace.

// each test program uses its part of this
#![allow(dead_code)]

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::namespace::{sh, try_sh};

pub struct Host(Child);

impl Host {
    /// `device` is the router's end, `eth0` the host's; both addresses with prefix length. The host's default route is
    /// the router.
    pub fn new(device: &str, address: &str, router: &str) -> Host {
        let child = Command::new("unshare")
            .args(["--net", "sleep", "infinity"])
            .spawn()
            .expect("a host");
        let host = Host(child);
        let pid = host.0.id();
        // the namespace is there once it differs from ours
        let own = sh("readlink /proc/self/ns/net");
        while sh(&format!("readlink /proc/{pid}/ns/net")) == own {
            thread::sleep(Duration::from_millis(1));
        }
        let gateway = router.split('/').next().unwrap_or_default();
        sh(&format!(
            "ip link add {device} type veth peer name eth0 netns {pid} && ip addr add {router} dev {device} && \
             ip link set {device} up"
        ));
        host.sh(&format!(
            "ip link set lo up && ip addr add {address} dev eth0 && ip link set eth0 up && ip route add default via {gateway}"
        ));
        host
    }

    /// A shell command on this host.
    pub fn command(&self, command: &str) -> Command {
        let mut nsenter = Command::new("nsenter");
        let pid = self.0.id().to_string();
        nsenter.args(["-t", &pid, "-n", "bash", "-c", command]);
        nsenter
    }

    /// The same, which must succeed; what it printed.
    pub fn sh(&self, command: &str) -> String {
        let output = self.command(command).output().expect("nsenter runs");
        assert!(
            output.status.success(),
            "{command}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// A program, started on this host.
    pub fn program(&self, path: &Path) -> Command {
        let mut nsenter = Command::new("nsenter");
        nsenter.args(["-t", &self.0.id().to_string(), "-n"]);
        nsenter.arg(path);
        nsenter
    }

    /// Does a TCP connection come about? Gives a busy machine time.
    pub fn reaches(&self, address: &str, port: u16) -> bool {
        self.connects(address, port, "5")
    }

    /// Does none come about within the time that a connection usually needs a hundred times?
    pub fn is_kept_from(&self, address: &str, port: u16) -> bool {
        !self.connects(address, port, "0.6")
    }

    fn connects(&self, address: &str, port: u16, seconds: &str) -> bool {
        let to = format!("timeout {seconds} bash -c 'exec 3<>/dev/tcp/{address}/{port}'");
        let mut command = self.command(&to);
        let status = command.stderr(Stdio::null()).status();
        status.expect("nsenter runs").success()
    }

    pub fn pings(&self, address: &str) -> bool {
        let mut ping = self.command(&format!("ping -c 1 -W 1 {address}"));
        let status = ping.stdout(Stdio::null()).stderr(Stdio::null()).status();
        status.expect("nsenter runs").success()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits until a shell command succeeds; at most for so many seconds.
pub fn wait_for(command: &str, seconds: u64) {
    let until = Instant::now() + Duration::from_secs(seconds);
    while !try_sh(command).status.success() {
        assert!(Instant::now() < until, "waited in vain for: {command}");
        thread::sleep(Duration::from_millis(20));
    }
}
