/*! Sockets that fail: afterwards the kernel has the old or the new ruleset, whole, and the next run succeeds. */

use std::io::{self, IoSlice};

use ferrowall::netlink::{
    Batch, Error, LoadError, Prior, Socket, Transport, Way, load as load_with,
};
use ferrowall::ruleset::*;

use crate::pairs::words::ACCEPT;
use crate::support::{State, assert_same, chain, here, in_namespace, input, load, rule};

/// What goes wrong before the real socket is asked.
#[derive(Clone, Copy, Debug)]
enum Fault {
    Errno(i32),
    /// The answer is lost, and this is what is said instead.
    Lost(i32),
    /// The answer ends in the middle.
    Cut,
}

/// The real socket, with faults at chosen calls.
struct Faulty {
    socket: Socket,
    /// The fault at the n-th call of a kind.
    reserve: Vec<Option<Fault>>,
    send: Vec<Option<Fault>>,
    receive: Vec<Option<Fault>>,
    /// How many datagrams left.
    sent: usize,
}

impl Faulty {
    fn new() -> Faulty {
        let socket = Socket::open().expect("a socket");
        Faulty {
            socket,
            reserve: vec![],
            send: vec![],
            receive: vec![],
            sent: 0,
        }
    }
}

fn next(faults: &mut Vec<Option<Fault>>) -> Option<Fault> {
    if faults.is_empty() {
        None
    } else {
        faults.remove(0)
    }
}

fn os(errno: i32) -> io::Error {
    io::Error::from_raw_os_error(errno)
}

impl Transport for Faulty {
    fn reserve(&mut self, send: usize, receive: usize) -> io::Result<()> {
        match next(&mut self.reserve) {
            Some(Fault::Errno(errno)) => Err(os(errno)),
            _ => self.socket.reserve(send, receive),
        }
    }

