/*!
Restarts and reloads under traffic: nothing forbidden passes, nothing allowed is lost, no connection breaks.

Three network namespaces: a host on each side of a router. 10,000 small UDP packets a second, half of them
allowed and half forbidden, half of the allowed ones the first of their flow, and one TCP connection that
lasts. What arrives is counted by nftables in the hosts, before any socket could lose it. The same traffic under
fw4's way (delete the table, then load) must show leaks: the test can see them.
*/

#[path = "support/host.rs"]
mod host;
#[path = "support/namespace.rs"]
mod namespace;
#[path = "support/router_root.rs"]
mod router_root;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use host::Host;
use namespace::sh;
use router_root::{RouterRoot, ZONES};

const INSIDE: &str = "FERROWALL_TRAFFIC";
/// Restarts, and reloads.
const TIMES: usize = 200;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let words: Vec<&str> = args.iter().skip(1).map(String::as_str).collect();
    match words.as_slice() {
        ["flood", address] => flood(address.parse().expect("an address")),
        ["echo", address] => echo(address.parse().expect("an address")),
        ["talk", address] => talk(address.parse().expect("an address")),
        // what a test runner is asked for beside running
        ["--list", ..] => println!("traffic: test"),
        _ if std::env::var_os(INSIDE).is_some() => scenario(),
        _ => outside(),
    }
}

/// Starts this program again in a namespace of its own, which ends with it.
fn outside() {
    println!("running 1 test");
    let program = std::env::current_exe().expect("the path of this program");
    let status = Command::new("unshare")
        .args(["--net", "--pid", "--fork", "--kill-child", "--mount-proc"])
        .arg(program)
        .env(INSIDE, "1")
        .status()
        .expect("unshare runs");
    let (word, passed, failed) = if status.success() {
        ("ok", 1, 0)
    } else {
        ("FAILED", 0, 1)
    };
    println!(
        "test traffic ... {word}\n\ntest result: {word}. {passed} passed; {failed} failed; 0 ignored"
    );
    std::process::exit(failed);
}

/// This program in another role, on a host.
fn start(host: &Host, role: &str, address: &str) -> Child {
    let program = std::env::current_exe().expect("the path of this program");
    host.program(&program)
        .args([role, address])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a role")
}

/// Packets that came in at a host with this destination port.
fn arrived(host: &Host, port: u16) -> u64 {
    let list = host.sh("nft list table inet seen");
    let line = list
        .lines()
        .find(|l| l.contains(&format!("udp dport {port} ")))
        .expect("a counter");
    let words: Vec<&str> = line.split_whitespace().collect();
    let at = words
        .iter()
        .position(|w| *w == "packets")
        .expect("a counter");
    words[at + 1].parse().expect("a number")
}

const LAN: &str = "192.168.1.2";
const WAN: &str = "203.0.113.2";
const ALLOWED: u16 = 5000;
const FORBIDDEN: u16 = 7000;
const FORBIDDEN_IN: u16 = 6000;

struct Seen {
    lost: u64,
    leaked: u64,
    talked: bool,
}

fn scenario() {
    sh("sysctl -qw net.ipv4.ip_forward=1");
    let lan = Host::new("lan0", &format!("{LAN}/24"), "192.168.1.1/24");
    let wan = Host::new("wan0", &format!("{WAN}/24"), "203.0.113.1/24");
    let rule = format!(
        "\nconfig rule\n\toption name 'no'\n\toption src 'lan'\n\toption dest 'wan'\n\toption proto 'udp'\n\
         \toption dest_port '{FORBIDDEN}'\n\toption target 'DROP'\n"
    );
    let root = RouterRoot::new("traffic", &format!("{ZONES}{rule}"));
    let counters = root.path().join("counters.nft");
    let counter = |port: u16| format!("udp dport {port} counter\n");
    let chain = [ALLOWED, FORBIDDEN, FORBIDDEN_IN].map(counter).concat();
    let table = format!(
        "table inet seen {{\nchain in {{\ntype filter hook prerouting priority -400\n{chain}}}\n}}\n"
    );
    std::fs::write(&counters, table).expect("written");
    for host in [&lan, &wan] {
        host.sh(&format!("nft -f {}", counters.display()));
    }
    root.ok(&["start"]);

    for verb in ["restart", "reload"] {
        let begun = Instant::now();
        let seen = under_traffic(&lan, &wan, || {
            for _ in 0..TIMES {
                root.ok(&[verb]);
            }
        });
        println!(
            "{TIMES} times {verb} in {:.1} s: {} allowed packets lost, {} forbidden ones passed",
            begun.elapsed().as_secs_f64(),
            seen.lost,
            seen.leaked
        );
        assert_eq!((seen.lost, seen.leaked), (0, 0), "{verb}");
        assert!(seen.talked, "{verb} broke the connection");
    }
    let printed = root.path().join("printed.nft");
    std::fs::write(&printed, root.ok(&["print"])).expect("written");
    let theirs = under_traffic(&lan, &wan, || {
        for _ in 0..TIMES / 10 {
            sh(&format!(
                "nft delete table inet fw4 && nft -f {}",
                printed.display()
            ));
        }
    });
    println!(
        "{} times delete and load: {} allowed packets lost, {} forbidden ones passed",
        TIMES / 10,
        theirs.lost,
        theirs.leaked
    );
    assert!(
        theirs.leaked > 0,
        "this test cannot see a window without rules"
    );
}

