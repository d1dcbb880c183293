//! Client and objects on a bus: on our own small ubusd, and on the real one where it is installed.

#[path = "support/canned.rs"]
mod canned;
#[path = "support/ubus/mod.rs"]
mod support;

use std::os::unix::net::UnixListener;
use std::thread;
use std::time::{Duration, Instant};

use canned::Canned;
use ferrowall::text;
use ferrowall::ubus::{
    Call, Client, Error, Incoming, Method, Object, Request, Status, Table, Type, Value,
};
use support::{Bus, until};

const SHORT: Duration = Duration::from_millis(150);
const LONG: Duration = Duration::from_secs(10);

fn client(bus: &Bus) -> Client {
    let mut client = Client::connect_to(&bus.path()).unwrap();
    client.set_timeout(LONG);
    client
}

fn firewall() -> Object {
    Object::new("firewall")
        .with(Method::new("status").takes("verbose", Type::Bool))
        .with(
            Method::new("try")
                .takes("seconds", Type::Int32)
                .takes("config", Type::String),
        )
}

/// An object that gives back what it is asked.
fn echo(bus: &Bus) -> Canned {
    let answer = |request: &Request| {
        let arguments = request.arguments.clone();
        Some(match request.method.as_str() {
            "fail" => Err(Status::PermissionDenied),
            _ => Ok(Table::new()
                .with("method", request.method.as_str())
                .with("got", arguments)),
        })
    };
    let object = Object::new("echo")
        .with(Method::new("say"))
        .with(Method::new("fail"));
    Canned::publish(&bus.path(), vec![object], Box::new(answer))
}

fn status_of<T: std::fmt::Debug>(result: Result<T, Error>) -> Status {
    match result {
        Err(Error::Status(status)) => status,
        other => panic!("no status: {other:?}"),
    }
}

fn call_of(incoming: Option<Incoming>) -> Request {
    match incoming {
        Some(Incoming::Call(request)) => request,
        other => panic!("no call: {other:?}"),
    }
}

/// Calls from a thread of its own, so that the test can be the one who answers.
fn caller(
    bus: &Bus,
    method: &'static str,
    arguments: Table,
) -> thread::JoinHandle<Result<Table, Error>> {
    let mut client = client(bus);
    thread::spawn(move || client.call("firewall", method, arguments))
}

#[test]
fn a_call_brings_arguments_there_and_the_answer_back() {
    Bus::each(|bus| {
        let _echo = echo(bus);
        let arguments = Table::new()
            .with("z", 1)
            .with(
                "a",
                vec![
                    Value::Null,
                    true.into(),
                    Value::Double(0.5),
                    (1_i64 << 40).into(),
                ],
            )
            .with("name", text::decode(b"B\xfcro"))
            .with("empty", Table::new());
        let answer = client(bus).call("echo", "say", arguments.clone()).unwrap();
        assert_eq!(
            answer,
            Table::new().with("method", "say").with("got", arguments)
        );
    });
}

#[test]
fn what_cannot_be_called_says_why() {
    Bus::each(|bus| {
        let _echo = echo(bus);
        let mut client = client(bus);
        assert_eq!(
            status_of(client.call("nobody", "say", Table::new())),
            Status::NotFound
        );
        assert_eq!(
            status_of(client.call("echo", "sing", Table::new())),
            Status::MethodNotFound
        );
        assert_eq!(
            status_of(client.call("echo", "fail", Table::new())),
            Status::PermissionDenied
        );
        assert_eq!(
            status_of(client.invoke(0x7fff_ffff, "say", Table::new())),
            Status::NotFound
        );
        // And the connection is as good as before.
        assert!(client.call("echo", "say", Table::new()).is_ok());
    });
}

#[test]
fn several_calls_go_at_once_and_fail_one_by_one() {
    Bus::each(|bus| {
        let _echo = echo(bus);
        let calls = vec![
            Call::new("echo", "say", Table::new().with("n", 1)),
            Call::new("nobody", "say", Table::new()),
            Call::new("echo", "fail", Table::new()),
            Call::new("echo", "say", Table::new().with("n", 2)),
        ];
        let mut answers = client(bus).call_all(calls).unwrap().into_iter();
        let mut next = || answers.next().unwrap();
        let said = |n: i32| {
            Table::new()
                .with("method", "say")
                .with("got", Table::new().with("n", n))
        };
        assert_eq!(next().unwrap(), said(1));
        assert_eq!(status_of(next()), Status::NotFound);
        assert_eq!(status_of(next()), Status::PermissionDenied);
        assert_eq!(next().unwrap(), said(2));
    });
}

