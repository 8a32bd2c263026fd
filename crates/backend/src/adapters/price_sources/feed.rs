//! Helpers for all feeds of token prices: how a number is parsed, and what counts as a price.

use domain::offers::Decimal;
use domain::offers::tokens::Vote;
use domain::time::UnixSeconds;
use serde_json::Value;

/// Parses a number that a feed writes as text or as a number; `None` for anything else.
pub(super) fn decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number.to_string().parse().ok(),
        _ => None,
    }
}

/// Makes a price in dollars, as stated by `source` for the time `at`.
pub(super) fn vote(source: &str, usd: Decimal, at: UnixSeconds) -> Vote {
    Vote {
        source: source.to_owned(),
        usd,
        at,
        via: None,
    }
}
