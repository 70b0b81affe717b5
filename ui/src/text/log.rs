//! What happened to the account and what a device did, in plain words. Tables: a word that is not in them is shown as it
//! is, so that a newer server can say more.

use romp_domain::policy::Operation;

use super::operation;

/// Entries of the security log: the event's word, what people read, and whether it deserves a look.
const EVENTS: &[(&str, &str, bool)] = &[
    ("registered", "The account was made", false),
    ("email_verified", "An e-mail address was confirmed", false),
    ("signed_in", "Signed in", false),
    ("sign_in_failed", "Somebody tried a wrong password", true),
    ("signed_out", "Signed out", false),
    ("pairing_created", "Made a code for another device", false),
    ("paired", "A device joined with a code", false),
    ("session_revoked", "A device was signed out from afar", false),
    (
        "session_expired",
        "Was not used for long, and was signed out",
        false,
    ),
    (
        "token_reused",
        "A copied key was used. The device was signed out",
        true,
    ),
    ("password_changed", "The password was changed", false),
    ("password_reset", "A new password was set by mail", true),
    ("address_set", "Another e-mail address was given", false),
    (
        "address_freed",
        "Somebody else has the e-mail address that was given",
        true,
    ),
    ("owner_invited", "Somebody was invited to the family", false),
    ("owner_joined", "The invited person waits to be let in", false),
    ("owner_confirmed", "The new owner was let in", false),
    ("owner_removed", "An owner was taken out of the family", false),
    ("switch_set", "A quiet time was made or changed", false),
    ("switch_lifted", "A quiet time was lifted", false),
    ("switched_off", "Tried something that was switched off", false),
    ("suspicious_rate", "Much faster than people are", true),
    ("account_deleted", "The account was deleted", true),
];

/// What devices call.
const CALLS: &[(&str, &str)] = &[
    ("sync", "Exchanged changes"),
    ("events", "Listened for news"),
    ("sign_out", "Signed out"),
    ("create_pairing", "Made a code for a device"),
    ("sessions", "Looked at the devices"),
    ("revoke_session", "Signed a device out"),
    ("revoke_others", "Signed all others out"),
    ("activity", "Looked at this list"),
    ("me", "Looked at the account"),
    ("change:swipe", "Chose a card"),
    ("change:pet", "Changed a pet"),
    ("change:child", "Changed a child's profile"),
    ("change:household", "Changed the family's settings"),
    ("change:slot", "Changed free hours"),
    ("change:exception", "Changed a special date"),
    ("change:playdate", "Answered a playdate"),
    ("change:switch", "Changed a quiet time"),
    ("change:block", "Blocked a family"),
];

/// What an entry of the security log says, and whether it deserves a look.
pub(crate) fn event(word: &str) -> (String, bool) {
    let found = EVENTS.iter().find(|(key, ..)| *key == word);
    found.map_or_else(
        || (plain(word), false),
        |(_, text, look)| ((*text).to_owned(), *look),
    )
}

/// What more an entry says, of what people understand: what a quiet time turns off or somebody met, and that there was
/// more of the same. Ids and the other words of the code say nothing to anybody.
pub(crate) fn about(detail: &str) -> Vec<&'static str> {
    let told = |word: &str| match word {
        "by_romp" => Some("by Romp"),
        "and_more" => Some("and more of these within the hour"),
        word => Operation::from_word(word).map(operation),
    };
    detail.split(' ').filter_map(told).collect()
}

/// What a call was about.
pub(crate) fn called(word: &str) -> String {
    let found = CALLS.iter().find(|(key, _)| *key == word);
    found.map_or_else(|| plain(word), |(_, text)| (*text).to_owned())
}

/// A word of the code, as near to a person's as it gets.
fn plain(word: &str) -> String {
    word.replace(['_', ':'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use romp_domain::AuditEvent;

    #[test]
    fn every_event_has_words_but_the_one_that_nobody_knows() {
        let without: Vec<_> = AuditEvent::ALL
            .iter()
            .filter(|event| !EVENTS.iter().any(|(word, ..)| *word == event.word()))
            .collect();
        assert_eq!(without, [&AuditEvent::Other]);
        assert_eq!(event("teleported_home"), ("teleported home".to_owned(), false));
        assert_eq!(called("change:swipe"), "Chose a card");
    }

    #[test]
    fn what_more_an_entry_says_is_in_words_and_without_ids() {
        let id = "00000000-0000-0000-0000-000000000007";
        assert_eq!(
            about(&format!("by_romp choose live {id} and_more")),
            [
                "by Romp",
                "Choosing cards",
                "News at once",
                "and more of these within the hour"
            ]
        );
        assert_eq!(about("child"), [""; 0]);
    }
}
