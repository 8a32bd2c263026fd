//! A language model in both of Gemini's wire formats, over server-sent events, including the ways
//! in which one fails or misbehaves. It uses the same rules as the built-in interpreter: the
//! conversation is simulated here, not the intelligence.

mod answers;
mod fault;
pub(crate) mod script;
mod wire;

use std::cmp::Ordering;
use std::convert::Infallible;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::{StreamExt, stream};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::state::Shared;
pub(crate) use fault::ModelFault;
use script::FIRST_TOKEN_DELAY;
use wire::Wire;

/// A key that is valid only here.
pub const MODEL_KEY: &str = "sandbox-model-key";

/// Interval between two parts of an answer.
const PART_INTERVAL: Duration = Duration::from_millis(5);

#[derive(Debug, Deserialize)]
pub(crate) struct ScriptChange {
    fault: Option<ModelFault>,
    times: Option<u32>,
    first_token_ms: Option<u64>,
}

/// Arms a fault for the next matching requests, or sets the delay before an answer begins.
pub(crate) async fn change_script(
    State(shared): State<Shared>,
    Json(change): Json<ScriptChange>,
) -> StatusCode {
    let mut script = shared.model.lock();
    if let Some(fault) = change.fault {
        script
            .faults
            .push((fault, change.times.unwrap_or(1).max(1)));
    }
    if let Some(ms) = change.first_token_ms {
        script.first_token = Duration::from_millis(ms);
    }
    StatusCode::NO_CONTENT
}

/// Returns the recorded requests, with the times of their first tokens.
pub(crate) async fn journal(State(shared): State<Shared>) -> Json<Value> {
    let script = shared.model.lock();
    let asked: Vec<Value> = script
        .asked
        .iter()
        .map(|(body, at)| json!({"body": body, "first_token_ms": at}))
        .collect();
    Json(json!({ "asked": asked }))
}

/// Clears faults and requests.
pub(crate) async fn forget(State(shared): State<Shared>) -> StatusCode {
    let mut script = shared.model.lock();
    script.faults.clear();
    script.asked.clear();
    script.first_token = FIRST_TOKEN_DELAY;
    StatusCode::NO_CONTENT
}

/// `POST /gemini/v1beta/models/{model}:streamGenerateContent?alt=sse`.
pub(crate) async fn generate_content(
    State(shared): State<Shared>,
    Path(call): Path<String>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    match call.strip_suffix(":streamGenerateContent") {
        Some(_) => answer(shared, Wire::GenerateContent, &headers, &body).await,
        None => refusal(
            Wire::GenerateContent,
            404,
            "NOT_FOUND",
            "no such method",
            Value::Null,
        ),
    }
}

/// `POST /gemini/v1beta/interactions`.
pub(crate) async fn interactions(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    let wire = Wire::Interactions;
    if !headers.contains_key("api-revision") {
        let problem = "only the revision that a header names is supported";
        return refusal(wire, 400, "INVALID_REQUEST", problem, Value::Null);
    }
    answer(shared, wire, &headers, &body).await
}

async fn answer(shared: Shared, wire: Wire, headers: &HeaderMap, body: &Value) -> Response {
    let refuse = |code, status, message| refusal(wire, code, status, message, Value::Null);
    if headers.get("x-goog-api-key").map(|key| key.as_bytes()) != Some(MODEL_KEY.as_bytes()) {
        return refuse(400, "INVALID_ARGUMENT", "API key not valid.");
    }
    let question = match wire.read(body) {
        Ok(question) => question,
        Err(problem) => return refuse(400, "INVALID_ARGUMENT", problem),
    };
    let (at, fault, first_token) = shared.model.record(body, &question);
    let retry_in = |delay: &str| json!([{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}]);
    match fault {
        Some(ModelFault::RateLimited) => {
            let delay = retry_in("0.02s");
            return refusal(wire, 429, "RESOURCE_EXHAUSTED", "limit: 5", delay);
        }
        Some(ModelFault::RateLimitedLong) => {
            let delay = retry_in("46s");
            return refusal(wire, 429, "RESOURCE_EXHAUSTED", "limit: 0", delay);
        }
        Some(ModelFault::ServerError) => return refuse(500, "INTERNAL", "An internal error."),
        Some(ModelFault::Overloaded) => {
            return refuse(503, "UNAVAILABLE", "The model is overloaded.");
        }
        Some(ModelFault::Gone) => return refuse(404, "NOT_FOUND", "models/… is not found"),
        Some(ModelFault::Hang) => std::future::pending().await,
        _ => {}
    }
    tracing::debug!(?wire, ?fault, "a model is simulated");
    let mut events = wire.events(&answers::say(&question, fault), fault);
    let mut repeated = None;
    if fault == Some(ModelFault::EndlessStream) {
        let (begin, again) = wire.endless();
        events = begin;
        repeated = Some(again);
    }
    let silent = wire.silent_events();
    let paced = stream::iter(events)
        .chain(stream::iter(
            repeated.into_iter().flat_map(std::iter::repeat),
        ))
        .enumerate()
        .then(move |(sent, event)| {
            let shared = shared.clone();
            async move {
                match sent.cmp(&silent) {
                    Ordering::Less => {}
                    Ordering::Equal => {
                        tokio::time::sleep(first_token).await;
                        shared.model.record_first_token(at);
                    }
                    Ordering::Greater => tokio::time::sleep(PART_INTERVAL).await,
                }
                Ok::<_, Infallible>(Bytes::from(event))
            }
        });
    (
        [(header::CONTENT_TYPE, "text/event-stream")],
        Body::from_stream(paced),
    )
        .into_response()
}

fn refusal(wire: Wire, code: u16, status: &str, message: &str, details: Value) -> Response {
    let body = wire.refusal(code, status, message, details);
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(body)).into_response()
}
