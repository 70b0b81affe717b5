//! Asking the core: a view names a call, and gets the last answer, again after every change.
//!
//! Answers are kept as the JSON they came in and read where they are used. One piece of code thus serves all calls;
//! a copy for each type of reply would be a good part of the whole page.

use std::marker::PhantomData;
use std::rc::Rc;

use dioxus::prelude::*;
use romp_domain::Problem;
use romp_domain::calls::Call;
use romp_domain::error::Retry;

use super::use_app;
use crate::ipc;
use crate::ipc::{Ask, Request};
use romp_json::{Reply, Value};

type Answer = Result<String, Problem>;

/// The answers to a question.
#[derive(Clone, PartialEq, Default)]
struct Answers {
    /// The last one that counts.
    last: Option<Answer>,
    /// Why there is no newer one: it could not be had just now, and a good one stays.
    trouble: Option<Problem>,
    /// What `last` answers.
    of: Option<Request>,
}

impl Answers {
    /// Takes an answer in. Where only the way to it was not open, what was known stays, and with it what is being typed.
    fn take(&mut self, request: Request, new: Answer) {
        let known = self.of.as_ref() == Some(&request) && matches!(self.last, Some(Ok(_)));
        match new {
            Err(problem) if known && problem.code.retry() == Retry::Later => self.trouble = Some(problem),
            new => {
                *self = Self {
                    last: Some(new),
                    trouble: None,
                    of: Some(request),
                }
            }
        }
    }
}

/// What a view asked for.
pub(crate) struct Query<T> {
    answers: Signal<Answers>,
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
        match self.answers.read().last.as_ref()? {
            Ok(reply) => Some(ipc::read(reply)),
            Err(problem) => Some(Err(problem.clone())),
        }
    }

    /// Why what is shown is not as new as it should be.
    pub(crate) fn trouble(self) -> Option<Problem> {
        self.answers.read().trouble.clone()
    }

    /// What is known already, where nothing else is of interest.
    pub(crate) fn known(self) -> Option<T> {
        self.get()?.ok()
    }
}

/// Of what was answered here, forgets what the core lists no longer: listed again, it is a new question.
pub(crate) fn forget_gone(mut answered: Signal<Vec<String>>, listed: &[String]) {
    if !answered.peek().iter().all(|key| listed.contains(key)) {
        answered.write().retain(|key| listed.contains(key));
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
        answers: use_asked(Rc::new(question)),
        reply: PhantomData,
    }
}

/// The same for a call that is made by name, whose reply is read field by field.
pub(crate) fn use_values(request: Request) -> Query<Value> {
    use_question(move || Some(request.clone()))
}

#[inline(never)]
fn use_asked(question: Rc<dyn Fn() -> Option<Request>>) -> Signal<Answers> {
    let app = use_app();
    let mut answers = use_signal(Answers::default);
    let mut asked = use_hook(|| CopyValue::new(0_u32));
    use_effect(move || {
        app.depend_on_changes();
        let number = *asked.peek() + 1;
        asked.set(number);
        let Some(request) = question() else {
            answers.set(Answers::default());
            return;
        };
        spawn(async move {
            let answer = ipc::send(request.clone()).await;
            let mut new = answers.peek().clone();
            new.take(request, answer);
            // An answer to an older question, or the same answer again, draws nothing.
            if *asked.peek() == number && *answers.peek() != new {
                answers.set(new);
            }
        });
    });
    answers
}

#[cfg(test)]
mod tests {
    use super::*;
    use romp_domain::ErrorCode;

    #[test]
    fn what_is_known_stays_while_there_is_no_way_to_ask_again() {
        let (one, other) = (Request::of("me", &[]), Request::of("sessions", &[]));
        let offline = || Err(Problem::new(ErrorCode::Offline));
        let mut answers = Answers::default();
        answers.take(one.clone(), offline());
        assert_eq!(answers.last, Some(offline()), "nothing was known");
        answers.take(one.clone(), Ok("1".to_owned()));
        answers.take(one.clone(), offline());
        assert_eq!(answers.last, Some(Ok("1".to_owned())));
        assert!(answers.trouble.is_some());
        answers.take(one.clone(), Ok("2".to_owned()));
        assert!(answers.last == Some(Ok("2".to_owned())) && answers.trouble.is_none());
        let consent = Err(Problem::new(ErrorCode::ConsentMissing));
        answers.take(one.clone(), consent.clone());
        assert_eq!(answers.last, Some(consent), "that is an answer");
        answers.take(one, Ok("3".to_owned()));
        answers.take(other, offline());
        assert_eq!(answers.last, Some(offline()), "another question");
    }
}
