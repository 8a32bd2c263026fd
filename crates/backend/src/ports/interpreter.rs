//! The interpreter of a buyer's words. Every adapter yields the same typed result and the same step
//! events, and none of them acts: what is understood is shown, and the buyer decides.

use std::fmt::Debug;

use async_trait::async_trait;
use domain::journey::ThinkingKind;
use interpret::Understanding;
use serde_json::Value;
use thiserror::Error;

use super::ModelError;

/// What must be read, and what may be used for it.
#[derive(Debug)]
pub struct Asked<'a> {
    /// Text to be read: the buyer's own words.
    pub text: &'a str,
    /// Read-only access to offers and templates, for a model to look things up meanwhile.
    pub library: &'a dyn Library,
    /// Tokens that may still be spent on a model, to be taken before each call.
    pub allowance: &'a dyn Allowance,
}

/// A step on the way, as it happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepEvent {
    /// Kind of the step: reading, understanding, assuming and so on.
    pub kind: ThinkingKind,
    /// One sentence for people that says what was done.
    pub text: String,
    /// Evidence on which the step rests, for people; `None` if it names none.
    pub evidence: Option<String>,
}

/// Called for each step.
pub type OnStep<'a> = &'a mut (dyn FnMut(StepEvent) + Send);

/// Why words were not read; the built-in rules then read them. The text completes a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InterpreterError {
    /// The model failed.
    #[error("{0}")]
    Model(#[from] ModelError),
    /// Today's allowance for it is spent.
    #[error("today’s allowance for the model is used up")]
    AllowanceSpent,
    /// Its answer or its draft was not corrected in time.
    #[error("the model’s answer still had a fault after three corrections")]
    Unmended,
    /// It did not come to an end.
    #[error("the model came to no end")]
    NoEnd,
}

/// Reads a buyer's words.
#[async_trait]
pub trait Interpreter: Send + Sync + Debug {
    /// Its name for people.
    fn name(&self) -> &str;

    /// Reads `asked`, reporting each step as it happens.
    async fn interpret(
        &self,
        asked: &Asked<'_>,
        on_step: OnStep<'_>,
    ) -> Result<Understanding, InterpreterError>;
}

/// What an interpreter may look up. Nothing here changes anything.
#[async_trait]
pub trait Library: Send + Sync + Debug {
    /// The price of such GPUs per hour; `model` is free text from a model.
    async fn offers(&self, model: Option<&str>) -> Value;

    /// Templates that match `words`; titles and descriptions may come from outside.
    async fn templates(&self, words: &str) -> Value;
}

/// What may be spent on a model, in tokens.
#[async_trait]
pub trait Allowance: Send + Sync + Debug {
    /// Takes `tokens` out of the remainder; `false` if it is not enough.
    async fn take(&self, tokens: u64) -> bool;

    /// Puts back what was taken and not used.
    async fn give_back(&self, tokens: u64);
}
