/*!
Running connections and new rules, with real traffic: what the new rules would not let begin ends, all else goes on.

A router with a host on each side, each in a network namespace of its own. Connections of every kind stay open while the
rules change.
*/

#[path = "support/host.rs"]
mod host;
#[path = "support/namespace.rs"]
mod namespace;
#[path = "support/router_root.rs"]
mod router_root;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use ferrowall::apply::{self, Broken};
use ferrowall::netlink::conntrack::{Connection, Offloaded, Tuple};
use ferrowall::netlink::{KernelRoutes, Protocols};
use ferrowall::verdict::Judge;
use host::Host;
use namespace::sh;
use router_root::{RouterRoot, ZONES};

const INSIDE: &str = "FERROWALL_CONNECTIONS";
const PATIENCE: Duration = Duration::from_millis(400);

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let words: Vec<&str> = args.iter().skip(1).map(String::as_str).collect();
    match words.as_slice() {
        ["echo", ports @ ..] => echo(ports),
        ["hold", protocol, address] => hold(protocol, address),
        // what a test runner is asked for beside running
        ["--list", ..] => println!("connections: test"),
        _ if std::env::var_os(INSIDE).is_some() => scenario(),
        _ => outside(),
    }
}

/// Starts this program again in a namespace of its own, which ends with it.
fn outside() {
    println!("running 1 test");
    let status = Command::new("unshare")
        .args(["--net", "--pid", "--fork", "--kill-child", "--mount-proc"])
        .arg(std::env::current_exe().expect("the path of this program"))
        .env(INSIDE, "1")
        .status()
        .expect("unshare runs");
    let (word, passed, failed) = match status.success() {
        true => ("ok", 1, 0),
        false => ("FAILED", 0, 1),
    };
    println!(
        "test connections ... {word}\n\ntest result: {word}. {passed} passed; {failed} failed; 0 ignored"
    );
    std::process::exit(failed);
}

/// Sends back what comes, on TCP and UDP.
fn echo(ports: &[&str]) {
    let mut threads = Vec::new();
    for port in ports {
        let port: u16 = port.parse().expect("a port");
        let tcp = TcpListener::bind(("::", port)).expect("a listener");
        let udp = UdpSocket::bind(("::", port)).expect("a socket");
        threads.push(thread::spawn(move || {
            for stream in tcp.incoming().flatten() {
                thread::spawn(move || {
                    let (mut from, mut to) = (stream.try_clone().expect("cloned"), stream);
                    std::io::copy(&mut from, &mut to)
                });
            }
        }));
        threads.push(thread::spawn(move || {
            let mut buffer = [0; 64];
            while let Ok((length, from)) = udp.recv_from(&mut buffer) {
                let _ = udp.send_to(&buffer[..length], from);
            }
        }));
    }
    println!("ready");
    for thread in threads {
        let _ = thread.join();
    }
}

/// One connection. For each line that it is told it tries whether it still works, and says so.
fn hold(protocol: &str, address: &str) {
    let mut ask: Box<dyn FnMut() -> bool> = if protocol == "tcp" {
        let address = address.parse().expect("an address");
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Err(_) => Box::new(|| false),
            Ok(mut stream) => {
                stream.set_read_timeout(Some(PATIENCE)).expect("set");
                Box::new(move || {
                    let mut answer = [0];
                    stream.write_all(b"?").is_ok() && stream.read_exact(&mut answer).is_ok()
                })
            }
        }
    } else {
        let socket = UdpSocket::bind(if address.starts_with('[') {
            "[::]:0"
        } else {
            "0.0.0.0:0"
        })
        .expect("a socket");
        socket.connect(address).expect("connected");
        socket.set_read_timeout(Some(PATIENCE)).expect("set");
        Box::new(move || {
            let mut answer = [0];
            socket.send(b"?").is_ok() && socket.recv(&mut answer).is_ok()
        })
    };
    println!("{}", ask());
    for _ in std::io::stdin().lines().map_while(Result::ok) {
        println!("{}", ask());
    }
}

/// A program at a host or, without one, on the router.
struct Program {
    child: Child,
    said: BufReader<std::process::ChildStdout>,
}

impl Program {
    fn start(host: Option<&Host>, arguments: &str) -> Program {
        let program = std::env::current_exe().expect("the path of this program");
        let line = format!("exec {} {arguments}", program.display());
        let mut command = match host {
            Some(host) => host.command(&line),
            None => {
                let mut command = Command::new("bash");
                command.args(["-c", &line]);
                command
            }
        };
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it runs");
        let said = BufReader::new(child.stdout.take().expect("its output"));
        Program { child, said }
    }

