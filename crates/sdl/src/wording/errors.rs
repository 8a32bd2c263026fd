//! Reasons why an operation on a document fails, in English.

use std::error::Error;
use std::fmt;

use super::reports;
use crate::edit::CannotEdit;
use crate::format::CannotFormat;
use crate::include::CannotInline;
use crate::update::CannotUpdate;

impl fmt::Display for CannotEdit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable => write!(f, "The text is not YAML now. Put that right first."),
            Self::Missing(what) => write!(f, "There is no {what} in the text."),
            Self::Shared(what) => write!(
                f,
                "{what} is shared through an alias. Change it in the text."
            ),
            Self::Unexpected(what) => write!(
                f,
                "{what} is not written as expected. Change it in the text."
            ),
        }
    }
}

impl Error for CannotEdit {}

impl fmt::Display for CannotFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(report) => {
                write!(f, "The text is not YAML: {}", reports::first(report))
            }
            Self::Unusual => write!(
                f,
                "The text is written in a way that cannot be indented anew."
            ),
        }
    }
}

impl Error for CannotFormat {}

impl fmt::Display for CannotInline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnreadableDocument => write!(f, "The document cannot be read as a document."),
            Self::UnreadableFile { file } => write!(f, "{file} cannot be read as a document."),
            Self::IncludesFiles { file } => write!(f, "{file} includes other files itself."),
            Self::KeyNotAWord { file } => write!(f, "{file} has a key that is no word."),
            Self::SetTwice { path, file } => {
                write!(f, "“{path}” stands in the document and in {file}.")
            }
            Self::DocumentNotInLines { path, file } => write!(
                f,
                "“{path}” is not written in lines: {file} cannot be put to it."
            ),
            Self::FileNotInLines { path, file } => {
                write!(f, "“{path}” in {file} is not written in lines.")
            }
        }
    }
}

impl Error for CannotInline {}

impl fmt::Display for CannotUpdate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Faulty(fault) => f.write_str(fault),
            Self::Unreadable => write!(
                f,
                "What runs cannot be compared with this text. Deploy it as a new order."
            ),
            Self::NeedsNewLease { field } => write!(
                f,
                "{field} cannot change while it runs: the lease was made for it. Put it back, or deploy this text as a new order."
            ),
            Self::Nothing => write!(
                f,
                "Nothing to update: this text comes to what runs already."
            ),
        }
    }
}

impl Error for CannotUpdate {}
