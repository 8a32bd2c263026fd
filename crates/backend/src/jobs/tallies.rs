//! Counts of the runs of this process's worker, by kind of job.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::queue::{Claim, Kind, Outcome};

/// Counts of one kind of job since the process began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Name of the kind.
    pub kind: &'static str,
    /// Number of runs that began.
    pub begun: u64,
    /// Number of runs that succeeded, whether the job is over or runs again later.
    pub done: u64,
    /// Number of runs that failed and are retried.
    pub failed: u64,
    /// Number of runs after which the job was given up.
    pub dead: u64,
    /// Total time from due to begun over all runs, in milliseconds.
    pub waited_ms: u64,
    /// Total duration of the runs that ended, in milliseconds.
    pub run_ms: u64,
}

#[derive(Debug, Default)]
struct Counts {
    begun: AtomicU64,
    done: AtomicU64,
    failed: AtomicU64,
    dead: AtomicU64,
    waited_ms: AtomicU64,
    run_ms: AtomicU64,
}

/// The counts of all kinds.
#[derive(Debug, Default)]
pub(crate) struct Tallies([Counts; Kind::ALL.len()]);

impl Tallies {
    /// Counts a run that begins at `now_ms`.
    pub(crate) fn begun(&self, claim: &Claim, now_ms: u64) {
        let Some(counts) = self.of(claim.kind()) else {
            return;
        };
        counts.begun.fetch_add(1, Ordering::Relaxed);
        let waited = now_ms.saturating_sub(claim.due_ms());
        counts.waited_ms.fetch_add(waited, Ordering::Relaxed);
    }

    /// Counts a run that ended after `run_ms`.
    pub(crate) fn ended(&self, kind: Kind, outcome: &Outcome, run_ms: u64) {
        let Some(counts) = self.of(kind) else {
            return;
        };
        let ended = match outcome {
            Outcome::Done | Outcome::Again(_) | Outcome::Routine(_) => &counts.done,
            Outcome::Failed(_) => &counts.failed,
            Outcome::Dead(_) => &counts.dead,
        };
        ended.fetch_add(1, Ordering::Relaxed);
        counts.run_ms.fetch_add(run_ms, Ordering::Relaxed);
    }

    /// Returns the current counts, one entry per kind.
    pub(crate) fn now(&self) -> Vec<Tally> {
        let read = |number: &AtomicU64| number.load(Ordering::Relaxed);
        let all = Kind::ALL.iter().zip(&self.0);
        all.map(|(kind, counts)| Tally {
            kind: kind.name(),
            begun: read(&counts.begun),
            done: read(&counts.done),
            failed: read(&counts.failed),
            dead: read(&counts.dead),
            waited_ms: read(&counts.waited_ms),
            run_ms: read(&counts.run_ms),
        })
        .collect()
    }

    fn of(&self, kind: Kind) -> Option<&Counts> {
        let at = Kind::ALL.iter().position(|known| *known == kind)?;
        self.0.get(at)
    }
}
