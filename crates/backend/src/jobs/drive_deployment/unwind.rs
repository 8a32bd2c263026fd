//! Unwinds an order: closes the deployment on Akash, then ends the escrow and reads the result from
//! the chain.

use domain::deployment::{Event, State};
use domain::time::Seconds;

use super::deposit::{VANISHED, settlement, unread};
use super::open::MAY_LAND;
use super::trouble::CHAIN_REFUSES;
use super::{Drive, Progress, Tries, Trouble};
use crate::fail_points::{Side, reach};
use crate::jobs::send_outbox;
use crate::orders::order::Order;
use crate::payment::outbox::{self, NewIntent, Purpose};
use crate::ports::{EscrowStatus, MarketError};

/// Number of consecutive failures of a step of unwinding after which an operator is asked.
const ATTEMPTS: u64 = 60;

/// Longest time before the deposit at which a deployment of this order can have been created.
const SINCE_DEPOSIT: Seconds = Seconds::minutes(5);

impl Drive<'_> {
    pub(super) async fn close(&self, order: &Order) -> Result<Progress, Trouble> {
        let State::Closing { paid, opened, .. } = &order.state else {
            return Ok(Progress::Moved);
        };
        let market = &self.backend.ports().market;
        let dseq = match (opened, order.create_called_at) {
            (Some(opened), _) => Some(opened.dseq),
            (None, None) => None,
            // A create call was sent and its answer never arrived: its result must not stay open.
            (None, Some(called_at)) => {
                let since =
                    domain::time::UnixSeconds(paid.deposited.at.0.saturating_sub(SINCE_DEPOSIT.0));
                match self.find(order, since).await? {
                    Some(found) => Some(found.dseq),
                    None if self.now() < called_at.after(MAY_LAND) => {
                        self.notice(
                            order,
                            Some("Making sure that nothing is left open on Akash."),
                        )
                        .await?;
                        return Ok(Progress::Wait(self.backend.settings().poll.bids));
                    }
                    None => None,
                }
            }
        };
        if let Some(dseq) = dseq {
            reach(Side::Before, "close");
            let answer = market.close(dseq).await;
            reach(Side::After, "close");
            match answer {
                Ok(()) | Err(MarketError::NotFound(_)) => {}
                Err(error) if self.claim.attempts() >= ATTEMPTS => {
                    return self
                        .stuck(format!(
                            "Deployment {dseq} cannot be closed on Akash: {error}."
                        ))
                        .await;
                }
                Err(error) => return Err(error.into()),
            }
        }
        let at = self.now();
        self.edit(|order| {
            order.create_called_at = None;
            order.update_called_at = None;
            order.silent_since = None;
            order.unreported_since = None;
            for service in &mut order.services {
                service.available = 0;
            }
            Ok(vec![Event::Closed { at }])
        })
        .await
    }

    pub(super) async fn settle(&self, order: &Order) -> Result<Progress, Trouble> {
        let State::Settling { paid, .. } = &order.state else {
            return Ok(Progress::Moved);
        };
        let chain = &self.backend.ports().chain;
        let Some(on_chain) = chain.escrow(paid.escrow).await? else {
            if self.claim.attempts() >= VANISHED {
                let cause = "The deposit is no longer on the chain.".to_owned();
                return self.stuck(cause).await;
            }
            return Err(unread("the escrow is not on the chain any more"));
        };
        if on_chain.status == EscrowStatus::Closed {
            let settlement = settlement(&on_chain)?;
            return self.record(Event::SettlementConfirmed { settlement }).await;
        }
        let earlier = outbox::latest(self.backend, Purpose::End, &paid.escrow.to_string()).await?;
        if let Some(earlier) = earlier {
            let poll = self.backend.settings().poll.chain;
            if earlier.was_undone(self.now()) {
                return self.end(order).await;
            }
            if !earlier.failed() {
                return Ok(Progress::Wait(poll));
            }
            let reason = earlier.reason.unwrap_or_default();
            if earlier.round + 1 >= ATTEMPTS {
                return self
                    .stuck(format!("The escrow cannot be ended: {reason}."))
                    .await;
            }
            self.notice(order, Some(CHAIN_REFUSES)).await?;
            let rest = send_outbox::rest(earlier.round);
            let since = self.now().since(earlier.finished_at.unwrap_or_default());
            if since < Seconds(rest.as_secs()) {
                return Ok(Progress::Wait(poll.max(rest)));
            }
        }
        self.end(order).await
    }

    /// Ends the escrow, and again if the end was undone.
    async fn end(&self, order: &Order) -> Result<Progress, Trouble> {
        let State::Settling { paid, ended_at, .. } = &order.state else {
            return Ok(Progress::Moved);
        };
        let chain = &self.backend.ports().chain;
        // The chain's clock may lag slightly behind ours, and it accepts no end in its future.
        let ended_at = (*ended_at).min(chain.head().await?.timestamp);
        let call = chain.end_call(paid.escrow, ended_at);
        let intent = NewIntent::for_escrow(Purpose::End, self.id, paid.escrow, call);
        self.send(&intent, Tries::More).await?;
        Ok(Progress::Wait(self.backend.settings().poll.chain))
    }

    async fn stuck(&self, cause: String) -> Result<Progress, Trouble> {
        self.record(Event::Stuck { cause }).await
    }
}
