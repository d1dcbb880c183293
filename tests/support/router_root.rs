/*! A small router as a folder: two devices, lan and wan, and whatever configuration a test wants. */

// each test program uses its part of this
#![allow(dead_code)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

#[path = "folder.rs"]
mod folder;
use folder::folder_of_its_own;

/// The binary under test.
pub const BIN: &str = env!("CARGO_BIN_EXE_ferrowall");

/// Zones lan and wan with forwarding from lan to wan: enough for most tests.
pub const ZONES: &str = "
config defaults
	option input 'REJECT'
	option output 'ACCEPT'
	option forward 'REJECT'

config zone
	option name 'lan'
	option network 'lan'
	option input 'ACCEPT'
	option output 'ACCEPT'
	option forward 'ACCEPT'

config zone
	option name 'wan'
	option network 'wan'
	option input 'REJECT'
	option output 'ACCEPT'
	option forward 'REJECT'
	option masq '1'

config forwarding
	option src 'lan'
	option dest 'wan'
";

pub struct RouterRoot(pub PathBuf);

impl RouterRoot {
    /// `name` must be the test's own.
    pub fn new(name: &str, firewall: &str) -> RouterRoot {
        let root = RouterRoot(folder_of_its_own(name));
        let interface = |name: &str, device: &str, address: &str| {
            format!(
                r#"{{"interface":"{name}","up":true,"proto":"static","device":"{device}","l3_device":"{device}",
                    "ipv4-address":[{{"address":"{address}","mask":24}}],"data":{{}}}}"#
            )
        };
        let interfaces = [
            interface("lan", "lan0", "192.168.1.1"),
            interface("wan", "wan0", "203.0.113.1"),
        ]
        .join(",");
        root.write(
            "ubus/network.interface-dump.json",
            &format!(r#"{{"interface":[{interfaces}]}}"#),
        );
        root.write("ubus/network.device-status.json", "{}");
        root.write("ubus/service-get_data.json", "{}");
        root.write("proc/version", "Linux version 6.6.0 (test)\n");
        root.write("sys/class/net/lan0/flags", "0x1003\n");
        root.write("sys/class/net/wan0/flags", "0x1003\n");
        root.write("etc/config/firewall", firewall);
        root
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// `ferrowall --root HERE ARGS`
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(BIN);
        command.arg("--root").arg(&self.0).args(args);
        command
    }

    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().expect("ferrowall runs")
    }

    /// Runs it; it must succeed. Standard output.
    pub fn ok(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(
            output.status.success(),
            "{args:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Runs it; it must fail with exit status 1. Standard error.
    pub fn fails(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert_eq!(
            output.status.code(),
            Some(1),
            "{args:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stderr).into_owned()
    }
}

impl Drop for RouterRoot {
    fn drop(&mut self) {
        // a test that failed half way may have left anything
        let _ = fs::remove_dir_all(&self.0);
    }
}
