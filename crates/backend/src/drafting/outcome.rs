//! The findings of a round of drafting, and its outcome.

use domain::journey::{Refusal, Relaxation, ThinkingKind};
use domain::quote::{MarketView, Quote};

use super::thoughts::Thoughts;
use crate::observe;
use crate::ports::MarketError;

/// The findings of a round.
#[derive(Debug, Clone)]
pub(crate) struct Findings {
    /// SDL written by the round; `None` if the buyer's own SDL is kept.
    pub(crate) sdl: Option<String>,
    /// The market's answers in this round; `None` if the round ended without them.
    pub(crate) market: Option<MarketView>,
    /// Result of the round: a price, or the reason why there is none.
    pub(crate) outcome: Outcome,
}

/// The outcome of a round.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    /// There is a price.
    Quoted(Quote),
    /// The buyer only wanted to see the market.
    MarketOnly,
    /// There is no price, for this reason.
    Refused(Refusal),
    /// The market does not answer: this is unknown, not refused. The sentence is for the buyer.
    Unanswered(String),
}

impl Outcome {
    /// A refusal without a suggestion.
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self::Refused(Refusal {
            message: message.into(),
            relaxations: Vec::new(),
        })
    }
}

/// Ends a round without a price, with the single changes that would help.
pub(super) fn refuse(
    thoughts: &mut Thoughts,
    message: String,
    relaxations: Vec<Relaxation>,
) -> Outcome {
    let evidence = match relaxations.as_slice() {
        [] => None,
        [one] => Some(format!("would help: {}", one.title)),
        [first, rest @ ..] => Some(format!(
            "would help: {} and {} more",
            first.title,
            rest.len()
        )),
    };
    thoughts.add(ThinkingKind::Refused, message.clone(), evidence);
    Outcome::Refused(Refusal {
        message,
        relaxations,
    })
}

/// Ends a round whose query the market did not answer or refused.
pub(super) fn not_answered(error: &MarketError, thoughts: &mut Thoughts) -> Outcome {
    observe::market_unanswered(error);
    let sentence = match error {
        MarketError::Refused { message } => {
            let words: String = message.chars().take(300).collect();
            return refuse(thoughts, format!("Akash refuses this: {words}"), Vec::new());
        }
        MarketError::RateLimited { .. } => {
            "Akash asks us to slow down, so there is no price yet. Your draft is kept; ask for the \
             price again in a minute."
        }
        _ => {
            "Akash does not answer, so there is no price yet. Your draft is kept; ask for the price \
             again in a moment."
        }
    };
    thoughts.add(ThinkingKind::Priced, sentence, None);
    Outcome::Unanswered(sentence.to_owned())
}
