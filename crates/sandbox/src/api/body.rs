//! Bodies and paths of the Console API.

use axum::body::Bytes;
use serde_json::{Value, json};

use crate::refusal::Refusal;

/// Returns `{data: …}` with an unknown field next to it, as any real answer may have.
pub(super) fn data(value: impl Into<Value>) -> axum::Json<Value> {
    axum::Json(json!({ "data": value.into() }))
}

/// Parses a dseq in a body: text or number.
pub(super) fn dseq_value(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// Parses a JSON body; refuses one that is not JSON.
pub(super) fn parse(bytes: &Bytes) -> Result<Value, Refusal> {
    serde_json::from_slice(bytes)
        .map_err(|_| Refusal::bad_request("Malformed JSON in request body"))
}

/// Parses a dseq in a path.
pub(super) fn path_dseq(text: &str) -> Result<u64, Refusal> {
    text.parse()
        .map_err(|_| Refusal::field(&["dseq"], "Invalid dseq format"))
}
