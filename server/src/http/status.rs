//! Maps errors of use-cases to HTTP statuses.

use axum::http::StatusCode;
use backend::UsecaseError;

/// Returns the response status for `error`.
pub(super) fn status_of(error: &UsecaseError) -> StatusCode {
    StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