    fn send(&mut self, slices: &[IoSlice<'_>]) -> io::Result<()> {
        if let Some(Fault::Errno(errno)) = next(&mut self.send) {
            return Err(os(errno));
        }
        self.sent += 1;
        self.socket.send(slices)
    }

    fn receive(&mut self, buffer: &mut [u8], wait: bool) -> io::Result<usize> {
        match next(&mut self.receive) {
            Some(Fault::Errno(errno)) => Err(os(errno)),
            Some(Fault::Lost(errno)) => {
                while self.socket.receive(buffer, false).is_ok() {}
                Err(os(errno))
            }
            Some(Fault::Cut) => Ok(self.socket.receive(buffer, wait)?.min(7)),
            None => self.socket.receive(buffer, wait),
        }
    }
}

fn ruleset(count: u32) -> Ruleset {
    let rules = (0..count)
        .map(|number| Rule {
            origin: Origin(number),
            ..rule(vec![], vec![Statement::Counter, ACCEPT])
        })
        .collect();
    Ruleset {
        chains: vec![chain("input", input(), rules)],
        ..Ruleset::default()
    }
}

/// With one rule the kernel refuses.
fn refused(count: u32) -> Ruleset {
    let mut ruleset = ruleset(count);
    let bad = Rule {
        origin: Origin(1000),
        ..rule(vec![], vec![Statement::Masquerade])
    };
    ruleset.chains[0].items.push(Item::Rule(bad));
    ruleset
}

fn commit(transport: &mut Faulty, ruleset: &Ruleset) -> Result<(), Error> {
    let batch = Batch::replace(ruleset, &Prior::default()).expect("encoded");
    batch.commit(transport).map(drop)
}

/// What a fresh load of so many rules looks like.
fn loaded(count: u32) -> State {
    load(&ruleset(count)).expect("loaded");
    here()
}

#[test]
fn interrupted_calls_are_made_again() {
    in_namespace("faults::interrupted_calls_are_made_again", || {
        let again = || vec![Some(Fault::Errno(libc::EINTR)); 3];
        let mut faulty = Faulty::new();
        (faulty.send, faulty.receive) = (again(), again());
        commit(&mut faulty, &ruleset(5)).expect("in the end it goes through");
        assert_eq!(faulty.sent, 1);
        let state = here();
        assert_same(&state, &loaded(5));
        // And while reading what is there.
        (faulty.send, faulty.receive) = (again(), again());
        load_with(&mut faulty, &ruleset(6), Way::Replace).expect("loaded");
        assert_eq!(here().list.matches("accept").count(), 6);
    });
}

#[test]
fn a_socket_that_takes_nothing_leaves_the_old_ruleset() {
    in_namespace(
        "faults::a_socket_that_takes_nothing_leaves_the_old_ruleset",
        || {
            let before = loaded(3);
            for errno in [
                libc::EMSGSIZE,
                libc::ENOBUFS,
                libc::ENOMEM,
                libc::EPERM,
                libc::ECONNREFUSED,
            ] {
                let mut faulty = Faulty::new();
                faulty.send = vec![Some(Fault::Errno(errno))];
                let error = commit(&mut faulty, &ruleset(5)).expect_err("nothing was sent");
                let said = match errno {
                    libc::EMSGSIZE | libc::ENOBUFS => matches!(error, Error::Buffer { .. }),
                    libc::ENOMEM => matches!(error, Error::OutOfMemory),
                    libc::EPERM => matches!(error, Error::NoPrivilege),
                    _ => matches!(error, Error::Io { .. }),
                };
                assert!(said, "{errno}: {error}");
                assert_same(&here(), &before);
            }
            load(&ruleset(5)).expect("the next run succeeds");
        },
    );
}

#[test]
fn a_buffer_that_cannot_grow_is_told_from_missing_privileges() {
    in_namespace(
        "faults::a_buffer_that_cannot_grow_is_told_from_missing_privileges",
        || {
            let before = loaded(3);
            let mut faulty = Faulty::new();
            faulty.reserve = vec![Some(Fault::Errno(libc::EMSGSIZE))];
            let error = commit(&mut faulty, &ruleset(5)).expect_err("no room");
            assert!(error.to_string().contains("netlink buffer"), "{error}");
            assert_same(&here(), &before);
        },
    );
}

#[test]
fn lost_answers_are_never_taken_for_success() {
    in_namespace("faults::lost_answers_are_never_taken_for_success", || {
        let before = loaded(3);
        let mut faulty = Faulty::new();
        faulty.receive = vec![Some(Fault::Lost(libc::ENOBUFS))];
        let error = commit(&mut faulty, &refused(5)).expect_err("refused, but why?");
        assert!(matches!(error, Error::ReasonsLost), "{error}");
        assert_same(&here(), &before);

        // Some reasons lost, some not: those that came are named.
        let mut faulty = Faulty::new();
        faulty.receive = vec![Some(Fault::Errno(libc::ENOBUFS))];
        let error = commit(&mut faulty, &refused(5)).expect_err("refused");
        let Error::Refused(named) = error else {
            panic!("{error}")
        };
        assert_eq!(named[0].origin, Origin(1000));

        let mut faulty = Faulty::new();
        faulty.receive = vec![Some(Fault::Lost(libc::EIO))];
        assert!(matches!(
            commit(&mut faulty, &refused(5)),
            Err(Error::Io { .. })
        ));
        assert_same(&here(), &before);
    });
}

#[test]
fn a_dump_that_breaks_off_changes_nothing() {
    in_namespace("faults::a_dump_that_breaks_off_changes_nothing", || {
        let before = loaded(3);
        for errno in [libc::EIO, libc::ENOBUFS] {
            let mut faulty = Faulty::new();
            faulty.receive = vec![None, Some(Fault::Lost(errno))];
            let error = load_with(&mut faulty, &ruleset(5), Way::Replace).expect_err("no answer");
            assert!(
                matches!(error, LoadError::Kernel(Error::Io { .. })),
                "{error}"
            );
            assert_same(&here(), &before);
        }
    });
}

#[test]
fn answers_that_make_no_sense_are_not_taken_for_success() {
    in_namespace(
        "faults::answers_that_make_no_sense_are_not_taken_for_success",
        || {
            let before = loaded(3);
            let mut faulty = Faulty::new();
            faulty.receive = vec![Some(Fault::Cut)];
            let error = commit(&mut faulty, &refused(2)).expect_err("not taken for success");
            assert!(matches!(error, Error::ReasonsLost), "{error}");
            assert_same(&here(), &before);
        },
    );
}

/// Answers with noise of every length, the same each time.
struct Noise(u64);

impl Transport for Noise {
    fn reserve(&mut self, _: usize, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn send(&mut self, _: &[IoSlice<'_>]) -> io::Result<()> {
        Ok(())
    }

    fn receive(&mut self, buffer: &mut [u8], wait: bool) -> io::Result<usize> {
        let mut random = || {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) as usize
        };
        match random() % 4 {
            0 if wait => return Err(os(libc::EIO)),
            0 => return Err(io::ErrorKind::WouldBlock.into()),
            _ => {}
        }
        let length = random() % 300;
        buffer[..length].fill_with(|| random() as u8);
        // Often a plausible header, so that more than its length is looked at.
        if length >= 24 && random() % 3 > 0 {
            let plausible = 16 + random() % (length - 15);
            buffer[..4].copy_from_slice(&(plausible as u32).to_ne_bytes());
            let kinds = [2u16, 3, 0x0a00, 0x0a09, 0x0a0c, 0x0a16];
            buffer[4..6].copy_from_slice(&kinds[random() % kinds.len()].to_ne_bytes());
            let seqs = [u32::MAX, 1, 2, 3, 7, 12];
            buffer[8..12].copy_from_slice(&seqs[random() % seqs.len()].to_ne_bytes());
        }
        Ok(length)
    }
}

#[test]
fn noise_from_the_kernel_is_survived() {
    let mut set = crate::pairs::objects::sets().remove(0);
    set.interval = true;
    let ruleset = Ruleset {
        sets: vec![set],
        ..ruleset(8)
    };
    for seed in 0..5_000 {
        let mut noise = Noise(seed);
        let _ = load_with(&mut noise, &ruleset, Way::Replace);
        let _ = ferrowall::netlink::sets(&mut noise);
        let _ = ferrowall::netlink::has_flowtable(&mut noise);
    }
}
