//! The worker: claims due jobs, runs them side by side, keeps their claims alive.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use tokio::task::{Id, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::queue::{self, Claim, Kind, LEASE, Outcome};
use super::{drive_deployment, follow_chain, follow_logs, send_outbox, sweep, watch_end};
use crate::storage::StorageError;
use crate::{Backend, observe};

/// How many jobs run side by side: most of them wait for somebody outside.
const JOBS_AT_ONCE: usize = 256;

/// How long a running job may take to come to an end once the worker is told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// How long the worker waits at most before it looks again.
const LOOKS_EVERY: Duration = Duration::from_secs(5);

pub(super) async fn run(backend: Backend, cancelled: CancellationToken) {
    let mut running = JoinSet::new();
    for asked in [
        sweep::enqueue(&backend).await,
        follow_chain::enqueue(&backend).await,
    ] {
        report(asked);
    }
    let mut names = HashMap::new();
    while !cancelled.is_cancelled() {
        backend.worker_looks();
        while let Some(ended) = running.try_join_next_with_id() {
            names.remove(&task_of(&ended));
        }
        // Listening begins before looking, so that what is enqueued in between is not missed.
        let woken = backend.job_waits().notified();
        tokio::pin!(woken);
        woken.as_mut().enable();
        if running.len() < JOBS_AT_ONCE {
            let at_work: HashSet<String> = names.values().cloned().collect();
            match queue::claim(&backend, &at_work).await {
                Ok(Some(claim)) => {
                    let name = claim.id().to_owned();
                    let task = running.spawn(attend(backend.clone(), claim, cancelled.clone()));
                    names.insert(task.id(), name);
                    continue;
                }
                Ok(None) => {}
                Err(error) => observe::queue_failed(&error),
            }
        }
        tokio::select! {
            () = cancelled.cancelled() => {}
            () = woken => {}
            () = backend.ports().clock.sleep(backend.settings().poll.queue) => {}
            // The clock of a simulated run may stand still; this loop must not.
            () = tokio::time::sleep(LOOKS_EVERY) => {}
        }
    }
    while running.join_next().await.is_some() {}
}

fn task_of(ended: &Result<(Id, ()), JoinError>) -> Id {
    match ended {
        Ok((id, ())) => *id,
        Err(error) => error.id(),
    }
}

pub(super) async fn quiet(backend: &Backend) -> bool {
    match queue::next_due_ms(backend).await {
        Ok(due) => due.is_none_or(|due| due > backend.ports().clock.now_ms()),
        Err(error) => {
            observe::queue_failed(&error);
            false
        }
    }
}

/// Runs what is due, one job after the other, until nothing is.
#[cfg(any(test, feature = "fakes"))]
#[expect(clippy::unwrap_used, reason = "test code")]
pub(crate) async fn run_due(backend: &Backend, cancelled: &CancellationToken) {
    while let Some(claim) = queue::claim(backend, &HashSet::new()).await.unwrap() {
        let outcome = perform(backend, &claim, cancelled).await;
        conclude(backend, &claim, &outcome).await.unwrap();
    }
}

/// Runs one claimed job and keeps its claim alive meanwhile.
async fn attend(backend: Backend, claim: Claim, cancelled: CancellationToken) {
    let clock = backend.ports().clock.clone();
    // In a task of its own: a panic in one job is that job's failure and nobody else's.
    let mut work = AbortOnDropHandle::new(tokio::spawn({
        let (backend, claim, cancelled) = (backend.clone(), claim.clone(), cancelled.clone());
        async move { perform(&backend, &claim, &cancelled).await }
    }));
    let outcome = loop {
        tokio::select! {
            done = &mut work => break done,
            () = cancelled.cancelled() => match tokio::time::timeout(GRACE, &mut work).await {
                Ok(done) => break done,
                Err(_) => {
                    report(claim.give_back(&backend).await);
                    return;
                }
            },
            () = clock.sleep(LEASE / 3) => match claim.renew(&backend).await {
                Ok(true) => {}
                Ok(false) => {
                    observe::claim_lost(claim.id());
                    return;
                }
                // The lease holds for a while yet: the next renewal may succeed.
                Err(error) => observe::queue_failed(&error),
            },
        }
    };
    let outcome = outcome.unwrap_or_else(|panic| Outcome::Failed(panic.to_string()));
    report(conclude(&backend, &claim, &outcome).await);
}

/// Writes down how a run ended.
pub(super) async fn conclude(
    backend: &Backend,
    claim: &Claim,
    outcome: &Outcome,
) -> Result<(), StorageError> {
    match outcome {
        Outcome::Failed(why) => observe::job_failed(claim.id(), claim.attempts() + 1, why),
        Outcome::Dead(why) => observe::job_died(claim.id(), why),
        Outcome::Done | Outcome::Again(_) => {}
    }
    claim.finish(backend, outcome).await
}

/// Does what a claimed job is for.
pub(super) async fn perform(
    backend: &Backend,
    claim: &Claim,
    cancelled: &CancellationToken,
) -> Outcome {
    match (claim.kind(), claim.order()) {
        (Kind::Drive, Some(order)) => drive_deployment::run(backend, claim, order).await,
        (Kind::FollowLogs, Some(order)) => follow_logs::run(backend, order, cancelled).await,
        (Kind::Sweep, _) => sweep::run(backend).await,
        (Kind::FollowChain, _) => follow_chain::run(backend, claim).await,
        (Kind::SendOutbox, _) => send_outbox::run(backend, claim).await,
        (Kind::WatchEnd, Some(order)) => watch_end::run(backend, claim, order).await,
        (Kind::Drive | Kind::FollowLogs | Kind::WatchEnd, None) => {
            Outcome::Dead("the job names no order".to_owned())
        }
    }
}

fn report(result: Result<(), StorageError>) {
    if let Err(error) = result {
        observe::queue_failed(&error);
    }
}
