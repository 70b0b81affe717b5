//! The `OpenAPI` document: made from the policy table (paths, methods, security, limits) and from the wire types
//! themselves; only what an endpoint is for, and which refusals are its own, is written here. An endpoint without an
//! entry does not compile. The document is served, and committed as `docs/openapi.json`.
//!
//! Deliberately absent: the binary encoding of exchanges (`docs/SYNC.md`).

use std::collections::BTreeMap;

use romp_domain::policy::{Access, Endpoint, Method};
use romp_domain::wire::{
    ActivityReply, ActivityRequest, ChangePasswordRequest, ConfirmOwnerRequest, DeleteAccountRequest,
    ForgotPasswordRequest, InviteOwnerRequest, JoinAsOwnerRequest, MeReply, OwnerInvitationReply,
    PairRequest, PairingReply, PairingRequest, RegisterRequest, RemoveOwnerRequest, RenameRequest,
    ResetPasswordRequest, RevokeOthersRequest, RevokeRequest, RotateReply, SessionReply, SessionsReply,
    SetAddressRequest, SignInRequest, SyncReply, SyncRequest, VerifyEmailRequest, WaitingOwnerRequest,
};
use romp_domain::{ErrorCode, Problem};
use utoipa::ToSchema;
use utoipa::openapi::path::{HttpMethod, OperationBuilder};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, Content, Header, InfoBuilder, ObjectBuilder, OpenApi, OpenApiBuilder, PathItem, Paths,
    Ref, RefOr, Required, Response, ResponseBuilder, Schema, Type,
};

use ErrorCode::{
    AccountGone, AddressFreed, BadRequest, CodeInvalid, ConsentMissing, DeviceTaken, EmailTaken,
    EncodingUnknown, Forbidden, Frozen, Internal, InvalidField, InvitationInvalid, MailOff, NotFound,
    NotSignedIn, OwnerWaiting, Stale, SwitchedOff, TooLarge, TooMany, Unavailable, UnknownField,
    WrongCredentials,
};

const JSON: &str = "application/json";
const TEXT: &str = "text/plain; charset=utf-8";

/// How a session is shown.
const BEARER: &str = "session";

