//! Why an order did not change, and the corresponding answer of a use-case.

use domain::deployment::TransitionError;
use thiserror::Error;

use crate::error::UsecaseError;
use crate::payment::exposure::full::Full;
use crate::storage::StorageError;

/// Why an order did not change.
#[derive(Debug, Error)]
pub(crate) enum ChangeError {
    /// There is no such order.
    #[error("there is no such order")]
    NotFound,
    /// The lifecycle does not allow it in the order's state.
    #[error(transparent)]
    Refused(#[from] TransitionError),
    /// The caller's own check rejected it.
    #[error(transparent)]
    Rejected(Box<UsecaseError>),
    /// It would put more of the operator's money at Akash at stake than is allowed.
    #[error("{}", .0.refusal.sentence())]
    Exposed(Full),
    /// The requesting job no longer holds its claim.
    #[error("the claim on the job was lost")]
    ClaimLost,
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<UsecaseError> for ChangeError {
    fn from(error: UsecaseError) -> Self {
        Self::Rejected(Box::new(error))
    }
}

impl From<ChangeError> for UsecaseError {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::NotFound => Self::NotFound,
            ChangeError::Refused(refused) => Self::Conflict(format!(
                "That is not possible any more: the order is {}.",
                refused.state.replace('_', " ")
            )),
            ChangeError::Rejected(error) => *error,
            ChangeError::Exposed(full) => {
                let sentence = full.refusal.sentence();
                match full.retry_after {
                    Some(wait) => Self::TooMany {
                        sentence,
                        retry_after_seconds: wait.0,
                    },
                    None => Self::Conflict(sentence),
                }
            }
            ChangeError::Storage(error) => error.into(),
            other @ ChangeError::ClaimLost => Self::Internal(Box::new(other)),
        }
    }
}
