//! The community's templates as last read: the list, and the files by path.

use std::collections::BTreeMap;

use domain::time::UnixSeconds;
use sqlx::Row;

use super::{Connection, StorageError, from_json, signed, storable, to_json, unsigned};
use crate::drafting::templates::listing::Listed;

/// Id of the only list.
const LIST: i64 = 1;

/// The list of templates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TemplateList {
    /// Entity tag of this state of the list at its source; `None` without one.
    pub(crate) etag: Option<String>,
    /// Templates of the list.
    pub(crate) listing: Vec<Listed>,
    /// Unix time at which the source last confirmed the list; `None` before the first time.
    pub(crate) confirmed_at: Option<UnixSeconds>,
    /// Failure of the last attempt, in words for the buyer; `None` if it succeeded.
    pub(crate) trouble: Option<String>,
}

/// A stored file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeptFile {
    /// Path of the file in the repository.
    pub(crate) path: String,
    /// Hash of the content, as given by the source.
    pub(crate) sha: String,
    /// Text of the file.
    pub(crate) body: String,
    /// Summary of a description, taken from its beginning; `None` for other files, or without a
    /// summary.
    pub(crate) summary: Option<String>,
    /// Unix time at which the file was read.
    pub(crate) read_at: UnixSeconds,
}

/// Returns the list as last stored; empty before the first time.
pub(crate) async fn list(connection: &mut Connection) -> Result<TemplateList, StorageError> {
    let row = sqlx::query(
        "SELECT etag, listing, confirmed_at, trouble FROM template_lists WHERE id = $1",
    )
    .bind(LIST)
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else {
        return Ok(TemplateList::default());
    };
    let listing: String = row.try_get("listing")?;
    let confirmed: Option<i64> = row.try_get("confirmed_at")?;
    Ok(TemplateList {
        etag: row.try_get("etag")?,
        listing: from_json("listing", &listing)?,
        confirmed_at: confirmed.map(|at| UnixSeconds(u64::try_from(at).unwrap_or_default())),
        trouble: row.try_get("trouble")?,
    })
}

/// Stores the list.
pub(crate) async fn keep_list(
    connection: &mut Connection,
    list: &TemplateList,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO template_lists (id, etag, listing, confirmed_at, trouble) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO UPDATE SET etag = excluded.etag, \
         listing = excluded.listing, confirmed_at = excluded.confirmed_at, \
         trouble = excluded.trouble",
    )
    .bind(LIST)
    .bind(list.etag.as_deref().map(storable))
    .bind(to_json(&list.listing))
    .bind(list.confirmed_at.map(|at| signed(at.0)))
    .bind(list.trouble.as_deref().map(storable))
    .execute(connection)
    .await?;
    Ok(())
}

/// Returns the file stored for `path`.
pub(crate) async fn file(
    connection: &mut Connection,
    path: &str,
) -> Result<Option<KeptFile>, StorageError> {
    let row =
        sqlx::query("SELECT path, sha, body, summary, read_at FROM template_files WHERE path = $1")
            .bind(path)
            .fetch_optional(connection)
            .await?;
    row.map(|row| {
        Ok(KeptFile {
            path: row.try_get("path")?,
            sha: row.try_get("sha")?,
            body: row.try_get("body")?,
            summary: row.try_get("summary")?,
            read_at: UnixSeconds(unsigned(&row, "read_at")?),
        })
    })
    .transpose()
}

/// Stores a file, replacing the one stored for its path.
pub(crate) async fn keep_file(
    connection: &mut Connection,
    file: &KeptFile,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO template_files (path, sha, body, summary, read_at) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (path) DO UPDATE SET sha = excluded.sha, \
         body = excluded.body, summary = excluded.summary, read_at = excluded.read_at",
    )
    .bind(&file.path)
    .bind(&file.sha)
    .bind(storable(&file.body))
    .bind(file.summary.as_deref().map(storable))
    .bind(signed(file.read_at.0))
    .execute(connection)
    .await?;
    Ok(())
}

/// Returns the hashes of stored contents and the summaries of descriptions, by path.
pub(crate) async fn known(
    connection: &mut Connection,
) -> Result<BTreeMap<String, (String, Option<String>)>, StorageError> {
    let rows = sqlx::query("SELECT path, sha, summary FROM template_files")
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| {
            let path = row.try_get("path")?;
            Ok((path, (row.try_get("sha")?, row.try_get("summary")?)))
        })
        .collect()
}
