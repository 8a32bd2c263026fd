//! The built-in interpreter: rules only, without a key or network access.

use async_trait::async_trait;
use domain::journey::ThinkingKind;
use interpret::Understanding;

use crate::ports::{Asked, Interpreter, InterpreterError, OnStep, StepEvent};

/// The built-in rules.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rules;

#[async_trait]
impl Interpreter for Rules {
    fn name(&self) -> &'static str {
        "built-in rules"
    }

    async fn interpret(
        &self,
        asked: &Asked<'_>,
        on_step: OnStep<'_>,
    ) -> Result<Understanding, InterpreterError> {
        on_step(StepEvent {
            kind: ThinkingKind::Reading,
            text: "Reading your words with the built-in rules.".to_owned(),
            evidence: None,
        });
        Ok(interpret::interpret(asked.text))
    }
}
