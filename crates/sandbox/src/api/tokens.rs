//! Tokens for provider gateways, in the format of the real ones.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::refusal::Refusal;
use crate::state::Shared;
use crate::world::World;

use super::body::{data, parse};

const SCOPES: [&str; 10] = [
    "send-manifest",
    "get-manifest",
    "logs",
    "shell",
    "events",
    "status",
    "restart",
    "hostname-migrate",
    "ip-migrate",
    "attestation",
];

/// `POST /v1/create-jwt-token`
pub(super) async fn create(
    State(shared): State<Shared>,
    body: Bytes,
) -> Result<impl IntoResponse, Refusal> {
    let body = parse(&body)?;
    let ttl = body
        .pointer("/data/ttl")
        .and_then(Value::as_u64)
        .filter(|ttl| *ttl > 0)
        .ok_or_else(|| Refusal::field(&["data", "ttl"], "Expected a positive whole number"))?;
    let leases = body
        .pointer("/data/leases")
        .filter(|leases| is_grant(leases))
        .ok_or_else(|| Refusal::field(&["data", "leases"], "Invalid lease permissions"))?;
    let now = shared.clock.now().console_ms / 1000;
    let claims = json!({
        "iss": World::owner(), "iat": now, "nbf": now, "exp": now + ttl,
        "jti": format!("sim-{now}"), "version": "v1", "leases": leases,
    });
    Ok((
        StatusCode::CREATED,
        data(json!({ "token": sign(&shared, &claims) })),
    ))
}

fn is_grant(leases: &Value) -> bool {
    let scoped = |value: &Value| {
        value
            .get("scope")
            .and_then(Value::as_array)
            .is_some_and(|scopes| {
                scopes
                    .iter()
                    .all(|scope| scope.as_str().is_some_and(|name| SCOPES.contains(&name)))
            })
    };
    match leases.get("access").and_then(Value::as_str) {
        Some("full") => leases.get("scope").is_none(),
        Some("scoped") => scoped(leases),
        Some("granular") => leases
            .get("permissions")
            .and_then(Value::as_array)
            .is_some_and(|permissions| {
                permissions.iter().all(|permission| {
                    permission.get("provider").is_some_and(Value::is_string)
                        && (permission.get("access").and_then(Value::as_str) == Some("full")
                            || scoped(permission))
                })
            }),
        _ => false,
    }
}

fn sign(shared: &Shared, claims: &Value) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = encode(&json!({ "alg": "ES256K", "typ": "JWT" }));
    let payload = encode(claims);
    let signature = signature(shared, &header, &payload);
    format!("{header}.{payload}.{signature}")
}

/// Returns a substitute for the wallet's signature, created and checked only by this sandbox.
fn signature(shared: &Shared, header: &str, payload: &str) -> String {
    let digest = Sha256::digest(format!("{}\n{header}.{payload}", shared.api_key));
    URL_SAFE_NO_PAD.encode([digest, digest].concat())
}

/// The claims of a valid token.
#[derive(Debug, Clone)]
pub(crate) struct Claims(Value);

/// Checks a token as a provider would.
///
/// # Errors
/// The provider's message about the fault.
pub(crate) fn read_token(shared: &Shared, token: &str) -> Result<Claims, &'static str> {
    let mut parts = token.split('.');
    let (Some(header), Some(payload), Some(signed), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err("JWT is malformed");
    };
    if signature(shared, header, payload) != signed {
        return Err("JWT signature is invalid");
    }
    let claims: Value = URL_SAFE_NO_PAD
        .decode(payload)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .ok_or("JWT is malformed")?;
    let now = shared.clock.now().console_ms / 1000;
    let expires = claims["exp"].as_u64().unwrap_or(0);
    if now >= expires {
        return Err("JWT is expired");
    }
    Ok(Claims(claims))
}

impl Claims {
    /// Whether the bearer has this scope at a provider.
    pub(crate) fn allow(&self, provider: &str, scope: &str) -> bool {
        let leases = &self.0["leases"];
        let has = |grant: &Value| {
            grant["access"] == "full"
                || grant["scope"]
                    .as_array()
                    .is_some_and(|scopes| scopes.iter().any(|name| name == scope))
        };
        match leases["access"].as_str() {
            Some("granular") => leases["permissions"].as_array().is_some_and(|list| {
                list.iter()
                    .any(|grant| grant["provider"] == provider && has(grant))
            }),
            _ => has(leases),
        }
    }
}