#[test]
fn a_published_object_is_listed_with_its_signature() {
    Bus::each(|bus| {
        let mut server = client(bus);
        server.add_object(firewall()).unwrap();
        let listed = client(bus).list("fire*").unwrap();
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0].path, "firewall");
        assert_eq!(listed[0].id, client(bus).lookup("firewall").unwrap());
        let signature = Table::new()
            .with("status", Table::new().with("verbose", 7))
            .with("try", Table::new().with("seconds", 5).with("config", 3));
        assert_eq!(listed[0].signature, signature);
    });
}

#[test]
fn a_name_can_be_taken_only_once_and_is_free_again_when_given_back() {
    Bus::each(|bus| {
        let (mut one, mut two) = (client(bus), client(bus));
        one.add_object(firewall()).unwrap();
        assert_eq!(
            status_of(two.add_object(firewall())),
            Status::InvalidArgument
        );
        one.remove_object("firewall").unwrap();
        two.add_object(firewall()).unwrap();
        drop(two);
        until("the name is free", || one.add_object(firewall()).is_ok());
    });
}

#[test]
fn arguments_of_the_wrong_type_never_reach_the_object() {
    Bus::each(|bus| {
        let mut server = client(bus);
        server.add_object(firewall()).unwrap();
        let call = caller(bus, "try", Table::new().with("seconds", "ten"));
        while !call.is_finished() {
            assert_eq!(server.wait(SHORT).unwrap(), None);
        }
        assert_eq!(status_of(call.join().unwrap()), Status::InvalidArgument);
        let session = Table::new()
            .with("ubus_rpc_session", "0")
            .with("seconds", 10);
        let call = caller(bus, "try", session.clone());
        let request = call_of(server.wait(LONG).unwrap());
        assert_eq!(
            (request.object.as_str(), request.method.as_str()),
            ("firewall", "try")
        );
        assert_eq!(request.arguments, session);
        assert_eq!(request.user.as_deref(), Some("root"));
        server.answer(request, Ok(Table::new())).unwrap();
        assert_eq!(call.join().unwrap().unwrap(), Table::new());
    });
}

#[test]
fn calls_are_answered_later_and_in_any_order() {
    Bus::each(|bus| {
        let mut server = client(bus);
        server.add_object(firewall()).unwrap();
        let first = caller(bus, "status", Table::new());
        let kept = call_of(server.wait(LONG).unwrap());
        let second = caller(bus, "try", Table::new());
        let quick = call_of(server.wait(LONG).unwrap());
        server.answer(quick, Err(Status::NotSupported)).unwrap();
        assert_eq!(status_of(second.join().unwrap()), Status::NotSupported);
        assert!(!first.is_finished());
        server
            .answer(kept, Ok(Table::new().with("late", true)))
            .unwrap();
        assert_eq!(
            first.join().unwrap().unwrap(),
            Table::new().with("late", true)
        );
    });
}

#[test]
fn pump_never_waits() {
    Bus::each(|bus| {
        let mut server = client(bus);
        server.add_object(firewall()).unwrap();
        assert_eq!(server.pump().unwrap(), None);
        let call = caller(bus, "status", Table::new());
        let mut got = None;
        until("the call arrives", || {
            got = server.pump().unwrap();
            got.is_some()
        });
        server.answer(call_of(got), Ok(Table::new())).unwrap();
        assert!(!server.wants_write());
        call.join().unwrap().unwrap();
    });
}

#[test]
fn an_object_that_never_answers_costs_its_caller_only_the_timeout() {
    Bus::each(|bus| {
        let object = Object::new("deaf").with(Method::new("say"));
        let _deaf = Canned::publish(&bus.path(), vec![object], Box::new(|_| None));
        let _echo = echo(bus);
        let mut client = client(bus);
        client.set_timeout(SHORT);
        let begun = Instant::now();
        let calls = vec![
            Call::new("deaf", "say", Table::new()),
            Call::new("echo", "say", Table::new()),
        ];
        let answers = client.call_all(calls).unwrap();
        assert!(matches!(answers[0], Err(Error::Timeout)) && answers[1].is_ok());
        assert!(matches!(
            client.call("deaf", "say", Table::new()),
            Err(Error::Timeout)
        ));
        assert!(begun.elapsed() >= SHORT * 2);
        client.set_timeout(LONG);
        assert!(client.call("echo", "say", Table::new()).is_ok());
    });
}

