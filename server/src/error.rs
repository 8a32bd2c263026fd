//! Why a command could not do its work.

/// Why a command could not do its work, for people.
pub(crate) type CommandError = Box<dyn std::error::Error>;
