//! Sessions and requested sign-ins. Of tokens and nonces, only the SHA-256 is stored.

use std::collections::HashMap;

use domain::ids::Address;
use domain::journey::SessionEntry;
use domain::time::{Seconds, UnixSeconds};
use sqlx::{AssertSqlSafe, Row as _};

use super::{
    AT_ONCE, Connection, Storage, StorageError, orders, own_templates, parsed, parsed_optional,
    placeholders, signed, unsigned,
};
use crate::{SessionId, Visitor};

/// Time for which an answered or expired sign-in is kept, so that a second use can be recognised.
const KEPT_AFTER_EXPIRY: Seconds = Seconds::days(1);

/// A sign-in as the server remembers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredChallenge {
    /// Address of the account that wants to sign in.
    pub(crate) address: Address,
    /// Unix time at which the sign-in was requested.
    pub(crate) issued_at: UnixSeconds,
    /// Unix time after which the sign-in can no longer be answered.
    pub(crate) expires_at: UnixSeconds,
}

/// The status of a nonce.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    /// It was open and is now spent.
    Open(StoredChallenge),
    /// It was spent before.
    Answered,
    /// It was never given to this session.
    Unknown,
}

/// The current time and the idle limit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Now {
    /// Current Unix time.
    pub(crate) at: UnixSeconds,
    /// Unix time of the idle limit: a signed-in session last used before it has ended.
    pub(crate) idle_since: UnixSeconds,
}

/// A valid session: not expired and, if signed in, not idle for too long. Expects the time as `$1`
/// and the idle limit as `$2`.
const COUNTS: &str = "expires_at > $1 AND (address IS NULL OR COALESCE(seen_at, created_at) > $2)";

/// A session that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// Visitor that the session belongs to.
    pub(crate) visitor: Visitor,
    /// Unix time at which the session's use was last recorded; its creation time before that.
    pub(crate) seen_at: UnixSeconds,
}

/// Returns the visitor whose session token has this hash.
pub(crate) async fn find(
    storage: &Storage,
    token_hash: &str,
    now: Now,
) -> Result<Option<Found>, StorageError> {
    let mut connection = storage.read().await?;
    let query = format!(
        "SELECT session, visitor, address, left_at, COALESCE(seen_at, created_at) AS seen \
         FROM sessions WHERE {COUNTS} AND token_hash = $3"
    );
    let row = sqlx::query(AssertSqlSafe(query))
        .bind(signed(now.at.0))
        .bind(signed(now.idle_since.0))
        .bind(token_hash)
        .fetch_optional(&mut *connection)
        .await?;
    row.map(|row| {
        Ok(Found {
            visitor: Visitor {
                visitor: parsed(&row, "visitor")?,
                session: parsed(&row, "session")?,
                address: parsed_optional(&row, "address")?,
                has_left: row.try_get::<Option<i64>, _>("left_at")?.is_some(),
                from: None,
            },
            seen_at: UnixSeconds(unsigned(&row, "seen")?),
        })
    })
    .transpose()
}

/// Records the use of a session and its kind of browser.
pub(crate) async fn seen(
    storage: &Storage,
    session: SessionId,
    browser: Option<&str>,
    now: UnixSeconds,
) -> Result<(), StorageError> {
    let mut transaction = storage.begin_write().await?;
    sqlx::query("UPDATE sessions SET seen_at = $1, browser = $2 WHERE session = $3")
        .bind(signed(now.0))
        .bind(browser)
        .bind(session.to_string())
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(())
}