/// What a request or a reply is.
enum Body {
    Nothing,
    Text(&'static str),
    Json(Named),
}

/// A type of the vocabulary, with all that it refers to.
struct Named {
    name: String,
    all: fn(&mut Vec<(String, RefOr<Schema>)>),
}

fn json<T: ToSchema>() -> Body {
    fn all<T: ToSchema>(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(schemas);
    }
    Body::Json(Named {
        name: T::name().into_owned(),
        all: all::<T>,
    })
}

/// What is said of one endpoint.
struct Entry {
    summary: &'static str,
    request: Body,
    reply: Body,
    /// Refusals beside those that every endpoint of its kind has.
    refusals: &'static [ErrorCode],
}

fn entry(summary: &'static str, request: Body, reply: Body, refusals: &'static [ErrorCode]) -> Entry {
    Entry {
        summary,
        request,
        reply,
        refusals,
    }
}

#[expect(clippy::too_many_lines, reason = "one entry for every endpoint, in one place")]
fn described(endpoint: Endpoint) -> Entry {
    use Body::{Nothing, Text};
    let null = || Text(JSON);
    match endpoint {
        Endpoint::Live => entry("Whether the process lives.", Nothing, Text(TEXT), &[]),
        Endpoint::Ready => entry(
            "Whether requests should be sent here: the database answers and takes writes.",
            Nothing,
            Text(TEXT),
            &[],
        ),
        Endpoint::OpenApi => entry("This document.", Nothing, Text(JSON), &[]),
        Endpoint::Register => entry(
            "A new household, with its first owner and device.",
            json::<RegisterRequest>(),
            json::<SessionReply>(),
            &[InvitationInvalid, EmailTaken, DeviceTaken],
        ),
        Endpoint::SignIn => entry(
            "An owner's new session on a device.",
            json::<SignInRequest>(),
            json::<SessionReply>(),
            &[WrongCredentials, DeviceTaken],
        ),
        Endpoint::Pair => entry(
            "A device joins a household with a code.",
            json::<PairRequest>(),
            json::<SessionReply>(),
            &[CodeInvalid, ConsentMissing, DeviceTaken],
        ),
        Endpoint::SignOut => entry("The session ends.", Nothing, null(), &[]),
        Endpoint::DeleteAccount => entry(
            "Everything of the family goes, for good.",
            json::<DeleteAccountRequest>(),
            null(),
            &[WrongCredentials],
        ),
        Endpoint::VerifyEmail => entry(
            "A mailed code proves that an owner's address is theirs; the family takes part from then on.",
            json::<VerifyEmailRequest>(),
            null(),
            &[CodeInvalid, MailOff],
        ),
        Endpoint::SendCodeAgain => entry(
            "Such a code is mailed once more.",
            Nothing,
            null(),
            &[Frozen, MailOff],
        ),
        Endpoint::ChangePassword => entry(
            "Another password. All other sessions of the owner end, and this one goes on with the token in the reply only.",
            json::<ChangePasswordRequest>(),
            json::<RotateReply>(),
            &[WrongCredentials],
        ),
        Endpoint::ForgotPassword => entry(
            "A code for another password is mailed, if the address is an owner's. The answer does not tell.",
            json::<ForgotPasswordRequest>(),
            null(),
            &[MailOff],
        ),
        Endpoint::ResetPassword => entry(
            "Another password, with that code. All sessions of the owner end. Where nobody had proved the address, it is \
             freed instead.",
            json::<ResetPasswordRequest>(),
            null(),
            &[CodeInvalid, AddressFreed, MailOff],
        ),
        Endpoint::Me => entry(
            "Who is signed in, and who belongs to the family. Answers also while one waits to be let in.",
            Nothing,
            json::<MeReply>(),
            &[],
        ),
        Endpoint::Rename => entry(
            "Another name for the owner who is signed in.",
            json::<RenameRequest>(),
            null(),
            &[],
        ),
        Endpoint::SetAddress => entry(
            "Another address than the one that was not proved. A code is mailed to it, where mail goes out.",
            json::<SetAddressRequest>(),
            null(),
            &[WrongCredentials, EmailTaken, Frozen],
        ),
        Endpoint::InviteOwner => entry(
            "A code with which another adult can join the family, once, within seven days.",
            json::<InviteOwnerRequest>(),
            json::<OwnerInvitationReply>(),
            &[Frozen, MailOff],
        ),
        Endpoint::JoinAsOwner => entry(
            "Whoever was invited joins, and waits until an owner has let them in.",
            json::<JoinAsOwnerRequest>(),
            json::<SessionReply>(),
            &[InvitationInvalid, EmailTaken, DeviceTaken, Frozen],
        ),
        Endpoint::ConfirmOwner => entry(
            "Somebody who waits is let in, with the password of the owner who does it.",
            json::<ConfirmOwnerRequest>(),
            null(),
            &[WrongCredentials, NotFound],
        ),
        Endpoint::RefuseOwner => entry(
            "Somebody who waits is not let in, and forgotten.",
            json::<WaitingOwnerRequest>(),
            null(),
            &[NotFound],
        ),
        Endpoint::RemoveOwner => entry(
            "Another owner is taken out of the family; their sessions end.",
            json::<RemoveOwnerRequest>(),
            null(),
            &[WrongCredentials, NotFound],
        ),
        Endpoint::CreatePairing => entry(
            "A code with which another device joins, once.",
            json::<PairingRequest>(),
            json::<PairingReply>(),
            &[WrongCredentials, ConsentMissing],
        ),
        Endpoint::RotateToken => entry(
            "The session's next token. The one before works until it is first used.",
            Nothing,
            json::<RotateReply>(),
            &[Stale],
        ),
        Endpoint::Sessions => entry(
            "The devices that are signed in.",
            Nothing,
            json::<SessionsReply>(),
            &[],
        ),
        Endpoint::RevokeSession => entry(
            "A session of the family ends. Whoever signed in types the password again.",
            json::<RevokeRequest>(),
            null(),
            &[WrongCredentials, NotFound],
        ),
        Endpoint::RevokeOthers => entry(
            "All other sessions of the family end. Whoever signed in types the password again.",
            json::<RevokeOthersRequest>(),
            null(),
            &[WrongCredentials],
        ),
        Endpoint::Activity => entry(
            "What happened to the account, and what its sessions called.",
            json::<ActivityRequest>(),
            json::<ActivityReply>(),
            &[NotFound],
        ),
        Endpoint::Sync => entry(
            "Changes up, rows down. Also in a binary encoding (application/x-protobuf), compressed or not.",
            json::<SyncRequest>(),
            json::<SyncReply>(),
            &[EncodingUnknown, DeviceTaken],
        ),
        Endpoint::Events => entry(
            "The number of the household's last commit, whenever it rises.",
            Nothing,
            Text("text/event-stream"),
            &[ConsentMissing],
        ),
    }
}

/// The document.
pub fn document() -> OpenApi {
    let mut schemas = Vec::new();
    let mut paths = Paths::new();
    let Body::Json(problem) = json::<Problem>() else {
        return OpenApi::default();
    };
    (problem.all)(&mut schemas);
    for endpoint in Endpoint::ALL {
        let entry = described(*endpoint);
        for body in [&entry.request, &entry.reply] {
            if let Body::Json(named) = body {
                (named.all)(&mut schemas);
            }
        }
        let method = match endpoint.method() {
            Method::Get => HttpMethod::Get,
            Method::Post => HttpMethod::Post,
        };
        let item = PathItem::new(method, operation(*endpoint, entry));
        paths.paths.insert(endpoint.path().to_owned(), item);
    }
    let mut bearer = Http::new(HttpAuthScheme::Bearer);
    bearer.description = Some("The token that register, sign in or pair told the device.".to_owned());
    let components = ComponentsBuilder::new()
        .schemas_from_iter(schemas)
        .security_scheme(BEARER, SecurityScheme::Http(bearer));
    let about = InfoBuilder::new()
        .title("Romp")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("Playdates for pets: accounts, sessions and sync."));
    OpenApiBuilder::new()
        .info(about)
        .paths(paths)
        .components(Some(components.build()))
        .build()
}

