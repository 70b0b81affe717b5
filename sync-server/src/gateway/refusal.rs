//! A problem as an HTTP reply.

use axum::Json;
use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use romp_domain::Problem;

use super::journal::Counted;

/// When to come back where nothing says better: nobody who is refused for the moment comes at once.
const RETRY_AFTER_S: u32 = 10;

/// The reply that tells a problem: the status of its code, the problem as JSON, and when to come back.
#[derive(Debug)]
pub(crate) struct Refusal(pub(crate) Problem);

impl<P: Into<Problem>> From<P> for Refusal {
    fn from(problem: P) -> Self {
        Self(problem.into())
    }
}

impl Refusal {
    /// The reply, for whoever can have it without end: counted in the log instead of told.
    pub(crate) fn counted(self) -> Response {
        let mut response = self.into_response();
        response.extensions_mut().insert(Counted);
        response
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self(mut problem) = self;
        let status = StatusCode::from_u16(problem.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if matches!(
            status,
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
        ) {
            problem.retry_after_s.get_or_insert(RETRY_AFTER_S);
        }
        let (retry_after, code) = (problem.retry_after_s, problem.code);
        let mut response = (status, Json(problem)).into_response();
        response.extensions_mut().insert(code);
        if let Some(seconds) = retry_after {
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use romp_domain::ErrorCode;

    #[test]
    fn every_code_has_a_reply_with_its_status() {
        for code in ErrorCode::ALL {
            let response = Refusal(Problem::new(*code).after(7)).into_response();
            assert_eq!(response.status().as_u16(), code.status());
            assert_eq!(response.headers()[RETRY_AFTER], "7");
            let unsaid = Refusal(Problem::new(*code)).into_response();
            let says = unsaid.headers().contains_key(RETRY_AFTER);
            assert_eq!(says, [429, 503].contains(&code.status()), "{code:?}");
            assert_eq!(
                response.headers().contains_key(WWW_AUTHENTICATE),
                code.status() == 401
            );
        }
    }
}
