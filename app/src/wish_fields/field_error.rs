//! Validation error of a form field.

use thiserror::Error;

/// A field with an invalid value, and a sentence on what is valid.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{sentence}")]
pub struct FieldError {
    /// The field's name in [`WishFields`](super::WishFields).
    pub field: &'static str,
    /// Sentence for the buyer on what is valid.
    pub sentence: String,
}
