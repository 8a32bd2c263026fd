//! Templates that buyers saved for themselves.

use domain::ids::{Address, OwnTemplateId};
use domain::time::{Seconds, UnixSeconds};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::owned::belongs_to;
use super::sealed::{opened, place_of_template, under_another_key};
use super::{
    Connection, DataKeys, StorageError, parsed, parsed_optional, signed, storable, unsigned,
};
use crate::visitor::{Owner, VisitorId};

/// A buyer's own template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OwnTemplate {
    /// Id of the template.
    pub(crate) id: OwnTemplateId,
    /// Visitor whose browser made it.
    pub(crate) visitor: VisitorId,
    /// Account that it belongs to; `None` while it belongs to that browser.
    pub(crate) account: Option<Address>,
    /// Name that its owner gave it.
    pub(crate) name: String,
    /// SDL of the template; empty in lists, which do not need it.
    pub(crate) sdl: String,
    /// Intended run time, in seconds; `None` if none was chosen.
    pub(crate) duration: Option<Seconds>,
    /// Unix time at which it was made.
    pub(crate) created_at: UnixSeconds,
}

impl OwnTemplate {
    /// Owner of the template: the account if there is one, otherwise the browser.
    pub(crate) const fn owner(&self) -> Owner {
        Owner::strongest(self.visitor, self.account)
    }
}

/// Stores a new template.
pub(crate) async fn insert(
    connection: &mut Connection,
    template: &OwnTemplate,
) -> Result<(), StorageError> {
    let keys = connection.keys();
    let id = template.id.to_string();
    sqlx::query(
        "INSERT INTO own_templates \
         (id, visitor, owner, name, sdl, duration, created_at, sealed_with) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(&id)
    .bind(template.visitor.to_string())
    .bind(template.account.map(|account| account.to_string()))
    .bind(storable(&template.name))
    .bind(keys.seal(place_of_template(&id), &storable(&template.sdl)))
    .bind(template.duration.map(|duration| signed(duration.0)))
    .bind(signed(template.created_at.0))
    .bind(keys.id())
    .execute(connection)
    .await?;
    Ok(())
}

/// Columns for an [`outline`].
macro_rules! outline_columns {
    () => {
        "id, visitor, owner, name, duration, created_at"
    };
}
const OUTLINE: &str = outline_columns!();

/// Columns for [`read`].
const COLUMNS: &str = concat!(outline_columns!(), ", sdl, sealed_with");

/// Returns the template called `id`, whoever owns it.
pub(crate) async fn load(
    connection: &mut Connection,
    id: OwnTemplateId,
) -> Result<Option<OwnTemplate>, StorageError> {
    let keys = connection.keys();
    let query = AssertSqlSafe(format!("SELECT {COLUMNS} FROM own_templates WHERE id = $1"));
    let row = sqlx::query(query)
        .bind(id.to_string())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(|row| read(row, &keys)).transpose()
}

/// Returns an owner's templates, newest first, without their SDL, which lists do not need.
pub(crate) async fn of(
    connection: &mut Connection,
    owner: Owner,
) -> Result<Vec<OwnTemplate>, StorageError> {
    let (is_theirs, who) = belongs_to(owner);
    let query = AssertSqlSafe(format!(
        "SELECT {OUTLINE} FROM own_templates \
         WHERE {is_theirs} ORDER BY created_at DESC, id DESC"
    ));
    let rows = sqlx::query(query).bind(who).fetch_all(connection).await?;
    rows.iter().map(outline).collect()
}

/// Gives an account the templates of the browser in which it signs in.
pub(crate) async fn claim(
    connection: &mut Connection,
    visitor: VisitorId,
    account: Address,
) -> Result<(), StorageError> {
    sqlx::query("UPDATE own_templates SET owner = $1 WHERE visitor = $2 AND owner IS NULL")
        .bind(account.to_string())
        .bind(visitor.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// Renames a template.
pub(crate) async fn rename(
    connection: &mut Connection,
    id: OwnTemplateId,
    name: &str,
) -> Result<(), StorageError> {
    sqlx::query("UPDATE own_templates SET name = $1 WHERE id = $2")
        .bind(storable(name))
        .bind(id.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// Deletes a template.
pub(crate) async fn delete(
    connection: &mut Connection,
    id: OwnTemplateId,
) -> Result<(), StorageError> {
    sqlx::query("DELETE FROM own_templates WHERE id = $1")
        .bind(id.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// Seals again templates that are unencrypted or sealed with a key other than the current one.
pub(super) async fn reseal(connection: &mut Connection, most: u32) -> Result<usize, StorageError> {
    let keys = connection.keys();
    let rows = under_another_key(connection, "own_templates", COLUMNS, most).await?;
    for row in &rows {
        let template = read(row, &keys)?;
        let id = template.id.to_string();
        sqlx::query("UPDATE own_templates SET sdl = $1, sealed_with = $2 WHERE id = $3")
            .bind(keys.seal(place_of_template(&id), &template.sdl))
            .bind(keys.id())
            .bind(&id)
            .execute(&mut *connection)
            .await?;
    }
    Ok(rows.len())
}

fn read(row: &AnyRow, keys: &DataKeys) -> Result<OwnTemplate, StorageError> {
    let id: String = row.try_get("id")?;
    let sdl = opened(row, keys, place_of_template(&id))?;
    Ok(OwnTemplate {
        sdl,
        ..outline(row)?
    })
}

/// Reads a template without its SDL.
fn outline(row: &AnyRow) -> Result<OwnTemplate, StorageError> {
    let duration: Option<i64> = row.try_get("duration")?;
    Ok(OwnTemplate {
        id: parsed(row, "id")?,
        visitor: parsed(row, "visitor")?,
        account: parsed_optional(row, "owner")?,
        name: row.try_get("name")?,
        sdl: String::new(),
        duration: duration.map(|seconds| Seconds(u64::try_from(seconds).unwrap_or_default())),
        created_at: UnixSeconds(unsigned(row, "created_at")?),
    })
}
