//! What callers of the object ask for, and what they get.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use ferrowall::ubus::{Error, Kind, Status, Table};
use serde_json::json;

use crate::raw::Raw;
use crate::served::{Served, Subscriber, as_json};
use crate::ubus::{Bus, until};

fn status_of<T: std::fmt::Debug>(result: Result<T, Error>) -> Status {
    match result {
        Err(Error::Status(status)) => status,
        other => panic!("no status: {other:?}"),
    }
}

#[test]
fn the_object_lists_its_methods_with_their_parameters() {
    Bus::each(|bus| {
        let served = Served::new(bus);
        let listed = served.client().list("firewall").unwrap();
        let signature = as_json(&listed[0].signature);
        assert_eq!(
            signature,
            json!({"status": {}, "restart": {}, "reload": {}, "start": {}, "stop": {}, "check": {},
                "offload": {}, "zones": {}, "confirm": {}, "revert": {}, "try": {"timeout": 5}, "print": {"offset": 5, "length": 5}})
        );
    });
}

#[test]
fn restart_loads_the_rules_and_status_tells_of_it() {
    Bus::each(|bus| {
        let served = Served::new(bus);
        let before = served.answer("status");
        assert_eq!(
            (&before["loaded"], &before["busy"]),
            (&json!(false), &json!(false))
        );
        assert_eq!(
            served.answer("zones"),
            json!({"loaded": false, "zones": []})
        );
        let mut subscriber = Subscriber::new(&served);

        let answer = served.answer("restart");
        assert_eq!(
            (&answer["ok"], &answer["generation"]),
            (&json!(true), &json!(1))
        );
        assert!(served.rules().contains("Allow-Ping"));
        let (method, told) = subscriber.next();
        assert_eq!((method.as_str(), &told), ("applied", &answer));

        let after = served.answer("status");
        assert_eq!(after["loaded"], json!(true));
        assert_eq!(after["last"]["requested_by"], json!("ubus"));
        assert_eq!(after["last"]["action"], json!("restart"));
        let zones = served.answer("zones");
        let lan = &zones["zones"][0];
        assert_eq!(
            (&lan["name"], &lan["input"]),
            (&json!("lan"), &json!("accept"))
        );
        assert_eq!(
            (&lan["networks"], &lan["devices"]),
            (&json!(["lan"]), &json!(["br-lan"]))
        );
        assert_eq!(served.answer("offload")["requested"], json!("off"));
        assert_eq!(served.answer("check")["ok"], json!(true));

        assert_eq!(served.answer("stop"), json!({"ok": true, "error": null}));
        assert_eq!(served.rules(), "");
    });
}

#[test]
fn what_is_wrong_with_a_call_is_said_by_its_status() {
    Bus::each(|bus| {
        let served = Served::new(bus);
        let mut client = served.client();
        let mut print = |offset: Table| client.call("firewall", "print", offset);
        for wrong in [
            Table::new().with("offset", "first"),
            Table::new().with("offset", -1),
            Table::new().with("length", 0),
            Table::new().with("offset", 1 << 30),
        ] {
            assert_eq!(status_of(print(wrong)), Status::InvalidArgument);
        }
        assert!(print(Table::new().with("ubus_rpc_session", "0")).is_ok());
        assert_eq!(status_of(served.call("explode")), Status::MethodNotFound);
    });
}

#[test]
fn an_act_that_does_not_apply_says_so() {
    Bus::each(|bus| {
        let served = Served::new(bus);
        let refused = |why: &str| json!({"ok": false, "error": why});
        let not_loaded = refused("The fw4 firewall does not appear to be loaded.");
        assert_eq!(served.answer("reload"), not_loaded);
        assert_eq!(served.answer("start")["ok"], json!(true));
        let loaded = refused("The fw4 firewall appears to be already loaded.");
        assert_eq!(served.answer("start"), loaded);
    });
}

#[test]
fn a_failed_load_is_told_and_the_old_rules_stay() {
    Bus::each(|bus| {
        let served = Served::new(bus);
        served.call("start").unwrap();
        let mut subscriber = Subscriber::new(&served);
        served.configure("config rule 'unfinished\n");
        let answer = served.answer("reload");
        assert_eq!(answer["ok"], json!(false));
        assert!(
            answer["error"].as_str().unwrap().contains("firewall"),
            "{answer}"
        );
        assert_eq!(subscriber.next(), ("failed".to_owned(), answer.clone()));
        let status = served.answer("status");
        assert_eq!(
            (&status["last"]["error"], &status["loaded"]),
            (&answer["error"], &json!(true))
        );
        assert!(served.rules().contains("Allow-Ping"));
        assert_eq!(served.answer("check")["ok"], json!(false));

        served.configure_well();
        assert_eq!(served.answer("reload")["generation"], json!(2));
        assert_eq!(subscriber.next().0, "applied");
    });
}

