//! Who reads a sentence on the command line: no market is asked there and no visitor counted, but a
//! model has the built-in templates to look through and an end to what it may spend.

use std::sync::Arc;

use backend::adapters::gemini::{Gemini, GeminiSettings};
use backend::adapters::{clock, random::OsRandom};
use backend::drafting::agent::{BuiltInLibrary, ModelInterpreter, Purse, Rules};
use backend::ports::{Asked, Interpreter, InterpreterError};
use interpret::Understanding;

use crate::commands::output;
use crate::error::CommandError;

/// An interpreter, and what is left to spend on it.
#[derive(Debug)]
pub(super) struct Reader {
    interpreter: Arc<dyn Interpreter>,
    purse: Purse,
}

/// What a sentence was understood to be.
#[derive(Debug)]
pub(super) struct Answer {
    understanding: Understanding,
    /// Error with which the interpreter failed, so that the built-in rules read the sentence in its place;
    /// `None` if it did not fail.
    pub(super) failed: Option<InterpreterError>,
}

impl Answer {
    /// The understanding; a failure is told on standard error.
    pub(super) fn told(self) -> Understanding {
        if let Some(error) = self.failed {
            output::remark(format_args!("Read by the built-in rules instead: {error}."));
        }
        self.understanding
    }
}

impl Reader {
    /// The built-in rules.
    pub(super) fn rules() -> Self {
        Self {
            interpreter: Arc::new(Rules),
            purse: Purse::with(0),
        }
    }

    /// A model that may take `tokens` in all.
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

    /// Reads `text`; the rules do where the model fails.
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
