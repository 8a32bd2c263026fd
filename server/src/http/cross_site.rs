//! Records requests from other sites. The layer that refuses them reports nothing itself.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use backend::Backend;
use backend::audit::{self, SecurityEvent};

use super::extensions::Source;

/// Marks the response of every request that passed that layer.
#[derive(Debug, Clone, Copy)]
struct Passed;

/// Middleware behind that layer: marks what passed.
pub(super) async fn pass(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.extensions_mut().insert(Passed);
    response
}

/// Middleware in front of that layer: records what did not pass.
pub(super) async fn note(State(backend): State<Backend>, request: Request, next: Next) -> Response {
    let from = request
        .extensions()
        .get::<Source>()
        .and_then(|source| source.0);
    let response = next.run(request).await;
    let has_passed = response.extensions().get::<Passed>().is_some();
    if response.status() == StatusCode::FORBIDDEN && !has_passed {
        audit::record(&backend, SecurityEvent::CrossSite, None, from);
    }
    response
}
