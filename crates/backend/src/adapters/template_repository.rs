//! The community's templates, as a repository on GitHub: its tree over the API, its files in raw
//! form.

use std::time::Duration;

use async_trait::async_trait;
use domain::templates::is_folder;
use serde::Deserialize;

pub use super::guarded_http::BadSource;
use super::guarded_http::{Answer, GuardedHttp};
use crate::ports::{SourceFile, SourceTree, TemplateSource, TemplateSourceError};

/// Maximum size of the tree; the community's repository has a tenth of this.
const MOST_TREE_BYTES: usize = 8 * 1024 * 1024;
/// Maximum number of files; others are left out.
const MOST_FILES: usize = 20_000;

/// The repository's addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateRepositorySettings {
    /// Its address in the API: `https://api.github.com/repos/OWNER/NAME`.
    pub api: String,
    /// Base address of its raw files: `https://raw.githubusercontent.com/OWNER/NAME`.
    pub raw: String,
    /// Address of its page for people: `https://github.com/OWNER/NAME`.
    pub home: String,
    /// Name of the branch that templates are read from.
    pub branch: String,
    /// Time limit for a complete answer.
    pub patience: Duration,
}

/// A repository of templates.
#[derive(Debug)]
pub struct TemplateRepository {
    api: GuardedHttp,
    raw: GuardedHttp,
    home: String,
    branch: String,
}

#[derive(Debug, Deserialize)]
struct Tree {
    tree: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
struct Entry {
    path: String,
    mode: String,
    sha: String,
    #[serde(default)]
    size: u64,
}

impl TemplateRepository {
    /// Makes a repository at these addresses. Sends no request yet.
    ///
    /// # Errors
    /// If an address is not that of a public web page or of this machine.
    pub fn new(settings: TemplateRepositorySettings) -> Result<Self, BadSource> {
        Ok(Self {
            api: GuardedHttp::below(&settings.api, settings.patience)?,
            raw: GuardedHttp::below(&settings.raw, settings.patience)?,
            home: settings.home,
            branch: settings.branch,
        })
    }
}

#[async_trait]
impl TemplateSource for TemplateRepository {
    fn home(&self) -> &str {
        &self.home
    }

    fn page_of(&self, folder: &str) -> String {
        format!("{}/tree/{}/{folder}", self.home, self.branch)
    }

    async fn tree(&self, known: Option<&str>) -> Result<SourceTree, TemplateSourceError> {
        let path = format!("git/trees/{}?recursive=1", self.branch);
        match self.api.read(&path, known, MOST_TREE_BYTES).await? {
            Answer::NotModified => Ok(SourceTree::NotModified),
            Answer::Text { text, etag } => {
                let tree: Tree =
                    serde_json::from_str(&text).map_err(|_| TemplateSourceError::Unreadable)?;
                let files = tree.tree.into_iter().filter_map(file).take(MOST_FILES);
                Ok(SourceTree::Files {
                    files: files.collect(),
                    etag,
                })
            }
        }
    }

    async fn file(&self, path: &str, most_bytes: usize) -> Result<String, TemplateSourceError> {
        if !is_folder(path) {
            return Err(TemplateSourceError::Elsewhere);
        }
        let path = format!("{}/{path}", self.branch);
        match self.raw.read(&path, None, most_bytes).await? {
            Answer::Text { text, .. } => Ok(text),
            Answer::NotModified => Err(TemplateSourceError::Unreadable),
        }
    }
}

/// Converts an entry if it is a plain file; links, submodules and paths that lead elsewhere are
/// excluded.
fn file(entry: Entry) -> Option<SourceFile> {
    let is_file = matches!(entry.mode.as_str(), "100644" | "100755");
    let is_name = entry.sha.len() <= 64 && entry.sha.bytes().all(|b| b.is_ascii_hexdigit());
    (is_file && is_name && is_folder(&entry.path)).then_some(SourceFile {
        path: entry.path,
        sha: entry.sha,
        size: entry.size,
    })
}
