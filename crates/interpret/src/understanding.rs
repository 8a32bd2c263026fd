//! What was understood of a sentence.

use domain::requirements::Wish;
use serde::{Deserialize, Serialize};

/// The result of reading one request: the wish, and where it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Understanding {
    /// Only what the buyer said.
    pub wish: Wish,
    /// For every field of the wish, the words it was read from, in the order of the text.
    pub evidence: Vec<Evidence>,
    /// Orders to the agent, quoted. They were not carried out and did not touch the wish.
    pub set_aside: Vec<String>,
    /// One short question when something is unclear or contradictory.
    pub question: Option<String>,
    /// Possible answers to it, where they are few: each with the resulting wish.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answer>,
    /// Nothing could be interpreted.
    pub unclear: bool,
}

/// One of the few answers to a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// On a button: “per hour”.
    pub title: String,
    /// The wish with this answer, everything else as it was understood.
    pub wish: Wish,
}

/// The words a field was read from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The field as in the answer's JSON: `memory_gib`, `gpu.model`.
    pub field: String,
    /// The quoted words.
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
