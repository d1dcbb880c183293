/*!
Connection tracking, read over ctnetlink: which connections there are and which of them are offloaded.

The messages are the kernel's (`linux/netfilter/nfnetlink_conntrack.h`); only what a view of flow
offloading needs is taken from them.
*/

use std::io::{self, IoSlice};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::error::Error;
use super::kernel_abi::NLA_F_NESTED;
use super::pages::{self, Attributes, Messages, Received, u32_at};
use super::socket::Transport;
use crate::said;

/// `NFNL_SUBSYS_CTNETLINK`, `IPCTNL_MSG_CT_NEW`, `IPCTNL_MSG_CT_GET`, `IPCTNL_MSG_CT_DELETE`
const SUBSYSTEM: u16 = 1;
const CT_NEW: u16 = 0;
const CT_GET: u16 = 1;
const CT_DELETE: u16 = 2;

/// `enum ctattr_type` and its nests.
const CTA_TUPLE_ORIG: u16 = 1;
const CTA_TUPLE_REPLY: u16 = 2;
const CTA_STATUS: u16 = 3;
const CTA_COUNTERS_ORIG: u16 = 9;
const CTA_COUNTERS_REPLY: u16 = 10;
const CTA_ID: u16 = 12;
const CTA_TUPLE_MASTER: u16 = 14;
const CTA_ZONE: u16 = 18;
const CTA_TUPLE_IP: u16 = 1;
const CTA_TUPLE_PROTO: u16 = 2;
const CTA_IP_V4_SRC: u16 = 1;
const CTA_IP_V4_DST: u16 = 2;
const CTA_IP_V6_SRC: u16 = 3;
const CTA_IP_V6_DST: u16 = 4;
const CTA_PROTO_NUM: u16 = 1;
const CTA_PROTO_SRC_PORT: u16 = 2;
const CTA_PROTO_DST_PORT: u16 = 3;
const CTA_COUNTERS_PACKETS: u16 = 1;
const CTA_COUNTERS_BYTES: u16 = 2;

/// `IPS_OFFLOAD` and `IPS_HW_OFFLOAD`, `linux/netfilter/nf_conntrack_common.h`
const IPS_OFFLOAD: u32 = 1 << 14;
const IPS_HW_OFFLOAD: u32 = 1 << 15;

/// On OpenWrt ctnetlink is a package of its own.
const MISSING: &str =
    "the kernel tells nothing of connection tracking (install kmod-nf-conntrack-netlink)";

/// A dump page grows up to this.
const PAGE_MAX: usize = 32 * 1024;

/// One direction of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tuple {
    /// Ports are 0 where the protocol has none.
    pub src: SocketAddr,
    pub dst: SocketAddr,
    /// IANA's protocol number.
    pub protocol: u8,
}

/// Who forwards the packets of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offloaded {
    No,
    /// The flowtable, in software.
    Software,
    /// The network hardware.
    Hardware,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connection {
    pub original: Tuple,
    pub reply: Tuple,
    pub offloaded: Offloaded,
    /// Both directions together; 0 if `net.netfilter.nf_conntrack_acct` is off.
    pub packets: u64,
    pub bytes: u64,
}

/// Goes through all connections of both families.
///
/// # Errors
/// No permission, or a kernel without connection tracking over netlink.
pub fn each(
    transport: &mut impl Transport,
    mut visit: impl FnMut(&Connection),
) -> Result<(), Error> {
    dump(transport, &mut |message| {
        if let Some(connection) = connection(message) {
            visit(&connection);
        }
    })
}

/// How many connections does the network hardware forward? `None` if the kernel has no ctnetlink to ask.
pub fn count_in_hardware(transport: &mut impl Transport) -> Result<Option<usize>, Error> {
    let mut count = 0;
    let counted = dump(transport, &mut |message| {
        count += usize::from(is_in_hardware(message))
    });
    match counted {
        Ok(()) => Ok(Some(count)),
        Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::Unsupported => Ok(None),
        Err(error) => Err(error),
    }
}

/// Forgets every connection that the network hardware forwards, with which its flow ends.
pub fn delete_in_hardware(transport: &mut impl Transport) -> Result<(), Error> {
    delete(transport, &mut is_in_hardware).map(drop)
}

