//! From a call to its use case: read, guarded by the device's role, and dispatched by an exhaustive match.

use romp_domain::calls::{Call, Request};
use romp_domain::{ErrorCode, Problem};
use serde::Serialize;
use serde_json::Value;

use crate::{App, accounts, children, deck, hours, household, pets, playdates, release, request, status};

impl App {
    /// Does what the UI asked for. Anything that is not a call is a [`Problem`], and changes nothing.
    pub async fn handle(&self, request: Value) -> Result<Value, Problem> {
        self.perform(request::read(request)?).await
    }

    /// The same, typed; for callers in the same process.
    pub async fn call<C: Call>(&self, call: C) -> Result<C::Reply, Problem> {
        let reply = self.perform(call.into_request()).await?;
        serde_json::from_value(reply).map_err(unspeakable)
    }

    async fn perform(&self, request: Request) -> Result<Value, Problem> {
        let name = request.name();
        let role = self.store.role()?;
        if !name.roles().contains(&role) {
            tracing::info!(call = name.word(), role = role.word(), "denied");
            return Err(Problem::new(ErrorCode::Forbidden));
        }
        let before = self.store.version();
        let answer = self.dispatch(request).await;
        if self.store.version() != before {
            self.tell_changed();
            self.wake.notify_one();
        }
        if let Err(problem) = &answer {
            tracing::debug!(call = name.word(), code = problem.code.word(), "refused");
        }
        answer
    }

    async fn dispatch(&self, request: Request) -> Result<Value, Problem> {
        match request {
            Request::Status(_) => reply(status::status(self)),
            Request::DismissRefused(_) => reply(status::dismiss_refused(self)),
            Request::SyncNow(_) => reply(self.sync().await),

            Request::Register(call) => reply(accounts::register(self, call).await),
            Request::SignIn(call) => reply(accounts::sign_in(self, call).await),
            Request::Pair(call) => reply(accounts::pair(self, call).await),
            Request::PairingCreate(call) => reply(accounts::pairing_create(self, call).await),
            Request::SignOut(_) => reply(accounts::sign_out(self).await),

            Request::HouseholdGet(_) => reply(household::get(self)),
            Request::HouseholdSave(call) => reply(household::save(self, call)),
            Request::Places(call) => reply(household::places(&call)),

            Request::Children(_) => reply(children::list(self)),
            Request::ChildSave(call) => reply(children::save(self, call)),
            Request::ChildRemove(call) => reply(children::remove(self, call)),

            Request::Pets(_) => reply(pets::list(self)),
            Request::PetSave(call) => reply(pets::save(self, call)),
            Request::PetRemove(call) => reply(pets::remove(self, call)),

            Request::Hours(_) => reply(hours::list(self)),
            Request::SlotSave(call) => reply(hours::save_slot(self, call)),
            Request::SlotRemove(call) => reply(hours::remove_slot(self, call)),
            Request::ExceptionSave(call) => reply(hours::save_exception(self, call)),
            Request::ExceptionRemove(call) => reply(hours::remove_exception(self, call)),

            Request::Deck(call) => reply(deck::show(self, call)),
            Request::Swipe(call) => reply(deck::swipe(self, call)),
            Request::Undo(call) => reply(deck::undo(self, call)),
            Request::DeckAgain(call) => reply(deck::again(self, call)),

            Request::Releases(_) => reply(release::list(self)),
            Request::Release(call) => reply(release::decide(self, call)),

            Request::Matches(_) => reply(playdates::matches(self)),
            Request::Playdates(_) => reply(playdates::list(self)),
            Request::PlaydateAnswer(call) => reply(playdates::answer(self, call)),
            Request::CalendarExport(_) => reply(playdates::export(self)),
        }
    }
}

fn reply<T: Serialize>(result: Result<T, Problem>) -> Result<Value, Problem> {
    serde_json::to_value(result?).map_err(unspeakable)
}

/// Replies are plain data: this cannot happen, and must not bring the app down if it does.
fn unspeakable(error: serde_json::Error) -> Problem {
    tracing::error!(%error, "a reply cannot be written as JSON");
    Problem::new(ErrorCode::Internal)
}
