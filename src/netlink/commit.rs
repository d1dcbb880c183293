/*!
A transaction: one `sendmsg`, then all that the kernel has to say.

The kernel takes a batch only whole and in one datagram; sent in several, the parts would be batches of their
own. It has gone through everything when `sendmsg` returns, and whatever it refuses is waiting in the socket
by then: for each refused message an error with its sequence number. No acknowledgements are asked for,
because they would come for aborted batches as well and prove nothing; silence means success.
*/

use std::io;

use super::batch::Batch;
use super::error::{Error, Refused, Subject};
use super::pages::{Messages, u32_at};
use super::report::{Extent, Report};
use super::socket::Transport;
use crate::ruleset::Origin;
use crate::sorted::Sorted;

/// Longest answer: an error with the header of its message (`NETLINK_CAP_ACK`).
const ANSWER_MAX: usize = 4 * 1024;
/// Room for answers: the memory the kernel charges for an error is below this.
const ANSWER_COST: usize = 1024;
/// More errors than this are not needed to act on them.
const ERRORS_EXPECTED: usize = 4096;
const RECEIVE_MIN: usize = 256 * 1024;
/// The kernel wants a little room beside the datagram (`netlink_sendmsg`).
const SEND_EXTRA: usize = 4096;
const SEND_MIN: usize = 64 * 1024;

impl Batch {
    /// Sends the batch. On error the kernel has what it had before.
    pub fn commit(&self, transport: &mut impl Transport) -> Result<Report, Error> {
        let report = Report {
            messages: self.messages(),
            bytes: self.len(),
            extent: Extent::Everything,
            written: self.written(),
            generation: None,
        };
        if self.is_empty() {
            return Ok(report);
        }
        let needed = self.len() + SEND_EXTRA;
        let answers = (self.messages().min(ERRORS_EXPECTED) * ANSWER_COST).max(RECEIVE_MIN);
        match transport.reserve(needed.max(SEND_MIN), answers) {
            Ok(()) => {}
            Err(error) if error.raw_os_error() == Some(libc::EMSGSIZE) => {
                // Larger buffers are for the privileged. Is that what is missing, or only room?
                Batch::delete_tables([]).exchange(transport)?;
                return Err(Error::Buffer { needed });
            }
            Err(error) => return Err(Error::from_io("prepare the transaction", error)),
        }
        self.exchange(transport)?;
        Ok(report)
    }

    /// Sends, and reads what the kernel says.
    fn exchange(&self, transport: &mut impl Transport) -> Result<(), Error> {
        self.send(transport)?;
        match self.refusals(transport)? {
            refused if refused.is_empty() => Ok(()),
            refused => Err(Error::Refused(refused)),
        }
    }

    fn send(&self, transport: &mut impl Transport) -> Result<(), Error> {
        let slices = self.slices();
        loop {
            match transport.send(&slices) {
                Ok(()) => return Ok(()),
                // A signal came before the kernel took anything.
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    return Err(match error.raw_os_error() {
                        Some(libc::EMSGSIZE | libc::ENOBUFS) => {
                            Error::Buffer { needed: self.len() }
                        }
                        _ => Error::from_io("send the transaction", error),
                    });
                }
            }
        }
    }

    /// Reads until nothing is left.
    fn refusals(&self, transport: &mut impl Transport) -> Result<Vec<Refused>, Error> {
        let mut buffer = [0; ANSWER_MAX];
        let mut refused = Sorted::default();
        let mut of_all = None;
        let mut lost = false;
        loop {
            let length = match transport.receive(&mut buffer, false) {
                Ok(length) => length,
                Err(error) => match error.kind() {
                    io::ErrorKind::WouldBlock => break,
                    io::ErrorKind::Interrupted => continue,
                    // There was no room for an answer. Only errors are answered: it was refused.
                    _ if error.raw_os_error() == Some(libc::ENOBUFS) => {
                        lost = true;
                        continue;
                    }
                    _ => return Err(Error::from_io("read the kernel's answer", error)),
                },
            };
            let mut understood = false;
            for message in Messages(buffer.get(..length).unwrap_or_default()) {
                if message.kind != libc::NLMSG_ERROR as u16 {
                    continue;
                }
                understood = true;
                let errno =
                    u32_at(message.payload, 0).map_or(0, |code| (code as i32).wrapping_neg());
                if errno == 0 {
                    continue;
                }
                if self.about(message.seq).is_some() {
                    refused.insert(message.seq, errno);
                } else {
                    of_all.get_or_insert_with(|| whole(errno));
                }
            }
            // Nothing but errors is expected here; what is none must not pass for success.
            lost |= !understood;
        }
        if let Some(error) = of_all {
            return Err(error);
        }
        if lost && refused.is_empty() {
            return Err(Error::ReasonsLost);
        }
        self.without_consequences(&mut refused);
        let named = refused.into_iter().filter_map(|(seq, errno)| {
            self.about(seq).map(|(origin, subject)| Refused {
                origin,
                subject,
                errno,
            })
        });
        Ok(named.collect())
    }

    /// Takes out the refusals that say nothing about their own rule: some mistakes (a statement that its
    /// chain does not allow, a loop of jumps) are found by going through the whole table, which is done again
    /// for every rule that follows, and each of them is then refused with the same error. So where all rules
    /// from one on are refused, only the first with each error counts. If another one is bad as well,
    /// the next try finds it.
    fn without_consequences(&self, refused: &mut Sorted<u32, i32>) {
        let rules = self.rules_from_the_end();
        let Some(begin) = rules.take_while(|rule| refused.get(rule).is_some()).last() else {
            return;
        };
        let mut errors = Vec::new();
        refused.retain(|seq, errno| {
            if *seq < begin {
                return true;
            }
            let first = !errors.contains(errno);
            if first {
                errors.push(*errno);
            }
            first
        });
    }
}

/// An error about no message in particular.
fn whole(errno: i32) -> Error {
    match errno {
        libc::EPERM => Error::NoPrivilege,
        // No subsystem answers to nf_tables' number.
        libc::EOPNOTSUPP | libc::EINVAL => Error::NoNfTables,
        libc::ERESTART => Error::Raced,
        libc::ENOMEM | libc::ENOBUFS => Error::OutOfMemory,
        _ => Error::Refused(vec![Refused {
            origin: Origin::RENDER,
            subject: Subject::Transaction,
            errno,
        }]),
    }
}
