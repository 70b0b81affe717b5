//! Joining a family: what is kept, what is refused, and what never shows.
//!
//! Files: `joining` (into a family and out of it), `becoming` (an owner's device that becomes a child's, and back),
//! `settings` (those of the family and those made alone).

mod becoming;
mod joining;
mod settings;

use romp_domain::calls::SignIn;

use crate::testing::{Device, PASSWORD};

pub(super) fn sign_in() -> SignIn {
    let like = Device::registration();
    SignIn {
        server: like.server,
        email: like.email,
        password: PASSWORD.to_owned().try_into().unwrap(),
        device: like.device,
    }
}
