/*! A question to the kernel, and its answers taken apart without trust. */

use std::ffi::{CStr, CString};
use std::io::{self, IoSlice};

use super::error::Error;
use super::kernel_abi::{MessageType, NFNL_SUBSYS_NFTABLES, NFPROTO_UNSPEC, NFTA_GEN_ID};
use super::pages::{self, Messages, Received, u32_at};
use super::socket::Transport;

/// The kernel's pages of a dump grow up to this (`max_recvmsg_len` in its net/netlink/af_netlink.c).
const PAGE_MAX: usize = 32 * 1024;
/// What it says of one thing is no longer than this (`NLMSG_GOODSIZE` in its include/linux/netlink.h).
const ONE_MAX: usize = 8 * 1024;

pub fn absent_is_empty(dumped: Result<(), Error>) -> Result<(), Error> {
    match dumped {
        Err(Error::Io { source, .. }) if source.raw_os_error() == Some(libc::ENOENT) => Ok(()),
        other => other,
    }
}

pub fn string(bytes: &[u8]) -> Option<CString> {
    CStr::from_bytes_until_nul(bytes).ok().map(CStr::to_owned)
}

pub fn be32(bytes: &[u8]) -> Option<u32> {
    bytes.first_chunk().map(|bytes| u32::from_be_bytes(*bytes))
}

pub fn be64(bytes: &[u8]) -> Option<u64> {
    bytes.first_chunk().map(|bytes| u64::from_be_bytes(*bytes))
}

/// A question to the kernel.
pub struct Request<'a> {
    kind: MessageType,
    family: u8,
    attributes: Vec<(u16, &'a CStr)>,
}

/// Of every request: a number that no message of a batch has, so that belated answers are passed over.
const SEQ: u32 = u32::MAX;

impl<'a> Request<'a> {
    pub fn new(kind: MessageType, family: u8) -> Self {
        Request {
            kind,
            family,
            attributes: Vec::new(),
        }
    }

    pub fn attribute(&mut self, kind: u16, value: &'a CStr) {
        self.attributes.push((kind, value));
    }

    /// Asks for everything of a kind.
    pub fn dump(
        &self,
        transport: &mut impl Transport,
        wanted: MessageType,
        each: &mut dyn FnMut(&Received<'_>),
    ) -> Result<(), Error> {
        let wanted = NFNL_SUBSYS_NFTABLES << 8 | wanted as u16;
        self.send(transport, libc::NLM_F_DUMP as u16)?;
        self.answers(transport, PAGE_MAX, &mut |message| {
            if message.kind == wanted {
                each(message);
            }
        })
    }

    /// Asks for one thing, which is answered and acknowledged.
    fn ask(
        &self,
        transport: &mut impl Transport,
        each: &mut dyn FnMut(&Received<'_>),
    ) -> Result<(), Error> {
        self.send(transport, libc::NLM_F_ACK as u16)?;
        self.answers(transport, ONE_MAX, each)
    }

    fn send(&self, transport: &mut impl Transport, flags: u16) -> Result<(), Error> {
        let kind = NFNL_SUBSYS_NFTABLES << 8 | self.kind as u16;
        let question = pages::question(kind, flags, self.family, SEQ, &self.attributes);
        loop {
            match transport.send(&[IoSlice::new(&question)]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => return other.map_err(|error| Error::from_io("ask the kernel", error)),
            }
        }
    }

    /// Reads up to the end of a dump, an acknowledgement or an error.
    fn answers(
        &self,
        transport: &mut impl Transport,
        longest: usize,
        each: &mut dyn FnMut(&Received<'_>),
    ) -> Result<(), Error> {
        let mut buffer = vec![0; longest];
        loop {
            let length = match transport.receive(&mut buffer, true) {
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(Error::from_io("read the kernel's ruleset", error)),
            };
            let messages = Messages(buffer.get(..length).unwrap_or_default());
            for message in messages.filter(|message| message.seq == SEQ) {
                match i32::from(message.kind) {
                    libc::NLMSG_ERROR | libc::NLMSG_DONE => {
                        let code = u32_at(message.payload, 0).map_or(0, |code| code as i32);
                        return self.end(code);
                    }
                    _ => each(&message),
                }
            }
        }
    }

    fn end(&self, code: i32) -> Result<(), Error> {
        match code.wrapping_neg() {
            errno if errno <= 0 => Ok(()),
            libc::EOPNOTSUPP => Err(Error::NoNfTables),
            errno => {
                let source = io::Error::from_raw_os_error(errno);
                Err(Error::from_io("read the kernel's ruleset", source))
            }
        }
    }
}

/// The number of the last transaction; `None` if the kernel does not say.
pub fn generation(transport: &mut impl Transport) -> Result<Option<u32>, Error> {
    let mut generation = None;
    let request = Request::new(MessageType::GetGen, NFPROTO_UNSPEC);
    request.ask(transport, &mut |message| {
        generation = message.attributes().first(NFTA_GEN_ID).and_then(be32);
    })?;
    Ok(generation)
}
