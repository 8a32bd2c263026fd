//! Reason why a proposal is refused.

use thiserror::Error;

/// Reason why a proposal is refused. The model is told, and may try again.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{field}: {problem}")]
pub struct Fault {
    /// The field, as in the answer's JSON; empty for the whole answer.
    pub field: String,
    /// Fault of that field, as one sentence.
    pub problem: String,
}

/// Longest name of a field that is repeated, in characters: a model can answer with any.
const LONGEST_FIELD: usize = 60;

impl Fault {
    pub(crate) fn new(field: &str, problem: impl Into<String>) -> Self {
        Self {
            field: field.chars().take(LONGEST_FIELD).collect(),
            problem: problem.into(),
        }
    }
}
