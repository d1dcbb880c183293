//! A router to serve for: a root folder, a network namespace, and the daemon in it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use ferrowall::ubus::{Client, Error, Incoming, Table, Value};
use serde_json::Value as Json;

use crate::ubus::{Bus, until};

/// A message of the bus, for comparing.
pub fn as_json(table: &Table) -> Json {
    serde_json::from_str(&ferrowall::json::Json::from(table).to_string()).unwrap()
}

pub const LONG: Duration = Duration::from_secs(10);

const CONFIG: &str = "
config defaults
	option input REJECT
	option output ACCEPT
	option forward REJECT

config zone
	option name lan
	list network lan
	option input ACCEPT
	option output ACCEPT
	option forward ACCEPT

config rule
	option name Allow-Ping
	option src lan
	option proto icmp
	option target ACCEPT
";

static COUNTER: AtomicU32 = AtomicU32::new(0);

/// Gone with its namespace, its files and its processes when dropped.
pub struct Served {
    pub root: PathBuf,
    socket: PathBuf,
    /// Keeps the network namespace.
    holder: Child,
    daemon: Option<Child>,
}

impl Served {
    /// A router whose firewall nobody has loaded yet, and no daemon.
    pub fn without_daemon(socket: &Path) -> Served {
        let n = COUNTER.fetch_add(1, Ordering::Relaxed);
        let root =
            std::env::temp_dir().join(format!("ferrowall-served-{}-{n}", std::process::id()));
        let mut holder = Command::new("unshare");
        holder
            .args(["-n", "sh", "-c", "echo ready; exec sleep 600"])
            .stdout(Stdio::piped());
        let mut holder = holder.spawn().unwrap();
        let mut ready = [0; 6];
        std::io::Read::read_exact(holder.stdout.as_mut().unwrap(), &mut ready)
            .expect("network namespaces need root");
        let served = Served {
            root,
            socket: socket.to_owned(),
            holder,
            daemon: None,
        };
        served.configure(CONFIG);
        served.interface("br-lan");
        served
    }

    /// As that, with the daemon, which is on the bus already.
    pub fn new(bus: &Bus) -> Served {
        Served::without_daemon(&bus.path()).serve()
    }

    /// Starts the daemon and waits until it is on the bus.
    pub fn serve(mut self) -> Served {
        self.daemon = Some(self.command().arg("serve").spawn().unwrap());
        until("the daemon is on the bus", || {
            self.client().lookup("firewall").is_ok()
        });
        self
    }

