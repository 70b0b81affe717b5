//! Broken rules as sentences that stand beside a field.

use romp_domain::InvalidReason;

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
