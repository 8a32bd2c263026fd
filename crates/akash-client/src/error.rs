//! Failures of a call, distinguished by what a caller does next.

use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use serde_json::Value;

/// The effect of repeating a call, and therefore the meaning of a lost answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The call changes nothing, or changes nothing more when repeated.
    Repeatable,
    /// A second call takes effect a second time: a lost answer leaves the outcome open.
    Once,
}

/// A failed call. Texts come from the service and are safe to log: they never hold the API key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The answer was lost after a call that must not be repeated blindly: it may have taken
    /// effect. Check the service's state before trying again.
    #[error("the outcome is unknown, the call may have taken effect: {0}")]
    Ambiguous(String),
    /// Too many calls; wait at least `retry_after` if the service said so.
    #[error("too many requests{}", retry_after.map(|wait| format!(", wait {} s", wait.as_secs())).unwrap_or_default())]
    RateLimited {
        /// The wait the service asked for, if it did.
        retry_after: Option<Duration>,
    },
    /// The API key, or the provider token, is missing, wrong or expired.
    #[error("not authorized: {0}")]
    Unauthorized(String),
    /// The account may not do this, for example lease from an unaudited provider.
    #[error("forbidden: {0}")]
    Forbidden(String),
    /// The Console account itself lacks funds: its operator must act, not a buyer.
    #[error("the Console account lacks funds: {0}")]
    OperatorFunds(String),
    /// The request is wrong and will stay wrong (invalid SDL, unknown provider attributes, …).
    #[error("invalid request: {0}")]
    Invalid(String),
    /// The chosen bid closed in the meantime; another bid may still be open.
    #[error("bid no longer open: {0}")]
    BidNotOpen(String),
    /// The order was matched or closed: look for an existing lease, otherwise start anew.
    #[error("order no longer open: {0}")]
    OrderNotOpen(String),
    /// The lease exists but its provider has no manifest yet; sending the lease call again
    /// delivers it.
    #[error("the provider did not receive the manifest: {0}")]
    ManifestNotDelivered(String),
    /// No such deployment, provider or lease.
    #[error("not found: {0}")]
    NotFound(String),
    /// Not possible at this moment; the same call can succeed in a few seconds.
    #[error("conflict, retry shortly: {0}")]
    Conflict(String),
    /// The service or the provider cannot be reached or is out of order. The call can safely be
    /// repeated: nothing happened, or repeating it changes nothing more.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// An answer that this client cannot interpret.
    #[error("unexpected answer (status {status}): {excerpt}")]
    Unexpected {
        /// HTTP status of the answer.
        status: u16,
        /// Beginning of the body, or the fault in it.
        excerpt: String,
    },
}

impl Error {
    /// Reads an answer whose status is not a success.
    pub(crate) fn from_response(
        status: StatusCode,
        headers: &HeaderMap,
        body: &[u8],
        effect: Effect,
    ) -> Self {
        if is_rate_limit(status, headers) {
            return Self::RateLimited {
                retry_after: retry_after(headers),
            };
        }
        let message = message_of(body);
        match status.as_u16() {
            400 if message.contains("bid is no longer open") => Self::BidNotOpen(message),
            400 if message.contains("order has already been matched or closed") => {
                Self::OrderNotOpen(message)
            }
            400 => Self::refusal(message),
            401 => Self::Unauthorized(message),
            402 => Self::OperatorFunds(message),
            403 => Self::Forbidden(message),
            404 if message.contains("no lease for deployment") => {
                Self::ManifestNotDelivered(message)
            }
            404 => Self::NotFound(message),
            409 => Self::Conflict(message),
            422 if code_of(body).as_deref() == Some("manifest_not_delivered") => {
                Self::ManifestNotDelivered(message)
            }
            422 => Self::refusal(message),
            408 | 499 | 500..=599 if effect == Effect::Once => Self::Ambiguous(message),
            408 | 499 | 500..=599 => Self::Unavailable(message),
            status => Self::Unexpected {
                status,
                excerpt: message,
            },
        }
    }

    /// Distinguishes a malformed request from one refused for another reason, which only the text
    /// shows.
    fn refusal(message: String) -> Self {
        let says = |text| message.contains(text);
        if says("already exists") || says("cannot be settled yet") {
            Self::Conflict(message)
        } else if says("Insufficient funds") {
            Self::OperatorFunds(message)
        } else {
            Self::Invalid(message)
        }
    }

    /// Whether the service refuses because the deployment is closed.
    pub(crate) fn is_of_closed_deployment(&self) -> bool {
        matches!(self, Self::Invalid(message) if message.contains("Deployment closed"))
    }

    /// Interprets a call that ended without an answer.
    pub(crate) fn from_transport(error: reqwest::Error, effect: Effect) -> Self {
        // Nothing was sent if the connection was never established, so nothing can have happened.
        let never_sent = error.is_connect() || error.is_builder();
        let text = describe(&error.without_url());
        if never_sent || effect == Effect::Repeatable {
            Self::Unavailable(text)
        } else {
            Self::Ambiguous(text)
        }
    }
}

/// The error with its causes, since the outermost text alone gives no reason.
fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

