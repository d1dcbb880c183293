/*! The loop: hear, act, answer, sleep. */

use std::io;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::act::Act;
use super::answer;
use super::bus::{APPEARED, Bus, Call, NETIFD};
use super::debounce::Debounce;
use super::printed::{Page, Printed};
use super::queue::Queue;
use super::roaming::Roaming;
use super::run::{Ended, Run};
use super::tell::LOADED;
use crate::apply::{self, Job, Stamp};
use crate::ubus::{Incoming, Request, Status, Table};

/// Callers are told a little before they give up of themselves: `ubus call` waits for 30 seconds.
const PATIENCE: Duration = Duration::from_secs(28);

/// Messages heard before anything else gets its turn.
const TURN: u32 = 256;

/// A try ends this late at most, and going back from it is tried again after as long.
const RETRY: Duration = Duration::from_secs(1);

/// How often to look after a child that the kernel does not tell of.
const LOOK: Duration = Duration::from_millis(50);

/// Who waits for the outcome of an act.
#[derive(Debug)]
struct Caller {
    call: Call,
    due: Instant,
    /// What a caller of `print` wants.
    page: Option<Page>,
}

/// Acts that go one after another.
#[derive(Debug)]
struct Lane {
    queue: Queue<Caller>,
    run: Option<Run>,
    /// Those whom the run is for.
    callers: Vec<Caller>,
}

#[derive(Debug)]
pub struct Daemon {
    job: Job,
    bus: Bus,
    /// Acts that change something: one at a time.
    changes: Lane,
    /// Acts that read: beside a change, one at a time.
    reads: Lane,
    news: Debounce,
    printed: Option<Printed>,
    /// The record that subscribers know of.
    told: Option<Stamp>,
    /// When to go back from a try that is under way. Its guard does that too; one of the two will be alive.
    expiry: Option<Instant>,
    roaming: Roaming,
}

impl Daemon {
    pub fn new(job: Job) -> Daemon {
        let lane = || Lane {
            queue: Queue::new(),
            run: None,
            callers: Vec::new(),
        };
        Daemon {
            told: apply::stamp(&job),
            bus: Bus::new(Instant::now()),
            changes: lane(),
            reads: lane(),
            news: Debounce::default(),
            printed: None,
            expiry: None,
            roaming: Roaming::default(),
            job,
        }
    }

    /// Looks whether a try is under way, and whether stations are to be followed.
    fn look_again(&mut self, now: Instant) {
        // what could not be done is tried again, but not all the time
        self.expiry = apply::left(&self.job).map(|left| now + left.max(RETRY));
        self.roaming.wanted(apply::follows_stations(&self.job));
    }

    /// Ends only if it can no longer wait for anything.
    pub fn run(&mut self) -> io::Error {
        let mut writable = false;
        // ubus may come later
        self.look_again(Instant::now());
        loop {
            let now = Instant::now();
            if self.bus.revive(now) {
                // what happened while nobody listened
                self.news.note(now);
                self.look_again(now);
            }
            let more = self.hear(now, writable);
            self.tend(now);
            match self.sleep(now, more) {
                Ok(may_write) => writable = may_write,
                Err(error) => return error,
            }
        }
    }

    /// Takes what has come; true if there may be more.
    fn hear(&mut self, now: Instant, mut writable: bool) -> bool {
        for _ in 0..TURN {
            if self.bus.is_clogged() && !writable {
                break;
            }
            writable = false;
            match self.bus.next() {
                Some(Incoming::Call(request)) => self.called(request, now),
                Some(Incoming::Event { name, data }) => self.event(&name, &data, now),
                Some(Incoming::Notification { .. }) => self.news.note(now),
                // netifd is gone and will be back; who listens to us does not matter
                Some(Incoming::Unsubscribed { .. } | Incoming::Subscribers { .. }) => {}
                None => return false,
            }
        }
        true
    }

