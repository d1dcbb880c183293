/*!
The netlink socket to nf_tables, behind a trait so that tests can make it fail.
*/

use std::ffi::c_void;
use std::io::{self, IoSlice};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};

use crate::said;

/// What a transaction needs of a socket.
pub trait Transport {
    /// Makes room for one message of so many bytes to send, and for so many bytes of answers. `EMSGSIZE` if the
    /// message would not be taken.
    fn reserve(&mut self, send: usize, receive: usize) -> io::Result<()>;

    /// Sends all slices as one datagram; the kernel works on it before this returns. Either all of it is taken
    /// or none.
    fn send(&mut self, slices: &[IoSlice<'_>]) -> io::Result<()>;

    /// Receives one datagram and returns its length. [`io::ErrorKind::WouldBlock`] if there is none: the
    /// kernel answers before [`Transport::send`] returns, except to a dump, for which `wait` is set.
    fn receive(&mut self, buffer: &mut [u8], wait: bool) -> io::Result<usize>;
}

/// The real one.
pub struct Socket(mnl::Socket);

impl Socket {
    /// Opens and binds a socket of the calling thread's network namespace. Needs no privilege yet.
    pub fn open() -> io::Result<Self> {
        Self::on(mnl::Bus::Netfilter)
    }

    /// The same for rtnetlink.
    pub fn route() -> io::Result<Self> {
        Self::on(mnl::Bus::Route)
    }

    /// Hears what the kernel tells this multicast group (1 to 31).
    pub fn join(&self, group: u32) -> io::Result<()> {
        self.option(
            libc::SOL_NETLINK,
            libc::NETLINK_ADD_MEMBERSHIP,
            group as i32,
        )
    }

    fn on(bus: mnl::Bus) -> io::Result<Self> {
        let socket = Socket(mnl::Socket::new(bus)?);
        // No program that this one starts has anything to do with it.
        rustix::io::fcntl_setfd(&socket, rustix::io::FdFlags::CLOEXEC)?;
        // Errors then carry only the header of the message they refer to, not all of it.
        socket.option(libc::SOL_NETLINK, libc::NETLINK_CAP_ACK, 1)?;
        Ok(socket)
    }

    /// Which network namespace it is in, by a number that the running system gives to no other
    /// (`SO_NETNS_COOKIE`, socket(7); Linux 5.14). An inode number is given again.
    pub fn namespace(&self) -> io::Result<u64> {
        let mut cookie = 0u64;
        self.ask(libc::SO_NETNS_COOKIE, &mut cookie)?;
        Ok(cookie)
    }

    fn fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }

    fn option(&self, level: i32, option: i32, value: i32) -> io::Result<()> {
        let pointer = (&raw const value).cast::<c_void>();
        let length = size_of::<i32>() as libc::socklen_t;
        // SAFETY: the pointer is to a value of that length which outlives the call.
        let result = unsafe { libc::setsockopt(self.fd(), level, option, pointer, length) };
        if result == 0 {
            Ok(())
        } else {
            Err(io::Error::last_os_error())
        }
    }

    /// Sets a buffer beyond the system's limit where that is allowed, else as far as the limit goes; says
    /// whether that is enough.
    fn buffer(&self, forced: i32, limited: i32, bytes: usize) -> io::Result<bool> {
        let wanted = i32::try_from(bytes).unwrap_or(i32::MAX);
        if self.option(libc::SOL_SOCKET, forced, wanted).is_ok() {
            return Ok(true);
        }
        self.option(libc::SOL_SOCKET, limited, wanted)?;
        Ok(self.buffer_size(limited)? >= bytes)
    }

    fn buffer_size(&self, option: i32) -> io::Result<usize> {
        let mut value = 0i32;
        self.ask(option, &mut value)?;
        Ok(usize::try_from(value).unwrap_or_default())
    }

    /// `T` is the integer type that socket(7) names for the option.
    fn ask<T>(&self, option: i32, value: &mut T) -> io::Result<()> {
        let mut length = size_of::<T>() as libc::socklen_t;
        let pointer = (&raw mut *value).cast::<c_void>();
        // SAFETY: both pointers are valid for the call, the length is that of the value, and any bytes make an integer.
        let result =
            unsafe { libc::getsockopt(self.fd(), libc::SOL_SOCKET, option, pointer, &mut length) };
        if result == 0 {
            Ok(())
        } else {
            Err(io::Error::last_os_error())
        }
    }
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        // SAFETY: the socket is open as long as `self` is there.
        unsafe { BorrowedFd::borrow_raw(self.fd()) }
    }
}

impl Transport for Socket {
    fn reserve(&mut self, send: usize, receive: usize) -> io::Result<()> {
        // With a small receive buffer some reasons of a refusal may be lost, but not the refusal.
        self.buffer(libc::SO_RCVBUFFORCE, libc::SO_RCVBUF, receive)?;
        match self.buffer(libc::SO_SNDBUFFORCE, libc::SO_SNDBUF, send)? {
            true => Ok(()),
            false => Err(io::Error::from_raw_os_error(libc::EMSGSIZE)),
        }
    }

    fn send(&mut self, slices: &[IoSlice<'_>]) -> io::Result<()> {
        // SAFETY: an all-zero `msghdr` is a valid, empty one.
        let mut header: libc::msghdr = unsafe { std::mem::zeroed() };
        // `IoSlice` is guaranteed to have the layout of `iovec`; the kernel only reads.
        header.msg_iov = slices.as_ptr().cast_mut().cast();
        header.msg_iovlen = slices.len() as _;
        let length: usize = slices.iter().map(|slice| slice.len()).sum();
        // SAFETY: header, slices and what they point to are valid for the whole call.
        match unsafe { libc::sendmsg(self.fd(), &header, 0) } {
            -1 => Err(io::Error::last_os_error()),
            sent if sent as usize == length => Ok(()),
            _ => Err(said::other("the datagram was cut")),
        }
    }

    fn receive(&mut self, buffer: &mut [u8], wait: bool) -> io::Result<usize> {
        let flags = if wait { 0 } else { libc::MSG_DONTWAIT } | libc::MSG_TRUNC;
        let pointer = buffer.as_mut_ptr().cast::<c_void>();
        // SAFETY: the buffer is valid for its length for the whole call.
        match unsafe { libc::recv(self.fd(), pointer, buffer.len(), flags) } {
            -1 => Err(io::Error::last_os_error()),
            length if length as usize <= buffer.len() => Ok(length as usize),
            _ => Err(said::other("an answer was longer than expected")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::io::{FdFlags, fcntl_getfd};

    #[test]
    fn programs_that_are_started_do_not_get_the_socket() {
        // the one that qemu-user has as well; all are made in the same place
        let flags = fcntl_getfd(Socket::route().expect("a socket")).expect("its flags");
        assert!(flags.contains(FdFlags::CLOEXEC));
    }
}
