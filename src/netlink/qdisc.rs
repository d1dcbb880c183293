/*! Queueing disciplines, read over rtnetlink: `tc qdisc show`. */

use std::io::IoSlice;

use super::error::Error;
use super::pages::{Attributes, Messages, Received, u32_at};
use super::socket::Transport;

/// `linux/rtnetlink.h`: `RTM_NEWQDISC`, `RTM_GETQDISC`; `struct tcmsg`, whose second word is the device's number.
const NEW_QDISC: u16 = 36;
const GET_QDISC: u16 = 38;
const HEADER: usize = 20;
const TCA_KIND: u16 = 1;
const PAGE: usize = 32 * 1024;

/// Calls with the number of its device and the kind of each of them, in the network namespace of a socket from
/// [`super::Socket::route`].
///
/// # Errors
/// The kernel does not answer.
pub fn each(
    transport: &mut impl Transport,
    mut visit: impl FnMut(u32, &[u8]),
) -> Result<(), Error> {
    let failed = |source| Error::from_io("ask for queues", source);
    let mut request = [0; 16 + HEADER];
    let length = (request.len() as u32).to_ne_bytes();
    let flags = (libc::NLM_F_REQUEST | libc::NLM_F_DUMP) as u16;
    let fields: [&[u8]; 3] = [&length, &GET_QDISC.to_ne_bytes(), &flags.to_ne_bytes()];
    for (to, from) in request.iter_mut().zip(fields.concat()) {
        *to = from;
    }
    transport.send(&[IoSlice::new(&request)]).map_err(failed)?;
    let mut page = vec![0; PAGE];
    loop {
        let length = transport.receive(&mut page, true).map_err(failed)?;
        for message in Messages(page.get(..length).unwrap_or_default()) {
            match i32::from(message.kind) {
                libc::NLMSG_DONE | libc::NLMSG_ERROR => return Ok(()),
                _ if message.kind == NEW_QDISC => {
                    if let Some((device, kind)) = queue(&message) {
                        visit(device, kind);
                    }
                }
                _ => {}
            }
        }
    }
}

fn queue<'a>(message: &Received<'a>) -> Option<(u32, &'a [u8])> {
    let device = u32_at(message.payload, 4)?;
    let attributes = Attributes(message.payload.get(HEADER..)?);
    let kind = attributes.first(TCA_KIND)?;
    Some((device, kind.strip_suffix(b"\0").unwrap_or(kind)))
}
