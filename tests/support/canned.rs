//! Objects on a bus that answer as a test says.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use ferrowall::ubus::{Client, Incoming, Object, Request, Status, Table};

/// What a canned object answers; `None` never answers.
pub type Answer = Box<dyn FnMut(&Request) -> Option<Result<Table, Status>> + Send>;

/// Objects on a bus that answer from a thread of their own, as netifd and procd would.
pub struct Canned {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Canned {
    pub fn publish(socket: &Path, objects: Vec<Object>, mut answer: Answer) -> Canned {
        let mut client = Client::connect_to(socket).unwrap();
        for object in objects {
            client.add_object(object).unwrap();
        }
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let thread = thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                match client.wait(Duration::from_millis(20)) {
                    Ok(Some(Incoming::Call(request))) => {
                        if let Some(answered) = answer(&request) {
                            // What cannot be sent is the caller's to see.
                            let _ = client.answer(request, answered);
                        }
                    }
                    Ok(_) => {}
                    Err(_) => return,
                }
            }
        });
        Canned {
            stop,
            thread: Some(thread),
        }
    }
}

impl Drop for Canned {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