    fn event(&mut self, name: &str, data: &Table, now: Instant) {
        match name {
            LOADED => {
                self.announce();
                self.look_again(now);
            }
            NETIFD => self.news.note(now),
            APPEARED if data.get("path").and_then(|path| path.as_str()) == Some(NETIFD) => {
                self.bus.subscribe();
                self.news.note(now);
            }
            _ => {}
        }
    }

    fn called(&mut self, request: Request, now: Instant) {
        let act = Act::of_method(&request.method).map(|act| act.with(&request.arguments));
        let act = match act.transpose() {
            Ok(act) => act,
            Err(status) => {
                let call = self.bus.keep(request);
                return self.bus.answer(call, Err(status));
            }
        };
        let page = match act {
            Some(Act::Print) => Page::of(&request.arguments).map(Some),
            _ => Ok(None),
        };
        let method = request.method.clone();
        let call = self.bus.keep(request);
        match (act, page) {
            (_, Err(status)) => self.bus.answer(call, Err(status)),
            (None, _) => {
                let busy = self.changes.run.is_some() || !self.changes.queue.is_empty();
                let table = match method.as_str() {
                    "status" => answer::status(&self.job, busy),
                    "offload" => answer::offload(&self.job),
                    _ => answer::zones(&self.job),
                };
                self.bus.answer(call, Ok(table));
            }
            (Some(act), Ok(page)) => {
                if let (Some(wanted), Some(printed)) = (page, &mut self.printed)
                    && wanted.offset > 0
                {
                    let answer = printed.page(wanted, now);
                    return self.bus.answer(call, answer);
                }
                let caller = Caller {
                    call,
                    due: now + PATIENCE,
                    page,
                };
                if let Err(caller) = self.lane(act).queue.add(act, caller) {
                    self.bus.answer(caller.call, Err(Status::NoMemory));
                }
            }
        }
    }

    fn lane(&mut self, act: Act) -> &mut Lane {
        if act.only_reads() {
            &mut self.reads
        } else {
            &mut self.changes
        }
    }

    /// Everything that is due.
    fn tend(&mut self, now: Instant) {
        if self.news.take(now) {
            self.changes.queue.add_refresh();
        }
        if self.expiry.take_if(|due| *due <= now).is_some() {
            self.changes.queue.add_once(Act::Expire);
        }
        if self.roaming.take(now) {
            self.changes.queue.add_once(Act::EndFlows);
        }
        self.printed.take_if(|printed| printed.due <= now);
        for reads in [true, false] {
            let lane = if reads {
                &mut self.reads
            } else {
                &mut self.changes
            };
            for caller in lane.expire(now) {
                self.bus.answer(caller.call, Err(Status::Timeout));
            }
            self.go_on(reads, now);
        }
    }

    /// Sees to the run of a lane: is it done, what comes next?
    fn go_on(&mut self, reads: bool, now: Instant) {
        loop {
            let lane = if reads {
                &mut self.reads
            } else {
                &mut self.changes
            };
            if let Some(mut run) = lane.run.take() {
                run.hurry(now);
                match run.ended() {
                    Ok(None) => return lane.run = Some(run),
                    Ok(Some(ended)) => {
                        let callers = std::mem::take(&mut lane.callers);
                        self.done(&run, ended, callers, now);
                    }
                    Err(error) => {
                        let callers = std::mem::take(&mut lane.callers);
                        self.failed(callers, &error, now);
                    }
                }
                continue;
            }
            let Some((act, callers)) = lane.queue.next() else {
                return;
            };
            match Run::start(&self.job, act, now) {
                Ok(run) => {
                    lane.run = Some(run);
                    lane.callers = callers;
                }
                Err(error) => self.failed(callers, &error, now),
            }
        }
    }

    fn done(&mut self, run: &Run, ended: Ended, callers: Vec<Caller>, now: Instant) {
        match run.act {
            Act::Check => self.answer_all(callers, &Ok(answer::checked(ended))),
            Act::Print => self.hand_out(ended, callers, now),
            Act::Try(_) | Act::Confirm | Act::Revert => {
                self.announce();
                self.look_again(now);
                self.answer_all(callers, &Ok(answer::checked(ended)));
            }
            act => {
                self.announce();
                self.look_again(now);
                let recorded = (apply::stamp(&self.job) != run.before && act.loads())
                    .then(|| answer::last_load(apply::status(&self.job)))
                    .flatten();
                let answer = recorded.map_or_else(
                    || answer::without_record(&self.job, act, &ended),
                    |(_, table)| table,
                );
                self.answer_all(callers, &Ok(answer));
            }
        }
    }

