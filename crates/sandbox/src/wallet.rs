//! The demo wallet: a wallet without value for the local chain, so that a visitor without one can
//! complete every step.
//!
//! The page that uses it loads `/wallet/demo.js` from here. Whatever needs consent is shown on
//! `/wallet/confirm`, on this origin, and carried out only from there, with the token that this
//! browser keeps for its account. Requests of pages carry their `Origin`, which must be one of
//! those configured, and requests of the confirm page must come from this origin. (The whole
//! sandbox requires that every request names this host: see `door`.)

mod chain;
mod describe;
mod requests;
mod sign;

use std::collections::BTreeMap;
use std::fmt;

use alloy::signers::local::PrivateKeySigner;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::chain_door;
use crate::door::Door;
use crate::state::Shared;

use chain::Chain;
use requests::Pending;

/// Accounts of the demo wallet, by the hash of the token that opens each.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Purse {
    accounts: BTreeMap<String, Account>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Account {
    address: String,
    /// Private key in hexadecimal: its coins have no value.
    key: String,
}

impl fmt::Debug for Purse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Purse")
            .field("accounts", &self.accounts.len())
            .finish()
    }
}

impl Purse {
    /// The key that a token unlocks.
    fn open(&self, token: &str) -> Option<PrivateKeySigner> {
        self.accounts.get(&hash(token))?.key.parse().ok()
    }

    /// Creates an account and the token that unlocks it.
    fn make(&mut self) -> (String, PrivateKeySigner) {
        let token = hex::encode(rand::random::<[u8; 32]>());
        let signer = PrivateKeySigner::random();
        let account = Account {
            address: signer.address().to_string(),
            key: hex::encode(signer.to_bytes()),
        };
        self.accounts.insert(hash(&token), account);
        (token, signer)
    }

    /// Whether an address is one of ours, in any spelling.
    fn knows(&self, address: &str) -> bool {
        self.accounts
            .values()
            .any(|account| account.address.eq_ignore_ascii_case(address))
    }
}

fn hash(token: &str) -> String {
    hex::encode(Sha256::digest(token))
}

/// What the wallet's routes share.
#[derive(Debug)]
pub(crate) struct Counter {
    chain: Option<Chain>,
    pending: Pending,
}

impl Counter {
    /// # Errors
    /// The URL is not that of a chain on this machine.
    pub(crate) fn new(chain_rpc: Option<&str>) -> Result<Self, String> {
        Ok(Self {
            chain: chain_rpc.map(Chain::connect).transpose()?,
            pending: Pending::default(),
        })
    }

    /// The routes that answer in the chain's place.
    ///
    /// # Errors
    /// There is no chain, or no client for it.
    pub(crate) fn chain_door(&self, door: Door) -> Result<Router, String> {
        let chain = self
            .chain
            .as_ref()
            .ok_or("a door needs a chain behind it")?;
        let http = reqwest::Client::builder()
            .no_proxy()
            .build()
            .map_err(|error| error.to_string())?;
        Ok(chain_door::routes(door, chain.url(), http))
    }

    fn chain(&self) -> Result<&Chain, WalletError> {
        self.chain.as_ref().ok_or_else(|| {
            WalletError::new(
                4900,
                "The sandbox runs without a chain, so the demo wallet cannot do anything.",
            )
        })
    }
}

/// An error as EIP-1193 and JSON-RPC define it.
#[derive(Debug, Clone, PartialEq)]
struct WalletError {
    code: i64,
    message: String,
    data: Option<Value>,
}

impl WalletError {
    fn new(code: i64, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            data: None,
        }
    }

    fn rejected() -> Self {
        Self::new(4001, "The request was rejected in the demo wallet.")
    }

    fn invalid(message: impl Into<String>) -> Self {
        Self::new(-32602, message)
    }

    fn json(&self) -> Value {
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

/// The wallet's routes.
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

/// Only configured pages may ask, and only they may read the answer.
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

/// Decisions are only made on the confirm page.
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

/// The only thing that other origins load from here.
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