    fn write(&self, path: &str, content: &str) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        // in one step: the daemon may be reading
        let draft = path.with_extension("draft");
        fs::write(&draft, content).unwrap();
        fs::rename(draft, path).unwrap();
    }

    pub fn configure(&self, config: &str) {
        self.write("etc/config/firewall", config);
    }

    pub fn configure_well(&self) {
        self.configure(CONFIG);
    }

    /// Adds a script include.
    pub fn script(&self, text: &str) {
        self.write("script.sh", text);
        self.configure(&format!(
            "{CONFIG}\nconfig include\n\toption type script\n\toption path /script.sh\n\toption fw4_compatible 1\n"
        ));
    }

    /// Without the rule.
    pub fn configure_otherwise(&self) {
        self.configure(&CONFIG[..CONFIG.find("config rule").unwrap()]);
    }

    /// Only that of a try on this router, by its process id.
    pub fn kill_guard(&self) {
        let line = format!("ferrowall\0--root\0{}\0", self.root.display());
        let mut found = 0;
        for process in fs::read_dir("/proc").unwrap().flatten() {
            let said = fs::read(process.path().join("cmdline")).unwrap_or_default();
            if said.starts_with(line.as_bytes()) && said.ends_with(b"guard\0") {
                let pid = process.file_name().into_string().unwrap();
                let killed = Command::new("kill").args(["-KILL", &pid]).status();
                assert!(killed.unwrap().success());
                found += 1;
            }
        }
        assert_eq!(found, 1);
    }

    pub fn offload(&self) {
        self.configure(&CONFIG.replacen("defaults", "defaults\n\toption flow_offloading 1", 1));
    }

    /// What netifd says of `lan`.
    pub fn interface(&self, device: &str) {
        let lan = format!(
            r#"{{"interface":"lan","up":true,"l3_device":"{device}","device":"{device}"}}"#
        );
        self.write(
            "ubus/network.interface-dump.json",
            &format!(r#"{{"interface":[{lan}]}}"#),
        );
    }

    /// A device as sysfs shows it; another number is another device.
    pub fn device(&self, name: &str, number: u32) {
        self.write(&format!("sys/class/net/{name}/flags"), "0x1003\n");
        self.write(
            &format!("sys/class/net/{name}/ifindex"),
            &format!("{number}\n"),
        );
    }

    pub fn nft(&self, arguments: &[&str]) {
        let status = self.inside(Path::new("nft")).args(arguments).status();
        assert!(status.unwrap().success());
    }

    fn inside(&self, program: &Path) -> Command {
        let mut command = Command::new("nsenter");
        command
            .arg(format!("--net=/proc/{}/ns/net", self.holder.id()))
            .arg(program);
        command
            .env("UBUS_SOCKET", &self.socket)
            .stdin(Stdio::null());
        command
    }

    fn command(&self) -> Command {
        let mut command = self.inside(Path::new(env!("CARGO_BIN_EXE_ferrowall")));
        command.arg("--root").arg(&self.root);
        command
    }

    /// The command line.
    pub fn cli(&self, arguments: &[&str]) -> Output {
        self.command().args(arguments).output().unwrap()
    }

    /// What is known of the last load, asked without the daemon.
    pub fn recorded(&self) -> Json {
        let status = self.cli(&["status", "--json"]).stdout;
        serde_json::from_slice::<Json>(&status).unwrap()["last"].take()
    }

    /// What the kernel has.
    pub fn rules(&self) -> String {
        let output = self
            .inside(Path::new("nft"))
            .args(["list", "ruleset"])
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    pub fn client(&self) -> Client {
        let mut client = Client::connect_to(&self.socket).unwrap();
        client.set_timeout(LONG);
        client
    }

    pub fn call(&self, method: &str) -> Result<Table, Error> {
        self.client().call("firewall", method, Table::new())
    }

    /// The answer of a method, as JSON.
    pub fn answer(&self, method: &str) -> Json {
        as_json(&self.call(method).unwrap())
    }

    pub fn generation(&self) -> i64 {
        let status = self.answer("status");
        status["last"]["generation"].as_i64().unwrap_or_default()
    }

    /// Keeps every load waiting until it is dropped.
    pub fn lock(&self) -> File {
        fs::create_dir_all(self.root.join("var/run")).unwrap();
        let lock = File::create(self.root.join("var/run/fw4.lock")).unwrap();
        lock.lock().unwrap();
        lock
    }

    pub fn pid(&self) -> u32 {
        self.daemon.as_ref().unwrap().id()
    }

    pub fn kill_daemon(&mut self) {
        let mut daemon = self.daemon.take().unwrap();
        daemon.kill().unwrap();
        daemon.wait().unwrap();
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        for child in self.daemon.iter_mut().chain([&mut self.holder]) {
            let _ = child.kill();
            let _ = child.wait();
        }
        let _ = fs::remove_dir_all(&self.root);
    }
}

/// Someone who is told of every load.
pub struct Subscriber(Client);

impl Subscriber {
    pub fn new(served: &Served) -> Subscriber {
        let mut client = served.client();
        client.subscribe("firewall").unwrap();
        Subscriber(client)
    }

    /// The next notification and its content.
    pub fn next(&mut self) -> (String, Json) {
        self.next_within(LONG)
    }

    pub fn next_within(&mut self, time: Duration) -> (String, Json) {
        match self.0.wait(time).unwrap() {
            Some(Incoming::Notification { method, data, .. }) => (method, as_json(&data)),
            other => panic!("no notification: {other:?}"),
        }
    }

    /// None came within this time.
    pub fn hears_nothing_for(&mut self, time: Duration) {
        assert_eq!(self.0.wait(time).unwrap(), None);
    }
}

/// What netifd sends.
pub fn interface_event(action: &str) -> Table {
    Table::new()
        .with("action", action)
        .with("interface", Value::from("lan"))
}
