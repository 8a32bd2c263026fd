//! Errors of the wallet, as received by a page.

use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// An error as defined by EIP-1193 and JSON-RPC.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct WalletError {
    pub(super) code: i64,
    pub(super) message: String,
    pub(super) data: Option<Value>,
}

impl WalletError {
    pub(super) fn new(code: i64, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            data: None,
        }
    }

    pub(super) fn rejected() -> Self {
        Self::new(4001, "The request was rejected in the demo wallet.")
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(-32602, message)
    }

    pub(super) fn json(&self) -> Value {
        let mut error = json!({ "code": self.code, "message": self.message });
        if let Some(data) = &self.data {
            error["data"] = data.clone();
        }
        error
    }
}

impl IntoResponse for WalletError {
    fn into_response(self) -> Response {
        axum::Json(json!({ "error": self.json() })).into_response()
    }
}
