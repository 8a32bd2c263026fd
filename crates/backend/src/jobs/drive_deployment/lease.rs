//! Creates the lease and delivers the manifest; repeating the call is harmless.

use std::time::Duration;

use domain::akash::BidId;
use domain::deployment::{Event, State};
use domain::time::Seconds;

use super::{Drive, Progress, Trouble};
use crate::fail_points::{Side, reach};
use crate::orders::order::Order;
use crate::ports::MarketError;

/// Stays below the five minutes after which providers drop a lease without a manifest.
const DELIVERY: Seconds = Seconds::minutes(4);

/// Interval between two deliveries.
const DELIVER_AGAIN: Duration = Duration::from_secs(6);

impl Drive<'_> {
    pub(super) async fn start_lease(&self, order: &Order) -> Result<Progress, Trouble> {
        let State::Leasing {
            opened, running, ..
        } = &order.state
        else {
            return Ok(Progress::Moved);
        };
        if let Err(moved) = self.guard_escrow(order).await? {
            return Ok(moved);
        }
        let bids: Vec<BidId> = running
            .accepted
            .bids
            .iter()
            .map(|bid| bid.id.clone())
            .collect();
        let market = &self.backend.ports().market;
        reach(Side::Before, "lease");
        let answer = market.lease(opened.dseq, &opened.manifest, &bids).await;
        reach(Side::After, "lease");
        let Err(error) = answer else {
            return self.record(Event::LeaseStarted { at: self.now() }).await;
        };
        if let MarketError::BidGone(_) = error {
            return self
                .give_up("The provider withdrew its bid before the lease.")
                .await;
        }
        if let MarketError::Refused { message } = error {
            return self
                .give_up(&format!("Akash refused the lease: {message}"))
                .await;
        }
        if self.now().since(order.state_since) >= DELIVERY {
            return self
                .give_up("The provider did not take the workload within 4 minutes.")
                .await;
        }
        match error {
            MarketError::ManifestNotDelivered(_) | MarketError::Ambiguous(_) => {
                self.notice(
                    order,
                    Some("The provider has not taken the workload yet; we deliver it again."),
                )
                .await?;
                Ok(Progress::Wait(DELIVER_AGAIN))
            }
            other => Err(other.into()),
        }
    }
}
