//! Asking the core: a view names a call, and gets the last answer, again after every change.
//!
//! Answers are kept as the JSON they came in and read where they are used. One piece of code thus serves all calls;
//! a copy for each type of reply would be a good part of the whole page.

use std::marker::PhantomData;
use std::rc::Rc;

use dioxus::prelude::*;
use romp_domain::Problem;
use romp_domain::calls::Call;

use super::use_app;
use crate::ipc;
use crate::ipc::{Ask, Request};
use crate::json::{Reply, Value};

type Answer = Option<Result<String, Problem>>;

/// What a view asked for.
pub(crate) struct Query<T> {
    answer: Signal<Answer>,
    reply: PhantomData<fn() -> T>,
}

impl<T> Clone for Query<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Query<T> {}

impl<T: Reply> Query<T> {
    /// Not here yet, here, or refused.
    pub(crate) fn get(self) -> Option<Result<T, Problem>> {
        let answer = self.answer.read();
        match answer.as_ref()? {
            Ok(reply) => Some(ipc::read(reply)),
            Err(problem) => Some(Err(problem.clone())),
        }
    }

    /// What is known already, where nothing else is of interest.
    pub(crate) fn known(self) -> Option<T> {
        self.get()?.ok()
    }
}

/// Asks now and after every change; keeps the last answer meanwhile.
pub(crate) fn use_query<C: Call>(call: C) -> Query<C::Reply> {
    let request = call.ask();
    use_question(move || Some(request.clone()))
}

/// The same for a question that changes; what it reads decides when. No question, no answer.
pub(crate) fn use_question<T>(question: impl Fn() -> Option<Request> + 'static) -> Query<T> {
    Query {
        answer: use_asked(Rc::new(question)),
        reply: PhantomData,
    }
}

/// The same for a call that is made by name, whose reply is read field by field.
pub(crate) fn use_values(request: Request) -> Query<Value> {
    use_question(move || Some(request.clone()))
}

#[inline(never)]
fn use_asked(question: Rc<dyn Fn() -> Option<Request>>) -> Signal<Answer> {
    let app = use_app();
    let mut answer = use_signal(|| None);
    let mut asked = use_hook(|| CopyValue::new(0_u32));
    use_effect(move || {
        app.depend_on_changes();
        let number = *asked.peek() + 1;
        asked.set(number);
        let Some(request) = question() else {
            answer.set(None);
            return;
        };
        let sent = ipc::send(request);
        spawn(async move {
            let new = Some(sent.await);
            // An answer to an older question, or the same answer again, draws nothing.
            if *asked.peek() == number && *answer.peek() != new {
                answer.set(new);
            }
        });
    });
    answer
}
