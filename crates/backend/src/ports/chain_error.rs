//! Why a call to the escrow's chain failed.

use thiserror::Error;

/// A failed call to the chain, classified by what the caller does next.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ChainError {
    /// The input is wrong; the text is a sentence for people.
    #[error("{0}")]
    Invalid(String),
    /// The contract refuses the call, and will keep refusing it.
    #[error("the escrow contract refuses: {0}")]
    Refused(String),
    /// The chain cannot be reached or lags behind; the same call may be repeated.
    #[error("the chain does not answer: {0}")]
    Unavailable(String),
}
