//! Broken rules as sentences that stand beside a field.

use romp_domain::{InvalidReason, Problem};

/// What a problem says to a person. The core names the field, which no PIN pad has: “pin” is … → This is …
pub(crate) fn sentence_of(problem: &Problem) -> String {
    match problem.message.split_once("” ") {
        Some((name, rule)) if name.starts_with('“') => ["This ", rule].concat(),
        _ => problem.message.clone(),
    }
}

/// "This must not be empty."
pub(crate) fn rule(reason: &InvalidReason) -> String {
    match reason {
        InvalidReason::Empty | InvalidReason::Missing => "Please fill this in.".to_owned(),
        InvalidReason::NotAnEmail => "This does not look like an e-mail address.".to_owned(),
        InvalidReason::EndsBeforeStart => "The end has to come after the start.".to_owned(),
        InvalidReason::Unreadable(_) => "This cannot be read.".to_owned(),
        other => format!("This {other}."),
    }
}
