//! Akash's Stack Definition Language: the description of a deployment, in YAML.
//!
//! Parses, checks, edits and prints documents; derives groups for the chain and the manifest for
//! the provider; hashes, prices and generates documents. Everything is pure: text in, values out.
//! The same code runs in the browser on every keystroke and on the server before money moves.
//!
//! Two tools read the language, and they disagree on a third of the documents found in practice:
//! the one behind Akash's Console ([`Dialect::Console`]), and the command line with the providers
//! ([`Dialect::Go`]). Each is authoritative where it is used, so a document is parsed once and
//! interpreted twice. A deployment must be updated in the dialect that made it.
//!
//! This crate prices nothing by itself ([`cost`] computes from market data it is given) and fetches
//! nothing. To add a key of the language, start at the table in `schema.rs`; to add a rule, at
//! `rules.rs`.

pub mod assist;
mod check;
mod collate;
pub mod cost;
mod derive;
mod diagnostic;
mod dialect;
mod draft;
pub mod edit;
mod emit;
mod format;
mod generate;
mod include;
pub mod manifest;
mod model;
mod number;
mod parse;
mod problem;
mod quantity;
mod recipe;
mod rewrite;
mod rules;
mod schema;
mod secret;
pub mod secrets;
mod services;
mod size;
mod span;
pub mod spec;
mod structure;
mod syntax;
pub mod templates;
mod text;
mod text_hash;
pub mod update;
mod wording;
mod yaml;

pub use check::{check, check_and_derive, check_and_groups, check_bytes, derive};
pub use derive::Derived;
pub use diagnostic::{Diagnostic, Edit, Fix, Report, Severity};
pub use dialect::Dialect;
pub use draft::PLACEMENT;
pub use format::{CannotFormat, format};
pub use generate::generate;
pub use include::{CannotInline, includes, inline};
pub use manifest::Manifest;
pub use parse::MAX_BYTES;
pub use quantity::bytes_text;
pub use rewrite::{CONSOLE_AUDITOR, CONSOLE_DENOM, console_rewrite};
pub use rules::running::is_variable_name;
pub use services::{batch_services, images, services};
pub use span::Span;
pub use spec::{GroupSpec, ResourceUnit};
pub use text_hash::text_hash;
