/*!
A connection to ubusd and what one asks over it.
*/

use std::collections::VecDeque;
use std::env;
use std::io::ErrorKind;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::incoming::{Incoming, Watches};
use super::message::{EVENTS, invocation};
use super::stream::{Stream, Wait};
use super::{Attributes, Error, Kind, MAX_MESSAGE, Message, Status, Table};

/// Where ubusd listens, OpenWrt 21.02 and later first, then what was before.
const SOCKETS: [&str; 2] = ["/var/run/ubus/ubus.sock", "/var/run/ubus.sock"];

/// As long as ucode's ubus module waits, and so fw4.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Messages for our objects that came while an answer was awaited; more are dropped, and their senders
/// time out. Together they may take no more bytes on the wire than one message may.
const MAX_QUEUE: usize = 256;

/// One client of ubusd. Dropping it closes the connection and withdraws its objects.
#[derive(Debug)]
pub struct Client {
    pub(super) stream: Stream,
    /// `None` for the usual places.
    path: Option<PathBuf>,
    id: u32,
    seq: u16,
    timeout: Duration,
    /// Messages not yet looked at.
    pub(super) queue: VecDeque<Message>,
    /// Their bytes on the wire, since the queue was last empty.
    pub(super) queued: usize,
    /// Ready to be handed out.
    pub(super) ready: VecDeque<Incoming>,
    pub(super) watches: Watches,
}

/// A method call, for [`Client::call_all`].
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    pub object: String,
    pub method: String,
    pub arguments: Table,
}

impl Call {
    pub fn new(object: &str, method: &str, arguments: Table) -> Call {
        Call {
            object: object.to_owned(),
            method: method.to_owned(),
            arguments,
        }
    }
}

/// An object on the bus, as `ubus -v list` shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct ObjectInfo {
    pub path: String,
    pub id: u32,
    pub signature: Table,
}

/// What came back for one request so far.
#[derive(Debug, Default)]
struct Reply {
    data: Vec<Attributes>,
    status: Option<Status>,
}

impl Reply {
    fn complete(self) -> Result<Vec<Attributes>, Error> {
        match self.status {
            None => Err(Error::Timeout),
            Some(Status::Ok) if self.data.iter().any(|data| data.malformed) => {
                Err(Error::Malformed("an answer's content"))
            }
            Some(Status::Ok) => Ok(self.data),
            Some(status) => Err(Error::Status(status)),
        }
    }
}

impl Client {
    /// Connects to `$UBUS_SOCKET`, else to where ubusd usually listens.
    pub fn connect() -> Result<Client, Error> {
        Client::connect_within(TIMEOUT)
    }

    /// As [`Client::connect`], with a time limit of one's own for the greeting and each request.
    pub fn connect_within(timeout: Duration) -> Result<Client, Error> {
        let path = env::var_os("UBUS_SOCKET").filter(|path| !path.is_empty());
        Client::open(path.map(PathBuf::from), timeout)
    }

    /// Connects to the ubusd that listens at `path`.
    pub fn connect_to(path: &Path) -> Result<Client, Error> {
        Client::open(Some(path.to_path_buf()), TIMEOUT)
    }

    fn open(path: Option<PathBuf>, timeout: Duration) -> Result<Client, Error> {
        let mut client = Client {
            stream: dial(path.as_deref())?,
            path,
            id: 0,
            seq: 0,
            timeout,
            queue: VecDeque::new(),
            queued: 0,
            ready: VecDeque::new(),
            watches: Watches::default(),
        };
        match client.stream.receive(Wait::Until(client.deadline()))? {
            Some(Message {
                kind: Kind::Hello,
                peer,
                ..
            }) => client.id = peer,
            _ => return Err(Error::Malformed("no greeting")),
        }
        Ok(client)
    }

    /// Connects anew after ubusd was restarted; objects are published, events listened to and
    /// subscriptions made again. A subscription whose object is not there is reported as
    /// [`Incoming::Unsubscribed`]. On error all stays as it was, and may be tried again.
    pub fn reconnect(&mut self) -> Result<(), Error> {
        // Should ubusd be alive, our objects' names are free only without the old connection.
        self.stream.close();
        let mut fresh = Client::open(self.path.clone(), self.timeout)?;
        fresh.watch_again(&self.watches)?;
        *self = fresh;
        Ok(())
    }

    /// How long each request may take, all of its waits together; 30 seconds unless told.
    pub fn set_timeout(&mut self, timeout: Duration) {
        self.timeout = timeout;
    }

    /// Our own number on the bus.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Is there more to send than the socket took? Then poll for writing too, and call
    /// [`Client::pump`].
    pub fn wants_write(&self) -> bool {
        self.stream.wants_write()
    }

    /// The number of the object with this path.
    pub fn lookup(&mut self, path: &str) -> Result<u32, Error> {
        let found = self.request(Kind::Lookup, 0, by_path(path))?;
        found
            .iter()
            .find_map(|data| data.object)
            .ok_or(Error::Status(Status::NotFound))
    }

    /// Objects whose path is `pattern`, or begins so if it ends in `*`; in order of their paths.
    pub fn list(&mut self, pattern: &str) -> Result<Vec<ObjectInfo>, Error> {
        let found = self.request(Kind::Lookup, 0, by_path(pattern))?;
        let info = |data: Attributes| {
            Some(ObjectInfo {
                path: data.path?,
                id: data.object?,
                signature: data.signature.unwrap_or_default(),
            })
        };
        Ok(found.into_iter().filter_map(info).collect())
    }

