//! The session, and Sign-In with Ethereum.

use domain::ids::Address;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::ApiError;
use super::json::Json;

/// The part of the session that the browser may know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SessionView {
    /// Address of the signed-in account; `None` for an anonymous visitor.
    pub address: Option<Address>,
    /// `true` if the browser has signed in since, so that this is a left session.
    #[serde(default)]
    pub has_left: bool,
}

/// Returns the visitor's session.
///
/// # Errors
/// When the server cannot answer.
#[server(endpoint = "session", input = Json, output = Json)]
pub async fn session() -> Result<SessionView, ApiError> {
    let visitor = super::ssr::visitor()?;
    Ok(SessionView {
        address: visitor.address,
        has_left: visitor.has_left,
    })
}

/// Returns the complete message (EIP-4361) that `address` signs to sign in; it can be used once.
///
/// # Errors
/// When the server cannot answer.
#[server(endpoint = "challenge", input = Json, output = Json)]
pub async fn challenge(address: Address) -> Result<String, ApiError> {
    use super::ssr::{backend, refuse, visitor};
    backend::sessions::challenge(&backend()?, &visitor()?, address)
        .await
        .map_err(refuse)
}

/// Signs in with a signed challenge and renews the session cookie.
///
/// # Errors
/// When a field of the message or the signature is not as requested.
#[server(endpoint = "sign_in", input = Json, output = Json)]
pub async fn sign_in(message: String, signature: String) -> Result<SessionView, ApiError> {
    use super::ssr::{backend, refuse, set_cookie, visitor};
    let (visitor, token) =
        backend::sessions::sign_in(&backend()?, &visitor()?, &message, &signature)
            .await
            .map_err(refuse)?;
    set_cookie(&token)?;
    Ok(SessionView {
        address: visitor.address,
        has_left: visitor.has_left,
    })
}

/// Signs out; the account keeps its data.
///
/// # Errors
/// When the server cannot answer.
#[server(endpoint = "sign_out", input = Json, output = Json)]
pub async fn sign_out() -> Result<SessionView, ApiError> {
    use super::ssr::{backend, refuse, set_cookie, visitor};
    let token = backend::sessions::sign_out(&backend()?, &visitor()?)
        .await
        .map_err(refuse)?;
    if let Some(token) = token {
        set_cookie(&token)?;
    }
    Ok(SessionView::default())
}

/// Returns the sessions of the signed-in account, as JSON of a [`domain::journey::SessionList`]: the type's
/// deserialiser is in the chunk that shows it.
///
/// # Errors
/// When nobody is signed in.
#[server(endpoint = "open_sessions", input = Json, output = Json)]
pub async fn open_sessions() -> Result<String, ApiError> {
    use super::ssr::{backend, invalid, refuse, visitor};
    let list = backend::sessions::list(&backend()?, &visitor()?)
        .await
        .map_err(refuse)?;
    serde_json::to_string(&list).map_err(invalid)
}

/// Ends one session of the account and redirects to the list; `session` is the id shown there. A plain form.
///
/// # Errors
/// When nobody is signed in, or it is not a session of the account.
#[server(endpoint = "end_session", output = Json)]
pub async fn end_session(session: String) -> Result<(), ApiError> {
    use super::ssr::{backend, invalid, refuse, visitor};
    let session: backend::SessionId = session.parse().map_err(invalid)?;
    backend::sessions::end(&backend()?, &visitor()?, session)
        .await
        .map_err(refuse)?;
    leptos_axum::redirect("/sessions");
    Ok(())
}

/// Ends every session of the account, including this one, and redirects to the list's page. A plain form.
///
/// # Errors
/// When nobody is signed in.
#[server(endpoint = "end_all_sessions", output = Json)]
pub async fn end_all_sessions() -> Result<(), ApiError> {
    use super::ssr::{backend, refuse, visitor};
    backend::sessions::end_all(&backend()?, &visitor()?)
        .await
        .map_err(refuse)?;
    leptos_axum::redirect("/sessions");
    Ok(())
}
