//! What is done after the answer: one thread, one thing after the other, and only so many that wait.
//!
//! So no request waits for a mail server, and none takes longer because there was more to note about it.
//! Deliberately absent: trying again (`mail::again` does that), and keeping what waits across a restart. A person who misses a mail asks for
//! another one.

use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use romp_domain::{ErrorCode, Problem};

/// Most things that wait. A mail takes about a second, so the last of them waits for about four minutes.
const MOST_WAITING: usize = 256;

/// Seconds after which it is worth trying again when too much waits.
const RETRY_AFTER_S: u32 = 60;

type Errand = Box<dyn FnOnce() + Send>;

/// A thread and what waits for it. Ends when the last handle is dropped and everything is done.
#[derive(Clone)]
pub(crate) struct Later(Arc<SyncSender<Errand>>);

impl fmt::Debug for Later {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Later")
    }
}

impl Later {
    /// Starts the thread.
    ///
    /// # Errors
    /// The operating system has no thread to give.
    pub(crate) fn start(name: &'static str) -> std::io::Result<Self> {
        let (errands, waiting) = sync_channel(MOST_WAITING);
        std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || run(name, &waiting))?;
        Ok(Self(Arc::new(errands)))
    }

    /// Has it done after everything that waits already.
    ///
    /// # Errors
    /// `Unavailable` where too much waits; then it is not done.
    pub(crate) fn run(&self, errand: impl FnOnce() + Send + 'static) -> Result<(), Problem> {
        self.0.try_send(Box::new(errand)).map_err(|_| {
            tracing::warn!("too much waits to be done after the answers");
            Problem::new(ErrorCode::Unavailable).after(RETRY_AFTER_S)
        })
    }

    /// Waits until everything that waits now is done, at most so long. Returns whether it is.
    pub(crate) fn settle(&self, patience: Duration) -> bool {
        let (done, told) = sync_channel(1);
        let last = self.run(move || {
            // Nobody may be waiting any more.
            let _ = done.send(());
        });
        last.is_ok() && told.recv_timeout(patience).is_ok()
    }
}

fn run(name: &'static str, waiting: &Receiver<Errand>) {
    while let Ok(errand) = waiting.recv() {
        // Whatever is wrong with one must not end the thread for all that follow.
        if std::panic::catch_unwind(std::panic::AssertUnwindSafe(errand)).is_err() {
            tracing::error!(thread = name, "something done after an answer went wrong");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    const LONG: Duration = Duration::from_mins(1);

    #[test]
    fn everything_is_done_in_order_also_after_something_went_wrong() {
        let later = Later::start("test").unwrap();
        let done = Arc::new(Mutex::new(Vec::new()));
        for n in 0..5 {
            let done = Arc::clone(&done);
            later
                .run(move || {
                    assert_ne!(n, 2, "this one goes wrong");
                    done.lock().unwrap().push(n);
                })
                .unwrap();
        }
        assert!(later.settle(LONG));
        assert_eq!(*done.lock().unwrap(), [0, 1, 3, 4]);
    }

    #[test]
    fn nobody_waits_for_what_is_slow_and_too_much_of_it_is_refused() {
        let later = Later::start("test").unwrap();
        let (go, wait) = sync_channel::<()>(0);
        let (begun, has_begun) = sync_channel(1);
        let slow = move || {
            begun.send(()).unwrap();
            let _ = wait.recv();
        };
        later.run(slow).unwrap();
        // From here on it waits for nothing any more, and every place is free.
        has_begun.recv_timeout(LONG).unwrap();
        let taken = (0..=MOST_WAITING)
            .take_while(|_| later.run(|| ()).is_ok())
            .count();
        assert_eq!(taken, MOST_WAITING);
        let refused = later.run(|| ()).unwrap_err();
        assert_eq!(
            (refused.code, refused.retry_after_s),
            (ErrorCode::Unavailable, Some(60))
        );
        drop(go);
        // Everything that was taken is done, and then there is room again.
        while !later.settle(LONG) {
            std::thread::yield_now();
        }
    }
}
