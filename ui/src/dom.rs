//! What rsx cannot say: custom properties, pointer capture, the title, storage of a single "started" mark.
//!
//! Elements are found by id at the moment of use; nothing here is kept. Every function does nothing where there is
//! no page, so that the rest of the crate runs on the host.

use jiff::civil::Date;
use js_sys::Promise;
use romp_domain::UtcMs;
use romp_domain::time::MINUTE_MS;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Document, Element, HtmlElement, KeyboardEvent, Window};

const STARTED: &str = "romp.started";

fn window() -> Option<Window> {
    web_sys::window()
}

fn document() -> Option<Document> {
    window()?.document()
}

fn element(id: &str) -> Option<Element> {
    document()?.get_element_by_id(id)
}

/// Whether there is an element with this id.
pub(crate) fn is_there(id: &str) -> bool {
    element(id).is_some()
}

/// Sets a CSS custom property of an element.
pub(crate) fn set_property(id: &str, name: &str, value: &str) {
    if let Some(element) = element(id).and_then(|e| e.dyn_into::<HtmlElement>().ok()) {
        let _ = element.style().set_property(name, value);
    }
}

/// Sets an attribute that rsx does not manage, or takes it away.
pub(crate) fn set_mark(id: &str, name: &str, value: Option<&str>) {
    if let Some(element) = element(id) {
        let _ = match value {
            Some(value) => element.set_attribute(name, value),
            None => element.remove_attribute(name),
        };
    }
}

/// Width of an element, in CSS pixels.
pub(crate) fn width_of(id: &str) -> f64 {
    element(id).map_or(0.0, |e| e.get_bounding_client_rect().width())
}

/// Gives the focus to the first button in an element.
pub(crate) fn focus_button_in(id: &str) {
    let button = element(id).and_then(|e| e.query_selector("button").ok().flatten());
    if let Some(button) = button.and_then(|e| e.dyn_into::<HtmlElement>().ok()) {
        let _ = button.focus();
    }
}

/// All moves of this pointer go to the element until it is lifted.
pub(crate) fn capture_pointer(id: &str, pointer: i32) {
    if let Some(element) = element(id) {
        let _ = element.set_pointer_capture(pointer);
    }
}

/// Milliseconds on a clock that only goes forward as far as this page is concerned.
pub(crate) fn now_ms() -> f64 {
    js_sys::Date::now()
}

/// Today, where the device is.
pub(crate) fn today() -> Option<Date> {
    let now = js_sys::Date::new_0();
    let year = i16::try_from(now.get_full_year()).ok()?;
    Date::new(year, now.get_month() as i8 + 1, now.get_date() as i8).ok()
}

/// The hands of the clock where the device is: milliseconds as if that were UTC.
pub(crate) fn local_ms(at: UtcMs) -> i64 {
    let date = js_sys::Date::new(&(at.0 as f64).into());
    at.0 - date.get_timezone_offset() as i64 * MINUTE_MS
}

/// Waits so many milliseconds.
pub(crate) async fn pause(ms: i32) {
    let timer = Promise::new(&mut |done, _| {
        if let Some(window) = window() {
            let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(&done, ms);
        }
    });
    let _ = JsFuture::from(timer).await;
}

/// The title of the window.
pub(crate) fn set_title(title: &str) {
    if let Some(document) = document() {
        document.set_title(title);
    }
}

/// Shows the top of a new screen.
pub(crate) fn scroll_to_top() {
    if let Some(window) = window() {
        window.scroll_to_with_x_and_y(0.0, 0.0);
    }
}

/// Whether somebody chose to use this device without an account. A convenience only: the data are the core's.
pub(crate) fn was_started() -> bool {
    window()
        .and_then(|w| w.local_storage().ok().flatten())
        .is_some_and(|storage| matches!(storage.get_item(STARTED), Ok(Some(_))))
}

/// Remembers that choice, or forgets it.
pub(crate) fn remember_started(yes: bool) {
    if let Some(storage) = window().and_then(|w| w.local_storage().ok().flatten()) {
        let _ = if yes {
            storage.set_item(STARTED, "1")
        } else {
            storage.remove_item(STARTED)
        };
    }
}

/// A listener for keys of the whole window; it ends when this is dropped.
pub(crate) struct KeyListener(Closure<dyn FnMut(KeyboardEvent)>);

const KEYDOWN: &str = "keydown";

impl KeyListener {
    /// Hands every key to `heard`, which says whether it was for it. Keys that are typed into a field, held down, or
    /// pressed together with a modifier are for nobody.
    pub(crate) fn new(heard: impl Fn(&str) -> bool + 'static) -> Self {
        let closure = Closure::new(move |event: KeyboardEvent| {
            let on = event
                .target()
                .and_then(|target| target.dyn_into::<Element>().ok());
            let typed = on.is_some_and(|on| match on.tag_name().as_str() {
                "INPUT" | "TEXTAREA" | "SELECT" => true,
                // What has the focus is pressed by it.
                "BUTTON" | "SUMMARY" => event.key() == "Enter",
                _ => false,
            });
            let modified = event.ctrl_key() || event.meta_key() || event.alt_key();
            if !typed && !modified && !event.repeat() && heard(&event.key()) {
                event.prevent_default();
            }
        });
        if let Some(window) = window() {
            let _ = window.add_event_listener_with_callback(KEYDOWN, closure.as_ref().unchecked_ref());
        }
        Self(closure)
    }
}

impl Drop for KeyListener {
    fn drop(&mut self) {
        if let Some(window) = window() {
            let _ = window.remove_event_listener_with_callback(KEYDOWN, self.0.as_ref().unchecked_ref());
        }
    }
}

/// The zone of the device, as the IANA database names it.
pub(crate) fn device_zone() -> Option<String> {
    let none = js_sys::Array::new();
    let options = js_sys::Intl::DateTimeFormat::new(&none, &js_sys::Object::new()).resolved_options();
    js_sys::Reflect::get(&options, &"timeZone".into())
        .ok()?
        .as_string()
}
