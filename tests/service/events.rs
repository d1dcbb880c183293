//! The daemon follows the network interfaces, and sleeps while nothing happens.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use ferrowall::ubus::{Client, Method, Object, Table};
use serde_json::json;

use crate::served::{LONG, Served, Subscriber, interface_event};
use crate::ubus::Bus;

/// Longer than the daemon waits for quiet.
const QUIET: Duration = Duration::from_millis(1600);

#[test]
fn a_thousand_interface_events_are_one_load_and_the_last_state_counts() {
    Bus::each(|bus| {
        let served = Served::new(bus);
        served.call("start").unwrap();
        let mut subscriber = Subscriber::new(&served);
        let mut netifd = served.client();
        for n in 0..1_000 {
            if n % 100 == 0 {
                served.interface(&format!("eth{n}"));
            }
            let action = if n % 2 == 0 { "ifdown" } else { "ifup" };
            netifd
                .send_event("network.interface", interface_event(action))
                .unwrap();
        }
        let (method, told) = subscriber.next();
        assert_eq!(
            (method.as_str(), &told["requested_by"]),
            ("applied", &json!("netifd"))
        );
        assert!(served.generation() <= 3);
        assert!(served.rules().contains("\"eth900\""), "{}", served.rules());
    });
}

/// Of a thousand events in a minute the first hundred; FERROWALL_STORM=1 plays them all, which takes 70 seconds.
#[test]
fn a_storm_that_changes_the_rules_with_each_event_is_a_handful_of_loads() {
    let (events, most) = match std::env::var_os("FERROWALL_STORM") {
        Some(_) => (1_000, 6),
        None => (100, 2),
    };
    let bus = Bus::own();
    let served = Served::new(&bus);
    served.call("start").unwrap();
    let before = served.generation();
    let mut subscriber = Subscriber::new(&served);
    let mut netifd = served.client();
    let begin = Instant::now();
    for n in 0..events {
        served.interface(&format!("eth{n}"));
        netifd
            .send_event("network.interface", interface_event("ifup"))
            .unwrap();
        let next = begin + Duration::from_millis(60) * (n + 1);
        thread::sleep(next.saturating_duration_since(Instant::now()));
    }
    let last = format!("\"eth{}\"", events - 1);
    while !served.rules().contains(&last) {
        assert_eq!(subscriber.next_within(Duration::from_secs(31)).0, "applied");
    }
    let loads = served.generation() - before;
    assert!((1..=most).contains(&loads), "{loads}");
}

#[test]
fn an_interface_that_changes_nothing_costs_no_transaction() {
    Bus::each(|bus| {
        let served = Served::new(bus);
        served.call("start").unwrap();
        let mut subscriber = Subscriber::new(&served);
        let mut netifd = served.client();
        netifd
            .send_event("network.interface", interface_event("ifup"))
            .unwrap();
        subscriber.hears_nothing_for(QUIET);
        assert_eq!(served.generation(), 1);
    });
}

#[test]
fn a_table_that_someone_deleted_comes_back_with_the_next_interface() {
    let bus = Bus::own();
    let served = Served::new(&bus);
    served.call("start").unwrap();
    let mut subscriber = Subscriber::new(&served);
    served.nft(&["delete", "table", "inet", "fw4"]);
    served
        .client()
        .send_event("network.interface", interface_event("ifup"))
        .unwrap();
    assert_eq!(subscriber.next().0, "applied");
    assert!(served.rules().contains("Allow-Ping"));
}

#[test]
fn a_device_that_was_made_anew_needs_its_flowtable_anew() {
    let bus = Bus::own();
    let served = Served::without_daemon(&bus.path());
    served.offload();
    served.device("br-lan", 7);
    let mut generation = 0;
    for (arguments, loads) in [
        (&["start"][..], true),
        (&["reload", "--if-changed"], false),
        (&["reload"], true),
    ] {
        assert!(served.cli(arguments).status.success());
        generation += u64::from(loads);
        assert_eq!(served.recorded()["generation"], json!(generation));
    }
    served.device("br-lan", 8);
    assert!(served.cli(&["reload", "--if-changed"]).status.success());
    assert_eq!(served.recorded()["generation"], json!(3));
}

#[test]
fn an_interface_does_not_start_a_firewall_that_was_stopped() {
    let bus = Bus::own();
    let served = Served::new(&bus);
    let mut subscriber = Subscriber::new(&served);
    let mut netifd = served.client();
    netifd
        .send_event("network.interface", interface_event("ifup"))
        .unwrap();
    subscriber.hears_nothing_for(QUIET);
    assert_eq!(served.rules(), "");
}

#[test]
fn what_netifd_tells_its_subscribers_is_heard_also_after_it_was_restarted() {
    Bus::each(|bus| {
        let served = Served::new(bus);
        served.call("start").unwrap();
        let mut subscriber = Subscriber::new(&served);
        for device in ["eth1", "eth2"] {
            let mut netifd: Client = served.client();
            // the bus may not have dropped the object of the one before yet
            let object = || Object::new("network.interface").with(Method::new("dump"));
            let until = Instant::now() + LONG;
            while let Err(error) = netifd.add_object(object()) {
                assert!(Instant::now() < until, "{error}");
                thread::yield_now();
            }
            // the daemon has subscribed when we are told of our first subscriber
            while netifd.wait(LONG).unwrap().is_none() {}
            served.interface(device);
            let update = Table::new().with("interface", "lan");
            netifd
                .notify("network.interface", "interface.update", update)
                .unwrap();
            assert_eq!(subscriber.next().1["requested_by"], json!("netifd"));
            assert!(served.rules().contains(&format!("\"{device}\"")));
        }
    });
}

#[test]
fn what_happened_while_nobody_listened_is_made_up_for() {
    Bus::each(|bus| {
        let served = Served::without_daemon(&bus.path());
        assert!(served.cli(&["start"]).status.success());
        served.interface("wwan0");
        let served = served.serve();
        assert_eq!(
            Subscriber::new(&served).next().1["requested_by"],
            json!("netifd")
        );
        assert!(served.rules().contains("\"wwan0\""));
    });
}

#[test]
fn the_daemon_sleeps_in_little_memory_without_threads() {
    let bus = Bus::own();
    let served = Served::new(&bus);
    served.call("restart").unwrap();
    let field = |name: &str| -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", served.pid())).unwrap();
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    };
    // past the look at the interfaces that follows its start
    thread::sleep(QUIET);
    let wakeups = || field("voluntary_ctxt_switches:") + field("nonvoluntary_ctxt_switches:");
    let before = wakeups();
    thread::sleep(QUIET);
    assert_eq!(wakeups(), before);
    assert_eq!(field("Threads:"), 1);
    // Its own pages: those of the program file are the system's to drop.
    assert!(field("RssAnon:") < 2048, "{} KiB", field("RssAnon:"));
}