/// Returns the sessions of an account, most recently used first, without their tokens.
pub(crate) async fn of_account(
    storage: &Storage,
    account: Address,
    now: Now,
) -> Result<Vec<(SessionId, SessionEntry)>, StorageError> {
    let mut connection = storage.read().await?;
    let query = format!(
        "SELECT session, created_at, COALESCE(seen_at, created_at) AS seen, browser \
         FROM sessions WHERE {COUNTS} AND address = $3 ORDER BY seen DESC, session LIMIT 200"
    );
    let rows = sqlx::query(AssertSqlSafe(query))
        .bind(signed(now.at.0))
        .bind(signed(now.idle_since.0))
        .bind(account.to_string())
        .fetch_all(&mut *connection)
        .await?;
    rows.iter()
        .map(|row| {
            let session: SessionId = parsed(row, "session")?;
            let entry = SessionEntry {
                id: session.to_string(),
                created_at: UnixSeconds(unsigned(row, "created_at")?),
                seen_at: UnixSeconds(unsigned(row, "seen")?),
                browser: row.try_get("browser")?,
                is_this: false,
            };
            Ok((session, entry))
        })
        .collect()
}

/// Ends one session of an account, or all of them. Returns those that ended.
pub(crate) async fn end_of_account(
    storage: &Storage,
    account: Address,
    only: Option<SessionId>,
) -> Result<Vec<SessionId>, StorageError> {
    let mut transaction = storage.begin_write().await?;
    let rows = sqlx::query("SELECT session FROM sessions WHERE address = $1")
        .bind(account.to_string())
        .fetch_all(&mut *transaction)
        .await?;
    let mut ended = Vec::new();
    for row in &rows {
        let session: SessionId = parsed(row, "session")?;
        if only.is_none_or(|only| only == session) {
            end(&mut transaction, session).await?;
            ended.push(session);
        }
    }
    transaction.commit().await?;
    Ok(ended)
}

/// Returns whether a session is unchanged: neither ended nor, unless it was already, left.
pub(crate) async fn stands(
    storage: &Storage,
    visitor: &Visitor,
    now: Now,
) -> Result<bool, StorageError> {
    let mut connection = storage.read().await?;
    let query = format!("SELECT left_at FROM sessions WHERE {COUNTS} AND session = $3");
    let row = sqlx::query(AssertSqlSafe(query))
        .bind(signed(now.at.0))
        .bind(signed(now.idle_since.0))
        .bind(visitor.session.to_string())
        .fetch_optional(&mut *connection)
        .await?;
    let Some(row) = row else {
        return Ok(false);
    };
    Ok(row.try_get::<Option<i64>, _>("left_at")?.is_some() == visitor.has_left)
}

/// The status of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It can be used.
    Stands,
    /// It was left by signing in, and shows its drafts for a while.
    Left,
    /// It has ended.
    Ended,
}

/// Returns the status of these sessions; those that have ended are missing.
pub(crate) async fn standing(
    storage: &Storage,
    sessions: &[SessionId],
    now: Now,
) -> Result<HashMap<SessionId, Standing>, StorageError> {
    let mut found = HashMap::new();
    let mut connection = storage.read().await?;
    for some in sessions.chunks(AT_ONCE) {
        let names = placeholders(3, some.len());
        let query = format!(
            "SELECT session, left_at FROM sessions WHERE {COUNTS} AND session IN ({names})"
        );
        let mut query = sqlx::query(AssertSqlSafe(query))
            .bind(signed(now.at.0))
            .bind(signed(now.idle_since.0));
        for session in some {
            query = query.bind(session.to_string());
        }
        for row in query.fetch_all(&mut *connection).await? {
            let is_left = row.try_get::<Option<i64>, _>("left_at")?.is_some();
            let standing = if is_left {
                Standing::Left
            } else {
                Standing::Stands
            };
            found.insert(parsed(&row, "session")?, standing);
        }
    }
    Ok(found)
}

