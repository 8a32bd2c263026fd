//! Result of interpreting a sentence.

use domain::requirements::Wish;
use serde::{Deserialize, Serialize};

/// The result of reading one request: the wish with its evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Understanding {
    /// Wish with only what the buyer said.
    pub wish: Wish,
    /// Words that each field of the wish was read from, in the order of the text.
    pub evidence: Vec<Evidence>,
    /// Orders to the agent, quoted. They were not carried out and did not affect the wish.
    pub set_aside: Vec<String>,
    /// One short question if something is unclear or contradictory; `None` otherwise.
    pub question: Option<String>,
    /// Possible answers to the question if they are few, each with the resulting wish.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answer>,
    /// `true` if nothing could be interpreted.
    pub unclear: bool,
}

/// One of the few answers to a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Label of the answer's button: “per hour”.
    pub title: String,
    /// Wish with this answer, otherwise unchanged.
    pub wish: Wish,
}

/// Words that a field was read from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Name of the field in the answer's JSON: `memory_gib`, `gpu.model`.
    pub field: String,
    /// The words as quoted.
    pub text: String,
    /// Byte offset of their beginning in the text.
    pub from: usize,
    /// Byte offset of their end in the text, exclusive.
    pub to: usize,
}

impl Understanding {
    /// The words that stated `field`, if it was stated.
    #[must_use]
    pub fn evidence_for(&self, field: &str) -> Option<&Evidence> {
        self.evidence.iter().find(|found| found.field == field)
    }
}
