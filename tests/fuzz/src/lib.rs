//! Decoders, met by bytes that nobody thought of: nothing may panic, and what was read is what is written again. Which
//! decoders these are is [`TARGETS`]: the one list of them.
//!
//! A **target** reads bytes by one decoder and says whether it could. Its **corpus** is a folder of inputs that are
//! worth trying first; `tests/corpus.rs` replays all of them in every test run, and `cargo xtask fuzz` starts from
//! them, guided by coverage. Whatever a target found once belongs into its corpus.
//!
//! Deliberately absent: decoders themselves. They are the domain's, the sync crate's and the page's.

mod bodies;
mod calls;
mod exchange;
mod listening;
mod page;
mod rows;
mod typed;

/// One decoder.
#[derive(Debug)]
pub struct Target {
    /// The name of its corpus.
    pub name: &'static str,
    /// Reads, checks what it read, and tells whether there was something to read. Panics where a check fails.
    pub run: fn(&[u8]) -> bool,
}

/// All targets.
pub const TARGETS: &[Target] = &[
    Target {
        name: "request-binary",
        run: exchange::request_binary,
    },
    Target {
        name: "request-packed",
        run: exchange::request_packed,
    },
    Target {
        name: "request-json",
        run: exchange::request_json,
    },
    Target {
        name: "reply",
        run: exchange::reply,
    },
    Target {
        name: "reply-packed",
        run: exchange::reply_packed,
    },
    Target {
        name: "body",
        run: bodies::body,
    },
    Target {
        name: "problem",
        run: bodies::problem,
    },
    Target {
        name: "pokes",
        run: listening::pokes,
    },
    Target {
        name: "pairing",
        run: listening::pairing,
    },
    Target {
        name: "page",
        run: page::page,
    },
    Target {
        name: "call",
        run: calls::call,
    },
    Target {
        name: "patch",
        run: rows::patch,
    },
    Target {
        name: "row",
        run: rows::row,
    },
    Target {
        name: "names",
        run: typed::names,
    },
    Target {
        name: "email",
        run: typed::email,
    },
    Target {
        name: "code",
        run: typed::code,
    },
    Target {
        name: "pin",
        run: typed::pin,
    },
];

/// The target of this name.
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
