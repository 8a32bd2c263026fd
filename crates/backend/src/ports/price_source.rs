//! The interface of a connector to a venue.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use domain::offers::{Listing, Quarantined, Venue};
use thiserror::Error;

/// A connector to one venue.
#[async_trait]
pub trait PriceSource: Send + Sync + Debug {
    /// Venue that this connector queries.
    fn venue(&self) -> Venue;

    /// Maximum time for an answer.
    fn deadline(&self) -> Duration;

    /// Requests all rows once. `known` is the tag of the rows already stored.
    ///
    /// # Errors
    /// The reason why there are none; the market decides when to ask again.
    async fn fetch(&self, known: Option<&str>) -> Result<Fetched, SourceError>;
}

/// A venue's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// The existing rows are still current.
    NotModified,
    /// New rows.
    Rows {
        /// Rows of the answer, and those that could not be parsed.
        parsed: Parsed,
        /// Tag of these rows, for the next request; `None` if the venue gives none.
        etag: Option<String>,
    },
}

/// A parsed answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parsed {
    /// Rows that were parsed, in the venue's own units.
    pub listings: Vec<Listing>,
    /// Rows that could not be parsed, each with the reason.
    pub unreadable: Vec<Quarantined>,
}

/// Why a venue has no new rows. `Display` is for people.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SourceError {
    /// It asked for fewer requests.
    #[error("it asks for fewer questions{}", wait(*retry_after))]
    RateLimited {
        /// Time that it asks to wait; `None` if it does not say.
        retry_after: Option<Duration>,
    },
    /// It answered with an error.
    #[error("it answered with status {0}")]
    Status(u16),
    /// It did not answer by the deadline.
    #[error("no answer within {} s", deadline.as_secs())]
    TooSlow {
        /// Time that the venue had for its answer.
        deadline: Duration,
    },
    /// It could not be connected to.
    #[error("it cannot be reached: {0}")]
    Unreachable(String),
    /// Its answer is not valid.
    #[error("{0}")]
    Unreadable(String),
}

fn wait(retry_after: Option<Duration>) -> String {
    retry_after.map_or_else(String::new, |wait| format!(" for {} s", wait.as_secs()))
}
