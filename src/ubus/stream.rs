/*!
The socket to ubusd: whole messages in and out, waiting at most as long as told.

The socket is non-blocking, so that a poll loop never hangs in it; a wait makes it blocking for one
call with a timeout (SO_RCVTIMEO, SO_SNDTIMEO), which needs no poll(2).
*/

use std::io::{self, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use super::{Error, HEADER, Message};

/// What is to be sent has a buffer of this size at most, when nothing is left in it.
const KEEP: usize = 64 << 10;

/// How long to wait for the other side.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wait {
    Never,
    Until(Instant),
}

#[derive(Debug)]
pub(super) struct Stream {
    /// Bytes on the wire of the message received last.
    pub last: usize,
    socket: UnixStream,
    input: Vec<u8>,
    output: Vec<u8>,
}

impl Stream {
    /// Connects; waits only if ubusd's queue of new connections is full.
    pub fn connect(path: &Path) -> io::Result<Stream> {
        let socket = UnixStream::connect(path)?;
        socket.set_nonblocking(true)?;
        Ok(Stream {
            last: 0,
            socket,
            input: Vec::new(),
            output: Vec::new(),
        })
    }

    /// Hangs up; every later call fails.
    pub fn close(&self) {
        // It fails only if the other side was faster.
        let _ = self.socket.shutdown(Shutdown::Both);
    }

    /// Sends as much as goes now; [`Stream::flush`] sends the rest.
    pub fn send(&mut self, message: &Message) -> Result<(), Error> {
        message.write(&mut self.output)?;
        self.flush(Wait::Never)
    }

    /// Sends what is left to send. With [`Wait::Never`] something may remain.
    pub fn flush(&mut self, wait: Wait) -> Result<(), Error> {
        while !self.output.is_empty() {
            let bytes = &*self.output;
            let written = match wait {
                Wait::Never => (&self.socket).write(bytes),
                Wait::Until(deadline) => {
                    let limit = remaining(deadline)?;
                    self.blocking(|mut socket| {
                        socket.set_write_timeout(Some(limit))?;
                        socket.write(bytes)
                    })
                }
            };
            match written {
                Ok(count) => drop(self.output.drain(..count)),
                Err(error) if would_block(&error) => match wait {
                    Wait::Never => return Ok(()),
                    Wait::Until(_) => {}
                },
                Err(error) => sort_out(error)?,
            }
        }
        self.output.shrink_to(KEEP);
        Ok(())
    }

    /// Is there more to send than the socket took?
    pub fn wants_write(&self) -> bool {
        !self.output.is_empty()
    }

    /// The next message; `None` if there is none yet and [`Wait::Never`] was said.
    pub fn receive(&mut self, wait: Wait) -> Result<Option<Message>, Error> {
        loop {
            while let Some(bytes) = self.take()? {
                if let Some(message) = Message::read(&bytes)? {
                    self.last = bytes.len();
                    return Ok(Some(message));
                }
            }
            if !self.fill(wait)? {
                return Ok(None);
            }
        }
    }

    /// The bytes of the next message if all are here.
    fn take(&mut self) -> Result<Option<Vec<u8>>, Error> {
        let Some(head) = self.input.first_chunk::<HEADER>() else {
            return Ok(None);
        };
        let len = Message::length(head)?;
        if self.input.len() < len {
            return Ok(None);
        }
        // What follows it, seldom much, moves; the room that the message took goes with it.
        let rest = self.input.split_off(len);
        Ok(Some(std::mem::replace(&mut self.input, rest)))
    }

    /// Reads once; false if nothing was there.
    fn fill(&mut self, wait: Wait) -> Result<bool, Error> {
        let mut chunk = [0; 16 << 10];
        let read = match wait {
            Wait::Never => (&self.socket).read(&mut chunk),
            Wait::Until(deadline) => {
                let limit = remaining(deadline)?;
                self.blocking(|mut socket| {
                    socket.set_read_timeout(Some(limit))?;
                    socket.read(&mut chunk)
                })
            }
        };
        match read {
            Ok(0) => Err(Error::Closed),
            Ok(count) => {
                self.input
                    .extend_from_slice(chunk.get(..count).unwrap_or_default());
                Ok(true)
            }
            Err(error) if would_block(&error) => Ok(matches!(wait, Wait::Until(_))),
            Err(error) => sort_out(error).map(|()| true),
        }
    }

    fn blocking<T>(&self, act: impl FnOnce(&UnixStream) -> io::Result<T>) -> io::Result<T> {
        self.socket.set_nonblocking(false)?;
        let result = act(&self.socket);
        self.socket.set_nonblocking(true)?;
        result
    }
}

impl AsFd for Stream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// Never zero, which would mean to wait for ever.
fn remaining(deadline: Instant) -> Result<Duration, Error> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() {
        Err(Error::Timeout)
    } else {
        Ok(left.max(Duration::from_millis(1)))
    }
}

fn would_block(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

/// An interrupted call is tried again, anything else ends the connection.
fn sort_out(error: io::Error) -> Result<(), Error> {
    match error.kind() {
        ErrorKind::Interrupted => Ok(()),
        ErrorKind::BrokenPipe | ErrorKind::ConnectionReset => Err(Error::Closed),
        _ => Err(Error::Io(error)),
    }
}
