//! Server functions: authorise, parse, call one use-case, convert. Each is a public endpoint under `/api`
//! with a stable name.

mod auto_sign;
mod deposit;
mod describe;
mod drafts;
mod json;
mod market;
mod orders;
mod sealed;
mod session;
mod templates;

pub use auto_sign::{
    arm_policy, auto_sign_on, cancel_payment, disarm_policy, open_auto_sign, prepare_keep,
    prepare_policy, prepare_withdrawal, set_pace,
};
pub use deposit::{
    cancel_deposit, chain_view, drip_gas, faucet_call, prepare_deposit, prepare_top_up,
    relay_deposit, relay_top_up, report_transaction,
};
pub(crate) use describe::DescribePlain;
pub use describe::{Ask, describe, describe_plain};
pub(crate) use drafts::SaveSdlPlain;
pub use drafts::{
    change_wish, choose_acceptance, generate_secrets, keep_draft, read_market_words, requote,
    save_sdl, save_sdl_plain,
};
pub use market::{open_market, open_routing};
pub use orders::{
    accept_bid, close_deployment, delete_order, list_orders, open_order, open_sealed_order,
    read_logs, redeploy, redeploy_relaxed, relaxations, update_deployment,
};
pub use sealed::SealedOrder;
pub use session::{
    EndAllSessions, EndSession, SessionView, challenge, end_all_sessions, end_session,
    open_sessions, session, sign_in, sign_out,
};

pub use templates::{
    DeleteTemplate, RenameTemplate, SaveTemplate, UseTemplate, delete_template, open_shelf,
    open_template, rename_template, save_template, template_page, use_template,
};

/// Names of the functions that plain forms call, before and without WASM; all others take JSON.
pub const PLAIN_FORMS: [&str; 8] = [
    "describe_plain",
    "save_sdl_plain",
    "use_template",
    "save_template",
    "rename_template",
    "delete_template",
    "end_session",
    "end_all_sessions",
];

use json::TextJson;
use leptos::prelude::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Error of a server function: a sentence for people and the HTTP status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Error)]
#[error("{sentence}")]
pub struct ApiError {
    /// The HTTP status; 0 when the server was not reached.
    pub status: u16,
    /// Sentence for people: the cause, and the next step.
    pub sentence: String,
}

impl ApiError {
    /// Creates an error with this HTTP status.
    #[must_use]
    pub fn new(status: u16, sentence: impl Into<String>) -> Self {
        Self {
            status,
            sentence: sentence.into(),
        }
    }

    /// Whether signing in (again) would help.
    #[must_use]
    pub const fn wants_sign_in(&self) -> bool {
        self.status == 401
    }
}

impl FromServerFnError for ApiError {
    type Encoder = TextJson;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) => Self::new(
                0,
                "Necto’s server does not answer. Check your connection and try again.",
            ),
            ServerFnErrorErr::Args(why) | ServerFnErrorErr::MissingArg(why) => unreadable(&why),
            ServerFnErrorErr::Deserialization(why) => unreadable(&why),
            other => Self::new(500, format!("The server could not answer: {other}.")),
        }
    }
}

#[cfg(feature = "ssr")]
use ssr::unreadable;

/// In a browser, only a response can be unreadable.
#[cfg(not(feature = "ssr"))]
fn unreadable(_why: &str) -> ApiError {
    ApiError::new(
        0,
        "The server’s answer could not be read: it may have been updated. Reload the page.",
    )
}

/// Context that the server provides to the functions, and the mapping of its errors to responses.
#[cfg(feature = "ssr")]
pub mod ssr {
    use std::fmt;
    use std::sync::Arc;

    use backend::sessions::NewToken;
    use backend::{Backend, UsecaseError, Visitor};
    use futures::channel::oneshot;
    use http::{HeaderValue, StatusCode, header};
    use leptos::prelude::use_context;
    use leptos_axum::ResponseOptions;

    use super::ApiError;

