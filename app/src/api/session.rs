//! Who is asking: the session, and Sign-In with Ethereum.

use domain::ids::Address;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::ApiError;
use super::json::Json;

/// What the browser may know of its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SessionView {
    /// Address that signed in; `None` for an anonymous visitor.
    pub address: Option<Address>,
    /// `true` if the browser has signed in meanwhile, and this is the session that it left.
    #[serde(default)]
    pub has_left: bool,
}

/// The session of whoever asks.
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

/// The complete message (EIP-4361) that `address` signs to sign in; it can be used once.
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

/// Signs in with a signed challenge; the session's cookie is renewed.
///
/// # Errors
/// When a field of the message or the signature is not as it was asked for.
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

/// Signs out; what belongs to the account stays with it.
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

/// The sessions of the signed-in account, as JSON of a [`domain::journey::SessionList`]: what reads
/// it is in the chunk that shows it.
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

/// Signs one session of the account out and goes back to the list; `session` is as it stands there. A
/// plain form.
///
/// # Errors
/// When nobody is signed in, or it is no session of the account.
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

/// Signs every session of the account out, this one too, and goes back to the list's page. A plain
/// form.
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
