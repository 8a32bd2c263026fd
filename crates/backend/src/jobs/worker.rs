//! The worker: claims due jobs, runs them concurrently, and keeps its claims alive.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use tokio::task::{AbortHandle, Id, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument as _;

use super::{drive_deployment, follow_chain, follow_logs, send_outbox, survey, sweep, watch_end};
use crate::queue::class::Class;
use crate::queue::registry::{BEAT, Worker};
use crate::queue::{self, Claim, Claimed, Kind, Outcome, millis};
use crate::storage::{StorageError, jobs};
use crate::{Backend, observe};

/// Time that a running job may take to finish once the worker is told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// Interval at which it checks for workers whose deadline has passed.
const TAKE_OVER_EVERY: Duration = Duration::from_secs(1);

/// Longest time that the worker waits before it looks for jobs again.
const LOOKS_EVERY: Duration = Duration::from_secs(5);

pub(super) async fn run(backend: Backend, cancelled: CancellationToken) {
    for asked in [
        sweep::enqueue(&backend).await,
        follow_chain::enqueue(&backend).await,
        survey::enqueue(&backend).await,
    ] {
        report(asked);
    }
    while !cancelled.is_cancelled() {
        match Worker::register(&backend).await {
            Ok(worker) => Work::new(&backend, worker).go_on(&cancelled).await,
            Err(error) => {
                observe::queue_failed(&error);
                tokio::select! {
                    () = cancelled.cancelled() => {}
                    () = backend.ports().clock.sleep(backend.settings().poll.queue) => {}
                }
            }
        }
    }
}

/// A running job.
#[derive(Debug)]
struct Running {
    id: String,
    fence: u64,
    class: Class,
    task: AbortHandle,
    /// `true` if the last comparison did not find the claim in the database.
    in_doubt: bool,
}

/// The work of one registered worker.
struct Work<'a> {
    backend: &'a Backend,
    worker: Worker,
    tasks: JoinSet<()>,
    running: HashMap<Id, Running>,
    take_over_at: u64,
    /// Ids of workers whose deadline had passed at the last look.
    expired: Vec<String>,
    compare_at: u64,
}

impl<'a> Work<'a> {
    fn new(backend: &'a Backend, worker: Worker) -> Self {
        Self {
            backend,
            worker,
            tasks: JoinSet::new(),
            running: HashMap::new(),
            take_over_at: 0,
            expired: Vec::new(),
            compare_at: 0,
        }
    }

    /// Works until it is told to stop, or finds that its claims were taken over.
    async fn go_on(mut self, cancelled: &CancellationToken) {
        let backend = self.backend;
        let struck_off = CancellationToken::new();
        let _beats = AbortOnDropHandle::new(tokio::spawn(keep_alive(
            backend.clone(),
            self.worker.clone(),
            struck_off.clone(),
        )));
        while !cancelled.is_cancelled() && !struck_off.is_cancelled() {
            backend.worker_looks();
            while let Some(ended) = self.tasks.try_join_next_with_id() {
                self.running.remove(&task_of(&ended));
            }
            // Start listening before looking, so that a job enqueued in between is not missed.
            let woken = backend.job_waits().notified();
            tokio::pin!(woken);
            woken.as_mut().enable();
            report(self.keep_house().await);
            match queue::claim(backend, &self.worker, &self.free()).await {
                Ok(Claimed::Jobs(claims)) if claims.is_empty() => {}
                Ok(Claimed::Jobs(claims)) => {
                    for claim in claims {
                        self.begin(claim, cancelled);
                    }
                    continue;
                }
                Ok(Claimed::StruckOff) => struck_off.cancel(),
                Err(error) => observe::queue_failed(&error),
            }
            tokio::select! {
                () = cancelled.cancelled() => {}
                () = struck_off.cancelled() => {}
                () = woken => {}
                // Its slot is free.
                Some(ended) = self.tasks.join_next_with_id() => {
                    self.running.remove(&task_of(&ended));
                }
                () = backend.ports().clock.sleep(backend.settings().poll.queue) => {}
                // The clock of a simulated run may stand still; this loop must not.
                () = tokio::time::sleep(LOOKS_EVERY) => {}
            }
        }
        if struck_off.is_cancelled() {
            observe::worker_struck_off(self.worker.id());
            return;
        }
        while self.tasks.join_next().await.is_some() {}
        report(self.worker.leave(backend).await);
    }

