//! Temporary difficulties: the step is retried, and the buyer sees what it is waiting for.

use std::fmt;
use std::time::Duration;

use crate::orders::change_error::ChangeError;
use crate::ports::{ChainError, MarketError};
use crate::storage::StorageError;

/// Why a step could not be done now.
#[derive(Debug)]
pub(super) enum Trouble {
    /// Another worker has the job.
    ClaimLost,
    /// The database failed.
    Storage(StorageError),
    /// An outside service did not do what was asked of it.
    Outside {
        /// Explanation for the log.
        why: String,
        /// Explanation for the buyer.
        notice: &'static str,
        /// Wait before the next attempt, if the service asked for one; `None` for backoff.
        retry_after: Option<Duration>,
    },
}

const AKASH_SILENT: &str = "Akash does not answer; we keep trying. Your money stays in escrow.";
const AKASH_BUSY: &str = "Akash asks us to slow down; we go on in a moment.";
const OPERATOR: &str =
    "Our account on Akash needs attention; our operator was told. Your money stays in escrow.";
const CHAIN_SILENT: &str = "The chain does not answer; we keep trying. Your money is safe there.";
pub(super) const CHAIN_REFUSES: &str =
    "The escrow contract did not take our transaction; we look again and keep trying.";

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClaimLost => f.write_str("the claim was lost"),
            Self::Storage(error) => error.fmt(f),
            Self::Outside { why, .. } => f.write_str(why),
        }
    }
}

impl From<StorageError> for Trouble {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

impl From<ChangeError> for Trouble {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::ClaimLost => Self::ClaimLost,
            ChangeError::Storage(error) => Self::Storage(error),
            other => Self::Outside {
                why: other.to_string(),
                notice: "We look at it again in a moment.",
                retry_after: None,
            },
        }
    }
}

impl From<MarketError> for Trouble {
    fn from(error: MarketError) -> Self {
        let (notice, retry_after) = match &error {
            MarketError::RateLimited { retry_after } => (
                AKASH_BUSY,
                Some(retry_after.unwrap_or(Duration::from_secs(5))),
            ),
            MarketError::OperatorFunds(_) => (OPERATOR, None),
            _ => (AKASH_SILENT, None),
        };
        Self::Outside {
            why: error.to_string(),
            notice,
            retry_after,
        }
    }
}

impl From<ChainError> for Trouble {
    fn from(error: ChainError) -> Self {
        let notice = match &error {
            ChainError::Unavailable(_) => CHAIN_SILENT,
            ChainError::Refused(_) | ChainError::Invalid(_) => CHAIN_REFUSES,
        };
        Self::Outside {
            why: error.to_string(),
            notice,
            retry_after: None,
        }
    }
}
