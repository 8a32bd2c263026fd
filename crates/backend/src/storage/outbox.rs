//! Rows of the outbox. How they change is decided in [`crate::jobs::send_outbox`].

use domain::gas::Gwei;
use domain::ids::{Address, OrderId, TxHash};
use domain::network::AddressPrefix;
use domain::time::UnixSeconds;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::{
    Connection, StorageError, parsed, parsed_optional, signed, storable, unreadable, unsigned,
};
use crate::payment::outbox::intent::{Intent, NewIntent, Purpose, Status};
use crate::ports::{GasPrice, OperatorCall, SignedTransaction};
use crate::settings::GasSpent;

/// A signed version of an intent's transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Signing {
    /// Signed transaction: its hash and its bytes.
    pub(crate) transaction: SignedTransaction,
    /// Gas price with which it was signed.
    pub(crate) price: GasPrice,
    /// Unix time of signing.
    pub(crate) at: UnixSeconds,
}

/// Stores a new intent.
pub(crate) async fn insert(
    connection: &mut Connection,
    intent: &NewIntent,
    round: u64,
    now: UnixSeconds,
) -> Result<(), StorageError> {
    let id = format!("{}:{}:{round}", intent.purpose.name(), intent.subject);
    sqlx::query(
        "INSERT INTO outbox (id, purpose, subject, round, order_id, buyer, to_address, data, \
         value_gwei, expires_at, created_at, status, fee_gwei, source) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
    )
    .bind(id)
    .bind(intent.purpose.name())
    .bind(intent.subject.as_str())
    .bind(signed(round))
    .bind(intent.order.map(|order| order.to_string()))
    .bind(intent.buyer.map(|buyer| buyer.to_string()))
    .bind(intent.call.to.to_string())
    .bind(hex::encode(&intent.call.data))
    .bind(signed(intent.call.value.0))
    .bind(intent.expires_at.map(|at| signed(at.0)))
    .bind(signed(now.0))
    .bind(Status::Waiting.name())
    .bind(signed(intent.reserved.0))
    .bind(intent.source.map(|source| source.to_string()))
    .execute(connection)
    .await?;
    Ok(())
}

/// Columns for [`read`].
const COLUMNS: &str = "id, purpose, subject, round, order_id, to_address, data, value_gwei, \
    expires_at, status, nonce, gas, tx, reason, finished_at";

/// Returns the latest intent with this purpose and subject.
pub(crate) async fn latest(
    connection: &mut Connection,
    purpose: Purpose,
    subject: &str,
) -> Result<Option<Intent>, StorageError> {
    let query = AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM outbox WHERE purpose = $1 AND subject = $2 \
         ORDER BY round DESC LIMIT 1"
    ));
    let row = sqlx::query(query)
        .bind(purpose.name())
        .bind(subject)
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(read).transpose()
}

/// Returns the Unix time at which the last intent with this purpose for `order` was done; `None` if
/// none was.
pub(crate) async fn last_done(
    connection: &mut Connection,
    order: OrderId,
    purpose: Purpose,
) -> Result<Option<UnixSeconds>, StorageError> {
    let row = sqlx::query(
        "SELECT MAX(finished_at) AS at FROM outbox \
         WHERE order_id = $1 AND purpose = $2 AND status = $3",
    )
    .bind(order.to_string())
    .bind(purpose.name())
    .bind(Status::Done.name())
    .fetch_one(connection)
    .await?;
    Ok(optional(&row, "at")?.map(UnixSeconds))
}

/// Returns all intents with this status, in the order in which they were or will be sent.
pub(crate) async fn with_status(
    connection: &mut Connection,
    status: Status,
) -> Result<Vec<Intent>, StorageError> {
    let query = AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM outbox WHERE status = $1 ORDER BY nonce, created_at, id"
    ));
    let rows = sqlx::query(query)
        .bind(status.name())
        .fetch_all(connection)
        .await?;
    rows.iter().map(read).collect()
}