#[test]
fn a_bad_section_is_named_and_counted() {
    Bus::each(|bus| {
        let served = Served::new(bus);
        let config = fs::read_to_string(served.root.join("etc/config/firewall")).unwrap();
        served.configure(&format!(
            "{config}\nconfig rule\n\toption src nowhere\n\toption target ACCEPT\n"
        ));
        let answer = served.answer("restart");
        assert_eq!(
            (&answer["ok"], &answer["warnings"]),
            (&json!(true), &json!(2))
        );
        assert_eq!(answer["diagnostics"][0]["section"], json!("@rule[1]"));
        assert_eq!(
            served.answer("status")["diagnostics"],
            answer["diagnostics"]
        );
        // a check takes it for an error, and has it in the order of the file
        let checked = served.answer("check");
        let said = |answer: &serde_json::Value| {
            let list = answer["diagnostics"].as_array().unwrap().iter();
            let mut said: Vec<_> = list
                .map(|d| (d["line"].clone(), d["message"].clone()))
                .collect();
            said.sort_by_key(|(line, _)| line.as_u64());
            said
        };
        assert_eq!(said(&checked), said(&answer));
        assert_eq!(
            (&checked["errors"], &checked["ok"]),
            (&json!(2), &json!(true))
        );
    });
}

#[test]
fn status_is_answered_while_a_load_takes_its_time() {
    Bus::each(|bus| {
        let served = Served::new(bus);
        let lock = served.lock();
        let mut slow = Raw::new(&served, bus);
        slow.send("restart");
        until("the load is under way", || {
            served.answer("status")["busy"] == json!(true)
        });
        let begun = Instant::now();
        assert_eq!(served.answer("status")["loaded"], json!(false));
        assert_eq!(served.answer("check")["ok"], json!(true));
        assert!(begun.elapsed() < Duration::from_secs(2));
        drop(lock);
        until("the load is done", || {
            served.answer("status")["busy"] == json!(false)
        });
        assert_eq!(served.generation(), 1);
    });
}

#[test]
fn a_hundred_callers_at_once_share_few_loads() {
    Bus::each(|bus| {
        let served = Served::new(bus);
        let lock = served.lock();
        let callers: Vec<_> = (0..100)
            .map(|_| {
                let mut client = served.client();
                thread::spawn(move || client.call("firewall", "restart", Table::new()))
            })
            .collect();
        // the first has begun, and cannot end
        until("the first load is under way", || {
            served.answer("status")["busy"] == json!(true)
        });
        drop(lock);
        for caller in callers {
            let answer = caller.join().unwrap().unwrap();
            assert_eq!(answer.get("ok"), Some(&true.into()));
        }
        assert!(
            (1..=5).contains(&served.generation()),
            "{}",
            served.generation()
        );
    });
}

#[test]
fn print_comes_in_pages_that_make_up_what_the_command_line_prints() {
    Bus::each(|bus| {
        let served = Served::new(bus);
        let printed = String::from_utf8(served.cli(&["print"]).stdout).unwrap();
        let mut client = served.client();
        let mut text = String::new();
        let mut pages = 0;
        loop {
            let offset = i32::try_from(text.len()).unwrap();
            let asked = Table::new().with("offset", offset).with("length", 500);
            let page = as_json(&client.call("firewall", "print", asked).unwrap());
            assert_eq!(page["total"], json!(printed.len()));
            text.push_str(page["text"].as_str().unwrap());
            assert_eq!(page["next"], json!(text.len()));
            pages += 1;
            if page["done"] == json!(true) {
                break;
            }
        }
        assert!(pages > 3);
        assert_eq!(text, printed);
        assert_eq!(served.answer("print")["text"], json!(printed));
    });
}

#[test]
fn the_command_line_tells_the_daemon_of_what_it_loads() {
    Bus::each(|bus| {
        let served = Served::new(bus);
        let mut subscriber = Subscriber::new(&served);
        assert!(served.cli(&["start"]).status.success());
        let (method, told) = subscriber.next();
        assert_eq!(
            (method.as_str(), &told["requested_by"]),
            ("applied", &json!("cli"))
        );
        served.configure("config zone 'unfinished\n");
        assert!(!served.cli(&["reload"]).status.success());
        assert_eq!(subscriber.next().0, "failed");
    });
}

#[test]
fn a_try_over_ubus_tells_what_changes_and_the_daemon_goes_back_without_the_guard() {
    Bus::each(|bus| {
        let mut served = Served::new(bus);
        served.call("start").unwrap();
        let old = served.rules();
        let nothing = served.answer("try");
        assert_eq!(nothing["ok"], json!(false));
        assert!(
            nothing["error"]
                .as_str()
                .unwrap()
                .contains("nothing to try")
        );
        assert_eq!(
            served.answer("confirm")["error"],
            json!("no try is under way")
        );
        let ask = |seconds: i32| {
            let arguments = Table::new().with("timeout", seconds);
            served.client().call("firewall", "try", arguments)
        };
        assert_eq!(status_of(ask(0)), Status::InvalidArgument);

        served.configure_otherwise();
        let tried = as_json(&ask(2).unwrap());
        assert_eq!((&tried["ok"], &tried["timeout"]), (&json!(true), &json!(2)));
        let change = &tried["changes"][0];
        assert_eq!(change["section"], json!("Section @rule[0] (Allow-Ping)"));
        assert_eq!(change["out"].as_array().unwrap().len(), 1);
        assert!(served.rules() != old);
        assert!(served.answer("status")["reverts_in"].as_i64().unwrap() <= 2);
        served.kill_guard();
        until("the daemon goes back", || served.rules() == old);
        until("nothing is under way", || {
            served.answer("status")["reverts_in"].is_null()
        });
        assert_eq!(served.answer("status")["last"]["action"], json!("revert"));

        // With nobody left alive it is the daemon's next life that does.
        served.configure_otherwise();
        assert_eq!(as_json(&ask(1).unwrap())["ok"], json!(true));
        served.kill_guard();
        served.kill_daemon();
        assert!(served.rules() != old);
        let served = served.serve();
        until("the daemon goes back", || served.rules() == old);

        served.configure_otherwise();
        assert_eq!(served.answer("try")["ok"], json!(true));
        assert_eq!(served.answer("confirm"), json!({"ok": true, "error": null}));
        assert!(served.rules() != old);
    });
}

