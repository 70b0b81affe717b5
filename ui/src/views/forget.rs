//! Removing everything from this device: folded away, and asked twice, or after the PIN.

use dioxus::prelude::*;
use romp_domain::view::Status;

use super::asked::{Asked, Fixed, ask_then};
use crate::components::{Asking, Field, Twice, warning};
use crate::ipc::Request;
use crate::state::App;

const FORGET: Asked = Asked {
    call: "forget_device",
    fields: &[Field::new("pin", "Your PIN").kind("password", "off")],
    send: "Remove everything",
    done: "Removed",
    danger: true,
};
const FROM_ACCOUNT: &str = "Everything of your family goes from this device, for good. The account and your other \
devices stay as they are.";
const ONLY_HERE: &str =
    "Everything on this device goes, for good. There is no account, so it is nowhere else.";

/// What is sent besides the PIN.
fn agreed() -> Fixed {
    vec![("sure", "true".to_owned())]
}

/// The call where there is no PIN.
fn without_pin() -> Request {
    let mut fields = agreed();
    fields.push(("pin", "null".to_owned()));
    Request::of(FORGET.call, &fields)
}

/// What goes, and the way to it.
pub(super) fn forget_device(app: App, asking: Asking, status: &Status) -> Element {
    let goes = if status.account.is_some() {
        FROM_ACCOUNT
    } else {
        ONLY_HERE
    };
    let unsent = status.pending + status.waiting;
    let twice = Twice {
        id: FORGET.call,
        first: (FORGET.send, "forget"),
        question: "Really everything?",
        keep: "Keep it",
        sure: (FORGET.send, "forget-confirm"),
    };
    rsx! {
        details { class: "hint", "data-testid": "forget-device",
            summary { "Remove everything from this device" }
            p { "{goes}" }
            if status.account.is_some() && unsent > 0 {
                {warning(&format!("Changes that were never sent are lost then: {unsent}."), "forget-unsent")}
            }
            if status.gate.pin {
                {ask_then(&FORGET, agreed(), Vec::new(), EventHandler::new(move |_| app.start(false)))}
            } else {
                {twice.draw(asking, move || {
                    app.start(false);
                    app.act_or(without_pin(), FORGET.done, Box::new(|| {}));
                })}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::asked::tests::read;
    use super::*;
    use crate::state::typed::Typed;
    use romp_domain::calls;

    #[test]
    fn it_is_agreed_to_with_the_pin_where_there_is_one() {
        let typed = Typed::default().with("pin", "4829");
        let without = serde_json::from_str(without_pin().as_json()).unwrap();
        for (request, has_pin) in [(read(&FORGET, &typed, &agreed()), true), (without, false)] {
            let calls::Request::ForgetDevice(call) = request else {
                panic!("another call");
            };
            assert!(call.sure && call.pin.is_some() == has_pin);
        }
    }
}