fn is_rate_limit(status: StatusCode, headers: &HeaderMap) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS
        || (matches!(status.as_u16(), 403 | 503)
            && headers
                .get("cf-mitigated")
                .is_some_and(|value| value == "challenge"))
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers
        .get(RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()
        .map(Duration::from_secs)
}

/// The message of an error body: JSON with a message, plain text, or a page of HTML.
fn message_of(body: &[u8]) -> String {
    let from_json = serde_json::from_slice::<Value>(body)
        .ok()
        .and_then(|value| {
            let text = value.get("message").or_else(|| value.get("error"))?;
            Some(match text {
                Value::String(text) => text.clone(),
                // Nest answers with a list of messages.
                Value::Array(parts) => parts
                    .iter()
                    .filter_map(Value::as_str)
                    .collect::<Vec<_>>()
                    .join(", "),
                other => other.to_string(),
            })
        });
    excerpt(&from_json.unwrap_or_else(|| String::from_utf8_lossy(body).into_owned()))
}

fn code_of(body: &[u8]) -> Option<String> {
    let value: Value = serde_json::from_slice(body).ok()?;
    value.get("code")?.as_str().map(str::to_owned)
}

/// One line, shortened: an error page must not flood a log.
pub(crate) fn excerpt(text: &str) -> String {
    const MAX_CHARS: usize = 600;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, headers: &[(&'static str, &str)], body: &str, effect: Effect) -> Error {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect();
        Error::from_response(
            StatusCode::from_u16(status).unwrap(),
            &headers,
            body.as_bytes(),
            effect,
        )
    }

    #[test]
    fn each_status_becomes_what_a_caller_acts_on() {
        let json = |message: &str| format!(r#"{{"error":"E","message":"{message}","code":"x"}}"#);
        let cases = [
            (
                400,
                json("Invalid SDL: bad"),
                Error::Invalid("Invalid SDL: bad".into()),
            ),
            (
                401,
                json("Invalid API key"),
                Error::Unauthorized("Invalid API key".into()),
            ),
            (
                402,
                json("Not enough balance"),
                Error::OperatorFunds("Not enough balance".into()),
            ),
            (
                403,
                json("Provider not authorized."),
                Error::Forbidden("Provider not authorized.".into()),
            ),
            (
                404,
                "Provider not found.".to_owned(),
                Error::NotFound("Provider not found.".into()),
            ),
            (
                404,
                json("no lease for deployment"),
                Error::ManifestNotDelivered("no lease for deployment".into()),
            ),
            (
                409,
                json("Wallet is still being provisioned"),
                Error::Conflict("Wallet is still being provisioned".into()),
            ),
            (
                418,
                "<html>\n teapot</html>".to_owned(),
                Error::Unexpected {
                    status: 418,
                    excerpt: "<html> teapot</html>".into(),
                },
            ),
        ];
        for (status, body, expected) in cases {
            assert_eq!(read(status, &[], &body, Effect::Once), expected);
        }
    }

    #[test]
    fn a_gone_bid_and_a_gone_order_are_told_apart() {
        let bid = r#"{"message":"Cannot create lease: The selected bid is no longer open. Please refresh and select an available bid."}"#;
        let order = r#"{"message":"Cannot create lease: The associated order has already been matched or closed. Re-create the deployment to generate a new order and try again."}"#;
        assert!(matches!(
            read(400, &[], bid, Effect::Repeatable),
            Error::BidNotOpen(_)
        ));
        assert!(matches!(
            read(400, &[], order, Effect::Repeatable),
            Error::OrderNotOpen(_)
        ));
    }

    #[test]
    fn a_refusal_is_told_from_a_wrong_request_by_its_text() {
        let conflict = r#"{"message":"Deployment version already exists"}"#;
        let funds = r#"{"message":"Insufficient funds in the account"}"#;
        let closed = r#"{"message":"Deployment closed"}"#;
        for status in [400, 422] {
            let read = |body| read(status, &[], body, Effect::Once);
            assert!(matches!(read(conflict), Error::Conflict(_)));
            assert!(matches!(read(funds), Error::OperatorFunds(_)));
            assert!(matches!(read(closed), Error::Invalid(_)));
            assert!(read(closed).is_of_closed_deployment());
            assert!(!read(funds).is_of_closed_deployment());
        }
    }

    #[test]
    fn a_server_error_is_ambiguous_only_where_repeating_does_harm() {
        assert!(matches!(
            read(502, &[], "oops", Effect::Once),
            Error::Ambiguous(_)
        ));
        assert!(matches!(
            read(502, &[], "oops", Effect::Repeatable),
            Error::Unavailable(_)
        ));
    }

    #[test]
    fn both_kinds_of_rate_limit_are_recognised() {
        assert_eq!(
            read(429, &[("retry-after", "7")], "{}", Effect::Once),
            Error::RateLimited {
                retry_after: Some(Duration::from_secs(7))
            }
        );
        assert_eq!(
            read(
                403,
                &[("cf-mitigated", "challenge")],
                "<html>",
                Effect::Once
            ),
            Error::RateLimited { retry_after: None }
        );
    }

    #[test]
    fn a_long_error_page_is_shortened() {
        let text = excerpt(&"é".repeat(5_000));
        assert_eq!(text.chars().count(), 601);
    }
}
