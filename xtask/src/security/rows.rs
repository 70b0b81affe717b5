//! The rows of the safety plan that are answered for: what is tried, what has to happen, and what the standards call it.
//!
//! Numbers are the plan's (1–44: server; 45–60: sync; 72–79: window and children). **ASVS** is OWASP's Application Security
//! Verification Standard 5.0.0, **MASVS** its Mobile Application Security Verification Standard 2. A row without a test
//! says why, and that reason has to be true of the product, not of the time there was.

mod sync;
mod window;

/// The plan, in its order.
pub(super) fn all() -> Vec<&'static Row> {
    [SERVER, sync::ROWS, window::ROWS].into_iter().flatten().collect()
}

/// One row of the plan.
pub(super) struct Row {
    pub(super) number: u32,
    /// What is tried.
    pub(super) attack: &'static str,
    /// What has to happen.
    pub(super) expected: &'static str,
    pub(super) asvs: &'static str,
    pub(super) masvs: &'static str,
    /// Why there is nothing to test, where there is nothing.
    pub(super) absent: Option<&'static str>,
}

const fn row(
    number: u32,
    attack: &'static str,
    expected: &'static str,
    asvs: &'static str,
    masvs: &'static str,
) -> Row {
    Row {
        number,
        attack,
        expected,
        asvs,
        masvs,
        absent: None,
    }
}

const fn nothing(number: u32, attack: &'static str, asvs: &'static str, why: &'static str) -> Row {
    Row {
        number,
        attack,
        expected: "",
        asvs,
        masvs: "",
        absent: Some(why),
    }
}

const NO_PICTURES: &str = "Romp takes no photos or other files: no route, call or field carries one";

