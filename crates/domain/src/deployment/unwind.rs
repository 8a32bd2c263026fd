//! Ways in which an order ends early.

use super::{CloseReason, Event, State};

impl State {
    /// Ends any state that holds money: close on Akash, then settle.
    pub(super) fn unwind(self, event: Event) -> Option<Self> {
        let (why, at, settled) = match event {
            Event::CloseRequested { at } => (CloseReason::Buyer, at, None),
            Event::BudgetSpent { at } => (CloseReason::BudgetSpent, at, None),
            Event::NoBids { at } => (CloseReason::NoBids, at, None),
            Event::NotPicked { at } => (CloseReason::NotPicked, at, None),
            Event::Finished { at } => (CloseReason::Finished, at, None),
            Event::LeaseLost { at, reason } => (CloseReason::LeaseLost { reason }, at, None),
            Event::StepFailed { at, reason } => (CloseReason::Failed { reason }, at, None),
            Event::EscrowEnded { settlement } => (
                CloseReason::EscrowEnded,
                settlement.ended_at,
                Some(settlement),
            ),
            _ => return None,
        };
        let only_bidding = matches!(why, CloseReason::NoBids | CloseReason::NotPicked);
        let only_running = matches!(
            why,
            CloseReason::BudgetSpent | CloseReason::Finished | CloseReason::LeaseLost { .. }
        );
        let (paid, opened, running, ended_at) = match self {
            Self::Funded { paid } | Self::Opening { paid, .. }
                if !only_bidding && !only_running =>
            {
                (paid, None, None, at)
            }
            Self::Bidding { paid, opened, .. } if !only_running => (paid, Some(opened), None, at),
            Self::Activating { paid, opened, .. } if !only_bidding && !only_running => {
                (paid, Some(opened), None, at)
            }
            // The buyer receives nothing before the lease runs, so nothing accrues before it.
            Self::Leasing {
                paid,
                opened,
                running,
            } if !only_bidding => {
                let activated = running.activation.at;
                (paid, Some(opened), Some(running), activated)
            }
            Self::Active {
                paid,
                opened,
                running,
                ..
            } if !only_bidding => (paid, Some(opened), Some(running), at),
            _ => return None,
        };
        Some(Self::Closing {
            paid,
            opened,
            running,
            why,
            ended_at,
            settled,
        })
    }
}
