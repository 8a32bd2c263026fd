//! Who reads a buyer's words. Every adapter yields the same typed result and the same step events,
//! and none of them acts: what is understood is shown, and the buyer decides.

use std::fmt::Debug;

use async_trait::async_trait;
use domain::journey::ThinkingKind;
use interpret::Understanding;
use serde_json::Value;
use thiserror::Error;

use super::ModelError;

/// What is to be read, and what may be used for it.
#[derive(Debug)]
pub struct Asked<'a> {
    /// The buyer's words.
    pub text: &'a str,
    /// What can be looked up meanwhile.
    pub library: &'a dyn Library,
    /// What may be spent on a model.
    pub allowance: &'a dyn Allowance,
}

/// A step on the way, as it happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepEvent {
    /// What kind.
    pub kind: ThinkingKind,
    /// One sentence.
    pub text: String,
    /// What it rests on.
    pub evidence: Option<String>,
}

/// Told of each step.
pub type OnStep<'a> = &'a mut (dyn FnMut(StepEvent) + Send);

/// Why words were not read; the built-in rules read them then. The text completes a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InterpreterError {
    /// The model failed.
    #[error("{0}")]
    Model(#[from] ModelError),
    /// What may be spent on it today is spent.
    #[error("today’s allowance for the model is used up")]
    AllowanceSpent,
    /// Its answer or its draft was not mended in time.
    #[error("the model’s answer still had a fault after three corrections")]
    Unmended,
    /// It went on and on.
    #[error("the model came to no end")]
    NoEnd,
}

/// Reads a buyer's words.
#[async_trait]
pub trait Interpreter: Send + Sync + Debug {
    /// What people call it.
    fn name(&self) -> &str;

    /// Reads `asked`, telling each step as it happens.
    async fn interpret(
        &self,
        asked: &Asked<'_>,
        on_step: OnStep<'_>,
    ) -> Result<Understanding, InterpreterError>;
}

/// What an interpreter may look up. Nothing here changes anything.
#[async_trait]
pub trait Library: Send + Sync + Debug {
    /// What GPUs like these cost per hour; `model` is free text from a model.
    async fn offers(&self, model: Option<&str>) -> Value;

    /// Templates that go with `words`; titles and descriptions may come from outside.
    async fn templates(&self, words: &str) -> Value;
}

/// What may be spent on a model, in tokens.
#[async_trait]
pub trait Allowance: Send + Sync + Debug {
    /// Takes `tokens` out of what is left; `false` where so much is not left.
    async fn take(&self, tokens: u64) -> bool;

    /// Puts back what was taken and not used.
    async fn give_back(&self, tokens: u64);
}
