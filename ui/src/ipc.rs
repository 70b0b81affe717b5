//! The way to the core: one typed call, and word that something changed. The only file that knows the shell.
//!
//! Two transports. In the native window the shell's `call` command takes the request; anywhere else (the
//! development bridge, with an ordinary browser in front of it) the same JSON is posted to `call` beside the page.
//! Deliberately absent: tokens, retries, caches. The core keeps the data and decides what to try again.

use std::pin::Pin;

use js_sys::{Array, Function, JSON, Object, Promise, Reflect};
use romp_domain::calls::Call;
use romp_domain::{ErrorCode, Problem};
use wasm_bindgen::prelude::{Closure, JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{EventSource, Headers, RequestCredentials, RequestInit, Response};

use romp_json::Reply;

/// Where the shell puts its side of the bridge.
const SHELL: &str = "__TAURI_INTERNALS__";

/// A call as it crosses the shell: `{"call": "pet_save", "with": {…}}`. Written where it is made, so that the page
/// holds the writing of what it asks for, and of nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request(String);

impl Request {
    /// A call by its name, with fields that are JSON already. For rare screens: a type for each call costs more than
    /// the call, and the core judges the fields anyway. The tests hold such calls against the domain's.
    pub(crate) fn of(name: &str, fields: &[(&str, String)]) -> Self {
        let mut with = String::from("{");
        for (n, (field, value)) in fields.iter().enumerate() {
            let comma = if n == 0 { "\"" } else { ",\"" };
            with.extend([comma, field, "\":", value]);
        }
        with.push('}');
        request(name, Ok(with))
    }

    /// The call that saves what was typed into a form of `what` over what the form was filled with, if that was anything:
    /// its id, and how it was.
    pub(crate) fn save(what: &str, over: Option<(String, String)>, typed: String) -> Self {
        let (id, seen) = match over {
            Some((id, seen)) => (romp_json::quoted(&id), seen),
            None => ("null".to_owned(), "null".to_owned()),
        };
        let name = [what, "_save"].concat();
        Self::of(&name, &[("id", id), ("seen", seen), (what, typed)])
    }

    /// What is sent.
    #[cfg(test)]
    pub(crate) fn as_json(&self) -> &str {
        &self.0
    }
}

/// What becomes a request.
pub(crate) trait Ask {
    /// As the one type that is sent.
    fn ask(&self) -> Request;
}

impl<C: Call> Ask for C {
    fn ask(&self) -> Request {
        request(C::NAME.word(), romp_json::write(self))
    }
}

/// A call that cannot be written is sent as one that nobody knows, and is refused.
#[inline(never)]
fn request(name: &str, with: Result<String, romp_json::Unfit>) -> Request {
    let with = with.unwrap_or_default();
    Request(["{\"call\":\"", name, "\",\"with\":", &with, "}"].concat())
}

/// A reply on its way, as JSON.
pub(crate) type Sent = Pin<Box<dyn Future<Output = Result<String, Problem>>>>;

/// Makes one call and waits for its reply.
pub(crate) async fn call<C: Call>(call: C) -> Result<C::Reply, Problem> {
    read(&send(call.ask()).await?)
}

/// The untyped part, kept apart so that it is compiled once and not once per call: the page stays small.
pub(crate) fn send(request: Request) -> Sent {
    Box::pin(async move {
        match shell() {
            Some(shell) => invoke(&shell, &request.0).await,
            None => post(&request.0).await,
        }
    })
}

/// A reply as the type it was promised to be.
pub(crate) fn read<T: Reply>(reply: &str) -> Result<T, Problem> {
    T::read(reply).map_err(|_| unreadable())
}

async fn invoke(shell: &JsValue, request: &str) -> Result<String, Problem> {
    let args = Object::new();
    let request = JSON::parse(request).map_err(|_| unreadable())?;
    Reflect::set(&args, &"request".into(), &request).map_err(|_| unreadable())?;
    let promise = method(shell, "invoke", &["call".into(), args.into()])
        .and_then(|value| value.dyn_into::<Promise>().ok())
        .ok_or_else(unreachable_core)?;
    match JsFuture::from(promise).await {
        Ok(reply) => Ok(stringify(&reply)),
        Err(refusal) => Err(problem_in(&stringify(&refusal))),
    }
}

async fn post(request: &str) -> Result<String, Problem> {
    let headers = Headers::new().map_err(|_| unreachable_core())?;
    headers
        .append("content-type", "application/json")
        .map_err(|_| unreachable_core())?;
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_headers(&headers);
    init.set_credentials(RequestCredentials::SameOrigin);
    init.set_body(&request.into());
    let window = web_sys::window().ok_or_else(unreachable_core)?;
    let response: Response = JsFuture::from(window.fetch_with_str_and_init("call", &init))
        .await
        .ok()
        .and_then(|value| value.dyn_into().ok())
        .ok_or_else(unreachable_core)?;
    let text = response.text().map_err(|_| unreachable_core())?;
    let body = JsFuture::from(text).await.map_err(|_| unreachable_core())?;
    let body = body.as_string().unwrap_or_default();
    if response.ok() {
        Ok(if body.is_empty() { "null".to_owned() } else { body })
    } else {
        Err(problem_in(&body))
    }
}

/// Calls `heard` whenever the core says that something changed. Lives as long as the page.
pub(crate) fn on_change(heard: impl Fn() + 'static) {
    let heard = Closure::<dyn Fn(JsValue)>::new(move |_: JsValue| heard());
    let listener: &Function = heard.as_ref().unchecked_ref();
    match shell() {
        Some(shell) => {
            let handler =
                method(&shell, "transformCallback", &[listener.into()]).unwrap_or(JsValue::UNDEFINED);
            let target = Object::new();
            let args = Object::new();
            let set = |object: &Object, name: &str, value: &JsValue| {
                Reflect::set(object, &name.into(), value).is_ok()
            };
            let ready = set(&target, "kind", &"Any".into())
                && set(&args, "event", &"changed".into())
                && set(&args, "target", &target)
                && set(&args, "handler", &handler);
            if ready {
                method(&shell, "invoke", &["plugin:event|listen".into(), args.into()]);
            }
        }
        None => {
            if let Ok(source) = EventSource::new("events") {
                source.set_onmessage(Some(listener));
                // The page holds no other reference, and a collected source is a closed one.
                std::mem::forget(source);
            }
        }
    }
    heard.forget();
}

fn shell() -> Option<JsValue> {
    let window: JsValue = web_sys::window()?.into();
    Reflect::get(&window, &SHELL.into())
        .ok()
        .filter(JsValue::is_object)
}

fn method(object: &JsValue, name: &str, args: &[JsValue]) -> Option<JsValue> {
    let function: Function = Reflect::get(object, &name.into()).ok()?.dyn_into().ok()?;
    function.apply(object, &args.iter().collect::<Array>()).ok()
}

/// JSON of a value; a reply without content is `undefined`, which has none.
fn stringify(value: &JsValue) -> String {
    JSON::stringify(value)
        .ok()
        .and_then(|text| text.as_string())
        .unwrap_or_else(|| "null".to_owned())
}

fn problem_in(body: &str) -> Problem {
    Problem::read(body).unwrap_or_else(|_| unreachable_core())
}

fn unreachable_core() -> Problem {
    internal("Romp did not answer. Please close the app and open it again.")
}

fn unreadable() -> Problem {
    internal("Romp could not read its own answer. Please update the app.")
}

/// Made by hand, because the ready ones bring the sentences of all other codes along.
fn internal(sentence: &str) -> Problem {
    Problem {
        message: sentence.to_owned(),
        ..Problem::new(ErrorCode::Internal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use romp_domain::{AgeBand, Avatar, Child, ChildId, Pet, Species, calls};
    use romp_json::written;

    fn read(request: &Request) -> calls::Request {
        serde_json::from_str(request.as_json()).unwrap()
    }

    #[test]
    fn what_a_form_was_filled_with_goes_along_with_what_was_typed() {
        let (dog, cat) = (Pet::new(Species::Dog), Pet::new(Species::Cat));
        let new = Request::save("pet", None, written(&cat));
        assert!(matches!(read(&new), calls::Request::PetSave(save)
            if save.id.is_none() && save.seen.is_none() && save.pet == cat));
        let id = ChildId(uuid::Uuid::from_u128(7));
        let changed = Request::save("pet", Some((id.to_string(), written(&dog))), written(&cat));
        assert!(matches!(read(&changed), calls::Request::PetSave(save)
            if save.id.is_some_and(|pet| pet.0 == id.0) && save.seen == Some(dog) && save.pet == cat));
        let child = |avatar| Child::new("Mia".to_owned().try_into().unwrap(), avatar, AgeBand::SevenToNine);
        let (fox, owl) = (child(Avatar::Fox), child(Avatar::Owl));
        let changed = Request::save("child", Some((id.to_string(), written(&fox))), written(&owl));
        assert!(matches!(read(&changed), calls::Request::ChildSave(save)
            if save.id == Some(id) && save.seen == Some(fox) && save.child == owl));
    }
}
