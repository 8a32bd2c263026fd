//! Server functions: authorise, parse, one use-case, convert. Each is a public endpoint under
//! `/api` with a stable name.

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

/// The names of the functions that plain forms reach, before and without WASM; all others take JSON.
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

/// Why a server function gave no answer: a sentence for people and the HTTP status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Error)]
#[error("{sentence}")]
pub struct ApiError {
    /// The HTTP status; 0 when the server was not reached.
    pub status: u16,
    /// Sentence for people: the cause, and the next step.
    pub sentence: String,
}

impl ApiError {
    /// An error with its HTTP status.
    #[must_use]
    pub fn new(status: u16, sentence: impl Into<String>) -> Self {
        Self {
            status,
            sentence: sentence.into(),
        }
    }

    /// Whether signing in (again) is what helps.
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

/// Only an answer is read in a browser.
#[cfg(not(feature = "ssr"))]
fn unreadable(_why: &str) -> ApiError {
    ApiError::new(
        0,
        "The server’s answer could not be read: it may have been updated. Reload the page.",
    )
}

/// What the server provides to the functions, and how its errors become answers.
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

    /// Sends a new session cookie with the answer. The server provides it as context, because the
    /// cookie's attributes are its affair.
    #[derive(Clone)]
    pub struct SessionCookies(Arc<MakeCookie>);

    impl fmt::Debug for SessionCookies {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("SessionCookies")
        }
    }

    impl SessionCookies {
        /// With the function that writes the `Set-Cookie` value of a token.
        pub fn new(make: impl Fn(&NewToken) -> HeaderValue + Send + Sync + 'static) -> Self {
            Self(Arc::new(make))
        }

        /// Appends the cookie to the answer that is being made.
        pub fn set(&self, token: &NewToken) {
            if let Some(response) = use_context::<ResponseOptions>() {
                response.append_header(header::SET_COOKIE, (self.0)(token));
            }
        }
    }

    /// The use-cases' entrance.
    pub(crate) fn backend() -> Result<Backend, ApiError> {
        use_context().ok_or_else(|| not_provided("the backend"))
    }

    /// Who asks.
    pub(crate) fn visitor() -> Result<Visitor, ApiError> {
        use_context().ok_or_else(|| not_provided("the visitor"))
    }

    /// Sends the session cookie of a fresh token.
    pub(crate) fn set_cookie(token: &NewToken) -> Result<(), ApiError> {
        use_context::<SessionCookies>()
            .ok_or_else(|| not_provided("the session cookies"))?
            .set(token);
        Ok(())
    }

    /// Carries a change out to its end even when the tab that asked for it closes meanwhile: the
    /// server drops an answer nobody waits for, and what was clicked must not be dropped with it.
    pub(crate) async fn carry_out<T: Send + 'static>(
        change: impl Future<Output = Result<T, UsecaseError>> + Send + 'static,
    ) -> Result<T, ApiError> {
        let (done, outcome) = oneshot::channel();
        leptos::task::spawn(async move {
            // Nobody may be waiting any more; the change itself is what counts.
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

    /// The answer for a failed use-case; sets the response's status.
    pub(crate) fn refuse(error: UsecaseError) -> ApiError {
        if let (Some(seconds), Some(response)) = (
            error.retry_after_seconds(),
            use_context::<ResponseOptions>(),
        ) {
            response.insert_header(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        answer(ApiError::new(error.status(), error.to_string()))
    }

    /// The answer for input that could not be understood; sets the response's status.
    pub(crate) fn invalid(error: impl fmt::Display) -> ApiError {
        answer(ApiError::new(422, error.to_string()))
    }

    /// The answer for arguments that could not be read, which is the sender's fault; sets the response's status.
    pub(crate) fn unreadable(why: &str) -> ApiError {
        // So the limit of a body says that it was passed; nothing but its words tells.
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

    /// The answer for something that is not there; sets the response's status.
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
