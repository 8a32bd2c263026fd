//! What the feeds of token prices share: how a number is read, and what counts as a price.

use domain::offers::Decimal;
use domain::offers::tokens::Vote;
use domain::time::UnixSeconds;
use serde_json::Value;

/// A number that a feed writes as text or as a number; `None` for anything else.
pub(super) fn decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number.to_string().parse().ok(),
        _ => None,
    }
}

/// A price in dollars, as `source` stated it for the time `at`.
pub(super) fn vote(source: &str, usd: Decimal, at: UnixSeconds) -> Vote {
    Vote {
        source: source.to_owned(),
        usd,
        at,
        via: None,
    }
}