fn operation(endpoint: Endpoint, entry: Entry) -> OperationBuilder {
    let mut operation = OperationBuilder::new()
        .operation_id(Some(endpoint.word()))
        .tag(endpoint.rate().word())
        .summary(Some(entry.summary))
        .description(Some(who_may(endpoint)));
    if let Access::Roles(_) = endpoint.access() {
        let none: [&str; 0] = [];
        operation = operation.security(SecurityRequirement::new(BEARER, none));
    }
    let reads_body = !matches!(entry.request, Body::Nothing);
    if let Body::Json(named) = &entry.request {
        let body = RequestBodyBuilder::new()
            .required(Some(Required::True))
            .content(JSON, Content::new(Some(reference(&named.name))));
        operation = operation.request_body(Some(body.build()));
    }
    operation = operation.response("200", reply(&entry.reply));
    for (status, codes) in refusals(endpoint, entry.refusals, reads_body) {
        operation = operation.response(status.to_string(), refusal(status, &codes));
    }
    operation
}

/// The policy table's row in words.
fn who_may(endpoint: Endpoint) -> String {
    match endpoint.access() {
        Access::Public => "Anybody, without a session.".to_owned(),
        Access::Roles(roles) => {
            let roles: Vec<_> = roles.iter().map(|role| role.word()).collect();
            format!("Sessions with the role: {}.", roles.join(", "))
        }
    }
}

fn reference(name: &str) -> RefOr<Schema> {
    Ref::from_schema_name(name).into()
}

fn reply(body: &Body) -> Response {
    let response = ResponseBuilder::new().description("It is done.");
    match body {
        Body::Nothing => response,
        // Nothing more is said of it than its type.
        Body::Text(kind) => response.content(*kind, Content::default()),
        Body::Json(named) => response.content(JSON, Content::new(Some(reference(&named.name)))),
    }
    .build()
}

/// Every refusal that an endpoint can answer with, by status.
fn refusals(endpoint: Endpoint, own: &[ErrorCode], reads_body: bool) -> BTreeMap<u16, Vec<ErrorCode>> {
    let everywhere = [TooLarge, TooMany, Unavailable, Internal];
    let of_bodies = [BadRequest, EncodingUnknown, InvalidField, UnknownField];
    let of_sessions = [NotSignedIn, AccountGone, Forbidden, SwitchedOff];
    let mut codes: Vec<_> = everywhere.iter().chain(own).copied().collect();
    if reads_body {
        codes.extend(of_bodies);
    }
    if endpoint.access() != Access::Public {
        codes.extend(of_sessions);
        codes.extend((!endpoint.while_waiting()).then_some(OwnerWaiting));
    }
    codes.sort();
    codes.dedup();
    let mut by_status = BTreeMap::<_, Vec<_>>::new();
    for code in codes {
        by_status.entry(code.status()).or_default().push(code);
    }
    by_status
}

fn refusal(status: u16, codes: &[ErrorCode]) -> Response {
    let lines: Vec<_> = codes
        .iter()
        .map(|code| format!("`{}`: {}", code.word(), code.sentence()))
        .collect();
    let mut response = ResponseBuilder::new()
        .description(lines.join("\n"))
        .content(JSON, Content::new(Some(reference(&Problem::name()))));
    if status == 429 || status == 503 {
        let seconds = Header::new(ObjectBuilder::new().schema_type(Type::Integer).build());
        response = response.header("Retry-After", seconds);
    }
    response.build()
}

/// The document as it is served and committed.
///
/// # Errors
/// Never, for this document; the writer of JSON could fail for others.
pub fn text() -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(&document())?;
    text.push('\n');
    Ok(text)
}

#[cfg(test)]
mod tests;