/// Lets the traffic flow while something is done, and counts.
fn under_traffic(lan: &Host, wan: &Host, act: impl FnOnce()) -> Seen {
    let before = [
        arrived(wan, ALLOWED),
        arrived(wan, FORBIDDEN),
        arrived(lan, FORBIDDEN_IN),
    ];
    let mut echo = start(wan, "echo", &format!("{WAN}:8000"));
    let ready = &mut [0];
    echo.stdout
        .as_mut()
        .expect("piped")
        .read_exact(ready)
        .expect("it listens");
    let mut floods: Vec<Child> = vec![
        start(lan, "flood", &format!("{WAN}:{ALLOWED}")),
        start(lan, "flood", &format!("{WAN}:{FORBIDDEN}")),
        start(wan, "flood", &format!("{LAN}:{FORBIDDEN_IN}")),
    ];
    let talk = start(lan, "talk", &format!("{WAN}:8000"));
    act();
    let sent: Vec<u64> = floods.iter_mut().map(stop).collect();
    let talked = {
        let mut talk = talk;
        stop(&mut talk) > 0
    };
    let _ = echo.kill();
    let _ = echo.wait();
    let after = [
        arrived(wan, ALLOWED),
        arrived(wan, FORBIDDEN),
        arrived(lan, FORBIDDEN_IN),
    ];
    assert!(
        sent.iter().all(|n| *n > 1000),
        "too little traffic to prove anything: {sent:?}"
    );
    Seen {
        lost: sent[0].saturating_sub(after[0] - before[0]),
        leaked: (after[1] - before[1]) + (after[2] - before[2]),
        talked,
    }
}

/// Closes its standard input, which ends it; what it counted, 0 if it failed.
fn stop(child: &mut Child) -> u64 {
    drop(child.stdin.take());
    let mut said = String::new();
    child
        .stdout
        .take()
        .expect("piped")
        .read_to_string(&mut said)
        .expect("text");
    match child.wait().expect("it ends").success() {
        true => said.trim().parse().unwrap_or(0),
        false => 0,
    }
}

/// True once standard input is closed.
fn ended() -> impl Fn() -> bool {
    let (tell, told) = std::sync::mpsc::channel::<()>();
    thread::spawn(move || {
        let _ = std::io::stdin().read(&mut [0]);
        drop(tell);
    });
    move || {
        matches!(
            told.try_recv(),
            Err(std::sync::mpsc::TryRecvError::Disconnected)
        )
    }
}

/// 3,300 packets a second; every other one from a socket that sends nothing else.
fn flood(target: SocketAddr) {
    let ended = ended();
    let fixed = UdpSocket::bind("0.0.0.0:0").expect("a socket");
    let begun = Instant::now();
    let mut sent = 0u64;
    while !ended() {
        for _ in 0..33 {
            let fresh;
            let socket = match sent % 2 {
                0 => &fixed,
                _ => {
                    fresh = UdpSocket::bind("0.0.0.0:0").expect("a socket");
                    &fresh
                }
            };
            // a REJECT of the router comes back as an error of the next call: the packet itself was not sent
            match socket.send_to(b"small", target) {
                Ok(_) => sent += 1,
                Err(e) if e.kind() == std::io::ErrorKind::ConnectionRefused => {}
                Err(e) => panic!("cannot send: {e}"),
            }
        }
        let due = Duration::from_millis(10 * (sent / 33));
        thread::sleep(due.saturating_sub(begun.elapsed()));
    }
    println!("{sent}");
}

fn echo(address: SocketAddr) {
    let listener = TcpListener::bind(address).expect("a port");
    print!("!");
    std::io::stdout().flush().expect("flushed");
    let (mut peer, _) = listener.accept().expect("a caller");
    let mut buffer = [0; 4096];
    while let Ok(n @ 1..) = peer.read(&mut buffer) {
        if peer.write_all(&buffer[..n]).is_err() {
            break;
        }
    }
}

/// One connection: what is sent comes back, all the time. How many rounds, or 0 if it broke.
fn talk(target: SocketAddr) {
    let rounds = conversation(target).unwrap_or_else(|error| {
        eprintln!("the connection broke: {error}");
        0
    });
    println!("{rounds}");
}

fn conversation(target: SocketAddr) -> std::io::Result<u64> {
    let ended = ended();
    let mut stream = TcpStream::connect(target)?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let (mut rounds, mut buffer) = (0u64, [0; 1000]);
    while !ended() {
        let message = [rounds as u8; 1000];
        stream.write_all(&message)?;
        stream.read_exact(&mut buffer)?;
        assert_eq!(buffer, message);
        rounds += 1;
        thread::sleep(Duration::from_millis(2));
    }
    Ok(rounds)
}
