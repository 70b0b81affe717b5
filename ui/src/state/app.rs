//! Where the person is, what the app has to tell them, and how views have the core do something.

use std::sync::atomic::{AtomicI64, Ordering};

use dioxus::core::spawn_forever;
use dioxus::prelude::*;
use romp_domain::calls::Call;
use romp_domain::{PetId, Problem, SessionId, UtcMs};

use crate::ipc::{Ask, Request};
use crate::{dom, ipc};

/// The screens of an owner's device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Screen {
    /// The deck.
    Deck,
    /// Children's yeses that wait.
    Releases,
    /// Proposed playdates.
    Proposals,
    /// Agreed playdates.
    Playdates,
    /// The family's pets.
    Pets,
    /// One pet, or a new one.
    PetEditor(Option<PetId>),
    /// The family's settings.
    Household,
    /// Child profiles.
    Children,
    /// Free hours.
    Hours,
    /// What is switched off, and when.
    Rules,
    /// Other devices.
    Devices,
    /// What happened to the account, and what its devices did, or one of them.
    Activity(Option<SessionId>),
    /// The owners, their addresses and passwords.
    Account,
    /// Giving the device to a child.
    HandOver,
    /// How sync stands.
    Sync,
    /// Joining an account from a device that is in use.
    Join(JoinForm),
}

/// The ways to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JoinForm {
    /// With an address and a password.
    SignIn,
    /// With an invitation.
    Register,
    /// With a code from another device.
    Pair,
    /// As the second owner of a family.
    Family,
    /// Asking for a code, because the password is forgotten.
    Forgot,
    /// Setting another password with that code.
    Reset,
}

/// Something to tell the person once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Notice {
    /// It worked; goes away by itself.
    Done(String),
    /// It did not; stays until it was read.
    Failed(Problem),
}

/// The state shared by all views.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct App {
    generation: Signal<u64>,
    screen: Signal<Screen>,
    notice: Signal<Option<Notice>>,
    started: Signal<bool>,
}

/// By how much the family's clock is ahead of the device's. Not in the state: nothing is drawn by it alone.
static CLOCK_OFF_MS: AtomicI64 = AtomicI64::new(0);

impl App {
    /// Where the person is.
    pub(crate) fn screen(self) -> Screen {
        (self.screen)()
    }

    /// Goes somewhere else.
    pub(crate) fn go(mut self, screen: Screen) {
        self.screen.set(screen);
        dom::scroll_to_top();
    }

    /// Whether somebody chose to use this device without an account.
    pub(crate) fn is_started(self) -> bool {
        (self.started)()
    }

    /// Somebody chooses so; or nobody does any more, because everything here goes.
    pub(crate) fn start(mut self, yes: bool) {
        dom::remember_started(yes);
        self.started.set(yes);
        self.go(Screen::Pets);
    }

    /// Now, by the family's clock: ends and beginnings are told by it, and the device's own may be wrong.
    #[expect(clippy::unused_self, reason = "the clock is the app's, wherever it is kept")]
    pub(crate) fn now(self) -> UtcMs {
        UtcMs(dom::now_ms() as i64 + CLOCK_OFF_MS.load(Ordering::Relaxed))
    }

    /// Learns by how much that clock is ahead.
    #[expect(clippy::unused_self, reason = "the clock is the app's, wherever it is kept")]
    pub(crate) fn set_clock(self, off_ms: i64) {
        CLOCK_OFF_MS.store(off_ms, Ordering::Relaxed);
    }

    /// What is to be told now.
    pub(crate) fn notice(self) -> Option<Notice> {
        self.notice.read().clone()
    }

    /// Tells something, or nothing any more.
    pub(crate) fn tell(mut self, notice: Option<Notice>) {
        self.notice.set(notice);
    }

    /// Tells that something worked.
    pub(crate) fn done(self, what: &str) {
        self.tell(Some(Notice::Done(what.to_owned())));
    }

    /// Makes everything that reads this run again after the next change.
    pub(crate) fn depend_on_changes(self) {
        self.generation.read();
    }

    /// Something changed: views ask again.
    pub(crate) fn changed(mut self) {
        self.generation += 1;
    }

    /// Has the core do something. Views ask again when it worked.
    pub(crate) async fn order(self, request: Request) -> Result<String, Problem> {
        let reply = ipc::send(request).await;
        if reply.is_ok() {
            self.changed();
        }
        reply
    }

    /// The same, told to the person: `done` when it worked, the problem when not. Goes on when the view is left.
    pub(crate) fn act(self, call: impl Call, done: &'static str) {
        self.act_or(call.ask(), done, Box::new(|| {}));
    }

    /// The same; `undo` runs when it did not work. The view may be gone by then, so that it may only try to write.
    pub(crate) fn act_or(self, request: Request, done: &'static str, undo: Box<dyn FnOnce()>) {
        spawn_forever(async move {
            match self.order(request).await {
                Ok(_) => self.done(done),
                Err(problem) => {
                    undo();
                    self.tell(Some(Notice::Failed(problem)));
                }
            }
        });
    }
}

/// Makes the shared state and listens for changes; called once, by the root.
pub(crate) fn use_app_provider() -> App {
    let app = App {
        generation: use_signal(|| 0),
        screen: use_signal(|| Screen::Pets),
        notice: use_signal(|| None),
        started: use_signal(dom::was_started),
    };
    // A callback may be called from outside the drawing: it goes inside by itself.
    let heard = use_callback(move |()| app.changed());
    use_hook(move || ipc::on_change(move || heard.call(())));
    use_context_provider(|| app)
}

/// Asks the core again every so often, as long as the component is there and what is returned is true: for what ends by
/// the clock alone.
#[inline(never)]
pub(crate) fn use_looks(every_ms: i32) -> Signal<bool> {
    let app = use_app();
    let looks = use_signal(|| true);
    use_hook(move || {
        spawn(async move {
            loop {
                dom::pause(every_ms).await;
                if *looks.peek() {
                    app.changed();
                }
            }
        })
    });
    looks
}

/// The shared state. Not inlined: what a hook does is long, and nearly every component begins with this one.
#[inline(never)]
pub(crate) fn use_app() -> App {
    use_context()
}
