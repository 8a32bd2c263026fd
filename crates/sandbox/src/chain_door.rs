//! Answers the local chain's JSON-RPC in its place.
//!
//! A development chain signs for its accounts without asking, answers under any host name, and
//! accepts a WebSocket from any page. `cargo xtask run` therefore starts it at an undisclosed
//! address, and this module answers at the known one: to programs on this machine, to our own pages
//! and to wallets in browser extensions, one JSON call at a time.
//!
//! It does not filter methods: an admitted caller may do anything that the chain allows.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use reqwest::Url;

use crate::door::{Door, Sender, sender};

/// Origins that only a browser's own extensions have: no page can send one of them.
const EXTENSIONS: [&str; 3] = [
    "chrome-extension://",
    "moz-extension://",
    "safari-web-extension://",
];

/// State shared by the routes of this door.
#[derive(Debug, Clone)]
struct Behind {
    door: Door,
    chain: Url,
    http: reqwest::Client,
}

/// Returns the door's routes, for the chain at `chain`.
pub(crate) fn routes(door: Door, chain: Url, http: reqwest::Client) -> Router {
    let behind = Behind { door, chain, http };
    Router::new()
        .route("/", post(forward))
        .layer(from_fn_with_state(behind.clone(), only_ours))
        .with_state(behind)
}

async fn only_ours(State(behind): State<Behind>, request: Request, next: Next) -> Response {
    if !behind.door.is_named_by(request.headers()) {
        return (
            StatusCode::MISDIRECTED_REQUEST,
            "not a name of the local chain",
        )
            .into_response();
    }
    let page = match sender(request.headers()) {
        Sender::NoPage => None,
        Sender::Page(origin) if is_extension(origin) => None,
        Sender::Page(origin) if behind.door.is_app(origin) => Some(origin.to_owned()),
        Sender::Page(_) | Sender::Unreadable => {
            return (
                StatusCode::FORBIDDEN,
                "this origin may not use the local chain",
            )
                .into_response();
        }
    };
    let mut response = if request.method() == Method::OPTIONS {
        StatusCode::NO_CONTENT.into_response()
    } else {
        next.run(request).await
    };
    if let Some(origin) = page {
        let origin = HeaderValue::from_str(&origin)
            .expect("a configured origin that equals a header is one itself");
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        for (name, value) in [
            (header::VARY, "Origin"),
            (header::ACCESS_CONTROL_ALLOW_METHODS, "POST"),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    response
}

fn is_extension(origin: &str) -> bool {
    EXTENSIONS.iter().any(|scheme| origin.starts_with(scheme))
}

async fn forward(State(behind): State<Behind>, headers: HeaderMap, call: Bytes) -> Response {
    // A request that a page can send without a preflight is never JSON.
    if !is_json(&headers) {
        return (
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "calls of the chain are application/json",
        )
            .into_response();
    }
    let asked = behind
        .http
        .post(behind.chain)
        .header(header::CONTENT_TYPE, "application/json")
        .body(call)
        .send()
        .await;
    let answer = match asked {
        Ok(answer) => {
            let status = answer.status();
            answer.bytes().await.map(|body| (status, body))
        }
        Err(error) => Err(error),
    };
    match answer {
        Ok((status, body)) => {
            (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
        }
        Err(error) => {
            tracing::warn!(%error, "the local chain does not answer");
            (StatusCode::BAD_GATEWAY, "the local chain does not answer").into_response()
        }
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    kind.and_then(|kind| kind.to_str().ok())
        .and_then(|kind| kind.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}
