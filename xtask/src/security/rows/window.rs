//! What the window, and a device in a child's hands, have to withstand.

use super::{Row, row};

pub(super) const ROWS: &[Row] = &[
    row(
        72,
        "every command from another window or label",
        "denied",
        "8.2.1",
        "PLATFORM-1",
    ),
    row(
        73,
        "nonsense as arguments of commands",
        "a typed error, and nothing changed",
        "2.2.1, 16.5.3",
        "PLATFORM-1, CODE-4",
    ),
    row(
        74,
        "what the window may do",
        "no more than the committed list",
        "13.2.4, 15.2.3",
        "PLATFORM-2",
    ),
    row(
        75,
        "a planted script",
        "does not run: no unsafe-inline, no unsafe-eval",
        "3.4.3",
        "PLATFORM-2",
    ),
    row(
        76,
        "names made of markup, reversing marks or a flood of signs",
        "inert text, the layout holds",
        "1.2.1, 3.2.2",
        "PLATFORM-2",
    ),
    row(
        77,
        "codes and addresses that lead to a foreign server",
        "nothing is joined without an owner's own action",
        "1.2.2, 3.7.3",
        "PLATFORM-1",
    ),
    row(
        78,
        "guesses at the PIN, restarts, moved clocks",
        "one, five, fifteen, sixty minutes; a hundred in all",
        "6.3.1, 11.4.2",
        "AUTH-2, AUTH-3",
    ),
    row(
        79,
        "a child looks for settings, links and permissions",
        "behind the PIN, or not there",
        "8.2.1",
        "AUTH-3, PLATFORM-3",
    ),
];
