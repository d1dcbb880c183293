/*! What the kernel answers over netlink. */

use std::io::{self, IoSlice};

use ferrowall::netlink::{self, Prior, Transport, conntrack, flowtable};

use crate::in_time;

/// The number that questions to the kernel carry, and so its answers.
const SEQ: [u8; 4] = [0xff; 4];

/// `NLMSG_DONE` with no error.
const DONE: [u8; 20] = [
    20, 0, 0, 0, 3, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0,
];

/// A kernel that gives the same answer to every question.
struct Kernel {
    answer: Vec<u8>,
    /// How much of the answer is still to come.
    left: Option<usize>,
}

impl Kernel {
    /// Each message gets the number it must have to be looked at.
    fn new(bytes: &[u8]) -> Kernel {
        let mut answer = bytes.to_vec();
        let mut at = 0;
        while let Some(head) = answer
            .get_mut(at..)
            .and_then(|rest| rest.first_chunk_mut::<16>())
        {
            head[8..12].copy_from_slice(&SEQ);
            let length = u32::from_ne_bytes([head[0], head[1], head[2], head[3]]);
            at = at.saturating_add((length as usize).max(16).next_multiple_of(4));
        }
        Kernel { answer, left: None }
    }
}

impl Transport for Kernel {
    fn reserve(&mut self, _: usize, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn send(&mut self, _: &[IoSlice<'_>]) -> io::Result<()> {
        self.left = Some(self.answer.len());
        Ok(())
    }

    fn receive(&mut self, buffer: &mut [u8], _: bool) -> io::Result<usize> {
        let left = self.left.take().ok_or(io::ErrorKind::WouldBlock)?;
        let rest = &self.answer[self.answer.len() - left..];
        let (bytes, left) = match rest.len() {
            0 => (&DONE[..], None),
            length => {
                let taken = length.min(buffer.len());
                (&rest[..taken], Some(length - taken))
            }
        };
        self.left = left;
        buffer[..bytes.len()].copy_from_slice(bytes);
        Ok(bytes.len())
    }
}

/// Dumps of everything that is read from the kernel. The first byte says of what; whether they make sense is not asked.
pub fn netlink_dump(bytes: &[u8]) {
    let Some((which, bytes)) = bytes.split_first() else {
        return;
    };
    let mut kernel = Kernel::new(bytes);
    in_time(|| match which % 8 {
        0 => drop(netlink::tables(&mut kernel)),
        1 => drop(netlink::sets(&mut kernel)),
        2 => drop(netlink::rules(&mut kernel)),
        3 => drop(flowtable::existing(&mut kernel)),
        4 => drop(Prior::read_objects(&mut kernel)),
        5 => drop(conntrack::each(&mut kernel, |_| {})),
        6 => drop(conntrack::delete_in_hardware(&mut kernel)),
        _ => drop(conntrack::count_in_hardware(&mut kernel)),
    });
}