/// Stores a new session, unless its token already has a valid one.
pub(crate) async fn begin(
    storage: &Storage,
    visitor: &Visitor,
    token_hash: &str,
    browser: Option<&str>,
    now: Now,
    expires_at: UnixSeconds,
) -> Result<(), StorageError> {
    let mut transaction = storage.begin_write().await?;
    // An expired session must not block the next one of its browser.
    let query = format!("DELETE FROM sessions WHERE NOT ({COUNTS}) AND token_hash = $3");
    sqlx::query(AssertSqlSafe(query))
        .bind(signed(now.at.0))
        .bind(signed(now.idle_since.0))
        .bind(token_hash)
        .execute(&mut *transaction)
        .await?;
    sqlx::query(
        "INSERT INTO sessions (token_hash, session, visitor, address, created_at, expires_at, browser) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (token_hash) DO NOTHING",
    )
    .bind(token_hash)
    .bind(visitor.session.to_string())
    .bind(visitor.visitor.to_string())
    .bind(visitor.address.map(|address| address.to_string()))
    .bind(signed(now.at.0))
    .bind(signed(expires_at.0))
    .bind(browser)
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(())
}

/// Deletes expired sessions, at most this many.
pub(crate) async fn forget(
    connection: &mut Connection,
    now: UnixSeconds,
    most: u32,
) -> Result<u64, StorageError> {
    let gone = sqlx::query(
        "DELETE FROM sessions WHERE token_hash IN \
         (SELECT token_hash FROM sessions WHERE expires_at <= $1 LIMIT $2)",
    )
    .bind(signed(now.0))
    .bind(i64::from(most))
    .execute(connection)
    .await?;
    Ok(gone.rows_affected())
}

/// Deletes anonymous sessions that began before `before`, were not used since, and have neither a
/// draft nor a template: at most this many.
pub(crate) async fn forget_empty(
    connection: &mut Connection,
    before: UnixSeconds,
    most: u32,
) -> Result<u64, StorageError> {
    let gone = sqlx::query(
        "DELETE FROM sessions WHERE token_hash IN (SELECT token_hash FROM sessions \
         WHERE address IS NULL AND left_at IS NULL AND COALESCE(seen_at, created_at) < $1 \
         AND NOT EXISTS (SELECT 1 FROM orders \
         WHERE orders.visitor = sessions.visitor AND orders.owner IS NULL) \
         AND NOT EXISTS (SELECT 1 FROM own_templates \
         WHERE own_templates.visitor = sessions.visitor AND own_templates.owner IS NULL) \
         LIMIT $2)",
    )
    .bind(signed(before.0))
    .bind(i64::from(most))
    .execute(connection)
    .await?;
    Ok(gone.rows_affected())
}

/// Deletes sign-ins that were requested long ago, at most this many.
pub(crate) async fn forget_challenges(
    connection: &mut Connection,
    now: UnixSeconds,
    most: u32,
) -> Result<u64, StorageError> {
    let gone = sqlx::query(
        "DELETE FROM challenges WHERE nonce_hash IN \
         (SELECT nonce_hash FROM challenges WHERE expires_at < $1 LIMIT $2)",
    )
    .bind(signed(now.0.saturating_sub(KEPT_AFTER_EXPIRY.0)))
    .bind(i64::from(most))
    .execute(connection)
    .await?;
    Ok(gone.rows_affected())
}

/// Copies the kind of browser from the session that another one replaces.
async fn inherit_browser(
    connection: &mut Connection,
    old: SessionId,
    new: SessionId,
) -> Result<(), StorageError> {
    sqlx::query(
        "UPDATE sessions SET browser = (SELECT MAX(browser) FROM sessions WHERE session = $1) \
         WHERE session = $2",
    )
    .bind(old.to_string())
    .bind(new.to_string())
    .execute(connection)
    .await?;
    Ok(())
}

/// Time that an anonymous session lasts after its visitor signed in: a page that was being reloaded
/// meanwhile did not get the new token, and shows its draft with the old one.
pub(crate) const LEFT_SESSION_LASTS: Seconds = Seconds::minutes(10);

