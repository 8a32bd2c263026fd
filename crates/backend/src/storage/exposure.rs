//! The ledger of the operator's money at stake: one row per order. How a row changes is decided by
//! [`domain::exposure::follow`].

use domain::exposure::{Entry, Measure, Stage, Usage, Use, day_of};
use domain::ids::{Address, OrderId};
use domain::money::Usd;
use domain::network::AddressPrefix;
use domain::time::UnixSeconds;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row as _};

use super::{
    Connection, StorageError, locks_rows, parsed, parsed_optional, signed, unreadable, unsigned,
};

/// Above any amount in a row: a billion dollars. It keeps every sum within the range of a column.
const MOST_MICROS: u64 = 1_000_000_000_000_000;

/// An order's row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Kept {
    /// Network from which the order was requested; `None` if that is unknown or deleted.
    pub(crate) source: Option<AddressPrefix>,
    /// Place of the order; `None` if only the network is known.
    pub(crate) entry: Option<Entry>,
}

/// Locks the ledger until the transaction ends, so that no other transaction admits an order
/// meanwhile. On SQLite a writing transaction is the only one anyway.
pub(crate) async fn hold(connection: &mut Connection) -> Result<(), StorageError> {
    if locks_rows(connection) {
        sqlx::query("SELECT id FROM exposure_ledger WHERE id = 1 FOR UPDATE")
            .fetch_one(connection)
            .await?;
    }
    Ok(())
}

/// Returns an order's row; empty if it has none.
pub(crate) async fn of(connection: &mut Connection, order: OrderId) -> Result<Kept, StorageError> {
    let row = sqlx::query(
        "SELECT stage, until_at, buyer, cost, locked, floor, spent, hourly, day, source \
         FROM exposures WHERE order_id = $1",
    )
    .bind(order.to_string())
    .fetch_optional(connection)
    .await?;
    row.as_ref().map_or(Ok(Kept::default()), read)
}

/// Records the network from which an order was requested, unless the order already counts.
pub(crate) async fn note_source(
    connection: &mut Connection,
    order: OrderId,
    source: AddressPrefix,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO exposures (order_id, source, stage, until_at, cost, locked, floor, spent, \
         hourly, day) VALUES ($1, $2, 'noted', 0, 0, 0, 0, 0, 0, 0) \
         ON CONFLICT (order_id) DO UPDATE SET source = excluded.source \
         WHERE exposures.stage IN ('noted', 'free')",
    )
    .bind(order.to_string())
    .bind(source.to_string())
    .execute(connection)
    .await?;
    Ok(())
}

/// Gives an order its place.
pub(crate) async fn put(
    connection: &mut Connection,
    order: OrderId,
    entry: &Entry,
) -> Result<(), StorageError> {
    let (stage, until) = match entry.stage {
        Stage::Free => ("free", 0),
        Stage::Reserved { until } => ("reserved", until.0),
        Stage::Held => ("held", 0),
        Stage::Over => ("over", 0),
    };
    let micros = |usd: Usd| signed(usd.micros().min(MOST_MICROS));
    sqlx::query(
        "INSERT INTO exposures (order_id, buyer, stage, until_at, cost, locked, floor, spent, \
         hourly, day) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
         ON CONFLICT (order_id) DO UPDATE SET buyer = excluded.buyer, stage = excluded.stage, \
         until_at = excluded.until_at, cost = excluded.cost, locked = excluded.locked, \
         floor = excluded.floor, spent = excluded.spent, hourly = excluded.hourly, \
         day = excluded.day",
    )
    .bind(order.to_string())
    .bind(entry.buyer.to_string())
    .bind(stage)
    .bind(signed(until))
    .bind(micros(entry.cost))
    .bind(micros(entry.locked))
    .bind(micros(entry.floor))
    .bind(micros(entry.spent))
    .bind(micros(entry.hourly))
    .bind(signed(entry.day))
    .execute(connection)
    .await?;
    Ok(())
}

/// Returns the use by orders other than `except`, in every sum in which an order of `buyer` counts.
pub(crate) async fn usage_beside(
    connection: &mut Connection,
    except: OrderId,
    buyer: Address,
    source: Option<AddressPrefix>,
    now: UnixSeconds,
) -> Result<Usage, StorageError> {
    let except = except.to_string();
    let buyer = buyer.to_string();
    let network = match source {
        Some(source) => {
            let source = source.to_string();
            let (by, who) = ("source = $5", Some(source.as_str()));
            Some(used(connection, &except, by, who, now).await?)
        }
        None => None,
    };
    Ok(Usage {
        wallet: used(connection, &except, "buyer = $5", Some(&buyer), now).await?,
        network,
        all: used(connection, &except, "1 = 1", None, now).await?,
    })
}

