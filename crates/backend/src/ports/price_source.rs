//! The interface of a venue's connector.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use domain::offers::{Listing, Quarantined, Venue};
use thiserror::Error;

/// One venue.
#[async_trait]
pub trait PriceSource: Send + Sync + Debug {
    /// The venue that this connector queries.
    fn venue(&self) -> Venue;

    /// How long an answer may take.
    fn deadline(&self) -> Duration;

    /// Requests all rows, once. `known` is the tag of the rows already there.
    ///
    /// # Errors
    /// Why there are none; the market decides when to ask again.
    async fn fetch(&self, known: Option<&str>) -> Result<Fetched, SourceError>;
}

/// A venue's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// The existing rows are still current.
    NotModified,
    /// New rows.
    Rows {
        /// Rows of the answer, and those that could not be read.
        parsed: Parsed,
        /// Their tag, for the next request; `None` if the venue gives none.
        etag: Option<String>,
    },
}

/// The parsed form of an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parsed {
    /// Rows that could be read, in the venue's own units.
    pub listings: Vec<Listing>,
    /// Rows that could not be read, each with the reason.
    pub unreadable: Vec<Quarantined>,
}

/// Why a venue has no new rows. `Display` is for people.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SourceError {
    /// It asked us to slow down.
    #[error("it asks for fewer questions{}", wait(*retry_after))]
    RateLimited {
        /// Time that it asks us to wait; `None` where it does not say.
        retry_after: Option<Duration>,
    },
    /// It answered with an error.
    #[error("it answered with status {0}")]
    Status(u16),
    /// No answer by the deadline.
    #[error("no answer within {} s", deadline.as_secs())]
    TooSlow {
        /// Time that the venue had for its answer.
        deadline: Duration,
    },
    /// No connection.
    #[error("it cannot be reached: {0}")]
    Unreachable(String),
    /// Not a valid answer of the venue.
    #[error("{0}")]
    Unreadable(String),
}

fn wait(retry_after: Option<Duration>) -> String {
    retry_after.map_or_else(String::new, |wait| format!(" for {} s", wait.as_secs()))
}
