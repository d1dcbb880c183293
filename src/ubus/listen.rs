/*! Objects of our own, events and subscriptions: what a client has to say so that things come, and what came. */

use std::time::{Duration, Instant};

use super::incoming::{Incoming, Published, Request, Subscription, Watches};
use super::message::{EVENTS, invocation};
use super::stream::Wait;
use super::{Attributes, Client, Error, Kind, Message, Object, Status, Table};

impl Client {
    /// What came, if anything; never waits. Call it when the file descriptor is readable until it returns
    /// `None`. After an error that [`Error::is_fatal`] only [`Client::reconnect`] helps.
    pub fn pump(&mut self) -> Result<Option<Incoming>, Error> {
        self.next_incoming(Wait::Never)
    }

    /// As [`Client::pump`], but waits for something to come.
    pub fn wait(&mut self, timeout: Duration) -> Result<Option<Incoming>, Error> {
        match self.next_incoming(Wait::Until(Instant::now() + timeout)) {
            Err(Error::Timeout) => Ok(None),
            result => result,
        }
    }

    fn next_incoming(&mut self, wait: Wait) -> Result<Option<Incoming>, Error> {
        self.stream.flush(wait)?;
        loop {
            if let Some(ready) = self.ready.pop_front() {
                return Ok(Some(ready));
            }
            let message = match self.queue.pop_front() {
                Some(message) => message,
                None => {
                    self.queued = 0;
                    match self.stream.receive(wait)? {
                        Some(message) => message,
                        None => return Ok(None),
                    }
                }
            };
            if let Some(incoming) = self.understand(message)? {
                return Ok(Some(incoming));
            }
        }
    }

    /// Publishes an object; [`Status::InvalidArgument`] if its name is taken.
    pub fn add_object(&mut self, object: Object) -> Result<(), Error> {
        let id = self.add(Attributes {
            path: Some(object.name.clone()),
            signature: Some(object.signature()),
            ..Attributes::default()
        })?;
        self.watches.objects.push(Published { id, object });
        Ok(())
    }

    /// Withdraws an object.
    pub fn remove_object(&mut self, name: &str) -> Result<(), Error> {
        let id = self.published(name)?;
        let object = Attributes {
            object: Some(id),
            ..Attributes::default()
        };
        self.request(Kind::RemoveObject, 0, object)?;
        self.watches.objects.retain(|published| published.id != id);
        Ok(())
    }

    /// Tells the subscribers of our object; does not wait for them.
    pub fn notify(&mut self, object: &str, method: &str, data: Table) -> Result<(), Error> {
        let id = self.published(object)?;
        let notification = Attributes {
            no_reply: true,
            ..invocation(id, method, data)
        };
        self.start(Kind::Notify, id, notification).map(drop)
    }

    /// Asks for events of this name, or with this beginning if it ends in `*`; `ubus.object.add` and
    /// `ubus.object.remove` are ubusd's own.
    pub fn listen(&mut self, pattern: &str) -> Result<(), Error> {
        let id = match self.watches.listener {
            Some(id) => id,
            None => self.add(Attributes::default())?,
        };
        self.watches.listener = Some(id);
        let wish = Table::new()
            .with("object", id as i32)
            .with("pattern", pattern);
        self.invoke(EVENTS, "register", wish)?;
        self.watches.patterns.push(pattern.to_owned());
        Ok(())
    }

    /// Asks for the notifications of an object of others.
    pub fn subscribe(&mut self, object: &str) -> Result<(), Error> {
        let target = self.lookup(object)?;
        let id = self.add(Attributes::default())?;
        let wish = Attributes {
            object: Some(id),
            target: Some(target),
            ..Attributes::default()
        };
        self.request(Kind::Subscribe, 0, wish)?;
        self.watches.subscriptions.push(Subscription {
            id,
            target: object.to_owned(),
        });
        Ok(())
    }

    /// Answers a call, with a table or with why not, and ends it.
    pub fn answer(&mut self, request: Request, answer: Result<Table, Status>) -> Result<(), Error> {
        if request.no_reply {
            return Ok(());
        }
        let (sent, status) = match answer {
            Err(status) => (Ok(()), status),
            Ok(data) => match self.reply(&request, data) {
                // The caller need not wait in vain for what cannot be sent.
                Err(error) if !error.is_fatal() => (Err(error), Status::SystemError),
                sent => (sent, Status::Ok),
            },
        };
        self.end(request.seq, request.peer, request.object_id, status)?;
        sent
    }

