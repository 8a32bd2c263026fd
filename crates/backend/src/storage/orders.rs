//! Orders, one row each.

use std::collections::HashMap;

use domain::akash::Dseq;
use domain::deployment::State;
use domain::ids::{Address, OrderId};
use domain::requirements::Wish;
use domain::time::UnixSeconds;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row as _};

use super::owned::belongs_to;
use super::sealed::{Sealed, opened, place_of_name, place_of_order, under_another_key};
use super::{
    AT_ONCE, Connection, DataKeys, StorageError, from_json, locks_rows, parsed, parsed_optional,
    placeholders, signed, storable, to_json, unsigned,
};
use crate::orders::order::{Order, OrderSecret};
use crate::visitor::{Owner, SessionId, VisitorId};

/// Content of a text column whose value is in the sealed part.
const SEALED: &str = "";
/// Like [`SEALED`], for a nullable column.
const NOTHING: Option<&str> = None;

/// Columns of an order that need the keys.
struct Row {
    name: String,
    state: String,
    sealed: String,
    sealed_with: String,
}

impl Row {
    fn of(order: &Order, keys: &DataKeys) -> Self {
        let id = order.id.to_string();
        let (sealed, state) = Sealed::of(order);
        Self {
            name: keys.seal(place_of_name(&id), &storable(&order.name)),
            state: to_json(&state),
            sealed: keys.seal(place_of_order(&id), &to_json(&sealed)),
            sealed_with: keys.id().to_owned(),
        }
    }
}

/// Stores a new order.
pub(crate) async fn insert(connection: &mut Connection, order: &Order) -> Result<(), StorageError> {
    let row = Row::of(order, &connection.keys());
    sqlx::query(
        "INSERT INTO orders (id, visitor, buyer, name, sentence, wish, requirements, assumptions, \
         steps, sdl, sdl_source, market, refusal, state_name, state, state_since, services, \
         notice, create_called_at, silent_since, version, created_at, changed_at, template, \
         confirmed, auto_sign, update_called_at, runtime_limit_hours, secret, sealed, sealed_with, \
         erased_at, acceptance, unreported_since, owner) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, \
         $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35)",
    )
    .bind(order.id.to_string())
    .bind(order.visitor.to_string())
    .bind(order.buyer.map(|buyer| buyer.to_string()))
    .bind(&row.name)
    .bind(NOTHING)
    .bind(SEALED)
    .bind(NOTHING)
    .bind(SEALED)
    .bind(SEALED)
    .bind(SEALED)
    .bind(to_json(&order.sdl_source))
    .bind(order.market.as_ref().map(to_json))
    .bind(NOTHING)
    .bind(order.state.name())
    .bind(&row.state)
    .bind(signed(order.state_since.0))
    .bind(to_json(&order.services))
    .bind(order.notice.as_deref().map(storable))
    .bind(order.create_called_at.map(|at| signed(at.0)))
    .bind(order.silent_since.map(|at| signed(at.0)))
    .bind(signed(order.version))
    .bind(signed(order.created_at.0))
    .bind(signed(order.changed_at.0))
    .bind(order.template.as_ref().map(to_json))
    .bind(to_json(&order.confirmed))
    .bind(order.auto_sign.as_ref().map(to_json))
    .bind(order.update_called_at.map(|at| signed(at.0)))
    .bind(order.runtime_limit_hours.map(i64::from))
    .bind(NOTHING)
    .bind(&row.sealed)
    .bind(&row.sealed_with)
    .bind(order.erased_at.map(|at| signed(at.0)))
    .bind(order.acceptance.as_ref().map(to_json))
    .bind(order.unreported_since.map(|at| signed(at.0)))
    .bind(order.account.map(|account| account.to_string()))
    .execute(connection)
    .await?;
    Ok(())
}

