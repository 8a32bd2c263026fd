//! The two ways in which the browser part is built.

/// Audience that the browser part is built for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Flavour {
    /// For people at work: quick to build.
    Dev,
    /// For users: quick to load.
    Release,
}
