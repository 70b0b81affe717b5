//! How the device stands with its server, in words.

use romp_domain::view::{Connection, Status};

/// In a word or two, and what that means for the person. That everything was exchanged is said only where it was.
pub(crate) fn standing(status: &Status) -> (&'static str, &'static str) {
    match status.connection {
        Connection::NotJoined => (
            "On this device only",
            "There is no account yet, so nothing leaves this device.",
        ),
        Connection::Online if status.stalled => (
            "Not all exchanged",
            "Something does not get through. Nothing is lost, and Romp keeps trying.",
        ),
        Connection::Online if !status.refused.is_empty() => (
            "Not all accepted",
            "What the server did not accept is listed below.",
        ),
        Connection::Online if status.waiting > 0 => (
            "Some held back",
            "Some changes wait until something is switched on again. They go out by themselves then.",
        ),
        Connection::Online if status.pending == 0 => (
            "Up to date",
            "Everything has been exchanged with the family's server.",
        ),
        Connection::Online | Connection::Syncing => ("Exchanging…", "Changes are on their way."),
        Connection::Waiting => (
            "Waiting to be let in",
            "Another grown-up of your family does that under “Account”. Everything is kept here meanwhile.",
        ),
        Connection::Misunderstood => (
            "Not exchanging",
            "Romp and the family's server do not understand each other. Everything works and is kept here. Please see \
             whether there is a newer Romp, or tell whoever runs the server.",
        ),
        Connection::Offline => (
            "No connection",
            "Everything works and is kept here. It is sent as soon as there is a connection again.",
        ),
        Connection::SignedOut => (
            "Signed out",
            "Nothing is lost. Sign in again to exchange changes.",
        ),
    }
}

/// A mark for the way to that screen: how many changes are here only, or that something is the matter, and whether it
/// is to be seen from afar. None is empty.
pub(crate) fn standing_mark(status: &Status) -> (String, bool) {
    match status.pending + status.waiting {
        _ if status.stalled || !status.refused.is_empty() => ("!".to_owned(), true),
        0 => (String::new(), false),
        count => (count.to_string(), false),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use romp_json::Reply;

    /// A device that is up to date, but for what `more` says.
    pub(crate) fn status(more: &str) -> Status {
        let all = r#"{"role":"owner","gate":{"pin":false,"handed":null,"tries_left":5,"wait_s":null,"spent":false},
            "account":{"server":"https://romp.example","email":"ann@romp.example"},"oldest_pending":null,
            "last_sync":7,"problem":null,"switched_off":[],"secrets":"keyring","now":7,"clock_off_ms":0,"version":"0",
            "connection":"online","pending":0,"stalled":false,"refused":[],"waiting":0}"#;
        let mut value: serde_json::Value = serde_json::from_str(all).unwrap();
        let more: serde_json::Value = serde_json::from_str(more).unwrap();
        for (name, new) in more.as_object().unwrap() {
            value[name] = new.clone();
        }
        Status::read(&value.to_string()).unwrap()
    }

    #[test]
    fn up_to_date_is_said_only_where_nothing_is_held_back_refused_or_stuck() {
        let refused = r#"{"refused":[{"mid":1,"kind":"pet","message":"no"}]}"#;
        for (more, headline, mark) in [
            ("{}", "Up to date", ""),
            (r#"{"pending":1}"#, "Exchanging…", "1"),
            (r#"{"waiting":2,"pending":1}"#, "Some held back", "3"),
            (refused, "Not all accepted", "!"),
            (r#"{"stalled":true}"#, "Not all exchanged", "!"),
            (r#"{"connection":"offline","waiting":2}"#, "No connection", "2"),
        ] {
            let status = status(more);
            let told = (standing(&status).0, standing_mark(&status).0);
            assert_eq!(told, (headline, mark.to_owned()), "{more}");
        }
    }
}
