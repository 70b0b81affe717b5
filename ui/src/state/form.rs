//! A form on the screen: what is typed, what is wrong, and whether it is being sent.

use std::sync::atomic::{AtomicU32, Ordering};

use dioxus::core::spawn_forever;
use dioxus::prelude::*;

use super::typed::{Errors, Typed};
use super::{App, Notice, use_app};
use crate::dom;
use crate::ipc::Request;

/// A form; the same type for all, so that fields are drawn by the same code.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Form {
    app: App,
    typed: Signal<Typed>,
    errors: Signal<Errors>,
    busy: Signal<bool>,
    /// Its own among all forms, so that no two fields on a page share an id.
    number: u32,
}

static FORMS: AtomicU32 = AtomicU32::new(0);

/// The id of what stands below the field with this id.
pub(crate) fn below_of(id: &str) -> String {
    [id, "-more"].concat()
}

/// A form that begins with something.
pub(crate) fn use_form(mut begin: impl FnMut() -> Typed) -> Form {
    use_form_of(&mut begin)
}

#[inline(never)]
fn use_form_of(begin: &mut dyn FnMut() -> Typed) -> Form {
    Form {
        app: use_app(),
        typed: use_signal(begin),
        errors: use_signal(Errors::default),
        busy: use_signal(bool::default),
        number: use_hook(|| FORMS.fetch_add(1, Ordering::Relaxed)),
    }
}

impl Form {
    /// What is typed.
    pub(crate) fn typed(self) -> Typed {
        self.typed.read().clone()
    }

    /// What a field has.
    pub(crate) fn get(self, field: &str) -> String {
        self.typed.read().get(field).to_owned()
    }

    /// Whether a switch is on.
    pub(crate) fn is_on(self, field: &str) -> bool {
        self.typed.read().is_on(field)
    }

    /// The id of a field on the page.
    pub(crate) fn id(self, field: &str) -> String {
        format!("form{}-{field}", self.number)
    }

    /// What is wrong with a field.
    pub(crate) fn error(self, field: &str) -> Option<String> {
        self.errors.read().of(field).map(str::to_owned)
    }

    /// Whether anything is wrong.
    pub(crate) fn is_wrong(self) -> bool {
        !self.errors.read().is_empty()
    }

    /// Whether it is being sent.
    pub(crate) fn is_busy(self) -> bool {
        *self.busy.read()
    }

    /// Changes what is typed.
    pub(crate) fn edit(mut self, change: impl FnOnce(&mut Typed)) {
        change(&mut self.typed.write());
    }

    /// It was sent, or another form takes its place: what was typed stays, but secrets, and what was wrong.
    pub(crate) fn pass_on(mut self) {
        self.errors.set(Errors::default());
        self.edit(|typed| {
            for secret in ["password", "code", "current", "pin"] {
                typed.set(secret, String::new());
            }
        });
    }

    /// Sends what was typed, or shows what is wrong. Problems with a field are shown beside it, others are told.
    /// `then` is given the reply, when it worked and the view is still there.
    pub(crate) fn submit(
        mut self,
        made: Result<Request, Errors>,
        done: &'static str,
        then: Box<dyn FnOnce(String)>,
    ) {
        if *self.busy.peek() {
            return;
        }
        let request = match made {
            Ok(request) => request,
            Err(wrong) => return self.errors.set(wrong),
        };
        self.errors.set(Errors::default());
        self.busy.set(true);
        let app = self.app;
        app.tell(None);
        // Not bound to the view: the reply of a join arrives when the form it came from is already gone.
        spawn_forever(async move {
            let answer = app.order(request).await;
            // What belongs to a view that is gone is gone, too: its handlers are not to be called any more.
            let still_there = self.busy.try_write().is_ok_and(|mut busy| {
                *busy = false;
                true
            });
            match answer {
                Ok(reply) => {
                    app.done(done);
                    if still_there {
                        then(reply);
                    }
                }
                Err(problem) => {
                    // A problem with what is not asked here has no other place than the top.
                    let field = problem.field.as_ref();
                    let is_drawn = field.is_some_and(|field| dom::is_there(&below_of(&self.id(field))));
                    let rest = match self.errors.try_write() {
                        Ok(mut errors) if is_drawn => errors.take(problem),
                        _ => Some(problem),
                    };
                    app.tell(rest.map(Notice::Failed));
                }
            }
        });
    }
}
