//! The rules of the door, as layers around the routes.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::{Sender, sender};
use crate::state::Shared;

/// Refuses requests under a third party's host name that points at this machine.
pub(crate) async fn only_this_host(
    State(shared): State<Shared>,
    request: Request,
    next: Next,
) -> Response {
    if !shared.door.is_named_by(request.headers()) {
        return (StatusCode::MISDIRECTED_REQUEST, "not a name of the sandbox").into_response();
    }
    next.run(request).await
}

/// Refuses pages of other origins: they can neither control nor read the simulated world, by
/// WebSocket or by `fetch`.
pub(crate) async fn only_programs(
    State(shared): State<Shared>,
    request: Request,
    next: Next,
) -> Response {
    let is_let_in = match sender(request.headers()) {
        Sender::NoPage => true,
        Sender::Page(origin) => shared.door.is_own(origin),
        Sender::Unreadable => false,
    };
    if !is_let_in {
        return (
            StatusCode::FORBIDDEN,
            "other origins may not use the sandbox",
        )
            .into_response();
    }
    next.run(request).await
}
