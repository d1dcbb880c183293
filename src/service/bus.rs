/*! The daemon's connection to ubusd, made again whenever it breaks. */

use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use super::object;
use super::tell::LOADED;
use crate::stdio;
use crate::ubus::{Client, Error, Incoming, Request, Status, Table};

/// No request of ours takes long where ubusd works; a stuck one must not keep us.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long to wait before trying again: the first time, and at most.
const SOON: Duration = Duration::from_millis(100);
const LATER: Duration = Duration::from_secs(5);

/// netifd's object and its event: `network.interface` tells of ifup and ifdown as an event, and of these
/// and all other changes by notifying its subscribers (netifd's interface-event.c and ubus.c).
pub const NETIFD: &str = "network.interface";

/// What ubusd sends when an object appears (ubusd_event.c): perhaps it is netifd's.
pub const APPEARED: &str = "ubus.object.add";

#[derive(Debug)]
pub struct Bus {
    client: Option<Client>,
    /// Counts connections: who called over an earlier one waits no more.
    epoch: u32,
    retry: Instant,
    pause: Duration,
}

/// A call to be answered later, unless the connection breaks before.
#[derive(Debug)]
pub struct Call {
    request: Request,
    epoch: u32,
}

impl Bus {
    pub fn new(now: Instant) -> Bus {
        Bus {
            client: None,
            epoch: 0,
            retry: now,
            pause: SOON,
        }
    }

    /// Connects if need be and if it is time. True if it did.
    pub fn revive(&mut self, now: Instant) -> bool {
        if self.client.is_some() || now < self.retry {
            return false;
        }
        match connect() {
            Ok(client) => {
                self.client = Some(client);
                self.epoch += 1;
                self.pause = SOON;
                true
            }
            Err(error) => {
                self.lost(&error);
                false
            }
        }
    }

    /// When to try again, if there is no connection.
    pub fn due(&self) -> Option<Instant> {
        self.client.is_none().then_some(self.retry)
    }

    pub fn fd(&self) -> Option<BorrowedFd<'_>> {
        self.client.as_ref().map(AsFd::as_fd)
    }

    /// Is there more to send than ubusd takes now? Then nothing should be read that needs an answer.
    pub fn is_clogged(&self) -> bool {
        self.client.as_ref().is_some_and(Client::wants_write)
    }

    pub fn next(&mut self) -> Option<Incoming> {
        let received = self.client.as_mut()?.pump();
        self.heed(received).flatten()
    }

    /// The call for later, without the arguments it came with, which may be large.
    pub fn keep(&self, mut request: Request) -> Call {
        request.arguments = Table::new();
        Call {
            request,
            epoch: self.epoch,
        }
    }

    pub fn answer(&mut self, call: Call, answer: Result<Table, Status>) {
        if let Some(client) = self.client_of(&call) {
            let sent = client.answer(call.request, answer);
            self.heed(sent);
        }
    }

    pub fn notify(&mut self, method: &str, data: Table) {
        if let Some(client) = &mut self.client {
            let sent = client.notify(object::NAME, method, data);
            self.heed(sent);
        }
    }

    /// Asks netifd to tell of changes, if it is there.
    pub fn subscribe(&mut self) {
        if let Some(client) = &mut self.client {
            let subscribed = client.subscribe(NETIFD);
            self.heed(subscribed);
        }
    }

    fn client_of(&mut self, call: &Call) -> Option<&mut Client> {
        self.client.as_mut().filter(|_| call.epoch == self.epoch)
    }

    /// Takes note of a broken connection; other errors concern the one request only.
    fn heed<T>(&mut self, result: Result<T, Error>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                if error.is_fatal() {
                    self.lost(&error);
                }
                None
            }
        }
    }

    fn lost(&mut self, error: &Error) {
        // once, not at each attempt
        if self.pause == SOON {
            stdio::log(format!(
                "The firewall is not on ubus: {error}. Trying again."
            ));
        }
        self.client = None;
        self.retry = Instant::now() + self.pause;
        self.pause = (self.pause * 2).min(LATER);
    }
}

fn connect() -> Result<Client, Error> {
    let mut client = Client::connect_within(PATIENCE)?;
    client.add_object(object::object())?;
    for event in [NETIFD, APPEARED, LOADED] {
        client.listen(event)?;
    }
    match client.subscribe(NETIFD) {
        Err(Error::Status(_)) => Ok(client),
        result => result.map(|()| client),
    }
}
