//! Who may do what: the one table. Whatever is not in it is denied.
//!
//! Three parts: HTTP endpoints (`endpoints`), calls of the app ([`crate::calls`]), and fields of synced rows
//! (`fields`). Each says which roles may, and what a switch has to turn off to stop it (`operations`); endpoints also
//! say how often (`rates`). The server's router and guard, the app's own guard, the `OpenAPI` document, the list of
//! what can be switched off and the authorisation tests are generated from them; a route or a call without a row does
//! not compile.

mod endpoints;
mod fields;
mod operations;
mod rates;

pub use endpoints::{Access, Endpoint, Method};
pub use fields::{Caution, FieldSet, caution, caution_of_change, may_act, may_read, may_write, scope};
pub use operations::{Operation, Switchable, operation_of_act, operation_of_field};
pub use rates::{Limit, RateClass};

pub(crate) use operations::switchable;

use crate::macros::closed_set;

closed_set! {
    /// The role of a device and its session.
    Role {
        /// An adult's device.
        Owner = "owner",
        /// A child's device.
        Child = "child",
    }
}
