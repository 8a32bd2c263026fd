//! Starts the escrow's stream at the chosen bids' rate, and waits until that counts.

use domain::akash::BidState;
use domain::deployment::{Activation, Event, State};
use domain::pricing::{BlockTime, rate_per_second};

use super::deposit::unread;
use super::{Drive, Progress, Sent, Trouble};
use crate::fail_points::{Side, reach};
use crate::order::Order;
use crate::ports::{ChainError, EscrowOnChain, EscrowStatus};

/// The kind under which the activation's transaction is remembered.
const ACTIVATE: &str = "activate";

impl Drive<'_> {
    pub(super) async fn activate(&self, order: &Order) -> Result<Progress, Trouble> {
        let State::Activating {
            paid,
            opened,
            accepted,
        } = &order.state
        else {
            return Ok(Progress::Moved);
        };
        let on_chain = match self.guard_escrow(order).await? {
            Ok(on_chain) => on_chain,
            Err(moved) => return Ok(moved),
        };
        if on_chain.status == EscrowStatus::Active {
            return self.activated(&on_chain).await;
        }
        // The contract takes no activation after this moment, whatever is on its way.
        if self.now() >= paid.terms.activate_by {
            return self
                .give_up("The escrow could not be activated in time.")
                .await;
        }
        match self.sent(ACTIVATE).await? {
            Sent::OnItsWay => return Ok(Progress::Wait(self.backend.settings().poll.chain)),
            Sent::Reverted(reason) => {
                return self
                    .give_up(&format!("The escrow could not be activated: {reason}."))
                    .await;
            }
            Sent::Nothing => {}
        }
        // The last moment to see that the bid is gone: from here on the escrow would stream.
        let seen = self.look_for_bids(order, opened).await?;
        let all_open = accepted.bids.iter().all(|chosen| {
            seen.iter().any(|seen| {
                seen.bid.id == chosen.id
                    && seen.bid.state == BidState::Open
                    && seen.bid.price <= chosen.price
            })
        });
        if !all_open {
            return self.give_up("The provider withdrew its bid.").await;
        }
        let rate = rate_per_second(accepted.price(), BlockTime::CONSOLE).min(paid.quote.max_rate);
        reach(Side::Before, "activate");
        let answer = self.backend.ports().chain.activate(paid.escrow, rate).await;
        reach(Side::After, "activate");
        match answer {
            Ok(tx) => {
                self.remember(ACTIVATE, tx).await?;
                Ok(Progress::Wait(self.backend.settings().poll.chain))
            }
            Err(ChainError::Refused(reason)) => {
                // Refused because an earlier call got through is no failure.
                match self.guard_escrow(order).await? {
                    Ok(on_chain) if on_chain.status == EscrowStatus::Active => {
                        self.activated(&on_chain).await
                    }
                    Ok(_) => {
                        self.give_up(&format!("The escrow could not be activated: {reason}."))
                            .await
                    }
                    Err(moved) => Ok(moved),
                }
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn activated(&self, on_chain: &EscrowOnChain) -> Result<Progress, Trouble> {
        let (Some(at), Some(tx)) = (on_chain.activated_at, on_chain.activated_tx) else {
            return Err(unread(
                "the escrow is active, but its transaction is not found yet",
            ));
        };
        let activation = Activation {
            rate: on_chain.rate,
            at,
            tx,
        };
        self.record(Event::ActivationConfirmed { activation }).await
    }
}