/// Stores a changed order under the next version.
///
/// # Errors
/// [`StorageError::Stale`] if the row has changed since `order` was read.
pub(crate) async fn save(
    connection: &mut Connection,
    order: &mut Order,
) -> Result<(), StorageError> {
    let row = Row::of(order, &connection.keys());
    let changed = sqlx::query(
        "UPDATE orders SET buyer = $1, name = $2, sentence = $3, wish = $4, requirements = $5, \
         assumptions = $6, steps = $7, sdl = $8, sdl_source = $9, market = $10, refusal = $11, \
         state_name = $12, state = $13, state_since = $14, services = $15, notice = $16, \
         create_called_at = $17, silent_since = $18, version = $19, changed_at = $20, \
         confirmed = $21, auto_sign = $22, update_called_at = $23, \
         runtime_limit_hours = $24, secret = $25, sealed = $26, sealed_with = $27, erased_at = $28, \
         acceptance = $29, unreported_since = $30 WHERE id = $31 AND version = $32",
    )
    .bind(order.buyer.map(|buyer| buyer.to_string()))
    .bind(&row.name)
    .bind(NOTHING)
    .bind(SEALED)
    .bind(NOTHING)
    .bind(SEALED)
    .bind(SEALED)
    .bind(SEALED)
    .bind(to_json(&order.sdl_source))
    .bind(order.market.as_ref().map(to_json))
    .bind(NOTHING)
    .bind(order.state.name())
    .bind(&row.state)
    .bind(signed(order.state_since.0))
    .bind(to_json(&order.services))
    .bind(order.notice.as_deref().map(storable))
    .bind(order.create_called_at.map(|at| signed(at.0)))
    .bind(order.silent_since.map(|at| signed(at.0)))
    .bind(signed(order.version + 1))
    .bind(signed(order.changed_at.0))
    .bind(to_json(&order.confirmed))
    .bind(order.auto_sign.as_ref().map(to_json))
    .bind(order.update_called_at.map(|at| signed(at.0)))
    .bind(order.runtime_limit_hours.map(i64::from))
    .bind(NOTHING)
    .bind(&row.sealed)
    .bind(&row.sealed_with)
    .bind(order.erased_at.map(|at| signed(at.0)))
    .bind(order.acceptance.as_ref().map(to_json))
    .bind(order.unreported_since.map(|at| signed(at.0)))
    .bind(order.id.to_string())
    .bind(signed(order.version))
    .execute(connection)
    .await?
    .rows_affected();
    if changed == 0 {
        return Err(StorageError::Stale);
    }
    order.version += 1;
    Ok(())
}