    fn hears(&mut self) -> String {
        let mut line = String::new();
        self.said.read_line(&mut line).expect("a line");
        line.trim().to_owned()
    }

    fn is_alive(&mut self) -> bool {
        let stdin = self.child.stdin.as_mut().expect("its input");
        stdin.write_all(b"\n").expect("asked");
        self.hears() == "true"
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Connections by name; asked whether they work.
struct Connections(Vec<(&'static str, Program)>);

impl Connections {
    fn open(&mut self, name: &'static str, host: Option<&Host>, protocol: &str, to: &str) {
        let mut program = Program::start(host, &format!("hold {protocol} {to}"));
        assert_eq!(program.hears(), "true", "{name} does not come about");
        self.0.push((name, program));
    }

    /// The names of those that no longer work, which are forgotten.
    fn dead(&mut self) -> Vec<&'static str> {
        let mut dead = Vec::new();
        self.0.retain_mut(|(name, program)| {
            let alive = program.is_alive();
            if !alive {
                dead.push(*name);
            }
            alive
        });
        dead
    }
}

const REDIRECT: &str = "
config redirect
	option name 'web'
	option src 'wan'
	option src_dport '8080'
	option proto 'tcp'
	option dest 'lan'
	option dest_ip '192.168.1.2'
	option dest_port '80'
";
const SSH: &str = "
config rule
	option name 'ssh'
	option src 'wan'
	option proto 'tcp'
	option dest_port '22'
	option target 'ACCEPT'
";

/// IPv6 finds its neighbours by it.
const ICMPV6: &str = "
config rule
	option src 'wan'
	option family 'ipv6'
	option proto 'icmp'
	option target 'ACCEPT'
";

fn refuse(name: &str, from: &str, more: &str) -> String {
    format!(
        "\nconfig rule\n\toption name '{name}'\n{from}\toption proto 'tcp udp'\n{more}\toption target 'REJECT'\n"
    )
}

fn status(root: &RouterRoot) -> serde_json::Value {
    serde_json::from_str(&root.ok(&["status", "--json"])).expect("JSON")
}

fn scenario() {
    sh(
        "ip link set lo up && echo 1 > /proc/sys/net/ipv4/ip_forward && \
        echo 1 > /proc/sys/net/ipv6/conf/all/forwarding",
    );
    let lan = Host::new("lan0", "192.168.1.2/24", "192.168.1.1/24");
    let wan = Host::new("wan0", "203.0.113.2/24", "203.0.113.1/24");
    sh("ip addr add fd00:1::1/64 dev lan0 nodad && ip addr add fd00:2::1/64 dev wan0 nodad");
    lan.sh("ip addr add fd00:1::2/64 dev eth0 nodad && ip -6 route add default via fd00:1::1");
    wan.sh("ip addr add fd00:2::2/64 dev eth0 nodad && ip -6 route add default via fd00:2::1");
    let mut servers = [
        Program::start(Some(&wan), "echo 7001 7002 7003"),
        Program::start(Some(&lan), "echo 80"),
        Program::start(None, "echo 22 443"),
    ];
    for server in &mut servers {
        assert_eq!(server.hears(), "ready");
    }
    let zones = ZONES.replacen(
        "config defaults",
        "config defaults\n\toption drop_forbidden_connections '1'",
        1,
    );
    let zones = format!("{zones}{ICMPV6}");
    for host in [&lan, &wan] {
        host.sh("while ip -6 addr show tentative | grep -q .; do sleep 0.05; done");
    }
    host::wait_for("! ip -6 addr show tentative | grep -q .", 5);
    let root = RouterRoot::new("connections", &format!("{zones}{REDIRECT}{SSH}"));
    root.ok(&["start"]);
    let load = |config: &str| {
        root.write("etc/config/firewall", config);
        root.ok(&["reload"]);
        status(&root)["last"]["ended_connections"].as_u64()
    };

    let mut connections = Connections(Vec::new());
    let mut open = |name, host, protocol, to| connections.open(name, host, protocol, to);
    open("out 7001", Some(&lan), "tcp", "203.0.113.2:7001");
    open("out 7002", Some(&lan), "tcp", "203.0.113.2:7002");
    open("out udp", Some(&lan), "udp", "203.0.113.2:7001");
    open("out v6", Some(&lan), "tcp", "[fd00:2::2]:7002");
    open("forwarded port", Some(&wan), "tcp", "203.0.113.1:8080");
    open("ssh from lan", Some(&lan), "tcp", "192.168.1.1:22");
    open("ssh from wan", Some(&wan), "tcp", "203.0.113.1:22");
    open("own", None, "tcp", "203.0.113.2:7001");
    open("own udp", None, "udp", "203.0.113.2:7003");
    let none: [&str; 0] = [];
    assert_eq!(connections.dead(), none);

    // Something changes that concerns none of them.
    let to_lan = "\toption src 'lan'\n";
    let out = "\toption src 'lan'\n\toption dest 'wan'\n";
    let mut rules = format!(
        "{zones}{REDIRECT}{SSH}{}",
        refuse("telnet", to_lan, "\toption dest_port '23'\n")
    );
    assert_eq!(load(&rules), Some(0));
    assert_eq!(connections.dead(), none);

    // A route that leads elsewhere for a moment, when an interface makes the rules anew: nobody has forbidden anything.
    sh("ip route add 192.168.1.2 dev wan0");
    let telnet = sh(
        "nft -a list chain inet fw4 input_lan | grep -m1 'dport 23 ' | grep -o 'handle [0-9]*$'",
    );
    sh(&format!("nft delete rule inet fw4 input_lan {telnet}"));
    assert_eq!(load(&rules), None);
    sh("ip route del 192.168.1.2 dev wan0");
    assert_eq!(connections.dead(), none);

    // By port, in both families.
    rules += &refuse("no 7002", out, "\toption dest_port '7002'\n");
    assert_eq!(load(&rules), Some(2));
    assert_eq!(connections.dead(), ["out 7002", "out v6"]);

    // A port forward that is gone; the zone's rule for forwarded ports would accept the connection still.
    rules = rules.replace(REDIRECT, "");
    assert_eq!(load(&rules), Some(1));
    assert_eq!(connections.dead(), ["forwarded port"]);

    // One that leads elsewhere now.
    rules += REDIRECT;
    load(&rules);
    connections.open("forwarded port", Some(&wan), "tcp", "203.0.113.1:8080");
    rules = rules.replace("192.168.1.2", "192.168.1.3");
    assert_eq!(load(&rules), Some(1));
    assert_eq!(connections.dead(), ["forwarded port"]);

    // A service of the router, from one side.
    rules = rules.replace(SSH, "");
    assert_eq!(load(&rules), Some(1));
    assert_eq!(connections.dead(), ["ssh from wan"]);

    // The router's own, not those that it forwards to the same place.
    rules += &refuse(
        "own",
        "\toption dest 'wan'\n",
        "\toption dest_port '7001'\n",
    );
    assert_eq!(load(&rules), Some(1));
    assert_eq!(connections.dead(), ["own"]);

    // What might be allowed stays: by a mark, by a set that anybody may fill.
    let forwarding = "config forwarding\n\toption src 'lan'\n\toption dest 'wan'\n";
    let mark = format!(
        "\nconfig rule\n{out}\toption proto 'udp'\n\toption mark '0x7'\n\toption target 'ACCEPT'\n"
    );
    assert!(rules.contains(forwarding));
    rules = rules.replace(forwarding, &mark);
    connections.open("ssh to lan", None, "tcp", "192.168.1.2:80");
    assert_eq!(load(&rules), Some(1));
    assert_eq!(connections.dead(), ["out 7001"]);

    // Rules of others in our chains, too, are nothing that we could judge.
    sh("nft insert rule inet fw4 input tcp dport 22 accept");
    rules += &refuse("no ssh", to_lan, "\toption dest_port '22'\n");
    root.write("etc/config/firewall", &rules);
    let output = root.run(&["reload"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        said.contains("Connections that the rules forbid go on"),
        "{said}"
    );
    assert_eq!(connections.dead(), none);

    // Without the option nothing ends; `try` says what would.
    root.write("etc/config/firewall", ZONES);
    root.ok(&["restart"]);
    root.write(
        "etc/config/firewall",
        &format!(
            "{ZONES}{}",
            refuse("no ssh", to_lan, "\toption dest_port '22'\n")
        ),
    );
    let said = root.ok(&["try"]);
    assert!(
        said.contains(" running connections would not be let in"),
        "{said}"
    );
    assert!(said.contains("go on"), "{said}");
    assert_eq!(connections.dead(), none);
    let ssh = |client: &str, server: &str| {
        let mut command = root.command(&["try"]);
        command.env("SSH_CONNECTION", format!("{client} 50000 {server} 22"));
        let output = command.output().expect("it runs");
        assert!(output.status.success());
        String::from_utf8_lossy(&output.stderr).contains("LOCKED OUT")
    };
    assert!(ssh("192.168.1.2", "192.168.1.1") && ssh("fe80::7%lan0", "fe80::1%lan0"));
    assert!(
        ssh("203.0.113.2", "203.0.113.1"),
        "that is forbidden anyway"
    );
    root.ok(&["revert"]);
    root.write("etc/config/firewall", &format!("{ZONES}{SSH}"));
    assert!(!ssh("192.168.1.2", "192.168.1.1") && !ssh("fe80::7%lan0", "fe80::1%lan0"));
    assert!(!ssh("203.0.113.2", "203.0.113.1"), "the new rules allow it");
    root.ok(&["revert"]);
    assert_eq!(connections.dead(), none);

    agrees_with_the_kernel(&root, &lan, &wan);
}

/// Always the same numbers: a linear congruential generator.
struct Random(u64);

impl Random {
    fn one_of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        list[(self.0 >> 33) as usize % list.len()]
    }
}

/// Random rules: what is judged to be forbidden does not come about, everything else does.
fn agrees_with_the_kernel(root: &RouterRoot, lan: &Host, wan: &Host) {
    const ROUTER: [&str; 2] = ["192.168.1.1", "203.0.113.1"];
    let mut random = Random(7);
    let (mut allowed, mut forbidden) = (0, 0);
    for n in 0..25 {
        let mut config = format!("{ZONES}{REDIRECT}");
        for _ in 0..5 {
            let mut option = |name: &str, values: &[&str]| match random.one_of(values) {
                "" => String::new(),
                value => format!("\toption {name} '{value}'\n"),
            };
            config += "\nconfig rule\n";
            config += &option("src", &["lan", "wan", "lan", "wan", "*", ""]);
            config += &option("dest", &["", "", "wan", "lan", "*"]);
            config += &option("proto", &["tcp", "udp", "all", "tcp udp"]);
            config += &option(
                "src_ip",
                &["", "", "192.168.1.2", "!192.168.1.2", "203.0.113.0/28"],
            );
            config += &option(
                "dest_port",
                &["22", "443", "80", "7001", "7001-7002", "22 7003"],
            );
            config += &option("family", &["", "", "ipv4", "ipv6"]);
            config += &option("target", &["ACCEPT", "REJECT"]);
        }
        root.write("etc/config/firewall", &config);
        root.ok(&["restart"]);
        let kernel = ferrowall::netlink::Kernel;
        let prepared = apply::prepare(root.path(), &kernel, Broken::Refuse).expect("prepared");
        let protocols = Protocols::default();
        let judge = Judge {
            new: &prepared.compiled.ruleset,
            old: None,
            protocols: &protocols,
        };
        let mut routes = KernelRoutes::open().expect("routes");
        let mut probes = vec![(
            Some(wan),
            "203.0.113.2",
            "203.0.113.1:8080",
            "192.168.1.2:80",
        )];
        for to in ["203.0.113.2:7001", "203.0.113.2:7002", "203.0.113.2:7003"] {
            probes.push((Some(lan), "192.168.1.2", to, to));
            probes.push((None, ROUTER[1], to, to));
        }
        for to in ["192.168.1.1:22", "192.168.1.1:443"] {
            probes.push((Some(lan), "192.168.1.2", to, to));
        }
        for to in ["203.0.113.1:22", "203.0.113.1:443"] {
            probes.push((Some(wan), "203.0.113.2", to, to));
        }
        probes.push((None, ROUTER[0], "192.168.1.2:80", "192.168.1.2:80"));
        for (host, from, to, real) in probes {
            let tuple = |src: &str, dst: &str| Tuple {
                src: src.parse().expect("an address"),
                dst: dst.parse().expect("an address"),
                protocol: 6,
            };
            let from = format!("{from}:50000");
            let connection = Connection {
                original: tuple(&from, to),
                reply: tuple(real, &from),
                offloaded: Offloaded::No,
                packets: 0,
                bytes: 0,
            };
            let judged = judge.forbids(&connection, &mut routes);
            let (address, port) = to.split_once(':').expect("two parts");
            let real = match host {
                Some(host) => host.reaches(address, port.parse().expect("a port")),
                None => {
                    let to = to.parse().expect("an address");
                    TcpStream::connect_timeout(&to, Duration::from_secs(5)).is_ok()
                }
            };
            assert_eq!(judged, !real, "{n}: {from} to {to}:\n{config}");
            allowed += u32::from(real);
            forbidden += u32::from(judged);
        }
    }
    assert!(allowed > 50 && forbidden > 50, "{allowed} {forbidden}");
}
