//! The gate between an owner's hands and a child's: the PIN, handing the device over, taking it back.
//!
//! A **try** is counted before it is judged, and its count is on the disk by then: stopping the app in between gains
//! nothing. After five wrong tries there is a **wait** before the next one, and it grows. Waits are measured by a
//! **stopwatch** that knows nothing of the clock, and begin anew when the app starts. Tries are judged one after the
//! other, whoever makes them at the same time.
//!
//! What a child may do and see is not decided here: calls are `perform`'s, rows are `romp_store`'s.

mod forgotten;
mod hand_over;
mod hash;
mod pin_set;
mod stopwatch;
mod tries;
mod unlock;

#[cfg(test)]
mod as_a_tablet;
#[cfg(test)]
mod in_hand;
#[cfg(test)]
mod tests;

pub use stopwatch::{RunningStopwatch, Stopwatch};

pub(crate) use forgotten::pin_forgotten;
pub(crate) use hand_over::hand_over;
pub(crate) use pin_set::set_pin;
pub(crate) use tries::{Gate, try_pin, view};
pub(crate) use unlock::unlock;
