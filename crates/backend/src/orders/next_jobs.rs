//! The jobs that an order needs next, derived from its state alone.

use std::time::Duration;

use domain::auto_sign::Verdict;
use domain::deployment::{State, Step, next_step};
use domain::time::UnixSeconds;

use super::addresses;
use super::order::Order;
use crate::queue::{self, Kind, millis};
use crate::storage::{Connection, StorageError};

/// Time that a container may take to end once it is told to.
const CONTAINER_END_GRACE: Duration = Duration::from_secs(30);

/// Enqueues the jobs that `order` needs next.
pub(crate) async fn enqueue(
    connection: &mut Connection,
    order: &Order,
    now_ms: u64,
) -> Result<(), StorageError> {
    for (kind, due_ms) in next_jobs(order, now_ms) {
        queue::enqueue(connection, kind, Some(order.id), due_ms).await?;
    }
    Ok(())
}

/// Returns the jobs of an order, each with its due time in Unix milliseconds: the job that advances
/// its lifecycle, due at once or when time alone moves the order; the one that follows its log once
/// it runs; and the one that watches its provider once it is closed.
fn next_jobs(order: &Order, now_ms: u64) -> Vec<(Kind, u64)> {
    let mut jobs = Vec::new();
    if let Some(at) = wakes_at(order) {
        jobs.push((Kind::Drive, at.0.saturating_mul(1000).max(now_ms)));
    }
    if matches!(order.state, State::Active { .. }) {
        jobs.push((Kind::FollowLogs, now_ms));
    }
    if may_still_answer(order) {
        let grace = millis(CONTAINER_END_GRACE);
        jobs.push((Kind::WatchEnd, now_ms.saturating_add(grace)));
    }
    jobs
}

/// Whether an order is closed while its workload could still answer.
fn may_still_answer(order: &Order) -> bool {
    matches!(order.state, State::Settling { .. }) && !addresses::assigned(order).is_empty()
}

/// Returns when the order has to be looked at next; `None` while only people can move it.
fn wakes_at(order: &Order) -> Option<UnixSeconds> {
    match &order.state {
        State::Quoted { quote } => Some(match &order.auto_sign {
            Some(Verdict::WillPay { at, .. }) => quote.expires_at.min(*at),
            _ => quote.expires_at,
        }),
        state => match next_step(state, UnixSeconds(0)) {
            Step::AwaitBuyer | Step::AwaitOperator | Step::Finished => None,
            _ => Some(UnixSeconds(0)),
        },
    }
}