    fn reply(&mut self, request: &Request, data: Table) -> Result<(), Error> {
        let object = Some(request.object_id);
        let attributes = Attributes {
            object,
            data: Some(data),
            ..Attributes::default()
        };
        let (seq, peer) = (request.seq, request.peer);
        self.stream.send(&Message {
            kind: Kind::Data,
            seq,
            peer,
            attributes,
        })
    }

    fn end(&mut self, seq: u16, peer: u32, object: u32, status: Status) -> Result<(), Error> {
        let attributes = Attributes {
            status: Some(status.code()),
            object: Some(object),
            ..Attributes::default()
        };
        self.stream.send(&Message {
            kind: Kind::Status,
            seq,
            peer,
            attributes,
        })
    }

    fn add(&mut self, object: Attributes) -> Result<u32, Error> {
        let added = self.request(Kind::AddObject, 0, object)?;
        added
            .iter()
            .find_map(|data| data.object)
            .ok_or(Error::Status(Status::NoData))
    }

    fn published(&self, name: &str) -> Result<u32, Error> {
        let found = self
            .watches
            .objects
            .iter()
            .find(|published| published.object.name == name);
        found
            .map(|published| published.id)
            .ok_or(Error::Status(Status::NotFound))
    }

    /// Says to a new ubusd what the old one had been told.
    pub(super) fn watch_again(&mut self, watches: &Watches) -> Result<(), Error> {
        for published in &watches.objects {
            self.add_object(published.object.clone())?;
        }
        for pattern in &watches.patterns {
            self.listen(pattern)?;
        }
        for subscription in &watches.subscriptions {
            match self.subscribe(&subscription.target) {
                Err(Error::Status(_)) => {
                    let object = subscription.target.clone();
                    self.ready.push_back(Incoming::Unsubscribed { object });
                }
                result => result?,
            }
        }
        Ok(())
    }

    fn understand(&mut self, message: Message) -> Result<Option<Incoming>, Error> {
        let Some(id) = message.attributes.object else {
            return Ok(None);
        };
        match message.kind {
            Kind::Invoke => self.invoked(id, message),
            Kind::Notify => {
                let published = self
                    .watches
                    .objects
                    .iter()
                    .find(|published| published.id == id);
                Ok(published
                    .zip(message.attributes.active)
                    .map(|(published, any)| Incoming::Subscribers {
                        object: published.object.name.clone(),
                        any,
                    }))
            }
            Kind::Unsubscribe => {
                let subscriptions = &mut self.watches.subscriptions;
                let gone = subscriptions
                    .iter()
                    .position(|subscription| subscription.id == id);
                Ok(gone.map(|i| Incoming::Unsubscribed {
                    object: subscriptions.remove(i).target,
                }))
            }
            // Answers to requests that timed out.
            _ => Ok(None),
        }
    }

    fn invoked(&mut self, id: u32, message: Message) -> Result<Option<Incoming>, Error> {
        let Message {
            seq,
            peer,
            attributes,
            ..
        } = message;
        let no_reply = attributes.no_reply;
        let name = attributes.method.unwrap_or_default();
        let data = attributes.data;
        if self.watches.listener == Some(id) {
            return Ok(Some(Incoming::Event {
                name,
                data: data.unwrap_or_default(),
            }));
        }
        let subscription = self.watches.subscriptions.iter().find(|s| s.id == id);
        if let Some(object) = subscription.map(|subscription| subscription.target.clone()) {
            if !no_reply {
                self.end(seq, peer, id, Status::Ok)?;
            }
            let data = data.unwrap_or_default();
            return Ok(Some(Incoming::Notification {
                object,
                method: name,
                data,
            }));
        }
        let published = self
            .watches
            .objects
            .iter()
            .find(|published| published.id == id);
        let object = published.map(|published| &published.object);
        let method = object.map(|object| object.methods.iter().find(|method| method.name == name));
        let refusal = match (method, &data) {
            (None, _) => Status::NotFound,
            (Some(None), _) => Status::MethodNotFound,
            (Some(Some(method)), Some(data)) if method.accepts(data) => Status::Ok,
            _ => Status::InvalidArgument,
        };
        if refusal != Status::Ok {
            if !no_reply {
                self.end(seq, peer, id, refusal)?;
            }
            return Ok(None);
        }
        Ok(Some(Incoming::Call(Request {
            object: object.map(|object| object.name.clone()).unwrap_or_default(),
            method: name,
            arguments: data.unwrap_or_default(),
            user: attributes.user,
            group: attributes.group,
            object_id: id,
            seq,
            peer,
            no_reply,
        })))
    }
}