/// Replaces `old` with a new session; the old token is worthless from now on. If an anonymous
/// visitor signs in, the account gets the drafts and templates, and the old session remains for a
/// short while as a left one.
pub(crate) async fn replace(
    storage: &Storage,
    old: &Visitor,
    visitor: &Visitor,
    token_hash: &str,
    now: UnixSeconds,
    expires_at: UnixSeconds,
) -> Result<(), StorageError> {
    let mut transaction = storage.begin_write().await?;
    insert_row(&mut transaction, visitor, token_hash, now, expires_at).await?;
    inherit_browser(&mut transaction, old.session, visitor.session).await?;
    match (old.address, visitor.address) {
        (None, Some(account)) => {
            orders::claim(&mut transaction, old.visitor, old.session, account).await?;
            own_templates::claim(&mut transaction, old.visitor, account).await?;
            leave(&mut transaction, old.session, visitor.session, now).await?;
        }
        _ => end(&mut transaction, old.session).await?,
    }
    transaction.commit().await?;
    Ok(())
}

async fn leave(
    connection: &mut Connection,
    session: SessionId,
    left_for: SessionId,
    now: UnixSeconds,
) -> Result<(), StorageError> {
    let leaves_at = signed(now.after(LEFT_SESSION_LASTS).0);
    sqlx::query(
        "UPDATE sessions SET left_at = $1, \
         expires_at = CASE WHEN expires_at < $2 THEN expires_at ELSE $3 END, \
         left_for = $4 WHERE session = $5",
    )
    .bind(signed(now.0))
    .bind(leaves_at)
    .bind(leaves_at)
    .bind(left_for.to_string())
    .bind(session.to_string())
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends a session, along with the session that was left for it.
async fn end(connection: &mut Connection, session: SessionId) -> Result<(), StorageError> {
    sqlx::query("DELETE FROM sessions WHERE session = $1 OR left_for = $2")
        .bind(session.to_string())
        .bind(session.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// Records that a sign-in was requested.
pub(crate) async fn ask(
    storage: &Storage,
    session: SessionId,
    nonce_hash: &str,
    challenge: &StoredChallenge,
) -> Result<(), StorageError> {
    let mut transaction = storage.begin_write().await?;
    sqlx::query(
        "INSERT INTO challenges (nonce_hash, session, address, issued_at, expires_at, answered_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(nonce_hash)
    .bind(session.to_string())
    .bind(challenge.address.to_string())
    .bind(signed(challenge.issued_at.0))
    .bind(signed(challenge.expires_at.0))
    .bind(None::<i64>)
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(())
}

/// Spends a nonce: of two simultaneous answers, only one finds it open.
pub(crate) async fn answer(
    storage: &Storage,
    session: SessionId,
    nonce_hash: &str,
    now: UnixSeconds,
) -> Result<Asked, StorageError> {
    let mut transaction = storage.begin_write().await?;
    let spent = sqlx::query(
        "UPDATE challenges SET answered_at = $1 \
         WHERE nonce_hash = $2 AND session = $3 AND answered_at IS NULL",
    )
    .bind(signed(now.0))
    .bind(nonce_hash)
    .bind(session.to_string())
    .execute(&mut *transaction)
    .await?
    .rows_affected();
    let row = sqlx::query(
        "SELECT address, issued_at, expires_at FROM challenges \
         WHERE nonce_hash = $1 AND session = $2",
    )
    .bind(nonce_hash)
    .bind(session.to_string())
    .fetch_optional(&mut *transaction)
    .await?;
    transaction.commit().await?;
    let Some(row) = row else {
        return Ok(Asked::Unknown);
    };
    if spent == 0 {
        return Ok(Asked::Answered);
    }
    Ok(Asked::Open(StoredChallenge {
        address: parsed(&row, "address")?,
        issued_at: UnixSeconds(unsigned(&row, "issued_at")?),
        expires_at: UnixSeconds(unsigned(&row, "expires_at")?),
    }))
}

async fn insert_row(
    connection: &mut Connection,
    visitor: &Visitor,
    token_hash: &str,
    now: UnixSeconds,
    expires_at: UnixSeconds,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO sessions (token_hash, session, visitor, address, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(token_hash)
    .bind(visitor.session.to_string())
    .bind(visitor.visitor.to_string())
    .bind(visitor.address.map(|address| address.to_string()))
    .bind(signed(now.0))
    .bind(signed(expires_at.0))
    .execute(connection)
    .await?;
    Ok(())
}
