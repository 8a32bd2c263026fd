//! Blocks and events that the follower of the escrow's chain has seen.

use domain::ids::{Address, EscrowId, Hash32, OrderId, TxHash};
use domain::money::TokenAmount;
use domain::time::UnixSeconds;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::{
    Connection, StorageError, from_json, parsed, parsed_optional, signed, to_json, unsigned,
};
use crate::ports::{FollowedBlock, Happening, What};

/// A followed block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KnownBlock {
    /// Height of the block.
    pub(crate) number: u64,
    /// Hash of the block.
    pub(crate) hash: Hash32,
    /// Unix time of the block.
    pub(crate) at: UnixSeconds,
}

/// A stored event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Recorded {
    /// Height of the block that holds the event.
    pub(crate) block: u64,
    /// Index of the event's log within the block.
    pub(crate) index: u64,
    /// Hash of the transaction that caused the event.
    pub(crate) tx: TxHash,
    /// The event, as it was read from the log.
    pub(crate) what: What,
    /// Order that it concerns; `None` for actions of strangers.
    pub(crate) order: Option<OrderId>,
    /// Progress of handling it.
    pub(crate) stage: Stage,
}

/// Progress of handling an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// It has not been handled yet.
    New,
    /// The buyer was told that it will be returned.
    Told,
    /// Nothing is left to do.
    Done,
    /// The contract does not return it at the operator's request, but its buyer can take it back.
    Refused,
}

impl Stage {
    const fn number(self) -> i64 {
        match self {
            Self::New => 0,
            Self::Told => 1,
            Self::Done => 2,
            Self::Refused => 3,
        }
    }
}

/// Returns the newest followed block.
pub(crate) async fn cursor(
    connection: &mut Connection,
) -> Result<Option<KnownBlock>, StorageError> {
    let row = sqlx::query("SELECT number, hash, at FROM chain_blocks ORDER BY number DESC LIMIT 1")
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(known).transpose()
}

/// Returns all stored blocks, lowest first.
pub(crate) async fn kept(connection: &mut Connection) -> Result<Vec<KnownBlock>, StorageError> {
    let rows = sqlx::query("SELECT number, hash, at FROM chain_blocks ORDER BY number")
        .fetch_all(connection)
        .await?;
    rows.iter().map(known).collect()
}

/// Maximum number of amounts beyond an order's own terms that are reported and returned for one
/// order. Whoever sends more spends the operator's gas on purpose.
pub(crate) const MOST_OF_AN_ORDER: u64 = 20;

/// Maximum number of stored events that concern no order: anyone who pays for gas can cause them.
pub(crate) const MOST_OF_STRANGERS: u64 = 500;

/// Stores a block with its events, and deletes blocks below `keep_from`. Returns the affected
/// orders; `token` is the token in which deposits are made.
pub(crate) async fn append(
    connection: &mut Connection,
    block: &FollowedBlock,
    keep_from: u64,
    token: Address,
) -> Result<Vec<OrderId>, StorageError> {
    sqlx::query("INSERT INTO chain_blocks (number, hash, at) VALUES ($1, $2, $3)")
        .bind(signed(block.number))
        .bind(block.hash.to_string())
        .bind(signed(block.at.0))
        .execute(&mut *connection)
        .await?;
    sqlx::query("DELETE FROM chain_blocks WHERE number < $1")
        .bind(signed(keep_from))
        .execute(&mut *connection)
        .await?;
    let mut orders = Vec::new();
    for happening in &block.happenings {
        let order = order_of(connection, &happening.what, token).await?;
        record(connection, block.number, happening, order).await?;
        orders.extend(order);
    }
    if orders.len() < block.happenings.len() {
        forget_strangers(connection).await?;
    }
    Ok(orders)
}

/// Keeps only the newest of the events that concern no order.
async fn forget_strangers(connection: &mut Connection) -> Result<(), StorageError> {
    sqlx::query(
        "DELETE FROM chain_events WHERE order_id IS NULL AND block < (SELECT MIN(block) FROM \
         (SELECT block FROM chain_events WHERE order_id IS NULL \
         ORDER BY block DESC, log_index DESC LIMIT $1) AS kept)",
    )
    .bind(signed(MOST_OF_STRANGERS))
    .execute(connection)
    .await?;
    Ok(())
}

async fn record(
    connection: &mut Connection,
    block: u64,
    happening: &Happening,
    order: Option<OrderId>,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO chain_events (block, log_index, name, escrow, order_id, tx, payload, stage) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, 0)",
    )
    .bind(signed(block))
    .bind(signed(happening.index))
    .bind(happening.what.name())
    .bind(happening.what.escrow().map(|escrow| escrow.to_string()))
    .bind(order.map(|order| order.to_string()))
    .bind(happening.tx.to_string())
    .bind(to_json(&happening.what))
    .execute(connection)
    .await?;
    Ok(())
}

