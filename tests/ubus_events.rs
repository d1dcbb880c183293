//! Events, notifications and who hears them: on our own small ubusd, and on the real one where it is
//! installed.

#[path = "support/ubus/mod.rs"]
mod support;

use std::time::Duration;

use ferrowall::ubus::{Client, Error, Incoming, Method, Object, Status, Table};
use support::Bus;

const LONG: Duration = Duration::from_secs(10);

fn client(bus: &Bus) -> Client {
    let mut client = Client::connect_to(&bus.path()).unwrap();
    client.set_timeout(LONG);
    client
}

fn firewall() -> Object {
    Object::new("firewall").with(Method::new("status"))
}

fn status_of<T: std::fmt::Debug>(result: Result<T, Error>) -> Status {
    match result {
        Err(Error::Status(status)) => status,
        other => panic!("no status: {other:?}"),
    }
}

#[test]
fn events_reach_who_listens_for_them() {
    Bus::each(|bus| {
        let (mut listener, mut sender) = (client(bus), client(bus));
        listener.listen("network.*").unwrap();
        listener.listen("firewall").unwrap();
        let data = Table::new().with("interface", "wan").with("action", "ifup");
        sender
            .send_event("network.interface", data.clone())
            .unwrap();
        sender.send_event("other", Table::new()).unwrap();
        sender.send_event("firewall", Table::new()).unwrap();
        let event = |name: &str, data: Table| {
            Some(Incoming::Event {
                name: name.to_owned(),
                data,
            })
        };
        assert_eq!(
            listener.wait(LONG).unwrap(),
            event("network.interface", data)
        );
        assert_eq!(
            listener.wait(LONG).unwrap(),
            event("firewall", Table::new())
        );
        assert_eq!(
            status_of(sender.send_event("ubus.mine", Table::new())),
            Status::PermissionDenied
        );
    });
}

#[test]
fn ubusd_tells_of_objects_that_come_and_go() {
    Bus::each(|bus| {
        let mut listener = client(bus);
        listener.listen("ubus.object.*").unwrap();
        let mut server = client(bus);
        server.add_object(firewall()).unwrap();
        drop(server);
        for expected in ["ubus.object.add", "ubus.object.remove"] {
            match listener.wait(LONG).unwrap() {
                Some(Incoming::Event { name, data }) => {
                    assert_eq!(name, expected);
                    assert_eq!(data.get("path"), Some(&"firewall".into()));
                }
                other => panic!("no event: {other:?}"),
            }
        }
    });
}

#[test]
fn subscribers_are_notified_until_the_object_goes() {
    Bus::each(|bus| {
        let (mut server, mut subscriber) = (client(bus), client(bus));
        assert_eq!(
            status_of(subscriber.subscribe("firewall")),
            Status::NotFound
        );
        server.add_object(firewall()).unwrap();
        subscriber.subscribe("firewall").unwrap();
        let object = || "firewall".to_owned();
        let first = Some(Incoming::Subscribers {
            object: object(),
            any: true,
        });
        assert_eq!(server.wait(LONG).unwrap(), first);
        let data = Table::new().with("ok", true);
        server.notify("firewall", "reloaded", data.clone()).unwrap();
        let notification = Incoming::Notification {
            object: object(),
            method: "reloaded".to_owned(),
            data,
        };
        assert_eq!(subscriber.wait(LONG).unwrap(), Some(notification));
        server.remove_object("firewall").unwrap();
        assert_eq!(
            subscriber.wait(LONG).unwrap(),
            Some(Incoming::Unsubscribed { object: object() })
        );
    });
}

#[test]
fn the_last_subscriber_to_leave_is_told_of() {
    Bus::each(|bus| {
        let (mut server, mut subscriber) = (client(bus), client(bus));
        server.add_object(firewall()).unwrap();
        subscriber.subscribe("firewall").unwrap();
        drop(subscriber);
        for any in [true, false] {
            let told = Incoming::Subscribers {
                object: "firewall".to_owned(),
                any,
            };
            assert_eq!(server.wait(LONG).unwrap(), Some(told));
        }
        assert_eq!(
            status_of(server.notify("nobody", "x", Table::new())),
            Status::NotFound
        );
    });
}
