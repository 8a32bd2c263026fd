//! Tokens spent on a model, by UTC day and by party (the column `visitor`): an account, a network,
//! or a visitor. The row without a party counts all of them.

use super::{Connection, StorageError, signed, unsigned};
use crate::settings::AgentLimits;

/// The row that counts all parties.
const EVERYBODY: &str = "";

/// Counts `tokens` for `who`, unless that would exceed a limit. Runs within a writing transaction,
/// so that two concurrent requests cannot both take the last tokens.
pub(crate) async fn take(
    connection: &mut Connection,
    day: u64,
    who: &str,
    tokens: u64,
    limits: AgentLimits,
) -> Result<bool, StorageError> {
    let theirs = who;
    for (who, limit) in [
        (theirs, limits.tokens_per_visitor),
        (EVERYBODY, limits.tokens_per_day),
    ] {
        // Counted first and checked afterwards: the write locks the row, so that on PostgreSQL,
        // too, no other transaction counts in between.
        sqlx::query(
            "INSERT INTO agent_usage (day, visitor, tokens) VALUES ($1, $2, $3) \
             ON CONFLICT (day, visitor) DO UPDATE SET tokens = agent_usage.tokens + $4",
        )
        .bind(signed(day))
        .bind(who)
        .bind(signed(tokens))
        .bind(signed(tokens))
        .execute(&mut *connection)
        .await?;
        if spent(connection, day, who).await? > limit {
            give_back_to(connection, day, who, tokens).await?;
            if who == EVERYBODY {
                give_back_to(connection, day, theirs, tokens).await?;
            }
            return Ok(false);
        }
    }
    Ok(true)
}

/// Gives back tokens that were counted and not used.
pub(crate) async fn give_back(
    connection: &mut Connection,
    day: u64,
    who: &str,
    tokens: u64,
) -> Result<(), StorageError> {
    give_back_to(connection, day, who, tokens).await?;
    give_back_to(connection, day, EVERYBODY, tokens).await
}

async fn give_back_to(
    connection: &mut Connection,
    day: u64,
    who: &str,
    tokens: u64,
) -> Result<(), StorageError> {
    sqlx::query("UPDATE agent_usage SET tokens = tokens - $1 WHERE day = $2 AND visitor = $3")
        .bind(signed(tokens))
        .bind(signed(day))
        .bind(who)
        .execute(connection)
        .await?;
    Ok(())
}

async fn spent(connection: &mut Connection, day: u64, who: &str) -> Result<u64, StorageError> {
    let row = sqlx::query("SELECT tokens FROM agent_usage WHERE day = $1 AND visitor = $2")
        .bind(signed(day))
        .bind(who)
        .fetch_optional(connection)
        .await?;
    row.map_or(Ok(0), |row| unsigned(&row, "tokens"))
}

/// Deletes rows of days before `day`, at most this many.
pub(crate) async fn forget(
    connection: &mut Connection,
    day: u64,
    most: u32,
) -> Result<u64, StorageError> {
    let gone = sqlx::query(
        "DELETE FROM agent_usage WHERE (day, visitor) IN \
         (SELECT day, visitor FROM agent_usage WHERE day < $1 LIMIT $2)",
    )
    .bind(signed(day))
    .bind(i64::from(most))
    .execute(connection)
    .await?;
    Ok(gone.rows_affected())
}
