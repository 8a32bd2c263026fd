//! The thinking steps that a reader sees, in order, each with its evidence.

use domain::requirements::{Assumption, WishError};
use serde::{Deserialize, Serialize};

use crate::answer::{Completed, answer_field, stated_fields};
use crate::understanding::Understanding;

/// One step from the words to the requirements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// The text was read.
    Read {
        /// Length of the text in characters.
        chars: usize,
    },
    /// An order to the agent was set aside.
    SetAside {
        /// The quoted order.
        text: String,
    },
    /// A field was understood.
    Understood {
        /// The field as in the answer's JSON.
        field: String,
        /// Value that the field was understood to have, for people.
        value: String,
        /// The quoted words.
        evidence: String,
    },
    /// A field that was not stated was decided.
    Assumed {
        /// The field's name.
        field: String,
        /// The assumed value, for people.
        value: String,
        /// Reason for the value.
        reason: String,
    },
    /// The requirements cannot be met as they stand.
    Refused {
        /// Reason why they cannot be met, as a sentence.
        reason: String,
    },
    /// Something is open, and the buyer is asked about it.
    Asked {
        /// Question that the buyer is asked.
        question: String,
    },
}

/// The steps of reading `text` as `u`; `completed` is the result of
/// [`domain::requirements::Wish::complete`] for the wish.
#[must_use]
pub fn steps(u: &Understanding, text: &str, completed: Completed<'_>) -> Vec<Step> {
    let mut steps = vec![Step::Read {
        chars: text.chars().count(),
    }];
    steps.extend(
        u.set_aside
            .iter()
            .map(|text| Step::SetAside { text: text.clone() }),
    );
    let inferred = |field: &str| {
        let mut names = u.wish.inferred.keys();
        names.any(|name| answer_field(name) == field)
    };
    for (field, value) in stated_fields(&u.wish) {
        // The value was not said, so it appears below, among the assumptions.
        if inferred(&field) {
            continue;
        }
        let evidence = evidence_of(u, &field);
        steps.push(Step::Understood {
            field,
            value,
            evidence,
        });
    }
    match completed {
        Ok((_, assumptions)) => steps.extend(assumptions.iter().map(assumed)),
        // An empty wish is answered by its question; saying it twice does not help.
        Err(WishError::NothingToRun) if u.question.is_some() => {}
        Err(error) => steps.push(Step::Refused {
            reason: error.to_string(),
        }),
    }
    if let Some(question) = &u.question {
        steps.push(Step::Asked {
            question: question.clone(),
        });
    }
    steps
}

fn assumed(assumption: &Assumption) -> Step {
    Step::Assumed {
        field: assumption.field.clone(),
        value: assumption.value.clone(),
        reason: assumption.reason.clone(),
    }
}

/// All quotes of a field in the order of the text: three ports may be named in three places. The
/// GPU is one field in the steps and several in the evidence.
fn evidence_of(u: &Understanding, field: &str) -> String {
    let mut quotes: Vec<&str> = Vec::new();
    for found in &u.evidence {
        let belongs = found.field == field || (field == "gpu" && found.field.starts_with("gpu."));
        if belongs && !quotes.contains(&found.text.as_str()) {
            quotes.push(&found.text);
        }
    }
    quotes.join(" … ")
}
