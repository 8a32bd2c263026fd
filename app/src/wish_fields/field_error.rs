//! What is wrong with a field of the form.

use thiserror::Error;

/// A field that cannot be read: which one, and a sentence that says what fits.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{sentence}")]
pub struct FieldError {
    /// The field's name in [`WishFields`](super::WishFields).
    pub field: &'static str,
    /// Sentence for the buyer that says what fits.
    pub sentence: String,
}
