//! Starts the escrow's stream at the rate of the chosen bids, and waits until the activation
//! counts.

use domain::akash::BidState;
use domain::deployment::{Activation, Event, State};
use domain::pricing::{BlockTime, rate_per_second};

use super::deposit::unread;
use super::{Drive, Progress, Tries, Trouble};
use crate::orders::order::Order;
use crate::payment::outbox::{self, NewIntent, Purpose};
use crate::ports::{EscrowOnChain, EscrowStatus};

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
        // The contract accepts no activation after this moment, even one already in transit.
        if self.now() >= paid.terms.activate_by {
            return self
                .give_up("The escrow could not be activated in time.")
                .await;
        }
        let subject = paid.escrow.to_string();
        let earlier = outbox::latest(self.backend, Purpose::Activate, &subject).await?;
        if let Some(intent) = earlier.filter(|earlier| !earlier.was_undone(self.now())) {
            return match &intent.reason {
                Some(reason) => {
                    self.give_up(&format!("The escrow could not be activated: {reason}."))
                        .await
                }
                None => Ok(Progress::Wait(self.backend.settings().poll.chain)),
            };
        }
        // Last chance to notice that a bid is gone: after this the escrow streams.
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
        let call = self.backend.ports().chain.activate_call(paid.escrow, rate);
        let mut intent = NewIntent::for_escrow(Purpose::Activate, self.id, paid.escrow, call);
        intent.expires_at = Some(paid.terms.activate_by);
        // A refusal was handled above: only an activation that was undone is sent again.
        self.send(&intent, Tries::More).await?;
        Ok(Progress::Wait(self.backend.settings().poll.chain))
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
