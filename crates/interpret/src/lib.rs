//! Reads requests in ordinary words: a text becomes a [`domain::requirements::Wish`] with the
//! quoted words behind every field.
//!
//! A small but real grammar without a model: the text is split into tokens (`token`), numbers are
//! read in digits and words (`numbers`), and one recogniser per field (`slots`) takes the tokens it
//! understands, so that none is read twice. English first; German and Spanish for workloads, sizes,
//! durations and prices. Orders to the agent are set aside before anything is read (`orders`).
//!
//! Not here: deciding open fields ([`domain::requirements::Wish::complete`]), and any action. The
//! crate is pure: no input or output, no clock, no floats.
//!
//! To teach it a word, add it to the table of its recogniser and a sentence to `tests/sentences.rs`.

mod amount;
mod answer;
mod chunks;
pub mod eval;
mod gpu_names;
mod interpreting;
mod negation;
mod numbers;
mod orders;
pub mod proposal;
mod reading;
mod slips;
mod slots;
mod span;
mod steps;
mod token;
mod understanding;

pub use answer::{Completed, to_prompt_json};
pub use interpreting::interpret;
pub use steps::{Step, steps};
pub use understanding::{Answer, Evidence, Understanding};