/// Returns the order that an event concerns. An escrow belongs to the order whose terms define it,
/// or, if that order's own buyer paid, to the order that it names: anyone can read an order's hash
/// on chain and name it. Stray tokens belong to the newest order of their sender if they are in our
/// own token: any other contract can log whatever it likes.
async fn order_of(
    connection: &mut Connection,
    what: &What,
    token: Address,
) -> Result<Option<OrderId>, StorageError> {
    let order = match what {
        What::Funded {
            escrow,
            buyer,
            order_hash,
            ..
        } => match escrow_owner(connection, *escrow).await? {
            Some(exact) => return Ok(Some(exact)),
            None => paid_for(connection, *order_hash, *buyer).await?,
        },
        What::Strayed {
            token: sent, from, ..
        } if *sent == token => newest_of(connection, *from).await?,
        What::Strayed { .. } => None,
        What::ToppedUp { escrow, .. } | What::Activated { escrow } | What::Closed { escrow } => {
            return escrow_owner(connection, *escrow).await;
        }
    };
    match order {
        Some(order) if has_room(connection, order).await? => Ok(Some(order)),
        _ => Ok(None),
    }
}

async fn paid_for(
    connection: &mut Connection,
    order_hash: Hash32,
    buyer: Address,
) -> Result<Option<OrderId>, StorageError> {
    let row = sqlx::query(
        "SELECT order_id FROM prepared_escrows JOIN orders ON orders.id = order_id \
         WHERE order_hash = $1 AND buyer = $2 LIMIT 1",
    )
    .bind(order_hash.to_string())
    .bind(buyer.to_string())
    .fetch_optional(connection)
    .await?;
    row.as_ref().map(|row| parsed(row, "order_id")).transpose()
}

async fn newest_of(
    connection: &mut Connection,
    buyer: Address,
) -> Result<Option<OrderId>, StorageError> {
    let row =
        sqlx::query("SELECT id FROM orders WHERE buyer = $1 ORDER BY created_at DESC, id LIMIT 1")
            .bind(buyer.to_string())
            .fetch_optional(connection)
            .await?;
    row.as_ref().map(|row| parsed(row, "id")).transpose()
}

async fn has_room(connection: &mut Connection, order: OrderId) -> Result<bool, StorageError> {
    let row = sqlx::query(
        "SELECT COUNT(*) AS number FROM chain_events \
         WHERE order_id = $1 AND name IN ('funded', 'strayed')",
    )
    .bind(order.to_string())
    .fetch_one(connection)
    .await?;
    Ok(unsigned(&row, "number")? < MOST_OF_AN_ORDER)
}

/// Returns whether the buyer of `escrow` was asked to fund its terms.
pub(crate) async fn is_prepared(
    connection: &mut Connection,
    escrow: EscrowId,
) -> Result<bool, StorageError> {
    Ok(escrow_owner(connection, escrow).await?.is_some())
}

async fn escrow_owner(
    connection: &mut Connection,
    escrow: EscrowId,
) -> Result<Option<OrderId>, StorageError> {
    let row = sqlx::query("SELECT order_id FROM prepared_escrows WHERE escrow = $1")
        .bind(escrow.to_string())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(|row| parsed(row, "order_id")).transpose()
}

/// Undoes every block above `ancestor`, with its events. Returns the orders that these had
/// affected.
pub(crate) async fn revert(
    connection: &mut Connection,
    ancestor: u64,
) -> Result<Vec<OrderId>, StorageError> {
    let rows = sqlx::query(
        "SELECT DISTINCT order_id FROM chain_events WHERE block > $1 AND order_id IS NOT NULL",
    )
    .bind(signed(ancestor))
    .fetch_all(&mut *connection)
    .await?;
    for table in [
        "DELETE FROM chain_events WHERE block > $1",
        "DELETE FROM chain_blocks WHERE number > $1",
    ] {
        sqlx::query(table)
            .bind(signed(ancestor))
            .execute(&mut *connection)
            .await?;
    }
    rows.iter().map(|row| parsed(row, "order_id")).collect()
}

/// Records the owner of a future escrow.
pub(crate) async fn prepare(
    connection: &mut Connection,
    order: OrderId,
    escrow: EscrowId,
    order_hash: Hash32,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO prepared_escrows (escrow, order_id, order_hash) VALUES ($1, $2, $3) \
         ON CONFLICT (escrow) DO NOTHING",
    )
    .bind(escrow.to_string())
    .bind(order.to_string())
    .bind(order_hash.to_string())
    .execute(connection)
    .await?;
    Ok(())
}

