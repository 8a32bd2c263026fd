//! The answers of a use-case other than a result. Every text is a sentence for people.

use thiserror::Error;

use crate::observe;
use crate::ports::{ChainError, MarketError};
use crate::storage::StorageError;

/// Seconds after which to try a service again that does not answer.
const SOON: u64 = 5;

/// Why a use-case did not do what was asked. `Display` is one sentence for the buyer; details that
/// concern only an operator are in the source and in the log.
#[derive(Debug, Error)]
pub enum UsecaseError {
    /// There is no such order, or it belongs to another owner.
    #[error("There is no such order here. It may belong to another browser or wallet.")]
    NotFound,
    /// Something other than an order does not exist, or belongs to another owner.
    #[error("{0}")]
    Missing(String),
    /// A wallet has to sign in first.
    #[error("Sign in with your wallet first.")]
    NotSignedIn,
    /// The session was left by a sign-in, and the page does not know the new one yet.
    #[error(
        "You signed in while this page was loading, so it is not signed in itself. Sign in again to go on."
    )]
    SignInAgain,
    /// Signed in, but not allowed.
    #[error("{reason}")]
    Forbidden {
        /// One sentence for people that gives the reason.
        reason: String,
    },
    /// The input is wrong.
    #[error("{0}")]
    Invalid(String),
    /// Not possible in the current state of the order.
    #[error("{0}")]
    Conflict(String),
    /// The limit for a window of time is exhausted; the same request is possible again later.
    #[error("{sentence}")]
    TooMany {
        /// One sentence for people that names what was done too often.
        sentence: String,
        /// Seconds until it is possible again.
        retry_after_seconds: u64,
    },
    /// An outside service does not answer; trying again later can help.
    #[error("{0}")]
    Unavailable(String),
    /// An internal error of Necto.
    #[error(
        "This failed through a fault of ours, which is now in our log. Nothing was charged for it; try again."
    )]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl UsecaseError {
    /// The order has changed since the caller read it: another tab or a job was faster.
    pub(crate) fn order_changed() -> Self {
        Self::Conflict(
            "The order changed in the meantime. Look at it again before you change it.".to_owned(),
        )
    }

    /// The order has no price that still holds.
    pub(crate) fn price_expired() -> Self {
        Self::Conflict(
            "The price no longer holds. Ask for a new one; your draft is kept.".to_owned(),
        )
    }

    /// The corresponding HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::NotFound | Self::Missing(_) => 404,
            Self::NotSignedIn | Self::SignInAgain => 401,
            Self::Forbidden { .. } => 403,
            Self::Invalid(_) => 422,
            Self::Conflict(_) => 409,
            Self::TooMany { .. } => 429,
            Self::Unavailable(_) => 503,
            Self::Internal(_) => 500,
        }
    }

    /// Seconds until the request may succeed again, if waiting is enough: the `Retry-After` header
    /// of the answer.
    #[must_use]
    pub const fn retry_after_seconds(&self) -> Option<u64> {
        match self {
            Self::TooMany {
                retry_after_seconds,
                ..
            } => Some(*retry_after_seconds),
            Self::Unavailable(_) => Some(SOON),
            _ => None,
        }
    }
}

impl From<StorageError> for UsecaseError {
    fn from(error: StorageError) -> Self {
        if error.passes() {
            observe::storage_refuses(&error);
            return Self::Unavailable(
                "Our database takes no changes right now. Nothing was charged; try again in a moment."
                    .to_owned(),
            );
        }
        Self::Internal(Box::new(error))
    }
}

impl From<ChainError> for UsecaseError {
    fn from(error: ChainError) -> Self {
        match error {
            ChainError::Invalid(message) => Self::Invalid(message),
            ChainError::Refused(message) => Self::Conflict(message),
            ChainError::Unavailable(_) => Self::Unavailable(
                "The chain does not answer right now. Nothing was lost; try again in a moment."
                    .to_owned(),
            ),
        }
    }
}

impl From<MarketError> for UsecaseError {
    fn from(error: MarketError) -> Self {
        match error {
            MarketError::Refused { message } => Self::Invalid(message),
            _ => Self::Unavailable(
                "Akash does not answer right now. Your draft is kept; try again in a moment."
                    .to_owned(),
            ),
        }
    }
}