/// Records a change outside the row, so that watchers look again.
pub(crate) async fn touch(
    connection: &mut Connection,
    id: OrderId,
    now: UnixSeconds,
) -> Result<(), StorageError> {
    sqlx::query("UPDATE orders SET version = version + 1, changed_at = $1 WHERE id = $2")
        .bind(signed(now.0))
        .bind(id.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// Returns the order called `id`.
pub(crate) async fn load(
    connection: &mut Connection,
    id: OrderId,
) -> Result<Option<Order>, StorageError> {
    one(connection, id, "").await
}

/// Returns the order called `id`, locked for a change until the transaction ends.
pub(crate) async fn load_for_change(
    connection: &mut Connection,
    id: OrderId,
) -> Result<Option<Order>, StorageError> {
    if !locks_rows(connection) {
        return load(connection, id).await;
    }
    one(connection, id, " FOR UPDATE").await
}

async fn one(
    connection: &mut Connection,
    id: OrderId,
    lock: &'static str,
) -> Result<Option<Order>, StorageError> {
    let keys = connection.keys();
    let query = AssertSqlSafe(format!("SELECT {WHOLE} FROM orders WHERE id = $1{lock}"));
    let row = sqlx::query(query)
        .bind(id.to_string())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(|row| read(row, &keys)).transpose()
}

/// Columns for an [`outline`]: all except the sealed text and the unencrypted columns of older
/// rows, which may be hundreds of kilobytes each.
macro_rules! outline_columns {
    () => {
        "id, visitor, owner, buyer, name, sealed_with, acceptance, sdl_source, template, market, \
         confirmed, auto_sign, state, state_since, services, notice, create_called_at, \
         update_called_at, erased_at, silent_since, unreported_since, runtime_limit_hours, \
         version, created_at, changed_at"
    };
}
const OUTLINE: &str = outline_columns!();

/// Columns for [`read`].
const WHOLE: &str = concat!(
    outline_columns!(),
    ", sealed, sentence, wish, requirements, assumptions, steps, sdl, secret, refusal"
);

/// Returns the number of an owner's drafts: orders that were neither paid nor given up.
pub(crate) async fn drafts_of(
    connection: &mut Connection,
    owner: Owner,
) -> Result<u64, StorageError> {
    let (is_theirs, who) = belongs_to(owner);
    let query = AssertSqlSafe(format!(
        "SELECT COUNT(*) AS number FROM orders WHERE {is_theirs} \
         AND state_name IN ('drafted', 'quoted')"
    ));
    let row = sqlx::query(query).bind(who).fetch_one(connection).await?;
    unsigned(&row, "number")
}

/// Returns an owner's orders, newest first, without their sealed parts, which lists do not need.
pub(crate) async fn of(
    connection: &mut Connection,
    owner: Owner,
) -> Result<Vec<Order>, StorageError> {
    let keys = connection.keys();
    let rows = listed(connection, owner).await?;
    rows.iter().map(|row| outline(row, &keys)).collect()
}

/// Returns the rows for [`of`].
pub(crate) async fn listed(
    connection: &mut Connection,
    owner: Owner,
) -> Result<Vec<AnyRow>, StorageError> {
    let (is_theirs, who) = belongs_to(owner);
    let query = AssertSqlSafe(format!(
        "SELECT {OUTLINE} FROM orders WHERE {is_theirs} ORDER BY created_at DESC, id DESC LIMIT 200"
    ));
    let query = sqlx::query(query);
    Ok(query.bind(who).fetch_all(connection).await?)
}

/// Gives an account the drafts of the browser in which it signs in, and records the versions that
/// they had when that session was left.
pub(crate) async fn claim(
    connection: &mut Connection,
    visitor: VisitorId,
    session: SessionId,
    account: Address,
) -> Result<(), StorageError> {
    sqlx::query(
        "UPDATE orders SET owner = $1, version = version + 1, left_session = $2, \
         left_version = version + 1 WHERE visitor = $3 AND owner IS NULL",
    )
    .bind(account.to_string())
    .bind(session.to_string())
    .bind(visitor.to_string())
    .execute(connection)
    .await?;
    Ok(())
}

/// Returns the order called `id` as it was when `session` was left; `None` if it has changed since.
pub(crate) async fn left_behind(
    connection: &mut Connection,
    id: OrderId,
    session: SessionId,
) -> Result<Option<Order>, StorageError> {
    let keys = connection.keys();
    let query = AssertSqlSafe(format!(
        "SELECT {WHOLE} FROM orders \
         WHERE id = $1 AND left_session = $2 AND left_version = version"
    ));
    let row = sqlx::query(query)
        .bind(id.to_string())
        .bind(session.to_string())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(|row| read(row, &keys)).transpose()
}

/// Returns a wallet's orders whose deposit is awaited.
pub(crate) async fn awaiting_deposit_of(
    connection: &mut Connection,
    buyer: Address,
) -> Result<Vec<Order>, StorageError> {
    let keys = connection.keys();
    let query = AssertSqlSafe(format!(
        "SELECT {WHOLE} FROM orders \
         WHERE buyer = $1 AND state_name = 'awaiting_deposit'"
    ));
    let rows = sqlx::query(query)
        .bind(buyer.to_string())
        .fetch_all(connection)
        .await?;
    rows.iter().map(|row| read(row, &keys)).collect()
}

/// Returns orders that need a job but have none.
pub(crate) async fn without_job(connection: &mut Connection) -> Result<Vec<Order>, StorageError> {
    let keys = connection.keys();
    let query = AssertSqlSafe(format!(
        "SELECT {WHOLE} FROM orders WHERE state_name NOT IN \
         ('drafted', 'needs_human', 'settled', 'abandoned') \
         AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.order_id = orders.id \
         AND jobs.kind = 'drive')"
    ));
    let rows = sqlx::query(query).fetch_all(connection).await?;
    rows.iter().map(|row| read(row, &keys)).collect()
}

/// Returns the running orders, with their deployments' numbers.
pub(crate) async fn running(
    connection: &mut Connection,
) -> Result<Vec<(OrderId, Dseq)>, StorageError> {
    let rows = sqlx::query("SELECT id, state FROM orders WHERE state_name = 'active'")
        .fetch_all(connection)
        .await?;
    let mut running = Vec::new();
    for row in &rows {
        let state: State = from_json("state", &row.try_get::<String, _>("state")?)?;
        if let Some(opened) = state.opened() {
            running.push((parsed(row, "id")?, opened.dseq));
        }
    }
    Ok(running)
}

/// Returns the number of running orders.
pub(crate) async fn count_running(connection: &mut Connection) -> Result<u64, StorageError> {
    let row = sqlx::query("SELECT COUNT(*) AS number FROM orders WHERE state_name = 'active'")
        .fetch_one(connection)
        .await?;
    unsigned(&row, "number")
}

/// Returns the number of orders in each state, by the state's name.
pub(crate) async fn by_state(
    connection: &mut Connection,
) -> Result<Vec<(String, u64)>, StorageError> {
    let rows = sqlx::query(
        "SELECT state_name, COUNT(*) AS number FROM orders GROUP BY state_name ORDER BY state_name",
    )
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| Ok((row.try_get("state_name")?, unsigned(row, "number")?)))
        .collect()
}

/// Returns orders that wait for an operator, and those with a difficulty since before `since`.
pub(crate) async fn stuck(
    connection: &mut Connection,
    since: UnixSeconds,
) -> Result<Vec<Order>, StorageError> {
    let keys = connection.keys();
    let query = AssertSqlSafe(format!(
        "SELECT {WHOLE} FROM orders WHERE state_name = 'needs_human' \
         OR (notice IS NOT NULL \
         AND state_name NOT IN ('drafted', 'quoted', 'awaiting_deposit') AND changed_at < $1) \
         ORDER BY changed_at LIMIT 200"
    ));
    let rows = sqlx::query(query)
        .bind(signed(since.0))
        .fetch_all(connection)
        .await?;
    rows.iter().map(|row| read(row, &keys)).collect()
}

/// Returns for each of these orders a number that grows with every change of the order or its log;
/// orders that are gone are missing.
pub(crate) async fn revisions(
    connection: &mut Connection,
    ids: &[OrderId],
) -> Result<HashMap<OrderId, u64>, StorageError> {
    let mut found = HashMap::new();
    for some in ids.chunks(AT_ONCE) {
        let names = placeholders(1, some.len());
        let query = format!(
            "SELECT id, version + COALESCE(\
             (SELECT last_seq FROM log_chunks WHERE order_id = orders.id \
             ORDER BY first_seq DESC LIMIT 1), \
             (SELECT MAX(seq) FROM log_lines WHERE order_id = orders.id), 0) AS revision \
             FROM orders WHERE id IN ({names})"
        );
        let mut query = sqlx::query(AssertSqlSafe(query));
        for id in some {
            query = query.bind(id.to_string());
        }
        for row in query.fetch_all(&mut *connection).await? {
            found.insert(parsed(&row, "id")?, unsigned(&row, "revision")?);
        }
    }
    Ok(found)
}

/// Returns the names of these orders' states, except for deleted and erased orders. In a
/// transaction that writes, none of them is erased before it ends.
pub(crate) async fn keep_states(
    connection: &mut Connection,
    ids: &[OrderId],
) -> Result<HashMap<OrderId, String>, StorageError> {
    let lock = if locks_rows(connection) {
        "FOR SHARE"
    } else {
        ""
    };
    let mut found = HashMap::new();
    for some in ids.chunks(AT_ONCE) {
        let names = placeholders(1, some.len());
        let query = format!(
            "SELECT id, state_name FROM orders WHERE erased_at IS NULL AND id IN ({names}) \
             ORDER BY id {lock}"
        );
        let mut query = sqlx::query(AssertSqlSafe(query));
        for id in some {
            query = query.bind(id.to_string());
        }
        for row in query.fetch_all(&mut *connection).await? {
            found.insert(parsed(&row, "id")?, row.try_get("state_name")?);
        }
    }
    Ok(found)
}

/// Seals again orders that are unencrypted or sealed with a key other than the current one.
pub(super) async fn reseal(connection: &mut Connection, most: u32) -> Result<usize, StorageError> {
    let keys = connection.keys();
    let rows = under_another_key(connection, "orders", WHOLE, most).await?;
    for row in &rows {
        let order = read(row, &keys)?;
        let row = Row::of(&order, &keys);
        sqlx::query(
            "UPDATE orders SET name = $1, state = $2, sealed = $3, sealed_with = $4, \
             sentence = NULL, wish = '', requirements = NULL, assumptions = '', steps = '', \
             sdl = '', secret = NULL, refusal = NULL WHERE id = $5",
        )
        .bind(row.name)
        .bind(row.state)
        .bind(row.sealed)
        .bind(row.sealed_with)
        .bind(order.id.to_string())
        .execute(&mut *connection)
        .await?;
    }
    Ok(rows.len())
}

/// Reads an order as it was stored.
fn read(row: &AnyRow, keys: &DataKeys) -> Result<Order, StorageError> {
    let mut order = outline(row, keys)?;
    match row.try_get::<Option<String>, _>("sealed")? {
        Some(sealed) => {
            let id = order.id.to_string();
            let opened = keys.open(place_of_order(&id), &sealed)?;
            from_json::<Sealed>("sealed", &opened)?.fill(&mut order);
        }
        None => read_clear(row, &mut order)?,
    }
    Ok(order)
}

/// Reads the unencrypted parts of an order that was stored before there were keys.
fn read_clear(row: &AnyRow, order: &mut Order) -> Result<(), StorageError> {
    let text = |column: &'static str| row.try_get::<String, _>(column);
    let optional = |column: &'static str| row.try_get::<Option<String>, _>(column);
    order.sentence = optional("sentence")?;
    order.wish = from_json("wish", &text("wish")?)?;
    order.requirements = optional("requirements")?
        .map(|json| from_json("requirements", &json))
        .transpose()?;
    order.assumptions = from_json("assumptions", &text("assumptions")?)?;
    order.steps = from_json("steps", &text("steps")?)?;
    order.sdl = text("sdl")?;
    order.secret = optional("secret")?.map(OrderSecret::stored);
    order.refusal = optional("refusal")?
        .map(|json| from_json("refusal", &json))
        .transpose()?;
    Ok(())
}

/// Reads an order without its sealed parts.
fn outline(row: &AnyRow, keys: &DataKeys) -> Result<Order, StorageError> {
    let text = |column: &'static str| row.try_get::<String, _>(column);
    let optional = |column: &'static str| row.try_get::<Option<String>, _>(column);
    let instant = |column: &'static str| -> Result<Option<UnixSeconds>, StorageError> {
        let seconds = row.try_get::<Option<i64>, _>(column)?;
        Ok(seconds.map(|at| UnixSeconds(u64::try_from(at).unwrap_or_default())))
    };
    let name = opened(row, keys, place_of_name(&text("id")?))?;
    Ok(Order {
        id: parsed(row, "id")?,
        visitor: parsed(row, "visitor")?,
        account: parsed_optional(row, "owner")?,
        buyer: parsed_optional(row, "buyer")?,
        name,
        sentence: None,
        wish: Wish::default(),
        requirements: None,
        assumptions: Vec::new(),
        steps: Vec::new(),
        sdl: String::new(),
        working_sdl: None,
        acceptance: optional("acceptance")?
            .map(|json| from_json("acceptance", &json))
            .transpose()?,
        sdl_source: from_json("sdl_source", &text("sdl_source")?)?,
        secret: None,
        template: optional("template")?
            .map(|json| from_json("template", &json))
            .transpose()?,
        market: optional("market")?
            .map(|json| from_json("market", &json))
            .transpose()?,
        refusal: None,
        question: None,
        confirmed: from_json("confirmed", &text("confirmed")?)?,
        auto_sign: optional("auto_sign")?
            .map(|json| from_json("auto_sign", &json))
            .transpose()?,
        state: from_json("state", &text("state")?)?,
        state_since: UnixSeconds(unsigned(row, "state_since")?),
        services: from_json("services", &text("services")?)?,
        notice: optional("notice")?,
        create_called_at: instant("create_called_at")?,
        update_called_at: instant("update_called_at")?,
        erased_at: instant("erased_at")?,
        silent_since: instant("silent_since")?,
        unreported_since: instant("unreported_since")?,
        runtime_limit_hours: row
            .try_get::<Option<i64>, _>("runtime_limit_hours")?
            .map(|hours| u32::try_from(hours).unwrap_or_default()),
        version: unsigned(row, "version")?,
        created_at: UnixSeconds(unsigned(row, "created_at")?),
        changed_at: UnixSeconds(unsigned(row, "changed_at")?),
    })
}
