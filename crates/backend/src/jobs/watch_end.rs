//! Checks whether a provider has stopped the workload of a closed deployment.
//!
//! Closing ends the lease on chain, and all payment with it. Stopping the workload is then up to
//! the provider, and some take a long time or forget it. The buyer is told as long as the workload
//! still answers, because it can still be reached.

use std::time::Duration;

use domain::deployment::State;
use domain::ids::OrderId;
use domain::time::{Seconds, UnixSeconds};
use futures::future::join_all;

use crate::Backend;
use crate::orders::change_error::ChangeError;
use crate::orders::{addresses, changes};
use crate::queue::{Claim, Outcome};
use crate::storage::orders;

/// Interval between checks while the workload may stop at any moment.
const SOON: Duration = Duration::from_secs(30);

/// Time for which [`SOON`] applies.
const ANY_MOMENT: Seconds = Seconds::minutes(10);

/// Interval between checks after that.
const LATER: Duration = Duration::from_mins(5);

/// The workload is no longer checked after this long.
const LONGEST: Seconds = Seconds::hours(24);

const STILL_RUNS: &str = "Closed, and nothing more is charged. The provider has not stopped it yet: it still \
    answers at its address, so what it serves can still be reached.";
const NEVER_STOPPED: &str = "Closed, and nothing more was charged. A day later it still answered at its address: \
    only its provider can stop it.";

/// Runs the job for `order`.
pub(super) async fn run(backend: &Backend, claim: &Claim, order: OrderId) -> Outcome {
    match look(backend, claim, order).await {
        Ok(Some(wait)) => Outcome::Again(wait),
        Ok(None) => Outcome::Done,
        Err(error) => Outcome::Failed(error.to_string()),
    }
}

/// Checks once; returns when to check again.
async fn look(
    backend: &Backend,
    claim: &Claim,
    id: OrderId,
) -> Result<Option<Duration>, ChangeError> {
    let order = orders::load(&mut backend.storage().read().await?, id).await?;
    let Some((order, ended_at)) = order.and_then(|order| {
        let ended_at = ended_at(&order.state)?;
        Some((order, ended_at))
    }) else {
        return Ok(None);
    };
    let reach = &backend.ports().reach;
    let addresses = addresses::assigned(&order);
    let answers = addresses.iter().map(|address| reach.serves(address));
    let runs = join_all(answers).await.contains(&true);
    let since = backend.ports().clock.now().since(ended_at);
    let (told, again) = match (runs, since) {
        (false, _) => (None, None),
        (true, since) if since >= LONGEST => (Some(NEVER_STOPPED), None),
        (true, since) if since < ANY_MOMENT => (Some(STILL_RUNS), Some(SOON)),
        (true, _) => (Some(STILL_RUNS), Some(LATER)),
    };
    changes::edit_claimed(backend, id, claim, |order| {
        // The settlement's notice takes precedence; it is gone once the order is settled.
        if order.notice.is_none() || order.notice.as_deref() == Some(STILL_RUNS) {
            order.notice = told.map(str::to_owned);
        }
        Ok(Vec::new())
    })
    .await?;
    Ok(again)
}

/// The time at which usage of a closed order ended.
fn ended_at(state: &State) -> Option<UnixSeconds> {
    match state {
        State::Settling { ended_at, .. } => Some(*ended_at),
        State::Settled { receipt } => Some(receipt.ended_at),
        State::NeedsHuman { before, .. } => ended_at(before),
        _ => None,
    }
}