    /// Calls a method; an answer without data is an empty table.
    pub fn call(&mut self, object: &str, method: &str, arguments: Table) -> Result<Table, Error> {
        let id = self.lookup(object)?;
        self.invoke(id, method, arguments)
    }

    /// Calls a method of an object found by [`Client::lookup`].
    pub fn invoke(&mut self, object: u32, method: &str, arguments: Table) -> Result<Table, Error> {
        Ok(first_data(self.request(
            Kind::Invoke,
            object,
            invocation(object, method, arguments),
        )?))
    }

    /// Makes several calls at once and waits for all; one's failure is no other's. Fails as a whole only
    /// if the connection does.
    pub fn call_all(&mut self, calls: Vec<Call>) -> Result<Vec<Result<Table, Error>>, Error> {
        let deadline = self.deadline();
        let mut lookups = Vec::new();
        for call in &calls {
            lookups.push(self.start(Kind::Lookup, 0, by_path(&call.object))?);
        }
        let lookups = self.collect(&lookups, deadline)?;
        let mut ids = Vec::new();
        let mut started = Vec::new();
        for (call, found) in calls.into_iter().zip(lookups) {
            let id = found.complete().and_then(|found| {
                found
                    .iter()
                    .find_map(|data| data.object)
                    .ok_or(Error::Status(Status::NotFound))
            });
            let sent = match id {
                Ok(id) => self.start(
                    Kind::Invoke,
                    id,
                    invocation(id, &call.method, call.arguments),
                ),
                Err(error) => Err(error),
            };
            match sent {
                Err(error) if error.is_fatal() => return Err(error),
                Ok(seq) => {
                    started.push(seq);
                    ids.push(Ok(()));
                }
                Err(error) => ids.push(Err(error)),
            }
        }
        let mut replies = self.collect(&started, deadline)?.into_iter();
        let answer = |sent: Result<(), Error>| {
            sent.and_then(|()| replies.next().unwrap_or_default().complete())
                .map(first_data)
        };
        Ok(ids.into_iter().map(answer).collect())
    }

    /// Tells all who listen, as `ubus send` does.
    pub fn send_event(&mut self, name: &str, data: Table) -> Result<(), Error> {
        let event = Table::new().with("id", name).with("data", data);
        self.invoke(EVENTS, "send", event).map(drop)
    }

    /// One request from beginning to end.
    pub(super) fn request(
        &mut self,
        kind: Kind,
        peer: u32,
        attributes: Attributes,
    ) -> Result<Vec<Attributes>, Error> {
        let deadline = self.deadline();
        let seq = self.start(kind, peer, attributes)?;
        let mut replies = self.collect(&[seq], deadline)?;
        replies.pop().unwrap_or_default().complete()
    }

    /// Sends a request without waiting; the answer will carry the number returned.
    pub(super) fn start(
        &mut self,
        kind: Kind,
        peer: u32,
        attributes: Attributes,
    ) -> Result<u16, Error> {
        self.seq = self.seq.wrapping_add(1);
        self.stream.send(&Message {
            kind,
            seq: self.seq,
            peer,
            attributes,
        })?;
        Ok(self.seq)
    }

    /// Waits until all these requests are answered; who is not when time is up has no status.
    fn collect(&mut self, wanted: &[u16], deadline: Instant) -> Result<Vec<Reply>, Error> {
        let mut replies: Vec<Reply> = wanted.iter().map(|_| Reply::default()).collect();
        while replies.iter().any(|reply| reply.status.is_none()) {
            let wait = Wait::Until(deadline);
            let message = match self
                .stream
                .flush(wait)
                .and_then(|()| self.stream.receive(wait))
            {
                Ok(Some(message)) => message,
                Ok(None) => continue,
                Err(Error::Timeout) => break,
                Err(error) => return Err(error),
            };
            let asked = wanted.iter().position(|seq| *seq == message.seq);
            match (message.kind, asked.and_then(|i| replies.get_mut(i))) {
                (Kind::Data, Some(reply)) => reply.data.push(message.attributes),
                (Kind::Status, Some(reply)) => {
                    let code = message.attributes.status.map(Status::from_code);
                    reply.status = Some(code.unwrap_or(Status::InvalidArgument));
                }
                (Kind::Invoke | Kind::Notify | Kind::Unsubscribe, _)
                    if self.queue.len() < MAX_QUEUE
                        && self.queued + self.stream.last <= MAX_MESSAGE =>
                {
                    self.queued += self.stream.last;
                    self.queue.push_back(message);
                }
                // An answer that came too late for its request, or one message too many.
                _ => {}
            }
        }
        Ok(replies)
    }

    fn deadline(&self) -> Instant {
        Instant::now() + self.timeout
    }
}

impl AsFd for Client {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}

fn dial(path: Option<&Path>) -> Result<Stream, Error> {
    let Some(path) = path else {
        let [usual, before] = SOCKETS.map(Path::new);
        return match dial(Some(usual)) {
            // Say where it should be, not where it once was.
            Err(missing) if is_missing(&missing) => dial(Some(before)).map_err(|_| missing),
            result => result,
        };
    };
    Stream::connect(path).map_err(|source| Error::Connect {
        path: path.to_path_buf(),
        source,
    })
}

fn is_missing(error: &Error) -> bool {
    matches!(error, Error::Connect { source, .. } if source.kind() == ErrorKind::NotFound)
}

fn by_path(path: &str) -> Attributes {
    Attributes {
        path: Some(path.to_owned()),
        ..Attributes::default()
    }
}

fn first_data(answers: Vec<Attributes>) -> Table {
    answers
        .into_iter()
        .find_map(|answer| answer.data)
        .unwrap_or_default()
}
