//! Interprets a buyer's words: with a model if one is configured, otherwise and whenever the model
//! fails with the built-in rules.
//!
//! A model only proposes. Its answers pass [`interpret::proposal`], the SDL is written by
//! `sdl::generate`, and money moves only after the buyer's confirmation.

mod allowance;
mod alone;
mod library;
mod model;
mod prompts;
mod rules;
#[cfg(test)]
mod tests;

use domain::journey::ThinkingKind;
use interpret::Understanding;

pub use alone::{BuiltInLibrary, Purse};
pub use model::ModelInterpreter;
pub use rules::Rules;

use super::thoughts::Thoughts;
use crate::ports::Asked;
use crate::visitor::Visitor;
use crate::{Backend, observe};
use allowance::DailyAllowance;
use library::MarketLibrary;

/// Returns the library in which a model can look things up.
#[cfg(test)]
pub(crate) fn library_of(backend: &Backend) -> impl crate::ports::Library {
    MarketLibrary::of(backend)
}

/// Interprets `text` for `visitor`, reporting each step. Never fails: the rules always yield a
/// result.
pub(crate) async fn read(
    backend: &Backend,
    visitor: &Visitor,
    text: &str,
    thoughts: &mut Thoughts,
) -> Understanding {
    let library = MarketLibrary::of(backend);
    let allowance = DailyAllowance::of(backend, visitor);
    let asked = Asked {
        text,
        library: &library,
        allowance: &allowance,
    };
    let interpreter = &backend.ports().interpreter;
    let outcome = interpreter
        .interpret(&asked, &mut |step| {
            thoughts.add(step.kind, step.text, step.evidence);
        })
        .await;
    outcome.unwrap_or_else(|error| {
        observe::model_failed(&error);
        let told = error.to_string();
        let mut told = told.chars();
        let first: String = told
            .next()
            .into_iter()
            .flat_map(char::to_uppercase)
            .collect();
        thoughts.add(
            ThinkingKind::Reading,
            format!(
                "{first}{}. The built-in rules read your words instead.",
                told.as_str()
            ),
            None,
        );
        interpret::interpret(text)
    })
}