    /// Of a run that did not begin, or of which nobody knows what became. If it was to go back from a try, that is
    /// still to be done.
    fn failed(&mut self, callers: Vec<Caller>, error: &io::Error, now: Instant) {
        self.look_again(now);
        self.answer_all(callers, &Ok(answer::failure(error)));
    }

    fn hand_out(&mut self, ended: Ended, callers: Vec<Caller>, now: Instant) {
        let text = if ended.status.success() {
            ended.text.as_ref()
        } else {
            None
        };
        let Some(text) = text.and_then(|text| text.try_clone().ok()) else {
            return self.answer_all(callers, &Err(Status::UnknownError));
        };
        let printed = self.printed.insert(Printed::new(text, now));
        for Caller { call, page, .. } in callers {
            let answer = page.map_or(Err(Status::InvalidArgument), |page| printed.page(page, now));
            self.bus.answer(call, answer);
        }
    }

    fn answer_all(&mut self, callers: Vec<Caller>, answer: &Result<Table, Status>) {
        for Caller { call, .. } in callers {
            self.bus.answer(call, answer.clone());
        }
    }

    /// Tells subscribers of a load that they do not know of, whoever did it.
    fn announce(&mut self) {
        let stamp = apply::stamp(&self.job);
        if stamp.is_none() || stamp == self.told {
            return;
        }
        self.told = stamp;
        if let Some((ok, table)) = answer::last_load(apply::status(&self.job)) {
            self.bus
                .notify(if ok { "applied" } else { "failed" }, table);
        }
    }

    /// Waits for messages, children and the next thing that is due. True if ubusd takes more.
    fn sleep(&self, now: Instant, more: bool) -> io::Result<bool> {
        let mut fds = Vec::new();
        let mut due = [
            self.bus.due(),
            self.news.due(),
            self.printed.as_ref().map(|p| p.due),
            self.expiry,
            self.roaming.due(),
        ]
        .into_iter()
        .flatten()
        .min();
        let mut by = |when: Instant| due = Some(due.map_or(when, |due| due.min(when)));
        let clogged = self.bus.is_clogged();
        if more && !clogged {
            by(now);
        }
        if let Some(fd) = self.bus.fd() {
            let flags = if clogged {
                PollFlags::OUT
            } else {
                PollFlags::IN
            };
            fds.push(PollFd::from_borrowed_fd(fd, flags));
        }
        fds.extend(
            self.roaming
                .fd()
                .map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)),
        );
        for lane in [&self.changes, &self.reads] {
            lane.callers
                .iter()
                .chain(lane.queue.callers())
                .for_each(|caller| by(caller.due));
            if let Some(run) = &lane.run {
                by(run.due);
                match run.pidfd() {
                    Some(fd) => fds.push(PollFd::from_borrowed_fd(fd, PollFlags::IN)),
                    None => by(now + LOOK),
                }
            }
        }
        let timeout = due.map(|due| {
            let left = due.saturating_duration_since(Instant::now());
            Timespec {
                tv_sec: left.as_secs() as _,
                tv_nsec: left.subsec_nanos() as _,
            }
        });
        match poll(&mut fds, timeout.as_ref()) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let bus = fds.first().filter(|_| clogged);
        Ok(bus.is_some_and(|fd| !fd.revents().is_empty()))
    }
}

impl Lane {
    /// Callers who will not wait longer; their act goes on.
    fn expire(&mut self, now: Instant) -> Vec<Caller> {
        let mut expired = self.queue.expire(|caller| caller.due <= now);
        expired.extend(self.callers.extract_if(.., |caller| caller.due <= now));
        expired
    }
}