/// What a server has to withstand.
const SERVER: &[Row] = &[
    row(
        1,
        "a route without a row in the policy table",
        "does not compile; whatever else is asked for is not found",
        "8.1.1, 8.2.1",
        "",
    ),
    row(
        2,
        "a child's token at every owner's route",
        "403, and nothing changed",
        "8.2.1",
        "AUTH-1",
    ),
    row(
        3,
        "another family's ids on every route",
        "the answer for ids that do not exist",
        "8.2.2, 8.4.1",
        "",
    ),
    row(
        4,
        "parts, batches and nested forms of guarded changes",
        "refused alike",
        "8.2.2, 8.2.3",
        "",
    ),
    row(
        5,
        "fields that a caller must not set, in any body",
        "refused by name, never passed over",
        "8.2.3, 15.3.3",
        "",
    ),
    row(
        6,
        "what a child's device is answered",
        "never a field that owners keep to themselves",
        "8.2.3, 15.3.1",
        "STORAGE-1",
    ),
    row(
        7,
        "something is switched off in the middle of a session",
        "the next request is refused, on every server",
        "8.2.4, 8.3.2",
        "",
    ),
    row(
        8,
        "a child lifts its own switch, or widens its session",
        "403, or refused through sync",
        "8.2.1, 8.3.1",
        "AUTH-1",
    ),
    row(
        9,
        "an invited owner acts before being confirmed",
        "403",
        "8.2.1, 2.3.5",
        "AUTH-1",
    ),
    row(
        10,
        "one family's things through another family's session",
        "not found",
        "8.2.2, 8.4.1",
        "",
    ),
    row(
        11,
        "other methods, slashes, letter case, escapes",
        "no way around the guard",
        "4.1.4, 8.3.1",
        "",
    ),
    row(
        12,
        "what was deleted is used again; what failed is looked for",
        "gone; nothing was left behind",
        "2.3.3, 8.2.2",
        "",
    ),
    row(
        13,
        "weaker password hashes",
        "argon2id with 19 MiB and two passes; hashed again at sign-in",
        "11.4.2",
        "CRYPTO-1",
    ),
    row(
        14,
        "a copy of the database",
        "contains no token that signs in",
        "7.2.3, 11.5.1",
        "STORAGE-1",
    ),
    row(
        15,
        "a token known before signing in",
        "is replaced; the old one is dead",
        "7.2.4",
        "AUTH-1",
    ),
    row(
        16,
        "signing out, ending sessions, a new password, deletion",
        "every token refused at once, on every server",
        "7.4.1, 7.4.2, 7.4.3",
        "AUTH-1",
    ),
    row(
        17,
        "a replaced token is used again",
        "the session ends; an honest retry is served",
        "7.2.4, 7.4.1",
        "AUTH-1",
    ),
    row(
        18,
        "sessions that are old, or not used, and clocks that jump back",
        "ended, and they stay so",
        "7.3.1, 7.3.2",
        "AUTH-1",
    ),
    row(
        19,
        "an unknown address and a wrong password",
        "the same answer and the same work",
        "6.3.8",
        "",
    ),
    row(
        20,
        "ten thousand guesses",
        "slowed down by account and by place; the owner still gets in",
        "6.1.1, 6.3.1",
        "",
    ),
    row(
        21,
        "a forged X-Forwarded-For",
        "counts as the same place",
        "4.1.3, 15.3.4",
        "",
    ),
    row(
        22,
        "two hundred people sign in at once",
        "memory stays bounded, sync goes on",
        "15.1.3, 15.2.2",
        "",
    ),
    row(
        23,
        "long, odd and giant passwords",
        "compared whole; a megabyte is refused",
        "6.2.8, 6.2.9",
        "",
    ),
    row(
        24,
        "pairing codes, used twice, late or guessed",
        "refused",
        "6.5.1, 6.5.5, 6.6.3",
        "AUTH-1",
    ),
    row(
        25,
        "bodies beyond the limit, with and without a length",
        "413, memory flat",
        "5.2.1, 15.2.2",
        "",
    ),
    row(
        26,
        "small bodies that unpack to giants",
        "413, and nothing unpacked before the session is known",
        "5.2.3, 15.2.2",
        "",
    ),
    row(
        27,
        "slow headers, slow bodies, silent connections",
        "closed in time",
        "15.2.2",
        "",
    ),
    row(
        28,
        "giant batches, deep nesting, long texts",
        "413 or 422 before any work",
        "2.2.1, 15.2.2",
        "",
    ),
    row(
        29,
        "broken text, doubled keys, trailing bytes",
        "4xx, never 500",
        "1.5.2, 16.5.3",
        "",
    ),
    row(
        30,
        "numbers at the ends of their range",
        "refused or clamped, never wrapped",
        "1.4.2, 2.2.1",
        "",
    ),
    row(
        31,
        "SQL in every text",
        "is text; no statement is put together from data",
        "1.2.4",
        "CODE-4",
    ),
    row(
        32,
        "one request smuggled inside another",
        "read one way, or refused",
        "4.2.1",
        "",
    ),
    row(
        33,
        "three times what the server can do",
        "429 or 503 with a time to come back; health answers; how much is still answered is measured (W9), not tested",
        "15.2.2, 16.5.2",
        "",
    ),
    row(
        34,
        "the server asks to be left alone",
        "the app obeys",
        "15.2.2",
        "",
    ),
    row(
        35,
        "SIGTERM under load",
        "not ready, finishes, loses nothing acknowledged",
        "16.5.2",
        "",
    ),
    row(
        36,
        "the database is gone or full",
        "503 for what needs it, alive otherwise, recovers by itself",
        "16.5.2, 16.5.3",
        "",
    ),
    nothing(
        37,
        "photos with hostile names or contents",
        "5.3.2, 5.4.1",
        NO_PICTURES,
    ),
    nothing(38, "pictures that are bombs", "5.2.6", NO_PICTURES),
    nothing(39, "places in pictures' metadata", "14.2.8", NO_PICTURES),
    nothing(40, "too many pictures", "5.2.4", NO_PICTURES),
    row(
        41,
        "logs at their most talkative",
        "no password, token, PIN, child's name or place",
        "14.2.3, 16.2.5",
        "PRIVACY-1",
    ),
    row(42, "hostile origins", "no cross-origin header, ever", "3.4.2", ""),
    row(
        43,
        "requests that a page of another site can make",
        "refused; no cookie exists",
        "3.5.1, 3.5.3",
        "",
    ),
    row(
        44,
        "plain HTTP, false certificates",
        "refused",
        "3.4.1, 4.1.2, 12.2.1, 12.3.2",
        "NETWORK-1",
    ),
];
