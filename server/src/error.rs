//! The error of a command.

/// A readable reason for a command's failure.
pub(crate) type CommandError = Box<dyn std::error::Error>;
