//! The sweep's part: the orders are authoritative, and the ledger is corrected to match them; the
//! operator is alerted when a cap is nearly reached.

use domain::exposure::{LOW, Next, alerts, runs_out_in};
use domain::ids::OrderId;
use domain::time::{Seconds, UnixSeconds};

use super::{ledger, next};
use crate::storage::{StorageError, orders, outbox};
use crate::{Backend, observe};

/// Number of orders that one sweep compares.
const COMPARED: u32 = 200;

/// Compares the places of some orders with their states, and corrects differences. Each call
/// continues where the previous one stopped. Returns the number of wrong places.
pub(crate) async fn reconcile(backend: &Backend) -> Result<u64, StorageError> {
    let now = backend.ports().clock.now();
    let mut connection = backend.storage().read().await?;
    let from = ledger::ledger(&mut connection).await?.compared_to;
    let ids = ledger::to_compare(&mut connection, &from, COMPARED, now).await?;
    let mut wrong = 0;
    for id in &ids {
        let order = orders::load(&mut connection, *id).await?;
        let kept = ledger::of(&mut connection, *id).await?;
        let differs = order.is_some_and(|order| is_wrong(&next(backend, &order, &kept, now)));
        if differs && put_right(backend, *id, now).await? {
            wrong += 1;
        }
    }
    drop(connection);
    let all = u32::try_from(ids.len()).unwrap_or(u32::MAX) < COMPARED;
    let compared_to = match ids.last() {
        Some(last) if !all => last.to_string(),
        _ => String::new(),
    };
    let mut transaction = backend.storage().begin_write().await?;
    ledger::hold(&mut transaction).await?;
    let mut kept = ledger::ledger(&mut transaction).await?;
    if kept.compared_to != compared_to {
        kept.compared_to = compared_to;
        ledger::keep(&mut transaction, &kept).await?;
    }
    ledger::forget(&mut transaction, now).await?;
    let midnight = UnixSeconds(now.0 - now.0 % Seconds::days(1).0);
    outbox::forget_sources(&mut transaction, midnight).await?;
    transaction.commit().await?;
    Ok(wrong)
}

/// A top-up that is not admitted is not an error: it waits.
const fn is_wrong(next: &Next) -> bool {
    matches!(next, Next::Put(_) | Next::Ask(_))
}

/// Corrects one order's place, whatever the caps say, because it reflects what has already
/// happened.
async fn put_right(backend: &Backend, id: OrderId, now: UnixSeconds) -> Result<bool, StorageError> {
    let mut transaction = backend.storage().begin_write().await?;
    // Lock the order first, as every transaction locks it before the ledger.
    let Some(order) = orders::load_for_change(&mut transaction, id).await? else {
        return Ok(false);
    };
    ledger::hold(&mut transaction).await?;
    let kept = ledger::of(&mut transaction, id).await?;
    let (Next::Put(entry) | Next::Ask(entry)) = next(backend, &order, &kept, now) else {
        return Ok(false);
    };
    ledger::put(&mut transaction, id, &entry).await?;
    transaction.commit().await?;
    observe::exposure_corrected(id, kept.entry.as_ref(), &entry);
    Ok(true)
}

/// Alerts the operator once whenever the use of a global cap has reached another threshold, and
/// records the balance of the Console account.
pub(crate) async fn watch_caps(backend: &Backend) -> Result<(), StorageError> {
    let now = backend.ports().clock.now();
    let balance = backend.ports().market.balance().await;
    let mut transaction = backend.storage().begin_write().await?;
    ledger::hold(&mut transaction).await?;
    let used = ledger::usage_of_all(&mut transaction, now).await?;
    let before = ledger::ledger(&mut transaction).await?;
    let mut after = before.clone();
    let mut reached = Vec::new();
    for alert in alerts(&used, &backend.settings().exposure) {
        for (measure, told) in &mut after.told {
            if *measure == alert.measure {
                if alert.threshold > *told {
                    reached.push(alert);
                }
                *told = alert.threshold;
            }
        }
    }
    let hourly = ledger::hourly(&mut transaction).await?;
    // An account that cannot be queried is reported by the code that needs it.
    if let Ok(balance) = balance {
        after.balance = Some((balance, now));
    }
    let lasts = after
        .balance
        .and_then(|(balance, _)| runs_out_in(balance, hourly));
    let low = lasts.filter(|lasts| *lasts < LOW);
    after.told_low = low.is_some();
    if after != before {
        ledger::keep(&mut transaction, &after).await?;
    }
    transaction.commit().await?;
    for alert in &reached {
        observe::cap_used_up_to(alert);
    }
    if let Some(lasts) = low
        && !before.told_low
    {
        observe::console_runs_low(lasts, hourly);
    }
    Ok(())
}
