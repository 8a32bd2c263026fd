//! Who is asking: the session, and Sign-In with Ethereum.

use domain::ids::Address;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::ApiError;
use super::json::Json;

/// What the browser may know of its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SessionView {
    /// The address that signed in.
    pub address: Option<Address>,
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
    })
}

/// Signs out; drafts stay with the browser.
///
/// # Errors
/// When the server cannot answer.
#[server(endpoint = "sign_out", input = Json, output = Json)]
pub async fn sign_out() -> Result<SessionView, ApiError> {
    use super::ssr::{backend, refuse, set_cookie, visitor};
    let token = backend::sessions::sign_out(&backend()?, &visitor()?)
        .await
        .map_err(refuse)?;
    set_cookie(&token)?;
    Ok(SessionView::default())
}
