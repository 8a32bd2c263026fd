//! What to do next. The answer depends on the state and the time alone.

use super::State;
use crate::time::{Seconds, UnixSeconds};

/// The next thing a job does for an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Nothing: the buyer moves next.
    AwaitBuyer,
    /// The price ran out.
    ExpireQuote,
    /// Look for the deposit on chain, and again after a while.
    WatchDeposit,
    /// Nobody funded it in time: give it up.
    AbandonUnfunded,
    /// Record the intent to open.
    RequestOpen,
    /// Create the deployment, or adopt what an earlier try left.
    OpenOrAdopt,
    /// Look for bids, and take the best where that was chosen.
    PollBids,
    /// The bid window is over.
    EndBidding,
    /// Activate the escrow at the chosen bids' rate.
    Activate,
    /// Create the lease and deliver the manifest.
    StartLease,
    /// Look after what runs: health, escrow, budget.
    Watch,
    /// Less than this is left of what was paid for: tell the buyer.
    WarnBudget(Seconds),
    /// What was paid for is used up.
    SpendBudget,
    /// Close on Akash.
    Close,
    /// End the escrow on chain.
    Settle,
    /// An operator decides.
    AwaitOperator,
    /// Nothing any more: the order is over.
    Finished,
}

/// How long after the terms' last moment a deposit is still looked for: one that was sent in time
/// may be confirmed late.
const LATE_DEPOSIT_GRACE: Seconds = Seconds::minutes(10);

/// How much is left when the buyer is told, the least first.
const THRESHOLDS: [Seconds; 3] = [Seconds::hours(1), Seconds::hours(6), Seconds::hours(24)];

/// The threshold that `left` is below. One that is no less than the `whole` says nothing.
fn threshold(left: Seconds, whole: Seconds) -> Option<Seconds> {
    THRESHOLDS
        .into_iter()
        .find(|threshold| left < *threshold)
        .filter(|threshold| *threshold < whole)
}

/// What to do for an order in `state` at `now`.
#[must_use]
pub fn next_step(state: &State, now: UnixSeconds) -> Step {
    match state {
        State::Drafted => Step::AwaitBuyer,
        State::Quoted { quote } if now >= quote.expires_at => Step::ExpireQuote,
        State::Quoted { .. } => Step::AwaitBuyer,
        State::AwaitingDeposit { terms, .. }
            if now > terms.activate_by.after(LATE_DEPOSIT_GRACE) =>
        {
            Step::AbandonUnfunded
        }
        State::AwaitingDeposit { .. } => Step::WatchDeposit,
        State::Funded { .. } => Step::RequestOpen,
        State::Opening { .. } => Step::OpenOrAdopt,
        State::Bidding { until, .. } if now >= *until => Step::EndBidding,
        State::Bidding { .. } => Step::PollBids,
        State::Activating { .. } => Step::Activate,
        State::Leasing { .. } => Step::StartLease,
        State::Active {
            paid,
            running,
            warned,
            ..
        } => {
            let paid_until = running.paid_until(paid);
            if now >= running.closes_at(paid) {
                return Step::SpendBudget;
            }
            let whole = paid_until.since(running.activation.at);
            match threshold(paid_until.since(now), whole) {
                Some(left) if warned.is_none_or(|told| left < told) => Step::WarnBudget(left),
                _ => Step::Watch,
            }
        }
        State::Closing { .. } => Step::Close,
        State::Settling { .. } => Step::Settle,
        State::NeedsHuman { .. } => Step::AwaitOperator,
        State::Settled { .. } | State::Abandoned { .. } => Step::Finished,
    }
}
