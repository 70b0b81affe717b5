//! The way to a server, as a trait: over HTTP in the app, in the same process in tests.
//!
//! Bodies are `romp_domain::wire`, paths and methods `romp_domain::policy::Endpoint`. Deliberately absent:
//! retries and back-off (they are `background`'s) and anything that keeps a token.

mod address;
mod http;
mod pokes;

use std::future::Future;
use std::pin::Pin;

use futures_util::Stream;
use romp_domain::Problem;
use romp_domain::wire::{
    ChangePasswordRequest, DeleteAccountRequest, ForgotPasswordRequest, InviteOwnerRequest,
    JoinAsOwnerRequest, MeReply, OwnerInvitationReply, PairRequest, PairingReply, PairingRequest,
    RegisterRequest, RemoveOwnerRequest, RenameRequest, ResetPasswordRequest, SessionReply, SignInRequest,
    SyncReply, SyncRequest, VerifyEmailRequest, WaitingOwnerRequest,
};

pub use http::HttpServer;

/// An answer under way.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, Problem>> + Send + 'a>>;

/// The household's newest commit, each time there is one. Ends when the connection does.
pub type Pokes = Pin<Box<dyn Stream<Item = Result<u64, Problem>> + Send>>;

/// A bearer token. Does not print itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// Wraps a token.
    pub fn new(token: impl Into<String>) -> Self {
        Self(token.into())
    }

    /// The token itself, for the header and the vault.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

/// What a device can ask of a server.
pub trait Server: Send + Sync {
    /// A new household.
    fn register<'a>(&'a self, request: &'a RegisterRequest) -> Answer<'a, SessionReply>;
    /// An owner's new session.
    fn sign_in<'a>(&'a self, request: &'a SignInRequest) -> Answer<'a, SessionReply>;
    /// A session by code.
    fn pair<'a>(&'a self, request: &'a PairRequest) -> Answer<'a, SessionReply>;
    /// A code for another device.
    fn pairing_create<'a>(
        &'a self,
        token: &'a Token,
        request: &'a PairingRequest,
    ) -> Answer<'a, PairingReply>;
    /// The end of the session.
    fn sign_out<'a>(&'a self, token: &'a Token) -> Answer<'a, ()>;
    /// The end of the family's account.
    fn delete_account<'a>(&'a self, token: &'a Token, request: &'a DeleteAccountRequest) -> Answer<'a, ()>;
    /// The address is proved with a mailed code.
    fn verify_email<'a>(&'a self, token: &'a Token, request: &'a VerifyEmailRequest) -> Answer<'a, ()>;
    /// Such a code, once more.
    fn send_code_again<'a>(&'a self, token: &'a Token) -> Answer<'a, ()>;
    /// Another password.
    fn change_password<'a>(&'a self, token: &'a Token, request: &'a ChangePasswordRequest) -> Answer<'a, ()>;
    /// A mailed code for another password.
    fn forgot_password<'a>(&'a self, request: &'a ForgotPasswordRequest) -> Answer<'a, ()>;
    /// Another password, with that code.
    fn reset_password<'a>(&'a self, request: &'a ResetPasswordRequest) -> Answer<'a, ()>;
    /// Who is signed in, and who belongs to the family.
    fn me<'a>(&'a self, token: &'a Token) -> Answer<'a, MeReply>;
    /// Another name.
    fn rename<'a>(&'a self, token: &'a Token, request: &'a RenameRequest) -> Answer<'a, ()>;
    /// A code for another owner.
    fn invite_owner<'a>(
        &'a self,
        token: &'a Token,
        request: &'a InviteOwnerRequest,
    ) -> Answer<'a, OwnerInvitationReply>;
    /// A session by such a code.
    fn join_as_owner<'a>(&'a self, request: &'a JoinAsOwnerRequest) -> Answer<'a, SessionReply>;
    /// Lets somebody in.
    fn confirm_owner<'a>(&'a self, token: &'a Token, request: &'a WaitingOwnerRequest) -> Answer<'a, ()>;
    /// Does not.
    fn refuse_owner<'a>(&'a self, token: &'a Token, request: &'a WaitingOwnerRequest) -> Answer<'a, ()>;
    /// Takes an owner out.
    fn remove_owner<'a>(&'a self, token: &'a Token, request: &'a RemoveOwnerRequest) -> Answer<'a, ()>;
    /// Push and pull.
    fn sync<'a>(&'a self, token: &'a Token, request: &'a SyncRequest) -> Answer<'a, SyncReply>;
    /// Pokes, from now on.
    fn events<'a>(&'a self, token: &'a Token) -> Answer<'a, Pokes>;
}
