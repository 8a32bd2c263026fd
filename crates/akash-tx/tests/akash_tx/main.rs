//! Encodings, tokens and answers of the chain against recorded vectors and properties.

mod answers;
mod bytes;
mod messages;
mod tokens;
mod transactions;
mod vectors;
