//! The operator's money at stake at Akash, kept next to the orders: every change of an order moves
//! its place in the ledger in the same transaction, and a change that would exceed a cap is
//! refused.

pub(crate) mod full;
mod reconcile;
#[cfg(test)]
mod tests;

use domain::deployment::Event;
use domain::exposure::{Asked, Next, Standing, Usage, admit, follow};
use domain::ids::OrderId;
use domain::money::{TokenAmount, Usd};
use domain::time::UnixSeconds;

use crate::Backend;
use crate::orders::change_error::ChangeError;
use crate::orders::order::Order;
use crate::storage::exposure::{self as ledger, Kept};
use crate::storage::{Connection, StorageError, orders};
use crate::visitor::Visitor;

pub(crate) use full::Full;
pub(crate) use reconcile::{reconcile, watch_caps};

/// Records the network from which an order was requested, if known.
pub(crate) async fn note_source(
    backend: &Backend,
    visitor: &Visitor,
    order: OrderId,
) -> Result<(), StorageError> {
    let Some(source) = visitor.from else {
        return Ok(());
    };
    let known = ledger::of(&mut backend.storage().read().await?, order).await?;
    if known.source == Some(source) {
        return Ok(());
    }
    let mut transaction = backend.storage().begin_write().await?;
    ledger::note_source(&mut transaction, order, source).await?;
    transaction.commit().await?;
    Ok(())
}

/// Moves an order's place in the ledger to match a change of the order, in the same transaction.
///
/// # Errors
/// [`ChangeError::Exposed`] if it would exceed a cap: the change must not happen.
pub(crate) async fn follow_change(
    connection: &mut Connection,
    backend: &Backend,
    before: &Order,
    after: &Order,
    now: UnixSeconds,
) -> Result<(), ChangeError> {
    let floor = backend.settings().console_deposit;
    let standing = Standing::of(&after.state, floor);
    if standing == Standing::of(&before.state, floor) {
        return Ok(());
    }
    move_to(connection, backend, after, now).await
}

/// Moves the order's place to match its state, if it does not already.
async fn move_to(
    connection: &mut Connection,
    backend: &Backend,
    order: &Order,
    now: UnixSeconds,
) -> Result<(), ChangeError> {
    // Before the ledger is read: the basis of the decision must still hold when it is written.
    ledger::hold(connection).await?;
    let kept = ledger::of(connection, order.id).await?;
    match next(backend, order, &kept, now) {
        Next::Keep => {}
        Next::Put(entry) => ledger::put(connection, order.id, &entry).await?,
        Next::Ask(entry) => {
            let usage =
                ledger::usage_beside(connection, order.id, entry.buyer, kept.source, now).await?;
            fits(backend, &usage, entry.asks(), now).map_err(ChangeError::Exposed)?;
            ledger::put(connection, order.id, &entry).await?;
        }
        Next::AskMore(wanted, stays) => {
            let usage =
                ledger::usage_beside(connection, order.id, wanted.buyer, kept.source, now).await?;
            let entry = match fits(backend, &usage, wanted.asks_more(), now) {
                Ok(()) => wanted,
                Err(_) => stays,
            };
            ledger::put(connection, order.id, &entry).await?;
        }
    }
    Ok(())
}

fn next(backend: &Backend, order: &Order, kept: &Kept, now: UnixSeconds) -> Next {
    let entry = kept.entry.as_ref();
    // An order that was admitted under another setting keeps that setting.
    let floor = entry.map_or(backend.settings().console_deposit, |entry| entry.floor);
    follow(entry, &Standing::of(&order.state, floor), floor, now)
}

/// Returns the limit on a running order's cost if more was paid than was admitted. The rest is
/// requested again.
///
/// # Errors
/// If the database fails.
pub(crate) async fn less_than_paid(
    backend: &Backend,
    order: &Order,
) -> Result<Option<Usd>, ChangeError> {
    let now = backend.ports().clock.now();
    let kept = ledger::of(&mut backend.storage().read().await?, order.id).await?;
    if !matches!(next(backend, order, &kept, now), Next::AskMore(..)) {
        return Ok(None);
    }
    let mut transaction = backend.storage().begin_write().await?;
    // Its present state, locked: the order first, as every transaction locks it before the ledger.
    let order = orders::load_for_change(&mut transaction, order.id).await?;
    let order = order.ok_or(ChangeError::NotFound)?;
    move_to(&mut transaction, backend, &order, now).await?;
    let kept = ledger::of(&mut transaction, order.id).await?;
    transaction.commit().await?;
    Ok(match next(backend, &order, &kept, now) {
        Next::AskMore(_, stays) => Some(stays.cost),
        Next::Keep | Next::Put(_) | Next::Ask(_) => None,
    })
}

/// Returns whether the order, as it is in `after`, would be admitted now. Reserves nothing.
///
/// # Errors
/// If the database fails.
pub(crate) async fn would_fit(
    backend: &Backend,
    after: &Order,
) -> Result<Result<(), Full>, StorageError> {
    let now = backend.ports().clock.now();
    let mut connection = backend.storage().read().await?;
    let kept = ledger::of(&mut connection, after.id).await?;
    let (entry, asked) = match next(backend, after, &kept, now) {
        Next::Keep | Next::Put(_) => return Ok(Ok(())),
        Next::Ask(entry) => (entry, entry.asks()),
        Next::AskMore(entry, _) => (entry, entry.asks_more()),
    };
    let usage =
        ledger::usage_beside(&mut connection, after.id, entry.buyer, kept.source, now).await?;
    Ok(fits(backend, &usage, asked, now))
}

/// Checks that this much more could be paid for a running order.
///
/// # Errors
/// [`ChangeError::Exposed`] if it would exceed a cap.
pub(crate) async fn more_would_fit(
    backend: &Backend,
    id: OrderId,
    amount: TokenAmount,
) -> Result<(), ChangeError> {
    let order = orders::load(&mut backend.storage().read().await?, id).await?;
    let mut order = order.ok_or(ChangeError::NotFound)?;
    order.state = order.state.apply(Event::ToppedUp { amount })?;
    would_fit(backend, &order)
        .await?
        .map_err(ChangeError::Exposed)
}

fn fits(backend: &Backend, usage: &Usage, asked: Asked, now: UnixSeconds) -> Result<(), Full> {
    admit(usage, &backend.settings().exposure, asked, now).map_err(|refusal| Full {
        retry_after: refusal.retry_after(now),
        refusal: Box::new(refusal),
    })
}
