/*!
Traffic whose content can be checked: every byte that is sent comes back and is compared.

```text
traffic serve PORT                          answers TCP and UDP, IPv4 and IPv6, with what it got
traffic tcp ADDRESS PORT BYTES              one connection, BYTES there and back
traffic udp ADDRESS PORT COUNT              COUNT datagrams from one socket, each answered before the next
traffic keep tcp|udp ADDRESS PORT FILE      a message every 20 ms until killed; FILE holds how many came back
traffic many ADDRESS PORT FLOWS             that many UDP sockets, four datagrams from each
traffic latency ADDRESS PORT COUNT          as udp, one every 20 ms; prints the median of their round trips in microseconds
```

Exit status 0 if everything came back unharmed. `keep tcp` ends with status 1 when the connection
breaks; `keep udp` goes on whatever happens, as a phone call would.
*/

use std::error::Error;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::thread;
use std::time::{Duration, Instant};

type Outcome = Result<(), Box<dyn Error>>;

const MESSAGE: usize = 1000;
const PACE: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_secs(2);

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["serve", port] => serve(port.parse()?),
        ["tcp", address, port, bytes] => tcp(target(address, port)?, bytes.parse()?),
        ["udp", address, port, count] => udp(target(address, port)?, count.parse()?),
        ["keep", "tcp", address, port, file] => keep_tcp(target(address, port)?, file),
        ["keep", "udp", address, port, file] => keep_udp(target(address, port)?, file),
        ["latency", address, port, count] => latency(target(address, port)?, count.parse()?),
        ["many", address, port, flows] => many(target(address, port)?, flows.parse()?),
        _ => Err("usage: traffic serve|tcp|udp|keep|latency|many ...; see traffic.rs".into()),
    }
}

fn target(address: &str, port: &str) -> Result<SocketAddr, Box<dyn Error>> {
    Ok(SocketAddr::new(address.parse::<IpAddr>()?, port.parse()?))
}

/// Bytes that differ at every place and in every message, so that nothing lost or swapped goes unseen.
fn content(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..length)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()[3]
        })
        .collect()
}

fn serve(port: u16) -> Outcome {
    let everywhere = SocketAddr::new("::".parse()?, port);
    let datagrams = UdpSocket::bind(everywhere)?;
    let connections = TcpListener::bind(everywhere)?;
    thread::spawn(move || -> std::io::Result<()> {
        let mut buffer = [0; 65536];
        loop {
            let (length, from) = datagrams.recv_from(&mut buffer)?;
            // The way back may be closed for a while: that one is lost, as datagrams are.
            let _ = datagrams.send_to(&buffer[..length], from);
        }
    });
    for connection in connections.incoming() {
        let mut reader = connection?;
        thread::spawn(move || -> std::io::Result<()> {
            let mut writer = reader.try_clone()?;
            std::io::copy(&mut reader, &mut writer)?;
            Ok(())
        });
    }
    Ok(())
}

fn tcp(target: SocketAddr, bytes: usize) -> Outcome {
    let mut reader = TcpStream::connect_timeout(&target, PATIENCE)?;
    reader.set_read_timeout(Some(PATIENCE))?;
    let mut writer = reader.try_clone()?;
    let sent = content(u64::from(target.port()), bytes);
    let expected = sent.clone();
    let sending = thread::spawn(move || writer.write_all(&sent));
    // The connection is closed only when all is back: a FIN takes a flow out of the fast path.
    let mut received = vec![0; bytes];
    reader.read_exact(&mut received)?;
    sending
        .join()
        .map_err(|_| "the sending thread panicked")??;
    if received != expected {
        return Err(format!("{bytes} bytes came back changed").into());
    }
    Ok(())
}

fn udp(target: SocketAddr, count: u64) -> Outcome {
    let socket = socket_to(target, 0)?;
    for number in 0..count {
        exchange(&socket, number)?;
    }
    Ok(())
}

fn latency(target: SocketAddr, count: u64) -> Outcome {
    let socket = socket_to(target, 0)?;
    socket.set_read_timeout(Some(PATIENCE / 4))?;
    let mut trips = Vec::new();
    for number in 0..count {
        let sent = Instant::now();
        // A lost one took as long as patience lasts.
        let _ = exchange(&socket, number);
        trips.push(sent.elapsed().as_micros());
        thread::sleep(PACE);
    }
    trips.sort_unstable();
    println!("{}", trips.get(trips.len() / 2).ok_or("no message")?);
    Ok(())
}

fn many(target: SocketAddr, flows: u16) -> Outcome {
    for flow in 0..flows {
        // Ports of its own, so that no two flows are one.
        let socket = socket_to(target, 20_000 + flow)?;
        for number in 0..4 {
            exchange(&socket, number)?;
        }
    }
    Ok(())
}

/// From this port, or from any if it is 0.
fn socket_to(target: SocketAddr, port: u16) -> std::io::Result<UdpSocket> {
    let any: IpAddr = match target {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, port))?;
    socket.connect(target)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    Ok(socket)
}

/// Sends message `number` and waits for its answer. Answers to earlier messages, given up on since, are
/// passed over; a changed one is an error.
fn exchange(socket: &UdpSocket, number: u64) -> Outcome {
    let sent = message(number);
    let mut answer = [0; 2 * MESSAGE];
    socket.send(&sent)?;
    loop {
        let length = socket.recv(&mut answer)?;
        let answer = &answer[..length];
        if answer == sent {
            return Ok(());
        }
        let late = answer
            .first_chunk()
            .map(|start| u64::from_be_bytes(*start))
            .filter(|&earlier| earlier < number && answer == message(earlier));
        if late.is_none() {
            return Err(format!("datagram {number} came back changed").into());
        }
    }
}

/// Begins with its number.
fn message(number: u64) -> Vec<u8> {
    let mut message = content(number, MESSAGE);
    message[..8].copy_from_slice(&number.to_be_bytes());
    message
}

fn keep_tcp(target: SocketAddr, file: &str) -> Outcome {
    let mut connection = TcpStream::connect_timeout(&target, PATIENCE)?;
    connection.set_nodelay(true)?;
    for number in 0.. {
        let sent = content(number, MESSAGE);
        let mut answer = [0; MESSAGE];
        connection.write_all(&sent)?;
        // No timeout: a connection that stalls stays, and TCP decides when it is dead.
        connection.read_exact(&mut answer)?;
        if answer[..] != sent[..] {
            return Err(format!("message {number} came back changed").into());
        }
        std::fs::write(file, format!("{}\n", number + 1))?;
        thread::sleep(PACE);
    }
    Ok(())
}

fn keep_udp(target: SocketAddr, file: &str) -> Outcome {
    let socket = socket_to(target, 0)?;
    socket.set_read_timeout(Some(PACE))?;
    let mut answered = 0u64;
    for number in 0.. {
        if exchange(&socket, number).is_ok() {
            answered += 1;
            std::fs::write(file, format!("{answered}\n"))?;
        }
        thread::sleep(PACE);
    }
    Ok(())
}
