//! Every endpoint, called by everybody: the policy table's word holds.

use romp_domain::policy::{Access, Endpoint};
use romp_domain::{ErrorCode, Role};
use serde_json::json;

use super::{call, request, send};
use crate::accounts::rig::{HERE, Rig, device, pairing};
use crate::accounts::{create_pairing, pair, sign_out};

/// A server with a household and a token for a new session with `role`.
pub(super) fn with_session(role: Role) -> (Rig, String) {
    with_session_on(Rig::new(), role)
}

pub(super) fn with_session_on(rig: Rig, role: Role) -> (Rig, String) {
    let owner = rig.owner(1);
    if role == Role::Owner {
        return (rig, owner.token);
    }
    rig.consent(owner.household, true);
    let session = rig.session(&owner.token);
    let code = create_pairing(&rig.server, &session, &pairing(role))
        .unwrap()
        .code;
    let request = romp_domain::wire::PairRequest {
        code,
        device: device(50),
    };
    let token = pair(&rig.server, HERE, request).unwrap().token;
    (rig, token)
}

/// Whether the guard let a request through. What the endpoint then thinks of its empty body does not matter here.
async fn refused_as(rig: &Rig, endpoint: Endpoint, token: Option<&str>) -> Option<ErrorCode> {
    let reply = call(rig, endpoint, token, &json!({})).await;
    match reply.status.as_u16() {
        401 | 403 => Some(reply.code()),
        _ => None,
    }
}

#[tokio::test]
async fn row_01_without_a_session_only_public_endpoints_answer() {
    let (rig, token) = with_session(Role::Owner);
    sign_out(&rig.server, &rig.session(&token)).unwrap();
    let garbage = "f".repeat(64);
    for endpoint in Endpoint::ALL {
        let expected = (endpoint.access() != Access::Public).then_some(ErrorCode::NotSignedIn);
        for wrong in [None, Some("garbage"), Some(&*garbage), Some(&*token)] {
            assert_eq!(
                refused_as(&rig, *endpoint, wrong).await,
                expected,
                "{endpoint:?} {wrong:?}"
            );
        }
    }
}

#[tokio::test]
async fn row_02_a_session_reaches_exactly_what_its_role_may() {
    for role in Role::ALL {
        for endpoint in Endpoint::ALL {
            let (rig, token) = with_session(*role);
            let expected = match endpoint.access() {
                Access::Public => None,
                Access::Roles(roles) if roles.contains(role) => None,
                Access::Roles(_) => Some(ErrorCode::Forbidden),
            };
            assert_eq!(
                refused_as(&rig, *endpoint, Some(&token)).await,
                expected,
                "{role:?} {endpoint:?}"
            );
        }
    }
}

#[tokio::test]
async fn an_ended_an_unknown_and_a_missing_session_get_the_same_answer() {
    let (rig, token) = with_session(Role::Owner);
    sign_out(&rig.server, &rig.session(&token)).unwrap();
    let unknown = "0".repeat(64);
    let mut bodies = Vec::new();
    for wrong in [None, Some(&*unknown), Some(&*token)] {
        bodies.push(call(&rig, Endpoint::Sync, wrong, &json!({})).await.body);
    }
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]));
}

#[tokio::test]
async fn row_11_no_other_method_or_spelling_gets_past_the_guard() {
    let (rig, _) = with_session(Role::Owner);
    for method in [
        "GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW",
    ] {
        let reply = send(&rig, request(method, Endpoint::Sync.path(), None, "{}")).await;
        assert_eq!(reply.status, 404, "{method}");
    }
    let head = send(&rig, request("HEAD", Endpoint::Events.path(), None, "")).await;
    assert_eq!(head.status, 401);
    for path in [
        "/v1/sync/",
        "//v1/sync",
        "/v1//sync",
        "/V1/sync",
        "/v1/%73ync/",
        "/v1/./sync",
        "/v1/x/../sync",
        "/v1/sync%2f",
    ] {
        let reply = send(&rig, request("POST", path, None, "{}")).await;
        assert!(
            [401, 404].contains(&reply.status.as_u16()),
            "{path}: {}",
            reply.status
        );
    }
}
