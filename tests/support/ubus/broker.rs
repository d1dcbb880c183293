//! A small ubusd: routes as ubusd_proto.c, ubusd_obj.c and ubusd_event.c do, without access lists,
//! monitors and file descriptors.

use std::collections::{BTreeMap, HashMap};
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use ferrowall::ubus::{Attributes, HEADER, Kind, Message, Status, Table};

/// The threads of our own ubusd: one accepts, one per client reads, one does the work.
pub struct Broker {
    events: Sender<Event>,
    path: PathBuf,
    stopping: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
    streams: Arc<Mutex<Vec<UnixStream>>>,
}

enum Event {
    Connected(u32, UnixStream),
    Said(u32, Box<Message>),
    Gone(u32),
    Stop,
}

impl Broker {
    pub fn start(path: &Path) -> Broker {
        let listener = UnixListener::bind(path).unwrap();
        let (events, received) = channel();
        let stopping = Arc::new(AtomicBool::new(false));
        let streams = Arc::new(Mutex::new(Vec::new()));
        let worker = thread::spawn(move || State::default().run(&received));
        let acceptor = {
            let (events, stopping, streams) = (events.clone(), stopping.clone(), streams.clone());
            thread::spawn(move || accept(&listener, &events, &stopping, &streams))
        };
        Broker {
            events,
            path: path.to_path_buf(),
            stopping,
            threads: vec![worker, acceptor],
            streams,
        }
    }

