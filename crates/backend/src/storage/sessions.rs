//! Sessions and the sign-ins that were asked for. Tokens and nonces are stored as SHA-256 only.

use domain::ids::Address;
use domain::time::{Seconds, UnixSeconds};
use sqlx::Row as _;

use super::{Storage, StorageError, parsed, parsed_optional, signed, unsigned};
use crate::{SessionId, Visitor};

/// How long an answered or expired sign-in is remembered, so that a second use can be named.
const KEPT_AFTER_EXPIRY: Seconds = Seconds::days(1);

/// A sign-in as the server remembers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredChallenge {
    /// Who wants to sign in.
    pub(crate) address: Address,
    /// When it was asked for.
    pub(crate) issued_at: UnixSeconds,
    /// Until when it can be answered.
    pub(crate) expires_at: UnixSeconds,
}

/// What is known of a nonce.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    /// It was open and is spent now.
    Open(StoredChallenge),
    /// It was spent before.
    Answered,
    /// It was never given to this session.
    Unknown,
}

/// The visitor whose session's token has this hash.
pub(crate) async fn find(
    storage: &Storage,
    token_hash: &str,
    now: UnixSeconds,
) -> Result<Option<Visitor>, StorageError> {
    let mut connection = storage.read().await?;
    let row = sqlx::query(
        "SELECT session, visitor, address, left_at FROM sessions \
         WHERE token_hash = $1 AND expires_at > $2",
    )
    .bind(token_hash)
    .bind(signed(now.0))
    .fetch_optional(&mut *connection)
    .await?;
    row.map(|row| {
        Ok(Visitor {
            visitor: parsed(&row, "visitor")?,
            session: parsed(&row, "session")?,
            address: parsed_optional(&row, "address")?,
            has_left: row.try_get::<Option<i64>, _>("left_at")?.is_some(),
        })
    })
    .transpose()
}

/// Stores a new session, and forgets those that ran out.
pub(crate) async fn insert(
    storage: &Storage,
    visitor: &Visitor,
    token_hash: &str,
    now: UnixSeconds,
    expires_at: UnixSeconds,
) -> Result<(), StorageError> {
    let mut transaction = storage.begin_write().await?;
    sqlx::query("DELETE FROM sessions WHERE expires_at <= $1")
        .bind(signed(now.0))
        .execute(&mut *transaction)
        .await?;
    insert_row(&mut transaction, visitor, token_hash, now, expires_at).await?;
    transaction.commit().await?;
    Ok(())
}

/// How long an anonymous session is kept after its visitor signed in: a page that was loaded again
/// meanwhile did not get the new token, and finds its draft by the old one.
pub(crate) const LEFT_SESSION_LASTS: Seconds = Seconds::minutes(10);

/// Puts a new session in the place of `old`, whose token is worth nothing from now on; an anonymous
/// one is left behind for a little while where the new one is signed in.
pub(crate) async fn replace(
    storage: &Storage,
    old: &Visitor,
    visitor: &Visitor,
    token_hash: &str,
    now: UnixSeconds,
    expires_at: UnixSeconds,
) -> Result<(), StorageError> {
    let mut transaction = storage.begin_write().await?;
    let session = old.session.to_string();
    if old.address.is_none() && visitor.address.is_some() {
        let leaves_at = signed(now.after(LEFT_SESSION_LASTS).0);
        sqlx::query(
            "UPDATE sessions SET left_at = $1, \
             expires_at = CASE WHEN expires_at < $2 THEN expires_at ELSE $3 END \
             WHERE session = $4",
        )
        .bind(signed(now.0))
        .bind(leaves_at)
        .bind(leaves_at)
        .bind(session)
        .execute(&mut *transaction)
        .await?;
    } else {
        sqlx::query("DELETE FROM sessions WHERE session = $1")
            .bind(session)
            .execute(&mut *transaction)
            .await?;
    }
    insert_row(&mut transaction, visitor, token_hash, now, expires_at).await?;
    transaction.commit().await?;
    Ok(())
}

/// Remembers that a sign-in was asked for, and forgets those long past.
pub(crate) async fn ask(
    storage: &Storage,
    session: SessionId,
    nonce_hash: &str,
    challenge: &StoredChallenge,
) -> Result<(), StorageError> {
    let mut transaction = storage.begin_write().await?;
    let past = challenge.issued_at.0.saturating_sub(KEPT_AFTER_EXPIRY.0);
    sqlx::query("DELETE FROM challenges WHERE expires_at < $1")
        .bind(signed(past))
        .execute(&mut *transaction)
        .await?;
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

/// Spends a nonce: of two answers at once, one finds it open.
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
    connection: &mut super::Connection,
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