    fn begin(&mut self, claim: Claim, cancelled: &CancellationToken) {
        let (id, fence, class) = (claim.id().to_owned(), claim.fence(), claim.class());
        let span = observe::job(claim.kind().name(), claim.order());
        let task = self
            .tasks
            .spawn(attend(self.backend.clone(), claim, cancelled.clone()).instrument(span));
        let running = Running {
            id,
            fence,
            class,
            task: task.clone(),
            in_doubt: false,
        };
        self.running.insert(task.id(), running);
    }

    /// The number of free slots, by class.
    fn free(&self) -> [(Class, usize); Class::ALL.len()] {
        Class::ALL.map(|class| {
            let taken = self.running.values().filter(|one| one.class == class);
            (class, class.slots().saturating_sub(taken.count()))
        })
    }

    async fn keep_house(&mut self) -> Result<(), StorageError> {
        let now_ms = self.backend.ports().clock.now_ms();
        if is_time(now_ms, &mut self.take_over_at, TAKE_OVER_EVERY) {
            let expired = self.worker.expired(self.backend).await?;
            // If every clock was moved, the other workers report within a moment that they are
            // alive.
            let (still, new): (Vec<String>, Vec<String>) = expired
                .into_iter()
                .partition(|id| self.expired.contains(id));
            self.worker.take_over(self.backend, &still).await?;
            self.expired = new;
        }
        if is_time(now_ms, &mut self.compare_at, BEAT) {
            self.compare().await?;
        }
        Ok(())
    }

    /// Compares this worker's jobs in the database with those that it runs. A job that it does not
    /// run is released: the answer to its claim, or the end of its run, was lost. A run whose claim
    /// is missing at two checks in a row is dropped.
    async fn compare(&mut self) -> Result<(), StorageError> {
        let held =
            jobs::held_by(&mut self.backend.storage().read().await?, self.worker.id()).await?;
        let held: HashSet<(String, u64)> = held.into_iter().collect();
        for one in self.running.values_mut() {
            let gone = !held.contains(&(one.id.clone(), one.fence));
            if gone && one.in_doubt && !one.task.is_finished() {
                observe::claim_lost(&one.id);
                one.task.abort();
            }
            one.in_doubt = gone;
        }
        let run: HashSet<(&str, u64)> = self
            .running
            .values()
            .map(|one| (one.id.as_str(), one.fence))
            .collect();
        for (id, fence) in &held {
            if !run.contains(&(id.as_str(), *fence)) {
                let mut transaction = self.backend.storage().begin_write().await?;
                jobs::free(&mut transaction, self.worker.id(), id, *fence).await?;
                transaction.commit().await?;
            }
        }
        Ok(())
    }
}

/// Returns whether a task that is due at `at` and then `every` so often is due now, and advances
/// `at` if so. A clock that was set back does not delay the task.
fn is_time(now_ms: u64, at: &mut u64, every: Duration) -> bool {
    let next = now_ms.saturating_add(millis(every));
    let is_time = now_ms >= *at || *at > next;
    if is_time {
        *at = next;
    }
    is_time
}