/// Returns the signed versions of an intent's transaction, earliest first.
pub(crate) async fn signings(
    connection: &mut Connection,
    intent: &str,
) -> Result<Vec<Signing>, StorageError> {
    let rows = sqlx::query(
        "SELECT hash, raw, max_fee_wei, priority_wei, signed_at FROM outbox_signed \
         WHERE intent = $1 ORDER BY signed_at, hash",
    )
    .bind(intent)
    .fetch_all(connection)
    .await?;
    let mut signings = rows
        .iter()
        .map(|row| {
            let raw: String = row.try_get("raw")?;
            Ok(Signing {
                transaction: SignedTransaction {
                    hash: parsed(row, "hash")?,
                    raw: hex::decode(raw).map_err(|error| unreadable("raw", error))?,
                },
                price: GasPrice {
                    max_fee_wei: parsed(row, "max_fee_wei")?,
                    priority_wei: parsed(row, "priority_wei")?,
                },
                at: UnixSeconds(unsigned(row, "signed_at")?),
            })
        })
        .collect::<Result<Vec<_>, StorageError>>()?;
    // Of two within the same second, the one with the higher price is the later one.
    signings.sort_by_key(|signing| (signing.at, signing.price.max_fee_wei));
    Ok(signings)
}

/// Assigns an intent its nonce.
pub(crate) async fn assign(
    connection: &mut Connection,
    intent: &str,
    nonce: u64,
    gas: u64,
) -> Result<(), StorageError> {
    sqlx::query("UPDATE outbox SET status = $1, nonce = $2, gas = $3 WHERE id = $4")
        .bind(Status::Sent.name())
        .bind(signed(nonce))
        .bind(signed(gas))
        .bind(intent)
        .execute(connection)
        .await?;
    Ok(())
}

/// Stores a signed version and its highest possible cost.
pub(crate) async fn add_signing(
    connection: &mut Connection,
    intent: &str,
    signing: &Signing,
    most: Gwei,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO outbox_signed (intent, hash, raw, max_fee_wei, priority_wei, signed_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (intent, hash) DO NOTHING",
    )
    .bind(intent)
    .bind(signing.transaction.hash.to_string())
    .bind(hex::encode(&signing.transaction.raw))
    .bind(signing.price.max_fee_wei.to_string())
    .bind(signing.price.priority_wei.to_string())
    .bind(signed(signing.at.0))
    .execute(&mut *connection)
    .await?;
    sqlx::query("UPDATE outbox SET fee_gwei = $1 WHERE id = $2")
        .bind(signed(most.0))
        .bind(intent)
        .execute(connection)
        .await?;
    Ok(())
}

/// Takes an intent's nonce away: another transaction used it, so that nothing signed for it can
/// take effect any more.
pub(crate) async fn release(connection: &mut Connection, intent: &str) -> Result<(), StorageError> {
    sqlx::query("DELETE FROM outbox_signed WHERE intent = $1")
        .bind(intent)
        .execute(&mut *connection)
        .await?;
    sqlx::query("UPDATE outbox SET status = $1, nonce = $2 WHERE id = $3")
        .bind(Status::Waiting.name())
        .bind(None::<i64>)
        .bind(intent)
        .execute(connection)
        .await?;
    Ok(())
}

/// The end of an intent.
#[derive(Debug)]
pub(crate) struct Ending {
    /// Final status: done, refused or void.
    pub(crate) status: Status,
    /// Hash of the included transaction; `None` if there is none.
    pub(crate) tx: Option<TxHash>,
    /// Gas fee that was paid.
    pub(crate) fee: Gwei,
    /// Reason why it had no effect, as the end of a sentence; `None` if it had an effect.
    pub(crate) reason: Option<String>,
}

/// Ends an intent. The signed bytes are kept as a record of what happened.
pub(crate) async fn finish(
    connection: &mut Connection,
    intent: &str,
    ending: &Ending,
    now: UnixSeconds,
) -> Result<(), StorageError> {
    sqlx::query(
        "UPDATE outbox SET status = $1, tx = $2, fee_gwei = $3, reason = $4, finished_at = $5 \
         WHERE id = $6",
    )
    .bind(ending.status.name())
    .bind(ending.tx.map(|tx| tx.to_string()))
    .bind(signed(ending.fee.0))
    .bind(ending.reason.as_deref().map(storable))
    .bind(signed(now.0))
    .bind(intent)
    .execute(connection)
    .await?;
    Ok(())
}

