//! Where the community's templates are read from: a repository of folders, each with a document and
//! a description.

use std::fmt::Debug;

use async_trait::async_trait;
use thiserror::Error;

/// A file of the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Its path, `wordpress/deploy.yaml`. Plain parts that lead only downwards.
    pub path: String,
    /// Names its content: another content has another name.
    pub sha: String,
    /// Bytes.
    pub size: u64,
}

/// What the repository answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceTree {
    /// Nothing changed since the tag that was sent.
    NotModified,
    /// All its files.
    Files {
        /// The files.
        files: Vec<SourceFile>,
        /// What to send the next time.
        etag: Option<String>,
    },
}

/// Why nothing was read. The text completes "the source …".
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TemplateSourceError {
    /// No connection, or it broke off.
    #[error("cannot be reached")]
    Unreachable,
    /// It took longer than anyone waits.
    #[error("takes too long to answer")]
    TooSlow,
    /// It leads to an address that Necto does not go to.
    #[error("leads to an address that is not asked")]
    Elsewhere,
    /// Another status than success.
    #[error("answers with status {0}")]
    Status(u16),
    /// More than any template has.
    #[error("sends more than any template needs")]
    TooLarge,
    /// Something else than what was asked for.
    #[error("sends something else than what was asked for")]
    Unreadable,
}

/// A repository of templates. Reads only.
#[async_trait]
pub trait TemplateSource: Send + Sync + Debug {
    /// Where people find it.
    fn home(&self) -> &str;

    /// Where people find one of its folders.
    fn page_of(&self, folder: &str) -> String;

    /// Lists its files; `known` is the tag of the list that is at hand.
    async fn tree(&self, known: Option<&str>) -> Result<SourceTree, TemplateSourceError>;

    /// Reads a file of the list, up to `most_bytes`.
    async fn file(&self, path: &str, most_bytes: usize) -> Result<String, TemplateSourceError>;
}
