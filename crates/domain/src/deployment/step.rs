//! The next step of an order, which depends only on its state and the time.

use super::State;
use crate::time::{Seconds, UnixSeconds};

/// The next action of a job for an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Do nothing: the buyer acts next.
    AwaitBuyer,
    /// Expire the quote.
    ExpireQuote,
    /// Look for the deposit on chain, and again after a while.
    WatchDeposit,
    /// Abandon the order: it was not funded in time.
    AbandonUnfunded,
    /// Record the intent to open.
    RequestOpen,
    /// Create the deployment, or adopt one that an earlier attempt left behind.
    OpenOrAdopt,
    /// Look for bids, and take the best one if acceptance is automatic.
    PollBids,
    /// End the bidding: the window is over.
    EndBidding,
    /// Activate the escrow at the chosen bids' rate.
    Activate,
    /// Create the lease and deliver the manifest.
    StartLease,
    /// Monitor the running deployment: health, escrow, budget.
    Watch,
    /// Tell the buyer that less than this is left of the paid time.
    WarnBudget(Seconds),
    /// End the order: the paid time is used up.
    SpendBudget,
    /// Close on Akash.
    Close,
    /// End the escrow on chain.
    Settle,
    /// Do nothing: an operator decides.
    AwaitOperator,
    /// Do nothing more: the order is over.
    Finished,
}

/// Time after the terms expire during which a deposit is still looked for: one that was sent in time may be
/// confirmed late.
const LATE_DEPOSIT_GRACE: Seconds = Seconds::minutes(10);

/// Remaining paid time at which the buyer is warned, shortest first.
const THRESHOLDS: [Seconds; 3] = [Seconds::hours(1), Seconds::hours(6), Seconds::hours(24)];

/// Threshold that `left` is below. A threshold no shorter than the `whole` run does not count.
fn threshold(left: Seconds, whole: Seconds) -> Option<Seconds> {
    THRESHOLDS
        .into_iter()
        .find(|threshold| left < *threshold)
        .filter(|threshold| *threshold < whole)
}

/// Returns the next step for an order in `state` at `now`.
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