/// Returns the gas spent or reserved since `midnight` for buyers' transactions.
pub(crate) async fn gas_since(
    connection: &mut Connection,
    midnight: UnixSeconds,
    buyer: Address,
    source: Option<AddressPrefix>,
) -> Result<GasSpent, StorageError> {
    let buyer = buyer.to_string();
    let source = source.map(|source| source.to_string());
    let by_network = match &source {
        Some(source) => Some(gas(connection, midnight, "buyers.source = $2", source).await?),
        None => None,
    };
    let is_known = sqlx::query(AssertSqlSafe(format!(
        "SELECT 1 AS one FROM outbox WHERE {FOR_BUYERS} AND created_at < $1 AND buyer = $2 LIMIT 1"
    )))
    .bind(signed(midnight.0))
    .bind(buyer.as_str())
    .fetch_optional(&mut *connection)
    .await?
    .is_some();
    let by_new = match is_known {
        true => None,
        false => Some(gas(connection, midnight, NEW_BUYERS, "").await?),
    };
    Ok(GasSpent {
        by_buyer: gas(connection, midnight, "buyers.buyer = $2", &buyer).await?,
        by_network,
        by_new,
        by_all: all_gas_since(connection, midnight).await?,
    })
}

/// Returns the gas spent or reserved since `midnight` for all buyers' transactions together.
pub(crate) async fn all_gas_since(
    connection: &mut Connection,
    midnight: UnixSeconds,
) -> Result<Gwei, StorageError> {
    gas(connection, midnight, "$2 = ''", "").await
}

/// Transactions whose gas Necto pays for buyers.
const FOR_BUYERS: &str = "purpose IN ('fund', 'spend', 'top_up')";

/// Transactions of buyers who never had gas paid before.
const NEW_BUYERS: &str = "$2 = '' AND NOT EXISTS (SELECT 1 FROM outbox AS earlier \
     WHERE earlier.buyer = buyers.buyer AND earlier.purpose IN ('fund', 'spend', 'top_up') \
     AND earlier.created_at < $3)";

async fn gas(
    connection: &mut Connection,
    midnight: UnixSeconds,
    whose: &str,
    who: &str,
) -> Result<Gwei, StorageError> {
    let query = AssertSqlSafe(format!(
        "SELECT CAST(COALESCE(SUM(fee_gwei), 0) AS BIGINT) AS spent FROM outbox AS buyers \
         WHERE {FOR_BUYERS} AND created_at >= $1 AND {whose}"
    ));
    let mut query = sqlx::query(query).bind(signed(midnight.0)).bind(who);
    if whose.contains("$3") {
        query = query.bind(signed(midnight.0));
    }
    Ok(Gwei(unsigned(
        &query.fetch_one(connection).await?,
        "spent",
    )?))
}

/// Deletes the recorded networks of transactions requested before `midnight`.
pub(crate) async fn forget_sources(
    connection: &mut Connection,
    midnight: UnixSeconds,
) -> Result<(), StorageError> {
    sqlx::query("UPDATE outbox SET source = NULL WHERE source IS NOT NULL AND created_at < $1")
        .bind(signed(midnight.0))
        .execute(connection)
        .await?;
    Ok(())
}

fn optional(row: &AnyRow, what: &'static str) -> Result<Option<u64>, StorageError> {
    let number: Option<i64> = row.try_get(what)?;
    number
        .map(|number| u64::try_from(number).map_err(|error| unreadable(what, error)))
        .transpose()
}

fn read(row: &AnyRow) -> Result<Intent, StorageError> {
    let purpose: String = row.try_get("purpose")?;
    let status: String = row.try_get("status")?;
    let data: String = row.try_get("data")?;
    Ok(Intent {
        id: row.try_get("id")?,
        purpose: Purpose::parse(&purpose).ok_or_else(|| unreadable("purpose", &purpose))?,
        subject: row.try_get("subject")?,
        round: unsigned(row, "round")?,
        order: parsed_optional::<OrderId>(row, "order_id")?,
        call: OperatorCall {
            to: parsed(row, "to_address")?,
            data: hex::decode(data).map_err(|error| unreadable("data", error))?,
            value: Gwei(unsigned(row, "value_gwei")?),
        },
        expires_at: optional(row, "expires_at")?.map(UnixSeconds),
        status: Status::parse(&status).ok_or_else(|| unreadable("status", &status))?,
        nonce: optional(row, "nonce")?,
        gas: optional(row, "gas")?,
        tx: parsed_optional(row, "tx")?,
        reason: row.try_get("reason")?,
        finished_at: optional(row, "finished_at")?.map(UnixSeconds),
    })
}
