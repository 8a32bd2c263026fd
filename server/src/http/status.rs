//! The status with which a use-case's refusal is answered.

use axum::http::StatusCode;
use backend::UsecaseError;

/// The status of the answer for `error`.
pub(super) fn status_of(error: &UsecaseError) -> StatusCode {
    StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
