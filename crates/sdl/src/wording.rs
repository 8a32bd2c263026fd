//! Every sentence for people about a document, in English.
//!
//! The rest of the crate identifies faults by codes with arguments. Another language is another
//! module like this one.

mod errors;
mod problems;
mod reports;
mod terms;