/// Returns the total use.
pub(crate) async fn usage_of_all(
    connection: &mut Connection,
    now: UnixSeconds,
) -> Result<Use, StorageError> {
    used(connection, "", "1 = 1", None, now).await
}

/// Rows with flags for whether they count as open (`live`) and for today (`today`); orders that
/// count as neither are left out. Takes the time as `$1` and the day as `$2` and `$3`.
const COUNTED: &str = "SELECT order_id, source, buyer, cost, locked, spent, hourly, \
     CASE WHEN stage = 'held' OR (stage = 'reserved' AND until_at > $1) THEN 1 ELSE 0 END AS live, \
     CASE WHEN day = $2 THEN 1 ELSE 0 END AS today \
     FROM exposures WHERE (stage IN ('held', 'reserved') OR day = $3)";

/// Sums of these rows, each within the range of a BIGINT.
const SUMS: &str = "CAST(COALESCE(SUM(live), 0) AS BIGINT) AS open_count, \
     CAST(COALESCE(SUM(live * locked), 0) AS BIGINT) AS locked_sum, \
     CAST(COALESCE(SUM(today * (live * cost + (1 - live) * spent)), 0) AS BIGINT) AS day_sum";

async fn used(
    connection: &mut Connection,
    except: &str,
    by: &str,
    who: Option<&str>,
    now: UnixSeconds,
) -> Result<Use, StorageError> {
    let query = AssertSqlSafe(format!(
        "SELECT {SUMS} FROM ({COUNTED} AND order_id <> $4 AND {by}) AS counted"
    ));
    let day = signed(day_of(now));
    let mut query = sqlx::query(query)
        .bind(signed(now.0))
        .bind(day)
        .bind(day)
        .bind(except);
    if let Some(who) = who {
        query = query.bind(who);
    }
    sums(&query.fetch_one(connection).await?)
}

fn sums(row: &AnyRow) -> Result<Use, StorageError> {
    Ok(Use {
        open: unsigned(row, "open_count")?,
        locked: usd(row, "locked_sum")?,
        day: usd(row, "day_sum")?,
    })
}

/// The grouping of rows for sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    /// By wallet.
    Buyer,
    /// By network.
    Source,
}

/// Returns the largest users, at most `most` of them.
pub(crate) async fn largest(
    connection: &mut Connection,
    by: By,
    most: u32,
    now: UnixSeconds,
) -> Result<Vec<(String, Use)>, StorageError> {
    let column = match by {
        By::Buyer => "buyer",
        By::Source => "source",
    };
    let query = AssertSqlSafe(format!(
        "SELECT {column} AS who, {SUMS} FROM ({COUNTED} AND {column} IS NOT NULL) AS counted \
         GROUP BY {column} HAVING SUM(live) > 0 OR SUM(today * spent) > 0 \
         ORDER BY day_sum DESC, open_count DESC, who LIMIT $4"
    ));
    let day = signed(day_of(now));
    let rows = sqlx::query(query)
        .bind(signed(now.0))
        .bind(day)
        .bind(day)
        .bind(i64::from(most))
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| Ok((row.try_get("who")?, sums(row)?)))
        .collect()
}

/// Returns the hourly cost of everything that is running.
pub(crate) async fn hourly(connection: &mut Connection) -> Result<Usd, StorageError> {
    let row = sqlx::query(
        "SELECT CAST(COALESCE(SUM(hourly), 0) AS BIGINT) AS hourly FROM exposures \
         WHERE stage = 'held'",
    )
    .fetch_one(connection)
    .await?;
    usd(&row, "hourly")
}

/// Returns orders whose rows may be wrong, by id, starting after `after`: orders that count, and
/// orders that ought to.
pub(crate) async fn to_compare(
    connection: &mut Connection,
    after: &str,
    most: u32,
    now: UnixSeconds,
) -> Result<Vec<OrderId>, StorageError> {
    let rows = sqlx::query(
        "SELECT orders.id AS id FROM orders LEFT JOIN exposures ON exposures.order_id = orders.id \
         WHERE orders.id > $1 AND (exposures.stage IN ('reserved', 'held') OR exposures.day = $2 \
         OR (orders.state_name NOT IN ('drafted', 'quoted', 'settled', 'abandoned'))) \
         ORDER BY orders.id LIMIT $3",
    )
    .bind(after)
    .bind(signed(day_of(now)))
    .bind(i64::from(most))
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| parsed(row, "id")).collect()
}