    type MakeCookie = dyn Fn(&NewToken) -> HeaderValue + Send + Sync;

    /// Adds a new session cookie to the response. The server provides this as context, because it decides the
    /// cookie's attributes.
    #[derive(Clone)]
    pub struct SessionCookies(Arc<MakeCookie>);

    impl fmt::Debug for SessionCookies {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("SessionCookies")
        }
    }

    impl SessionCookies {
        /// Creates it from the function that builds a token's `Set-Cookie` value.
        pub fn new(make: impl Fn(&NewToken) -> HeaderValue + Send + Sync + 'static) -> Self {
            Self(Arc::new(make))
        }

        /// Adds the cookie to the current response.
        pub fn set(&self, token: &NewToken) {
            if let Some(response) = use_context::<ResponseOptions>() {
                response.append_header(header::SET_COOKIE, (self.0)(token));
            }
        }
    }

    /// The backend, from context.
    pub(crate) fn backend() -> Result<Backend, ApiError> {
        use_context().ok_or_else(|| not_provided("the backend"))
    }

    /// The visitor, from context.
    pub(crate) fn visitor() -> Result<Visitor, ApiError> {
        use_context().ok_or_else(|| not_provided("the visitor"))
    }

    /// Sends the session cookie of a new token.
    pub(crate) fn set_cookie(token: &NewToken) -> Result<(), ApiError> {
        use_context::<SessionCookies>()
            .ok_or_else(|| not_provided("the session cookies"))?
            .set(token);
        Ok(())
    }

    /// Runs a change to its end even if the tab that requested it closes: the server drops responses that
    /// nobody waits for, and an action must not be dropped with its response.
    pub(crate) async fn carry_out<T: Send + 'static>(
        change: impl Future<Output = Result<T, UsecaseError>> + Send + 'static,
    ) -> Result<T, ApiError> {
        let (done, outcome) = oneshot::channel();
        leptos::task::spawn(async move {
            // The receiver may be gone; only the change itself matters.
            drop(done.send(change.await));
        });
        match outcome.await {
            Ok(outcome) => outcome.map_err(refuse),
            Err(oneshot::Canceled) => Err(answer(ApiError::new(
                500,
                "The server stopped before it could answer. Reload the page to see how things stand.",
            ))),
        }
    }

    /// Error for a failed use-case; sets the response's status.
    pub(crate) fn refuse(error: UsecaseError) -> ApiError {
        if let (Some(seconds), Some(response)) = (
            error.retry_after_seconds(),
            use_context::<ResponseOptions>(),
        ) {
            response.insert_header(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        answer(ApiError::new(error.status(), error.to_string()))
    }

    /// Error for invalid input; sets the response's status.
    pub(crate) fn invalid(error: impl fmt::Display) -> ApiError {
        answer(ApiError::new(422, error.to_string()))
    }

    /// Error for arguments that cannot be deserialised, which is the client's fault; sets the response's
    /// status.
    pub(crate) fn unreadable(why: &str) -> ApiError {
        // Only its text tells that an error is about the body's size limit.
        if why.contains("length limit exceeded") {
            return answer(ApiError::new(
                413,
                "The request is too large: 1 MiB is the most that is read.",
            ));
        }
        answer(ApiError::new(
            422,
            format!("The request could not be read: {why}."),
        ))
    }

    /// Error for something that does not exist; sets the response's status.
    pub(crate) fn missing(sentence: impl Into<String>) -> ApiError {
        answer(ApiError::new(404, sentence))
    }

    fn not_provided(what: &str) -> ApiError {
        answer(ApiError::new(
            500,
            format!("The server was started without {what}."),
        ))
    }

    fn answer(error: ApiError) -> ApiError {
        if let (Some(response), Ok(status)) = (
            use_context::<ResponseOptions>(),
            StatusCode::from_u16(error.status),
        ) {
            response.set_status(status);
        }
        error
    }
}
