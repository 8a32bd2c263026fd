//! The source of the community's templates: a repository of folders, each with a document and a
//! description.

use std::fmt::Debug;

use async_trait::async_trait;
use thiserror::Error;

/// A file of the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Path from the root of the repository, such as `wordpress/deploy.yaml`. Plain parts that lead
    /// only downwards.
    pub path: String,
    /// Id of the content: different content has a different id.
    pub sha: String,
    /// Size of the file in bytes, as stated by the repository.
    pub size: u64,
}

/// The repository's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceTree {
    /// Nothing changed since the tag that was sent.
    NotModified,
    /// All files of the repository.
    Files {
        /// Files of the whole repository, without folders.
        files: Vec<SourceFile>,
        /// Tag to send with the next request; `None` if the repository gave none.
        etag: Option<String>,
    },
}

/// Why nothing was read. The text completes "the source …".
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TemplateSourceError {
    /// It could not be connected to, or the connection broke.
    #[error("cannot be reached")]
    Unreachable,
    /// It took longer than Necto waits.
    #[error("takes too long to answer")]
    TooSlow,
    /// It leads to an address that Necto does not connect to.
    #[error("leads to an address that is not asked")]
    Elsewhere,
    /// It answered with a status other than success.
    #[error("answers with status {0}")]
    Status(u16),
    /// It is larger than any template needs.
    #[error("sends more than any template needs")]
    TooLarge,
    /// It is something other than what was requested.
    #[error("sends something else than what was asked for")]
    Unreadable,
}

/// A read-only repository of templates.
#[async_trait]
pub trait TemplateSource: Send + Sync + Debug {
    /// Address of its page for people.
    fn home(&self) -> &str;

    /// Address of the page of one of its folders.
    fn page_of(&self, folder: &str) -> String;

    /// Lists its files; `known` is the tag of the existing list.
    async fn tree(&self, known: Option<&str>) -> Result<SourceTree, TemplateSourceError>;

    /// Reads a file from the list, up to `most_bytes`.
    async fn file(&self, path: &str, most_bytes: usize) -> Result<String, TemplateSourceError>;
}
