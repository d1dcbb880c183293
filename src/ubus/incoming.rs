/*! What comes to us unasked: calls to our objects, events, notifications. */

use super::{Object, Table};

/// Something that needs our attention.
#[derive(Debug, PartialEq)]
pub enum Incoming {
    /// A method of ours is called; answer with [`Client::answer`], now or later.
    Call(Request),
    /// What [`Client::listen`] asked for.
    Event { name: String, data: Table },
    /// What [`Client::subscribe`] asked for.
    Notification {
        object: String,
        method: String,
        data: Table,
    },
    /// An object that we had subscribed to is gone.
    Unsubscribed { object: String },
    /// Our object got its first subscriber, or lost its last.
    Subscribers { object: String, any: bool },
}

/// A call to be answered. Kept for as long as the answer takes; the caller waits 30 seconds by custom.
#[derive(Debug, PartialEq)]
#[must_use = "the caller waits for an answer"]
pub struct Request {
    pub object: String,
    pub method: String,
    pub arguments: Table,
    /// Who calls, if ubusd says so.
    pub user: Option<String>,
    pub group: Option<String>,
    pub(super) object_id: u32,
    pub(super) seq: u16,
    pub(super) peer: u32,
    pub(super) no_reply: bool,
}

/// Everything that must be said again to a new ubusd.
#[derive(Debug, Default)]
pub(super) struct Watches {
    pub(super) objects: Vec<Published>,
    /// The nameless object that events are sent to.
    pub(super) listener: Option<u32>,
    pub(super) patterns: Vec<String>,
    pub(super) subscriptions: Vec<Subscription>,
}

#[derive(Debug)]
pub(super) struct Published {
    pub id: u32,
    pub object: Object,
}

/// Each has a nameless object of its own, which tells what a notification is about.
#[derive(Debug)]
pub(super) struct Subscription {
    pub id: u32,
    pub target: String,
}