    pub fn stop(self) {
        self.stopping.store(true, Ordering::Relaxed);
        // Wakes the acceptor.
        let _ = UnixStream::connect(&self.path);
        let _ = self.events.send(Event::Stop);
        for thread in self.threads {
            let _ = thread.join();
        }
        for stream in self.streams.lock().unwrap().iter() {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

fn accept(
    listener: &UnixListener,
    events: &Sender<Event>,
    stopping: &AtomicBool,
    streams: &Mutex<Vec<UnixStream>>,
) {
    for (n, stream) in listener.incoming().enumerate() {
        let stream = stream.unwrap();
        if stopping.load(Ordering::Relaxed) {
            return;
        }
        streams.lock().unwrap().push(stream.try_clone().unwrap());
        let id = 0x1000 + n as u32;
        let mut reader = stream.try_clone().unwrap();
        let events = events.clone();
        let _ = events.send(Event::Connected(id, stream));
        thread::spawn(move || {
            while let Some(message) = read_message(&mut reader) {
                let _ = events.send(Event::Said(id, Box::new(message)));
            }
            let _ = events.send(Event::Gone(id));
        });
    }
}

fn read_message(stream: &mut UnixStream) -> Option<Message> {
    let mut bytes = vec![0; HEADER];
    stream.read_exact(&mut bytes).ok()?;
    let len = Message::length(bytes.first_chunk()?).ok()?;
    bytes.resize(len, 0);
    stream.read_exact(bytes.get_mut(HEADER..)?).ok()?;
    Message::read(&bytes).ok()?
}

#[derive(Default)]
struct State {
    clients: HashMap<u32, UnixStream>,
    objects: BTreeMap<u32, Published>,
    /// Pattern and the object that hears it.
    patterns: Vec<(String, u32)>,
    /// Subscriber and target, both objects.
    subscriptions: Vec<(u32, u32)>,
    last_id: u32,
    event_seq: u16,
}

struct Published {
    owner: u32,
    path: Option<String>,
    signature: Table,
}

/// How a request went: its status, or nothing to say now (ubusd's -1).
type Outcome = Option<Status>;

impl State {
    fn run(mut self, events: &Receiver<Event>) {
        while let Ok(event) = events.recv() {
            match event {
                Event::Connected(id, stream) => {
                    self.clients.insert(id, stream);
                    self.send(id, Kind::Hello, 0, id, Attributes::default());
                }
                Event::Said(id, message) => self.handle(id, *message),
                Event::Gone(id) => self.forget(id),
                Event::Stop => return,
            }
        }
    }

    fn send(&mut self, client: u32, kind: Kind, seq: u16, peer: u32, attributes: Attributes) {
        let mut bytes = Vec::new();
        Message {
            kind,
            seq,
            peer,
            attributes,
        }
        .write(&mut bytes)
        .unwrap();
        if let Some(stream) = self.clients.get_mut(&client) {
            // Who hung up is told of by its reader.
            let _ = stream.write_all(&bytes);
        }
    }

    fn handle(&mut self, client: u32, message: Message) {
        let Message {
            kind,
            seq,
            peer,
            attributes,
        } = message;
        let outcome = match kind {
            Kind::Ping => {
                self.send(client, Kind::Data, seq, peer, attributes);
                Some(Status::Ok)
            }
            Kind::Lookup => self.lookup(client, seq, peer, attributes.path.as_deref()),
            Kind::Invoke => self.invoke(client, seq, attributes),
            Kind::AddObject => self.add_object(client, seq, peer, attributes),
            Kind::RemoveObject => self.remove_object(client, seq, peer, attributes.object),
            Kind::Subscribe => self.subscribe(client, attributes),
            Kind::Unsubscribe => self.unsubscribe(attributes),
            Kind::Notify => self.notify(client, seq, peer, attributes),
            Kind::Data | Kind::Status => {
                let object = attributes
                    .object
                    .filter(|id| self.owner(*id) == Some(client));
                if let Some(object) = object {
                    self.send(peer, kind, seq, object, attributes);
                }
                None
            }
            _ => Some(Status::InvalidCommand),
        };
        if let Some(status) = outcome {
            let attributes = Attributes {
                status: Some(status.code()),
                ..Attributes::default()
            };
            self.send(client, Kind::Status, seq, peer, attributes);
        }
    }

    fn owner(&self, object: u32) -> Option<u32> {
        self.objects.get(&object).map(|object| object.owner)
    }

    fn lookup(&mut self, client: u32, seq: u16, peer: u32, path: Option<&str>) -> Outcome {
        let wanted = |known: &str| match path {
            None => true,
            Some(path) => fits(path, known),
        };
        let mut found: Vec<(String, u32, Table)> = Vec::new();
        for (id, object) in &self.objects {
            if let Some(known) = object.path.as_deref().filter(|known| wanted(known)) {
                found.push((known.to_owned(), *id, object.signature.clone()));
            }
        }
        found.sort_by(|a, b| a.0.cmp(&b.0));
        if found.is_empty() && path.is_some() {
            return Some(Status::NotFound);
        }
        for (path, id, signature) in found {
            let object = Attributes {
                path: Some(path),
                object: Some(id),
                object_type: Some(id),
                signature: Some(signature),
                ..Attributes::default()
            };
            self.send(client, Kind::Data, seq, peer, object);
        }
        Some(Status::Ok)
    }

    fn invoke(&mut self, client: u32, seq: u16, attributes: Attributes) -> Outcome {
        let (Some(object), Some(method)) = (attributes.object, attributes.method) else {
            return Some(Status::InvalidArgument);
        };
        if object == 1 {
            return Some(self.event_command(client, &method, &attributes.data.unwrap_or_default()));
        }
        let Some(owner) = self.owner(object) else {
            return Some(Status::NotFound);
        };
        let call = Attributes {
            object: Some(object),
            method: Some(method),
            user: Some("root".to_owned()),
            group: Some("root".to_owned()),
            data: attributes.data,
            ..Attributes::default()
        };
        self.send(owner, Kind::Invoke, seq, client, call);
        None
    }

    fn event_command(&mut self, client: u32, method: &str, data: &Table) -> Status {
        let text = |name| data.get(name).and_then(|value| value.as_str());
        match method {
            "register" => {
                let object = data.get("object").and_then(|value| value.as_i64());
                let (Some(object), Some(pattern)) = (object, text("pattern")) else {
                    return Status::InvalidArgument;
                };
                if self.owner(object as u32) != Some(client) {
                    return Status::PermissionDenied;
                }
                self.patterns.push((pattern.to_owned(), object as u32));
                Status::Ok
            }
            "send" => {
                let content = data.get("data").and_then(|value| value.as_table());
                let (Some(name), Some(content)) = (text("id"), content) else {
                    return Status::InvalidArgument;
                };
                if name.starts_with("ubus.") {
                    return Status::PermissionDenied;
                }
                self.send_event(Some(client), name, content);
                Status::Ok
            }
            _ => Status::InvalidCommand,
        }
    }

    fn send_event(&mut self, from: Option<u32>, name: &str, data: &Table) {
        let mut heard = Vec::new();
        for (_, object) in self
            .patterns
            .iter()
            .filter(|(pattern, _)| fits(pattern, name))
        {
            if self.owner(*object) != from && !heard.contains(object) {
                heard.push(*object);
            }
        }
        for object in heard {
            let Some(owner) = self.owner(object) else {
                continue;
            };
            self.event_seq += 1;
            let event = Attributes {
                object: Some(object),
                method: Some(name.to_owned()),
                data: Some(data.clone()),
                ..Attributes::default()
            };
            self.send(owner, Kind::Invoke, self.event_seq, 0, event);
        }
    }

    fn object_event(&mut self, name: &str, id: u32, path: &str) {
        let data = Table::new().with("id", id as i32).with("path", path);
        self.send_event(None, name, &data);
    }

    fn add_object(&mut self, client: u32, seq: u16, peer: u32, attributes: Attributes) -> Outcome {
        let path = attributes.path;
        if path.is_some() && self.objects.values().any(|object| object.path == path) {
            return Some(Status::InvalidArgument);
        }
        self.last_id += 1;
        // Scattered over all 32 bits, as ubusd's random ones are.
        let id = self.last_id.wrapping_mul(0x9e37_79b1) | 0x8000_0000;
        if let Some(path) = &path {
            self.object_event("ubus.object.add", id, path);
        }
        let signature = attributes.signature.unwrap_or_default();
        self.objects.insert(
            id,
            Published {
                owner: client,
                path,
                signature,
            },
        );
        let added = Attributes {
            object: Some(id),
            object_type: Some(id),
            ..Attributes::default()
        };
        self.send(client, Kind::Data, seq, peer, added);
        Some(Status::Ok)
    }

    fn remove_object(&mut self, client: u32, seq: u16, peer: u32, id: Option<u32>) -> Outcome {
        let Some(id) = id else {
            return Some(Status::InvalidArgument);
        };
        match self.owner(id) {
            None => return Some(Status::NotFound),
            Some(owner) if owner != client => return Some(Status::PermissionDenied),
            Some(_) => {}
        }
        let removed = Attributes {
            object: Some(id),
            ..Attributes::default()
        };
        self.send(client, Kind::Data, seq, peer, removed);
        self.free(id);
        Some(Status::Ok)
    }

    fn free(&mut self, id: u32) {
        let (involved, others) = std::mem::take(&mut self.subscriptions)
            .into_iter()
            .partition(|(subscriber, target)| *subscriber == id || *target == id);
        self.subscriptions = others;
        for (subscriber, target) in involved {
            if target == id {
                let gone = Attributes {
                    object: Some(subscriber),
                    target: Some(target),
                    ..Attributes::default()
                };
                if let Some(owner) = self.owner(subscriber) {
                    self.send(owner, Kind::Unsubscribe, 1, 0, gone);
                }
            } else {
                self.tell_active(target);
            }
        }
        self.patterns.retain(|(_, object)| *object != id);
        if let Some(Published {
            path: Some(path), ..
        }) = self.objects.remove(&id)
        {
            self.object_event("ubus.object.remove", id, &path);
        }
    }

    fn forget(&mut self, client: u32) {
        let owned = |(id, object): (&u32, &Published)| (object.owner == client).then_some(*id);
        let ids: Vec<u32> = self.objects.iter().filter_map(owned).collect();
        self.clients.remove(&client);
        for id in ids {
            self.free(id);
        }
    }

    fn subscribe(&mut self, client: u32, attributes: Attributes) -> Outcome {
        let (Some(subscriber), Some(target)) = (attributes.object, attributes.target) else {
            return Some(Status::InvalidArgument);
        };
        let Some(publisher) = self.owner(target) else {
            return Some(Status::NotFound);
        };
        if self.owner(subscriber) != Some(client) || publisher == client {
            return Some(Status::InvalidArgument);
        }
        let first = !self.subscriptions.iter().any(|(_, known)| *known == target);
        self.subscriptions.push((subscriber, target));
        if first {
            self.tell_active(target);
        }
        Some(Status::Ok)
    }

    fn unsubscribe(&mut self, attributes: Attributes) -> Outcome {
        let wanted = attributes.object.zip(attributes.target);
        let found = self
            .subscriptions
            .iter()
            .position(|known| Some(*known) == wanted);
        let Some(found) = found else {
            return Some(Status::NotFound);
        };
        let (_, target) = self.subscriptions.remove(found);
        self.tell_active(target);
        Some(Status::Ok)
    }

    /// Tells an object's owner whether anybody is subscribed.
    fn tell_active(&mut self, target: u32) {
        let active = self.subscriptions.iter().any(|(_, known)| *known == target);
        let Some(owner) = self.owner(target) else {
            return;
        };
        let attributes = Attributes {
            object: Some(target),
            active: Some(active),
            ..Attributes::default()
        };
        self.send(owner, Kind::Notify, 1, 0, attributes);
    }

    fn notify(&mut self, client: u32, seq: u16, peer: u32, attributes: Attributes) -> Outcome {
        let Some(object) = attributes.object else {
            return Some(Status::InvalidArgument);
        };
        match self.owner(object) {
            None => return Some(Status::NotFound),
            Some(owner) if owner != client => return Some(Status::PermissionDenied),
            Some(_) => {}
        }
        let subscribers: Vec<u32> = self
            .subscriptions
            .iter()
            .filter(|(_, target)| *target == object)
            .map(|(subscriber, _)| *subscriber)
            .collect();
        if !attributes.no_reply {
            let status = Attributes {
                status: Some(0),
                object: Some(object),
                subscribers: Some(subscribers.clone()),
                ..Attributes::default()
            };
            self.send(client, Kind::Status, seq, peer, status);
        }
        for subscriber in subscribers {
            let Some(owner) = self.owner(subscriber) else {
                continue;
            };
            let call = Attributes {
                object: Some(subscriber),
                ..attributes.clone()
            };
            self.send(owner, Kind::Invoke, seq, client, call);
        }
        None
    }
}

/// A name, or a beginning with `*` behind it.
fn fits(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => pattern == name,
    }
}
