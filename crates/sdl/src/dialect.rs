//! The two tools that read the language, each authoritative where it is used.

use serde::{Deserialize, Serialize};

/// Tool whose reading of a document applies.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// Akash's Console and its API.
    #[default]
    Console,
    /// The command line, and the types that providers use.
    Go,
}

impl Dialect {
    /// Both dialects.
    pub const ALL: [Self; 2] = [Self::Console, Self::Go];
}