/// Deletes the networks of orders that no longer count, and rows that never counted.
pub(crate) async fn forget(
    connection: &mut Connection,
    now: UnixSeconds,
) -> Result<(), StorageError> {
    sqlx::query(
        "UPDATE exposures SET source = NULL WHERE source IS NOT NULL AND day < $1 \
         AND stage IN ('free', 'over')",
    )
    .bind(signed(day_of(now)))
    .execute(&mut *connection)
    .await?;
    // The order never got beyond a price: the row contains only its network.
    sqlx::query(
        "DELETE FROM exposures WHERE stage = 'noted' AND NOT EXISTS (SELECT 1 FROM orders \
         WHERE orders.id = exposures.order_id AND orders.state_name = 'quoted')",
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The stored state of the ledger as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ledger {
    /// Threshold of each cap at which the operator was last alerted, in per cent; 0 for none.
    pub(crate) told: [(Measure, u64); 3],
    /// `true` if the operator was alerted that the Console account is running low.
    pub(crate) told_low: bool,
    /// Spendable balance of the Console account when it was last queried, with that time; `None`
    /// before the first query.
    pub(crate) balance: Option<(Usd, UnixSeconds)>,
    /// Id of the order up to which the ledger was compared; empty at the start of a round.
    pub(crate) compared_to: String,
}

/// Returns the stored state of the ledger as a whole.
pub(crate) async fn ledger(connection: &mut Connection) -> Result<Ledger, StorageError> {
    let row = sqlx::query(
        "SELECT told_open, told_locked, told_day, told_low, balance, balance_at, compared_to \
         FROM exposure_ledger WHERE id = 1",
    )
    .fetch_one(connection)
    .await?;
    let optional = |what: &'static str| -> Result<Option<u64>, StorageError> {
        let number: Option<i64> = row.try_get(what)?;
        Ok(number.and_then(|number| u64::try_from(number).ok()))
    };
    let balance = optional("balance")?.zip(optional("balance_at")?);
    Ok(Ledger {
        told: [
            (Measure::Open, unsigned(&row, "told_open")?),
            (Measure::Locked, unsigned(&row, "told_locked")?),
            (Measure::Day, unsigned(&row, "told_day")?),
        ],
        told_low: unsigned(&row, "told_low")? == 1,
        balance: balance.map(|(micros, at)| (Usd::from_micros(micros), UnixSeconds(at))),
        compared_to: row.try_get("compared_to")?,
    })
}

/// Stores the state of the ledger as a whole.
pub(crate) async fn keep(connection: &mut Connection, ledger: &Ledger) -> Result<(), StorageError> {
    let told = ledger.told.map(|(_, told)| signed(told));
    sqlx::query(
        "UPDATE exposure_ledger SET told_open = $1, told_locked = $2, told_day = $3, \
         balance = $4, balance_at = $5, compared_to = $6, told_low = $7 WHERE id = 1",
    )
    .bind(told[0])
    .bind(told[1])
    .bind(told[2])
    .bind(ledger.balance.map(|(balance, _)| signed(balance.micros())))
    .bind(ledger.balance.map(|(_, at)| signed(at.0)))
    .bind(ledger.compared_to.as_str())
    .bind(i64::from(ledger.told_low))
    .execute(connection)
    .await?;
    Ok(())
}

fn read(row: &AnyRow) -> Result<Kept, StorageError> {
    let stage: String = row.try_get("stage")?;
    let stage = match stage.as_str() {
        "noted" => None,
        "free" => Some(Stage::Free),
        "reserved" => Some(Stage::Reserved {
            until: UnixSeconds(unsigned(row, "until_at")?),
        }),
        "held" => Some(Stage::Held),
        "over" => Some(Stage::Over),
        other => return Err(unreadable("stage", other)),
    };
    let entry = match (stage, parsed_optional::<Address>(row, "buyer")?) {
        (Some(stage), Some(buyer)) => Some(Entry {
            buyer,
            stage,
            cost: usd(row, "cost")?,
            locked: usd(row, "locked")?,
            floor: usd(row, "floor")?,
            spent: usd(row, "spent")?,
            hourly: usd(row, "hourly")?,
            day: unsigned(row, "day")?,
        }),
        _ => None,
    };
    Ok(Kept {
        source: parsed_optional(row, "source")?,
        entry,
    })
}

fn usd(row: &AnyRow, what: &'static str) -> Result<Usd, StorageError> {
    Ok(Usd::from_micros(unsigned(row, what)?))
}
