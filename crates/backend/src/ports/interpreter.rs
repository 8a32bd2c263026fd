//! The interpreter of a buyer's words. Every adapter yields the same typed result and the same step
//! events. None of them acts: the interpretation is shown, and the buyer decides.

use std::fmt::Debug;

use async_trait::async_trait;
use domain::journey::ThinkingKind;
use interpret::Understanding;
use serde_json::Value;
use thiserror::Error;

use super::ModelError;

/// The text to interpret, with the means for it.
#[derive(Debug)]
pub struct Asked<'a> {
    /// The buyer's own words.
    pub text: &'a str,
    /// Read-only access to offers and templates, in which a model can look things up.
    pub library: &'a dyn Library,
    /// Budget of tokens for a model, to be drawn on before each call.
    pub allowance: &'a dyn Allowance,
}

/// A step of the interpretation, reported as it happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepEvent {
    /// Kind of the step: reading, understanding, assuming and so on.
    pub kind: ThinkingKind,
    /// One sentence for people that says what was done.
    pub text: String,
    /// Evidence on which the step rests, for people; `None` if it names none.
    pub evidence: Option<String>,
}

/// Callback that receives each step.
pub type OnStep<'a> = &'a mut (dyn FnMut(StepEvent) + Send);

/// Why words were not interpreted; the built-in rules then do it. The text completes a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InterpreterError {
    /// The model failed.
    #[error("{0}")]
    Model(#[from] ModelError),
    /// Today's token allowance is spent.
    #[error("today’s allowance for the model is used up")]
    AllowanceSpent,
    /// Its answer or its draft was still wrong after all corrections.
    #[error("the model’s answer still had a fault after three corrections")]
    Unmended,
    /// It did not finish.
    #[error("the model came to no end")]
    NoEnd,
}

/// Interprets a buyer's words.
#[async_trait]
pub trait Interpreter: Send + Sync + Debug {
    /// Name of the interpreter, for people.
    fn name(&self) -> &str;

    /// Interprets `asked`, reporting each step as it happens.
    async fn interpret(
        &self,
        asked: &Asked<'_>,
        on_step: OnStep<'_>,
    ) -> Result<Understanding, InterpreterError>;
}

/// Look-ups that an interpreter may make. Nothing here changes anything.
#[async_trait]
pub trait Library: Send + Sync + Debug {
    /// Returns hourly prices of matching GPUs; `model` is free text from a model.
    async fn offers(&self, model: Option<&str>) -> Value;

    /// Returns templates that match `words`; titles and descriptions may come from outside.
    async fn templates(&self, words: &str) -> Value;
}

/// Budget for a model, in tokens.
#[async_trait]
pub trait Allowance: Send + Sync + Debug {
    /// Takes `tokens` from the remainder; `false` if too few are left.
    async fn take(&self, tokens: u64) -> bool;

    /// Gives back tokens that were taken and not used.
    async fn give_back(&self, tokens: u64);
}
