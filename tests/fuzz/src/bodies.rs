//! What calls of the server carry besides exchanges: bodies, the sentences about bad ones, and the answer to a bad one
//! on the device.

use romp_domain::Problem;
use romp_domain::wire::{
    ActivityRequest, ChangePasswordRequest, ConfirmOwnerRequest, DeleteAccountRequest, ForgotPasswordRequest,
    InviteOwnerRequest, JoinAsOwnerRequest, PairRequest, PairingRequest, RegisterRequest, RemoveOwnerRequest,
    RenameRequest, ResetPasswordRequest, RevokeOthersRequest, RevokeRequest, SetAddressRequest,
    SignInRequest, SyncRequest, VerifyEmailRequest, WaitingOwnerRequest,
};
use romp_sync::codec::json::parse;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Longer than any sentence about a body.
const SENTENCE: usize = 300;

/// A body of every kind, as the gateway reads it.
pub(crate) fn body(data: &[u8]) -> bool {
    let mut read = false;
    macro_rules! check {
        ($($kind:ident),+ $(,)?) => {$( read |= body_of::<$kind>(data); )+};
    }
    check!(
        ActivityRequest,
        ChangePasswordRequest,
        ConfirmOwnerRequest,
        DeleteAccountRequest,
        ForgotPasswordRequest,
        InviteOwnerRequest,
        JoinAsOwnerRequest,
        PairRequest,
        PairingRequest,
        RegisterRequest,
        RemoveOwnerRequest,
        RenameRequest,
        ResetPasswordRequest,
        RevokeOthersRequest,
        RevokeRequest,
        SetAddressRequest,
        SignInRequest,
        SyncRequest,
        VerifyEmailRequest,
        WaitingOwnerRequest,
    );
    read
}

fn body_of<T: DeserializeOwned + Serialize>(data: &[u8]) -> bool {
    match parse::<T>(data) {
        Ok(body) => {
            let text = serde_json::to_vec(&body).unwrap_or_default();
            let again = parse::<T>(&text).map(|again| serde_json::to_vec(&again).unwrap_or_default());
            assert_eq!(again, Ok(text), "what was read can be written and read again");
            true
        }
        Err(problem) => {
            check_sentence(&problem.message);
            problem.field.as_deref().into_iter().for_each(check_told);
            false
        }
    }
}

fn check_sentence(sentence: &str) {
    assert!(sentence.ends_with('.'), "{sentence:?}");
    check_told(sentence);
}

/// What was sent may be told back in part; it is short and hides nothing.
fn check_told(text: &str) {
    assert!(text.chars().count() <= SENTENCE, "{text:?}");
    assert!(!text.chars().any(crate::typed::deceives), "{text:?}");
}

/// What a server, or whatever stands before it, says of a request that it refuses.
pub(crate) fn problem(data: &[u8]) -> bool {
    let Ok(problem) = serde_json::from_slice::<Problem>(data) else {
        return false;
    };
    let text = serde_json::to_vec(&problem).unwrap_or_default();
    let again = serde_json::from_slice::<Problem>(&text);
    assert_eq!(
        again.ok(),
        Some(problem),
        "what was read can be written and read again"
    );
    true
}
