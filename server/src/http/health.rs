//! Whether the process lives, and whether it can serve.

use axum::extract::State;
use axum::http::StatusCode;
use backend::Backend;

/// Lives.
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// Can serve: the database answers. Akash and the chain may be away; Necto says so on its pages
/// and goes on when they are back.
pub(super) async fn ready(State(backend): State<Backend>) -> (StatusCode, String) {
    match backend.storage().ping().await {
        Ok(()) => (StatusCode::OK, "ready\n".to_owned()),
        Err(error) => {
            tracing::error!(%error, "the database does not answer");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "the database does not answer\n".to_owned(),
            )
        }
    }
}