/// Reports regularly that the worker is alive, until its claims are taken over.
async fn keep_alive(backend: Backend, worker: Worker, struck_off: CancellationToken) {
    loop {
        backend.ports().clock.sleep(BEAT).await;
        match worker.beat(&backend).await {
            Ok(true) => {}
            Ok(false) => {
                struck_off.cancel();
                return;
            }
            // The worker still counts as alive for a while: the next report may succeed.
            Err(error) => observe::queue_failed(&error),
        }
    }
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

/// Runs due jobs, one after another, until none is due. Dropping the future early leaves its claims
/// as a crashed worker would.
#[cfg(any(test, feature = "fakes"))]
#[expect(clippy::unwrap_used, reason = "test code")]
pub(crate) async fn run_due(backend: &Backend, cancelled: &CancellationToken) {
    let worker = Worker::register(backend).await.unwrap();
    worker.take_over_from_all(backend).await.unwrap();
    while let Some(class) = queue::longest_waiting(backend).await.unwrap() {
        let claimed = queue::claim(backend, &worker, &[(class, 1)]).await.unwrap();
        let Claimed::Jobs(claims) = claimed else {
            panic!("nobody takes over from a worker within its time");
        };
        for claim in claims {
            let outcome = perform(backend, &claim, cancelled).await;
            conclude(backend, &claim, &outcome).await.unwrap();
        }
    }
    worker.leave(backend).await.unwrap();
}

/// Runs one claimed job to its end.
async fn attend(backend: Backend, claim: Claim, cancelled: CancellationToken) {
    let begun_ms = backend.ports().clock.now_ms();
    backend.tallies().begun(&claim, begun_ms);
    // Spawned as a separate task, so that a panic fails only that job.
    let mut work = AbortOnDropHandle::new(tokio::spawn({
        let (backend, claim, cancelled) = (backend.clone(), claim.clone(), cancelled.clone());
        async move { perform(&backend, &claim, &cancelled).await }.in_current_span()
    }));
    let outcome = tokio::select! {
        done = &mut work => done,
        () = cancelled.cancelled() => match tokio::time::timeout(GRACE, &mut work).await {
            // The worker is leaving, which releases all log jobs at once: one write instead of
            // thousands.
            Ok(_) if claim.class() == Class::Logs => return,
            Ok(done) => done,
            Err(_) => return,
        },
    };
    let outcome = outcome.unwrap_or_else(|panic| Outcome::Failed(panic.to_string()));
    let run_ms = backend.ports().clock.now_ms().saturating_sub(begun_ms);
    backend.tallies().ended(claim.kind(), &outcome, run_ms);
    report(conclude(&backend, &claim, &outcome).await);
}

/// Records how a run ended.
pub(super) async fn conclude(
    backend: &Backend,
    claim: &Claim,
    outcome: &Outcome,
) -> Result<(), StorageError> {
    match outcome {
        Outcome::Failed(why) => observe::job_failed(claim.id(), claim.attempts() + 1, why),
        Outcome::Dead(why) => observe::job_died(claim.id(), why),
        Outcome::Done | Outcome::Again(_) | Outcome::Routine(_) => {}
    }
    claim.finish(backend, outcome).await
}

/// Performs a claimed job.
pub(super) async fn perform(
    backend: &Backend,
    claim: &Claim,
    cancelled: &CancellationToken,
) -> Outcome {
    match (claim.kind(), claim.order()) {
        (Kind::Drive, Some(order)) => drive_deployment::run(backend, claim, order).await,
        (Kind::FollowLogs, Some(order)) => follow_logs::run(backend, order, cancelled).await,
        (Kind::Sweep, _) => sweep::run(backend).await,
        (Kind::Survey, _) => survey::run(backend).await,
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

#[cfg(test)]
mod tests {
    use tokio_util::sync::CancellationToken;

    use super::{Claimed, Work, Worker, queue};
    use crate::fakes::World;
    use crate::queue::class::Class;

    #[tokio::test]
    async fn a_claim_whose_answer_was_lost_is_given_back() {
        let world = World::new().await;
        let worker = Worker::register(&world.backend).await.unwrap();
        let mut work = Work::new(&world.backend, worker);
        let free = [(Class::Chain, 1)];
        let claim = async |work: &Work<'_>| match queue::claim(&world.backend, &work.worker, &free)
            .await
            .unwrap()
        {
            Claimed::Jobs(claims) => claims,
            Claimed::StruckOff => panic!("it is alive"),
        };
        assert_eq!(claim(&work).await.len(), 1, "and nobody runs it");
        assert!(claim(&work).await.is_empty());
        work.compare().await.unwrap();
        let again = claim(&work).await;
        assert_eq!(again.len(), 1);
        // Running jobs are left alone.
        let stop = CancellationToken::new();
        for claim in again {
            work.begin(claim, &stop);
        }
        work.compare().await.unwrap();
        assert!(claim(&work).await.is_empty());
    }
}
