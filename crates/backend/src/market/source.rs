//! What the market asks of a venue's connector.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use domain::offers::Venue;
use thiserror::Error;

use crate::adapters::price_sources::Parsed;

/// One venue.
#[async_trait]
pub trait PriceSource: Send + Sync + Debug {
    /// Who.
    fn venue(&self) -> Venue;

    /// How long an answer may take.
    fn deadline(&self) -> Duration;

    /// Asks for all rows, once. `known` is the tag of the rows already there.
    ///
    /// # Errors
    /// Why there are none; the market decides when to ask again.
    async fn fetch(&self, known: Option<&str>) -> Result<Fetched, SourceError>;
}

/// What a venue answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// The rows already there are still right.
    NotModified,
    /// New rows.
    Rows {
        /// The rows.
        parsed: Parsed,
        /// Their tag, to ask with the next time.
        etag: Option<String>,
    },
}

/// Why a venue has no new rows. `Display` is for people.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SourceError {
    /// It asked us to slow down.
    #[error("it asks for fewer questions{}", wait(*retry_after))]
    RateLimited {
        /// How long, where it says so.
        retry_after: Option<Duration>,
    },
    /// It answered with an error.
    #[error("it answered with status {0}")]
    Status(u16),
    /// No answer by the deadline.
    #[error("no answer within {} s", deadline.as_secs())]
    TooSlow {
        /// The deadline.
        deadline: Duration,
    },
    /// No connection.
    #[error("it cannot be reached: {0}")]
    Unreachable(String),
    /// Not what the venue answers.
    #[error("{0}")]
    Unreadable(String),
}

fn wait(retry_after: Option<Duration>) -> String {
    retry_after.map_or_else(String::new, |wait| format!(" for {} s", wait.as_secs()))
}