#[test]
fn the_command_line_needs_neither_daemon_nor_bus() {
    let bus = Bus::own();
    let mut served = Served::new(&bus);
    served.call("start").unwrap();
    served.kill_daemon();
    assert!(served.cli(&["reload"]).status.success());
    drop(bus);
    let begun = Instant::now();
    assert!(served.cli(&["restart"]).status.success());
    assert!(begun.elapsed() < Duration::from_secs(2));
    assert_eq!(served.recorded()["generation"], json!(3));
}

#[test]
fn after_a_restart_of_ubusd_the_daemon_is_there_again() {
    Bus::each(|bus| {
        let served = Served::new(bus);
        let lock = served.lock();
        let mut waiting = Raw::new(&served, bus);
        waiting.send("start");
        until("the load is under way", || {
            served.answer("status")["busy"] == json!(true)
        });
        bus.stop();
        // done while nobody could be told
        drop(lock);
        until("the load is done", || served.rules().contains("Allow-Ping"));
        bus.start();
        until("the daemon is back", || served.call("status").is_ok());
        until("the daemon knows", || {
            served.answer("status")["busy"] == json!(false)
        });
        assert_eq!(served.answer("reload")["generation"], json!(2));
    });
}

#[test]
fn clients_that_hang_hang_up_or_send_garbage_harm_nobody_else() {
    Bus::each(|bus| {
        let served = Served::new(bus);
        let mut hanging = Vec::new();
        for _ in 0..20 {
            // asks and never reads
            let mut raw = Raw::new(&served, bus);
            for method in ["status", "print", "check", "reload"] {
                raw.send(method);
            }
            hanging.push(raw);
            // asks and hangs up
            let mut raw = Raw::new(&served, bus);
            raw.send("restart");
        }
        // A call without data, one whose data is nonsense, and what is no message at all.
        let mut raw = Raw::new(&served, bus);
        let object = raw.object.to_be_bytes();
        for data in [&[][..], &[7, 0, 0, 12, 0x85, 0, 0, 9, 0, 9, b'x', 0]] {
            let mut body = [
                &[3, 0, 0, 8][..],
                &object,
                &[4, 0, 0, 10],
                b"print\0\0\0",
                data,
            ]
            .concat();
            let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
            body.splice(..0, [&[0, 5, 0, 9][..], &object, &length].concat());
            raw.send_bytes(&body);
            let answer = raw.receive();
            assert_eq!(answer.kind, Kind::Status);
            assert_eq!(
                answer.attributes.status,
                Some(Status::InvalidArgument.code())
            );
        }
        raw.send_bytes(&[0xff; 4096]);
        assert_eq!(served.answer("restart")["ok"], json!(true));
        assert!(fs::metadata(format!("/proc/{}", served.pid())).is_ok());
    });
}

#[test]
fn the_daemon_has_one_capability_and_what_it_has_others_do_has_all() {
    let bus = Bus::own();
    let served = Served::new(&bus);
    let capabilities = |pid: &str, which: &str| {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let line = status.lines().find(|line| line.starts_with(which)).unwrap();
        u64::from_str_radix(line.split_whitespace().nth(1).unwrap(), 16).unwrap()
    };
    let daemon = served.pid().to_string();
    let net_admin = 1 << 12;
    for which in ["CapEff", "CapPrm"] {
        assert_eq!(capabilities(&daemon, which), net_admin, "{which}");
    }
    for which in ["CapInh", "CapAmb"] {
        assert_eq!(capabilities(&daemon, which), 0, "{which}");
    }
    // A script of the owner's, which the daemon's load runs, may do what it always could.
    let said = served.root.join("said");
    served.script(&format!(
        "grep CapEff /proc/self/status > {}",
        said.display()
    ));
    assert_eq!(served.answer("start")["ok"], json!(true));
    let line = fs::read_to_string(said).unwrap();
    let of_script = u64::from_str_radix(line.split_whitespace().nth(1).unwrap(), 16).unwrap();
    assert_eq!(of_script, capabilities("self", "CapEff"));
    // with that one it still sees what there is to see
    assert_eq!(served.answer("status")["table"], json!(true));
    assert!(served.answer("offload")["loaded"].as_bool().unwrap());
}
