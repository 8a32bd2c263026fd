//! The demo wallet: a wallet without value for the local chain, so that visitors without one of
//! their own can complete every step.
//!
//! The page that uses it loads `/wallet/demo.js` from here. Anything that needs consent is shown on
//! `/wallet/confirm`, on this origin, and carried out only from there, with the token that this
//! browser keeps for its account. Requests from pages carry their `Origin`, which must be one of
//! those configured; requests from the confirm page must come from this origin. (The whole sandbox
//! requires that every request names this host: see `door`.)

mod call;
mod chain;
pub(crate) mod counter;
mod describe;
mod error;
mod pending;
pub(crate) mod purse;
mod requests;
mod sign;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use crate::state::Shared;

/// Returns the wallet's routes.
pub(crate) fn routes(shared: &Shared) -> Router<Shared> {
    let for_apps = Router::new()
        .route("/wallet/rpc", post(requests::read))
        .route("/wallet/requests/{id}", post(requests::ask))
        .route("/wallet/requests/{id}/result", post(requests::result))
        .route("/wallet/requests/{id}/cancel", post(requests::cancel))
        .layer(from_fn_with_state(shared.clone(), only_apps));
    let for_confirm_page = Router::new()
        .route("/wallet/view", post(requests::view))
        .route("/wallet/decide", post(requests::decide))
        .layer(from_fn_with_state(shared.clone(), only_own_page));
    let pages = Router::new()
        .route("/wallet/demo.js", get(script))
        .route("/wallet/confirm", get(confirm_page))
        .route("/wallet/confirm.js", get(confirm_script))
        .route("/wallet/wallet.css", get(style))
        .layer(from_fn(harden));
    for_apps.merge(for_confirm_page).merge(pages)
}

fn text_header(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// Admits only configured pages, which alone may read the answer.
async fn only_apps(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let origin = text_header(request.headers(), header::ORIGIN).map(str::to_owned);
    let Some(origin) = origin.filter(|origin| shared.door.is_app(origin)) else {
        return (
            StatusCode::FORBIDDEN,
            "this origin may not use the demo wallet",
        )
            .into_response();
    };
    let mut response = if request.method() == Method::OPTIONS {
        StatusCode::NO_CONTENT.into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    let origin = HeaderValue::from_str(&origin)
        .expect("a configured origin that equals a header is one itself");
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    let fixed = [
        (header::VARY, "Origin"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "POST"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type"),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Admits only the confirm page, where all decisions are made.
async fn only_own_page(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let origin = text_header(request.headers(), header::ORIGIN).unwrap_or_default();
    if !shared.door.is_own(origin) {
        return (
            StatusCode::FORBIDDEN,
            "only the demo wallet's own page may do this",
        )
            .into_response();
    }
    next.run(request).await
}

async fn harden(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
        img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
    let fixed = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in fixed {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

const JAVASCRIPT: (header::HeaderName, &str) =
    (header::CONTENT_TYPE, "text/javascript; charset=utf-8");

/// Serves the only resource that other origins load from here.
async fn script() -> impl IntoResponse {
    let shared_with = header::HeaderName::from_static("cross-origin-resource-policy");
    (
        [JAVASCRIPT, (shared_with, "cross-origin")],
        include_str!("../assets/wallet/demo.js"),
    )
}

async fn confirm_page() -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "text/html; charset=utf-8")],
        include_str!("../assets/wallet/confirm.html"),
    )
}

async fn confirm_script() -> impl IntoResponse {
    ([JAVASCRIPT], include_str!("../assets/wallet/confirm.js"))
}

async fn style() -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "text/css; charset=utf-8")],
        include_str!("../assets/wallet/wallet.css"),
    )
}