/// How many connections are wanted; only those that were let in for themselves and not as part of another, and that are not in
/// a zone of connection tracking's own.
pub fn count(
    transport: &mut impl Transport,
    wanted: &mut dyn FnMut(&Connection) -> bool,
) -> Result<usize, Error> {
    let mut count = 0;
    dump(transport, &mut |message| {
        count += usize::from(on_its_own(message).is_some_and(|one| wanted(&one)));
    })?;
    Ok(count)
}

/// The same, and forgets them: their flows end, in software and in hardware, and their next packet meets the rules as
/// the first of a new connection. How many they were.
pub fn delete_wanted(
    transport: &mut impl Transport,
    wanted: &mut dyn FnMut(&Connection) -> bool,
) -> Result<usize, Error> {
    delete(transport, &mut |message| {
        on_its_own(message).is_some_and(|one| wanted(&one))
    })
}

fn on_its_own(message: &Received<'_>) -> Option<Connection> {
    let attributes = message.attributes();
    let zone = attributes.first(CTA_ZONE).unwrap_or_default();
    let plain = zone.iter().all(|byte| *byte == 0) && attributes.first(CTA_TUPLE_MASTER).is_none();
    connection(message).filter(|_| plain)
}

fn delete(
    transport: &mut impl Transport,
    wanted: &mut dyn FnMut(&Received<'_>) -> bool,
) -> Result<usize, Error> {
    let mut deletions = Vec::new();
    dump(transport, &mut |message| {
        if wanted(message) {
            deletions.push(deletion(message));
        }
    })?;
    for one in &deletions {
        transport
            .send(&[IoSlice::new(one)])
            .map_err(|source| Error::from_io("delete a connection", source))?;
        answer_to_deletion(transport)?;
    }
    Ok(deletions.len())
}

fn is_in_hardware(message: &Received<'_>) -> bool {
    let status = message.attributes().first(CTA_STATUS);
    let bits = status.and_then(|status| status.first_chunk());
    bits.is_some_and(|bits| u32::from_be_bytes(*bits) & IPS_HW_OFFLOAD != 0)
}

/// The message that deletes the connection that this one is about: its first direction names it, its number
/// says that it is still the same.
fn deletion(message: &Received<'_>) -> Vec<u8> {
    let mut bytes = question(CT_DELETE, libc::NLM_F_ACK as u16, message.family());
    for (kind, data) in message.attributes() {
        let kind = match kind {
            CTA_TUPLE_ORIG => kind | NLA_F_NESTED,
            CTA_ID | CTA_ZONE => kind,
            _ => continue,
        };
        pages::append(&mut bytes, kind, data);
    }
    bytes
}

/// Whether it was deleted or had ended by itself is the same to us.
fn answer_to_deletion(transport: &mut impl Transport) -> Result<(), Error> {
    let mut page = [0; 1024];
    loop {
        let length = match transport.receive(&mut page, true) {
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(source) => return Err(Error::from_io("delete a connection", source)),
        };
        for message in Messages(page.get(..length).unwrap_or_default()) {
            if i32::from(message.kind) != libc::NLMSG_ERROR {
                continue;
            }
            return match u32_at(message.payload, 0).map_or(0, |code| (code as i32).wrapping_neg()) {
                0 | libc::ENOENT => Ok(()),
                errno => Err(Error::from_io(
                    "delete a connection",
                    io::Error::from_raw_os_error(errno),
                )),
            };
        }
    }
}

/// Goes through the messages of all connections.
fn dump(transport: &mut impl Transport, visit: &mut dyn FnMut(&Received<'_>)) -> Result<(), Error> {
    let request = question(CT_GET, libc::NLM_F_DUMP as u16, 0);
    transport
        .send(&[IoSlice::new(&request)])
        .map_err(|source| Error::from_io("ask for connections", source))?;
    let mut page = vec![0; PAGE_MAX];
    loop {
        let length = match transport.receive(&mut page, true) {
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(source) => return Err(Error::from_io("read connections", source)),
        };
        for message in Messages(page.get(..length).unwrap_or_default()) {
            match i32::from(message.kind) {
                libc::NLMSG_DONE => return Ok(()),
                libc::NLMSG_ERROR => return end(&message),
                _ if message.kind == SUBSYSTEM << 8 | CT_NEW => visit(&message),
                _ => {}
            }
        }
    }
}

fn question(kind: u16, flags: u16, family: u8) -> Vec<u8> {
    pages::question(SUBSYSTEM << 8 | kind, flags, family, 1, &[])
}

fn end(message: &Received<'_>) -> Result<(), Error> {
    match u32_at(message.payload, 0).map_or(0, |code| (code as i32).wrapping_neg()) {
        errno if errno <= 0 => Ok(()),
        // nfnetlink says EINVAL for a subsystem that it does not have.
        libc::EINVAL | libc::EOPNOTSUPP | libc::ENOENT => {
            let missing = said::error(io::ErrorKind::Unsupported, MISSING);
            Err(Error::from_io("read connections", missing))
        }
        errno => Err(Error::from_io(
            "read connections",
            io::Error::from_raw_os_error(errno),
        )),
    }
}

fn connection(message: &Received<'_>) -> Option<Connection> {
    let (mut original, mut reply, mut status, mut packets, mut bytes) = (None, None, 0, 0, 0);
    for (kind, data) in message.attributes() {
        match kind {
            CTA_TUPLE_ORIG => original = tuple(data),
            CTA_TUPLE_REPLY => reply = tuple(data),
            CTA_STATUS => status = u32::from_be_bytes(*data.first_chunk()?),
            CTA_COUNTERS_ORIG | CTA_COUNTERS_REPLY => {
                packets = u64::wrapping_add(packets, counter(data, CTA_COUNTERS_PACKETS));
                bytes = u64::wrapping_add(bytes, counter(data, CTA_COUNTERS_BYTES));
            }
            _ => {}
        }
    }
    let offloaded = match status {
        s if s & IPS_HW_OFFLOAD != 0 => Offloaded::Hardware,
        s if s & IPS_OFFLOAD != 0 => Offloaded::Software,
        _ => Offloaded::No,
    };
    Some(Connection {
        original: original?,
        reply: reply?,
        offloaded,
        packets,
        bytes,
    })
}

fn tuple(data: &[u8]) -> Option<Tuple> {
    let (mut src, mut dst) = (None, None);
    let (mut protocol, mut src_port, mut dst_port) = (0, 0, 0);
    for (kind, data) in Attributes(data) {
        for (field, data) in Attributes(data) {
            match (kind, field) {
                (CTA_TUPLE_IP, CTA_IP_V4_SRC | CTA_IP_V6_SRC) => src = address(data),
                (CTA_TUPLE_IP, CTA_IP_V4_DST | CTA_IP_V6_DST) => dst = address(data),
                (CTA_TUPLE_PROTO, CTA_PROTO_NUM) => protocol = *data.first()?,
                (CTA_TUPLE_PROTO, CTA_PROTO_SRC_PORT) => {
                    src_port = u16::from_be_bytes(*data.first_chunk()?)
                }
                (CTA_TUPLE_PROTO, CTA_PROTO_DST_PORT) => {
                    dst_port = u16::from_be_bytes(*data.first_chunk()?)
                }
                _ => {}
            }
        }
    }
    Some(Tuple {
        src: SocketAddr::new(src?, src_port),
        dst: SocketAddr::new(dst?, dst_port),
        protocol,
    })
}

fn address(data: &[u8]) -> Option<IpAddr> {
    match data.len() {
        4 => Some(Ipv4Addr::from(*data.first_chunk::<4>()?).into()),
        16 => Some(Ipv6Addr::from(*data.first_chunk::<16>()?).into()),
        _ => None,
    }
}

fn counter(data: &[u8], wanted: u16) -> u64 {
    Attributes(data)
        .first(wanted)
        .and_then(|data| data.first_chunk())
        .map_or(0, |data| u64::from_be_bytes(*data))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(kind: u16, data: &[u8]) -> Vec<u8> {
        let mut out = ((data.len() + 4) as u16).to_ne_bytes().to_vec();
        out.extend(kind.to_ne_bytes());
        out.extend(data);
        out.resize(out.len().next_multiple_of(4), 0);
        out
    }

    fn side(src: [u8; 4], dst: [u8; 4]) -> Vec<u8> {
        let ip = [
            attribute(CTA_IP_V4_SRC, &src),
            attribute(CTA_IP_V4_DST, &dst),
        ]
        .concat();
        let proto = [
            attribute(CTA_PROTO_NUM, &[6]),
            attribute(CTA_PROTO_SRC_PORT, &4000u16.to_be_bytes()),
            attribute(CTA_PROTO_DST_PORT, &443u16.to_be_bytes()),
        ]
        .concat();
        [
            attribute(CTA_TUPLE_IP, &ip),
            attribute(CTA_TUPLE_PROTO, &proto),
        ]
        .concat()
    }

    fn message(status: u32) -> Vec<u8> {
        let counters = attribute(CTA_COUNTERS_BYTES, &1500u64.to_be_bytes());
        let mut out = vec![2, 0, 0, 0];
        out.extend(attribute(
            CTA_TUPLE_ORIG,
            &side([192, 168, 1, 2], [203, 0, 113, 9]),
        ));
        out.extend(attribute(
            CTA_TUPLE_REPLY,
            &side([203, 0, 113, 9], [198, 51, 100, 7]),
        ));
        out.extend(attribute(CTA_STATUS, &status.to_be_bytes()));
        out.extend(attribute(CTA_COUNTERS_ORIG, &counters));
        out.extend(attribute(CTA_COUNTERS_REPLY, &counters));
        out
    }

    #[test]
    fn a_connection_says_who_forwards_it() {
        for (status, want) in [
            (0x188, Offloaded::No),
            (0x188 | IPS_OFFLOAD, Offloaded::Software),
            (0x188 | IPS_OFFLOAD | IPS_HW_OFFLOAD, Offloaded::Hardware),
        ] {
            let payload = message(status);
            let seen = connection(&Received {
                kind: SUBSYSTEM << 8,
                seq: 1,
                payload: &payload,
            })
            .expect("whole");
            assert_eq!(seen.offloaded, want);
            assert_eq!(seen.bytes, 3000);
            assert_eq!(seen.original.src.to_string(), "192.168.1.2:4000");
            assert_eq!(seen.reply.dst.to_string(), "198.51.100.7:443");
        }
    }

    #[test]
    fn a_cut_message_is_passed_over() {
        let payload = message(0);
        for length in 0..payload.len() {
            let cut = Received {
                kind: SUBSYSTEM << 8,
                seq: 1,
                payload: &payload[..length],
            };
            // what matters is that it ends; a tuple that is there whole may be taken
            let _ = connection(&cut);
        }
        assert!(
            connection(&Received {
                kind: 0,
                seq: 1,
                payload: &payload[..20]
            })
            .is_none()
        );
    }

    /// A kernel that answers every question with this errno.
    struct Refuses(i32);

    impl Transport for Refuses {
        fn reserve(&mut self, _: usize, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn send(&mut self, _: &[IoSlice<'_>]) -> io::Result<()> {
            Ok(())
        }
        fn receive(&mut self, buffer: &mut [u8], _: bool) -> io::Result<usize> {
            let mut answer = 36u32.to_ne_bytes().to_vec();
            answer.extend((libc::NLMSG_ERROR as u16).to_ne_bytes());
            answer.resize(16, 0);
            answer.extend((-self.0).to_ne_bytes());
            answer.resize(36, 0);
            buffer[..36].copy_from_slice(&answer);
            Ok(36)
        }
    }

    #[test]
    fn without_ctnetlink_nobody_can_tell_and_the_view_names_the_package() {
        for errno in [libc::EINVAL, libc::EOPNOTSUPP, libc::ENOENT] {
            assert_eq!(count_in_hardware(&mut Refuses(errno)).expect("told"), None);
            let error = each(&mut Refuses(errno), |_| {}).expect_err("refused");
            assert!(error.to_string().contains("kmod-nf-conntrack-netlink"));
        }
        assert!(count_in_hardware(&mut Refuses(libc::EPERM)).is_err());
        assert!(count_in_hardware(&mut Refuses(libc::ENOBUFS)).is_err());
    }
}