/// Returns the block in which an escrow was funded.
pub(crate) async fn funded_in(
    connection: &mut Connection,
    escrow: EscrowId,
) -> Result<Option<u64>, StorageError> {
    let row =
        sqlx::query("SELECT block FROM chain_events WHERE escrow = $1 AND name = 'funded' LIMIT 1")
            .bind(escrow.to_string())
            .fetch_optional(connection)
            .await?;
    row.as_ref().map(|row| unsigned(row, "block")).transpose()
}

/// Returns what was added to an escrow after it was funded, in the chain's order: the amount, the
/// transaction, and the time if the block is still stored.
pub(crate) async fn added_to(
    connection: &mut Connection,
    escrow: EscrowId,
) -> Result<Vec<(TxHash, TokenAmount, Option<UnixSeconds>)>, StorageError> {
    let rows = sqlx::query(
        "SELECT chain_events.tx, chain_events.payload, chain_blocks.at FROM chain_events \
         LEFT JOIN chain_blocks ON chain_blocks.number = chain_events.block \
         WHERE escrow = $1 AND name = 'topped_up' ORDER BY block, log_index",
    )
    .bind(escrow.to_string())
    .fetch_all(connection)
    .await?;
    let mut added = Vec::new();
    for row in &rows {
        let what = from_json("happening", &row.try_get::<String, _>("payload")?)?;
        if let What::ToppedUp { amount, .. } = what {
            let at: Option<i64> = row.try_get("at")?;
            let at = at.and_then(|at| u64::try_from(at).ok()).map(UnixSeconds);
            added.push((parsed(row, "tx")?, amount, at));
        }
    }
    Ok(added)
}

/// The columns for [`recorded`].
const RECORDED: &str = "block, log_index, tx, payload, order_id, stage";

/// Returns money that arrived in blocks up to `deepest` and is not handled yet. Unseen money comes
/// first, and of that the newest, so that nothing old holds it up.
pub(crate) async fn money_to_look_at(
    connection: &mut Connection,
    deepest: u64,
) -> Result<Vec<Recorded>, StorageError> {
    let query = AssertSqlSafe(format!(
        "SELECT {RECORDED} FROM chain_events WHERE stage < 2 AND block <= $1 AND order_id IS NOT NULL \
         AND name IN ('funded', 'strayed') ORDER BY stage, block DESC, log_index DESC LIMIT 200"
    ));
    let rows = sqlx::query(query)
        .bind(signed(deepest))
        .fetch_all(connection)
        .await?;
    rows.iter().map(recorded).collect()
}

/// Returns money that is being returned or cannot be returned, money that arrived without a call,
/// and escrows of no order; first what concerns an order, then the newest.
pub(crate) async fn stray_money(
    connection: &mut Connection,
) -> Result<Vec<Recorded>, StorageError> {
    let query = AssertSqlSafe(format!(
        "SELECT {RECORDED} FROM chain_events WHERE name = 'strayed' \
         OR (name = 'funded' AND (stage IN (1, 3) OR order_id IS NULL)) \
         ORDER BY CASE WHEN order_id IS NULL THEN 1 ELSE 0 END, block DESC, log_index DESC \
         LIMIT 100"
    ));
    let rows = sqlx::query(query).fetch_all(connection).await?;
    rows.iter().map(recorded).collect()
}

/// Records how far an event has been handled.
pub(crate) async fn set_stage(
    connection: &mut Connection,
    recorded: &Recorded,
    stage: Stage,
) -> Result<(), StorageError> {
    sqlx::query(
        "UPDATE chain_events SET stage = $1 WHERE block = $2 AND log_index = $3 AND tx = $4",
    )
    .bind(stage.number())
    .bind(signed(recorded.block))
    .bind(signed(recorded.index))
    .bind(recorded.tx.to_string())
    .execute(connection)
    .await?;
    Ok(())
}

fn known(row: &AnyRow) -> Result<KnownBlock, StorageError> {
    Ok(KnownBlock {
        number: unsigned(row, "number")?,
        hash: parsed(row, "hash")?,
        at: UnixSeconds(unsigned(row, "at")?),
    })
}

fn recorded(row: &AnyRow) -> Result<Recorded, StorageError> {
    Ok(Recorded {
        block: unsigned(row, "block")?,
        index: unsigned(row, "log_index")?,
        tx: parsed(row, "tx")?,
        what: from_json("happening", &row.try_get::<String, _>("payload")?)?,
        order: parsed_optional(row, "order_id")?,
        stage: match unsigned(row, "stage")? {
            0 => Stage::New,
            1 => Stage::Told,
            2 => Stage::Done,
            _ => Stage::Refused,
        },
    })
}
