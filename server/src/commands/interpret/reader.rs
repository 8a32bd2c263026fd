//! Reads a sentence on the command line. No market is queried and no visitor's budget is charged, but a model
//! gets the built-in templates and a token limit.

use std::sync::Arc;

use backend::adapters::gemini::{Gemini, GeminiSettings};
use backend::adapters::{clock, random::OsRandom};
use backend::drafting::agent::{BuiltInLibrary, ModelInterpreter, Purse, Rules};
use backend::ports::{Asked, Interpreter, InterpreterError};
use interpret::Understanding;

use crate::commands::output;
use crate::error::CommandError;

/// An interpreter, and the tokens it may still spend.
#[derive(Debug)]
pub(super) struct Reader {
    interpreter: Arc<dyn Interpreter>,
    purse: Purse,
}

/// How a sentence was understood.
#[derive(Debug)]
pub(super) struct Answer {
    understanding: Understanding,
    /// Error with which the interpreter failed, so that the built-in rules read the sentence instead; `None`
    /// if it succeeded.
    pub(super) failed: Option<InterpreterError>,
}

impl Answer {
    /// Returns the understanding, and reports a failure on standard error.
    pub(super) fn told(self) -> Understanding {
        if let Some(error) = self.failed {
            output::remark(format_args!("Read by the built-in rules instead: {error}."));
        }
        self.understanding
    }
}

impl Reader {
    /// Creates a reader that uses the built-in rules.
    pub(super) fn rules() -> Self {
        Self {
            interpreter: Arc::new(Rules),
            purse: Purse::with(0),
        }
    }

    /// Creates a reader that uses a model and may spend `tokens` in total.
    pub(super) fn model(settings: GeminiSettings, tokens: u64) -> Result<Self, CommandError> {
        let model = Gemini::new(
            settings,
            crate::wiring::http_client()?,
            clock::system(),
            Arc::new(OsRandom),
        );
        Ok(Self {
            interpreter: Arc::new(ModelInterpreter::new(Arc::new(model))),
            purse: Purse::with(tokens),
        })
    }

    /// Reads `text`, falling back to the built-in rules if the model fails.
    pub(super) async fn read(&self, text: &str) -> Answer {
        let asked = Asked {
            text,
            library: &BuiltInLibrary,
            allowance: &self.purse,
        };
        match self.interpreter.interpret(&asked, &mut |_| {}).await {
            Ok(understanding) => Answer {
                understanding,
                failed: None,
            },
            Err(error) => Answer {
                understanding: interpret::interpret(text),
                failed: Some(error),
            },
        }
    }
}