#[test]
fn an_answer_that_comes_too_late_is_not_taken_for_another() {
    Bus::each(|bus| {
        let mut server = client(bus);
        server.add_object(firewall()).unwrap();
        let mut client = client(bus);
        client.set_timeout(SHORT);
        assert!(matches!(
            client.call("firewall", "status", Table::new()),
            Err(Error::Timeout)
        ));
        let late = call_of(server.wait(LONG).unwrap());
        server
            .answer(late, Ok(Table::new().with("late", true)))
            .unwrap();
        client.set_timeout(LONG);
        let call = thread::spawn(move || client.call("firewall", "status", Table::new()));
        let request = call_of(server.wait(LONG).unwrap());
        server
            .answer(request, Ok(Table::new().with("late", false)))
            .unwrap();
        assert_eq!(
            call.join().unwrap().unwrap(),
            Table::new().with("late", false)
        );
    });
}

#[test]
fn calls_that_arrive_while_we_ask_wait_their_turn() {
    Bus::each(|bus| {
        let _echo = echo(bus);
        let mut server = client(bus);
        server.add_object(firewall()).unwrap();
        let call = caller(bus, "status", Table::new());
        // Asked for so long that the call has certainly come in between.
        until("the call was queued", || {
            server.call("echo", "say", Table::new()).unwrap();
            match server.pump().unwrap() {
                Some(Incoming::Call(request)) => {
                    server.answer(request, Ok(Table::new())).unwrap();
                    true
                }
                _ => false,
            }
        });
        call.join().unwrap().unwrap();
    });
}

#[test]
fn large_answers_pass_and_too_large_ones_are_refused_to_the_caller() {
    Bus::each(|bus| {
        let answer = |request: &Request| {
            let len = request
                .arguments
                .get("len")
                .and_then(Value::as_i64)
                .unwrap_or_default();
            Some(Ok(Table::new().with("text", "x".repeat(len as usize))))
        };
        let object = Object::new("large").with(Method::new("get").takes("len", Type::Int32));
        let _large = Canned::publish(&bus.path(), vec![object], Box::new(answer));
        let mut client = client(bus);
        let mut get = |len: i32| client.call("large", "get", Table::new().with("len", len));
        for len in [70_000, 1_000_000] {
            let answer = get(len).unwrap();
            assert_eq!(
                answer.get("text").and_then(Value::as_str).map(str::len),
                Some(len as usize)
            );
        }
        assert_eq!(status_of(get(1 << 20)), Status::SystemError);
        assert!(get(1).is_ok());
        let big = Table::new().with("text", "x".repeat(1 << 20));
        assert!(matches!(
            client.call("large", "get", big),
            Err(Error::TooLarge)
        ));
        assert!(client.lookup("large").is_ok());
    });
}

#[test]
fn after_a_restart_of_ubusd_everything_is_said_again() {
    Bus::each(|bus| {
        let mut server = client(bus);
        let echo_before = echo(bus);
        server.add_object(firewall()).unwrap();
        server.listen("network.interface").unwrap();
        server.subscribe("echo").unwrap();
        bus.stop();
        drop(echo_before);
        let broken = server.wait(LONG).unwrap_err();
        assert!(broken.is_fatal(), "{broken}");
        assert!(matches!(server.reconnect(), Err(Error::Connect { .. })));
        bus.start();
        server.reconnect().unwrap();
        let gone = Incoming::Unsubscribed {
            object: "echo".to_owned(),
        };
        assert_eq!(server.pump().unwrap(), Some(gone));
        client(bus)
            .send_event("network.interface", Table::new())
            .unwrap();
        assert!(matches!(
            server.wait(LONG).unwrap(),
            Some(Incoming::Event { .. })
        ));
        let call = caller(bus, "status", Table::new());
        let request = call_of(server.wait(LONG).unwrap());
        server.answer(request, Ok(Table::new())).unwrap();
        call.join().unwrap().unwrap();
    });
}

#[test]
fn reconnecting_to_the_same_ubusd_takes_over_our_own_name() {
    Bus::each(|bus| {
        let mut server = client(bus);
        server.add_object(firewall()).unwrap();
        let before = server.id();
        // ubusd may need a moment to see that the old connection is gone.
        until("the name is ours again", || server.reconnect().is_ok());
        assert_ne!(server.id(), before);
        assert!(client(bus).lookup("firewall").is_ok());
    });
}

#[test]
fn a_bus_that_is_not_there_or_says_nothing_is_an_error_in_time() {
    let bus = Bus::own();
    let silent = bus.path().with_extension("silent");
    assert!(matches!(
        Client::connect_to(&silent),
        Err(Error::Connect { .. })
    ));
    let listener = UnixListener::bind(&silent).unwrap();
    let hang_up = thread::spawn(move || drop(listener.accept().unwrap()));
    assert!(matches!(Client::connect_to(&silent), Err(Error::Closed)));
    hang_up.join().unwrap();
}
