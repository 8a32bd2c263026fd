//! Effects of passing time: settlement, top-ups, limits, and providers that leave.

use crate::amount::Uact;
use crate::clock::{BLOCK_MS, Moment, height_at, time_of_height};
use crate::fault::Fault;
use crate::refusal::{NO_BALANCE, Refusal};

use super::{BidOutcome, Deployment, EscrowState, LeaseEnd, World};

const HOUR_MS: u64 = 3_600_000;
const BLOCKS_PER_HOUR: u64 = HOUR_MS / BLOCK_MS;
/// Hours of a running deployment for which the Console keeps enough in escrow.
const TARGET_HOURS: u64 = 48;
/// Remaining hours below which it tops up, on the hour.
const LOW_HOURS: u64 = 24;
/// Balance of the account that the Console leaves untouched.
const HEADROOM_MICRO_USD: u64 = 5_000_000;
/// Time after which a provider closes a lease without a manifest.
const MANIFEST_TIMEOUT_MS: u64 = 300_000;
/// Delay after which faults of running deployments strike.
const FAULT_DELAY_MS: u64 = 60_000;
/// Age at which the Console closes a deployment without a lease.
pub(crate) const ORPHAN_AGE_MS: u64 = 600_000;

const BY_OWNER: &str = "lease_closed_owner";
const UNSTABLE: &str = "lease_closed_reason_unstable";
const DECOMMISSION: &str = "lease_closed_reason_decommission";
const UNSPECIFIED: &str = "lease_closed_reason_unspecified";
const MANIFEST_TIMEOUT: &str = "lease_closed_reason_manifest_timeout";
const INSUFFICIENT_FUNDS: &str = "lease_closed_reason_insufficient_funds";

/// An event that falls due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    ManifestTimeout,
    FaultStrikes(usize),
    RuntimeLimit,
    TopUp,
    Depleted,
}

impl World {
    /// Carries out everything that has fallen due.
    pub(crate) fn catch_up(&mut self, now: Moment) {
        let height = self.height(now);
        let dseqs: Vec<u64> = self
            .deployments
            .values()
            .filter(|deployment| deployment.is_active())
            .map(|deployment| deployment.dseq)
            .collect();
        for dseq in dseqs {
            let mut topped_up_until = 0;
            while let Some((at_ms, due)) = self
                .deployments
                .get(&dseq)
                .filter(|deployment| deployment.is_active())
                .and_then(|deployment| deployment.next_due(topped_up_until))
                .filter(|(at_ms, _)| *at_ms <= now.sim_ms && height_at(*at_ms) <= height)
            {
                if due == Due::TopUp {
                    topped_up_until = at_ms;
                }
                self.carry_out(dseq, at_ms, due);
            }
        }
    }

    fn carry_out(&mut self, dseq: u64, at_ms: u64, due: Due) {
        let Some(deployment) = self.deployments.get_mut(&dseq) else {
            return;
        };
        match due {
            Due::ManifestTimeout => {
                deployment.settle(height_at(at_ms));
                for order in &mut deployment.orders {
                    if let Some(lease) = &mut order.lease
                        && lease.end.is_none()
                        && lease.manifest_ms.is_none()
                    {
                        lease.end = Some(LeaseEnd {
                            at_ms,
                            reason: MANIFEST_TIMEOUT.to_owned(),
                        });
                    }
                }
            }
            Due::RuntimeLimit => self.close_at(dseq, at_ms),
            Due::TopUp => self.top_up_at(dseq, at_ms, LOW_HOURS),
            Due::Depleted => deployment.overdraw(at_ms),
            Due::FaultStrikes(index) => {
                let fault = deployment.faults.remove(index);
                self.strike(dseq, at_ms, fault);
            }
        }
    }

    fn strike(&mut self, dseq: u64, at_ms: u64, fault: Fault) {
        let Some(deployment) = self.deployments.get_mut(&dseq) else {
            return;
        };
        match fault {
            Fault::ClosedUnstable => deployment.end_leases(at_ms, UNSTABLE),
            Fault::ClosedDecommission => deployment.end_leases(at_ms, DECOMMISSION),
            Fault::ClosedUnspecified => deployment.end_leases(at_ms, UNSPECIFIED),
            Fault::InsufficientFunds => deployment.overdraw(at_ms),
            Fault::Reclaiming => {
                let leases = deployment
                    .orders
                    .iter_mut()
                    .filter_map(|o| o.lease.as_mut());
                for lease in leases.filter(|lease| lease.end.is_none()) {
                    lease.reclaimed_ms = Some(at_ms);
                }
            }
            Fault::ClosedElsewhere => self.close_at(dseq, at_ms),
            _ => {}
        }
    }

    /// Closes a deployment, pays what is owed and returns the rest. Closing one that is already
    /// closed is not an error.
    pub(crate) fn close(&mut self, dseq: u64, now: Moment) -> Result<(), Refusal> {
        self.deployment(dseq)?;
        self.close_at(dseq, now.sim_ms);
        Ok(())
    }

    fn close_at(&mut self, dseq: u64, at_ms: u64) {
        let Some(deployment) = self.deployments.get_mut(&dseq) else {
            return;
        };
        if !deployment.is_active() {
            return;
        }
        deployment.end_leases(at_ms, BY_OWNER);
        deployment.closed_ms = Some(at_ms);
        deployment.close_bids();
        let rest = std::mem::take(&mut deployment.escrow.funds);
        deployment.escrow.state = EscrowState::Closed;
        self.balance = self.balance.plus(rest);
    }

    /// Adds money from the account to a deployment's escrow.
    pub(crate) fn deposit(&mut self, dseq: u64, amount: Uact, now: Moment) -> Result<(), Refusal> {
        if !self.deployment(dseq)?.is_active() {
            return Err(Refusal::bad_request("Deployment closed"));
        }
        if self.balance < amount {
            return Err(Refusal::payment(NO_BALANCE));
        }
        self.move_to_escrow(dseq, amount, self.height(now));
        Ok(())
    }

    /// Fills the escrow of a deployment whose lease was just created.
    pub(super) fn top_up_to_target(&mut self, dseq: u64, now: Moment) {
        self.top_up_at(dseq, now.sim_ms, TARGET_HOURS);
    }

    /// Fills the escrow to its target if less than `below_hours` are left.
    fn top_up_at(&mut self, dseq: u64, at_ms: u64, below_hours: u64) {
        let Some(deployment) = self.deployments.get(&dseq) else {
            return;
        };
        let height = height_at(at_ms);
        let hourly = deployment.rate().times(BLOCKS_PER_HOUR);
        let left = deployment.live_funds(height);
        let target = hourly.times(TARGET_HOURS);
        let missing = target.less(left);
        let spendable = self.balance.less(Uact::from_micro_usd(HEADROOM_MICRO_USD));
        let wanted = deployment.auto_top_up && left < hourly.times(below_hours);
        if wanted && missing > Uact::ZERO && missing <= spendable {
            self.move_to_escrow(dseq, missing, height);
        }
    }

    fn move_to_escrow(&mut self, dseq: u64, amount: Uact, height: u64) {
        let Some(deployment) = self.deployments.get_mut(&dseq) else {
            return;
        };
        deployment.settle(height);
        deployment.escrow.funds = deployment.escrow.funds.plus(amount);
        deployment.escrow.deposits.push((amount, height));
        self.balance = self.balance.less(amount);
    }

    /// Closes deployments that have had no lease for too long, as the Console does twice a day;
    /// returns their sequence numbers.
    pub(crate) fn sweep_orphans(&mut self, now: Moment) -> Vec<u64> {
        let orphans: Vec<u64> = self
            .deployments
            .values()
            .filter(|deployment| {
                deployment.is_active()
                    && deployment.running().next().is_none()
                    && now.sim_ms.saturating_sub(deployment.created_ms) > ORPHAN_AGE_MS
            })
            .map(|deployment| deployment.dseq)
            .collect();
        for dseq in &orphans {
            self.close_at(*dseq, now.sim_ms);
        }
        orphans
    }
}

impl Deployment {
    /// Pays the providers what is owed up to a height.
    pub(super) fn settle(&mut self, height: u64) {
        let left = self.live_funds(height);
        let paid = self.escrow.funds.less(left);
        self.escrow.transferred = self.escrow.transferred.plus(paid);
        self.escrow.funds = left;
        self.escrow.settled_height = self.escrow.settled_height.max(height);
    }

    /// Settles, and replaces the remaining money with another amount.
    pub(crate) fn set_funds(&mut self, funds: Uact, height: u64) {
        self.settle(height);
        self.escrow.funds = funds;
    }

    /// Returns the next event to fall due, and its time.
    fn next_due(&self, topped_up_until: u64) -> Option<(u64, Due)> {
        let leased_ms = self.leased_ms();
        let manifest_timeout = self
            .running()
            .filter(|(_, lease)| lease.manifest_ms.is_none())
            .map(|(_, lease)| lease.created_ms + MANIFEST_TIMEOUT_MS)
            .min()
            .map(|at| (at, Due::ManifestTimeout));
        let fault = leased_ms.and_then(|leased_ms| {
            let index = self.faults.iter().position(strikes_running)?;
            Some((leased_ms + FAULT_DELAY_MS, Due::FaultStrikes(index)))
        });
        let limit = self
            .runtime_limit_hours
            .and_then(|hours| Some((leased_ms? + u64::from(hours) * HOUR_MS, Due::RuntimeLimit)));
        let settled_ms = time_of_height(self.escrow.settled_height);
        let top_up = leased_ms.filter(|_| self.auto_top_up).map(|_| {
            let from = settled_ms.max(topped_up_until);
            ((from / HOUR_MS + 1) * HOUR_MS, Due::TopUp)
        });
        let depleted = self.escrow.funds.divided_by(self.rate()).map(|blocks| {
            let height = self.escrow.settled_height.saturating_add(blocks);
            (
                time_of_height(height).saturating_add(BLOCK_MS),
                Due::Depleted,
            )
        });
        [manifest_timeout, fault, limit, top_up, depleted]
            .into_iter()
            .flatten()
            .min()
    }

    /// Returns when the first lease that is still running was created.
    fn leased_ms(&self) -> Option<u64> {
        self.running().map(|(_, lease)| lease.created_ms).min()
    }

    fn end_leases(&mut self, at_ms: u64, reason: &str) {
        self.settle(height_at(at_ms));
        let leases = self.orders.iter_mut().filter_map(|o| o.lease.as_mut());
        for lease in leases.filter(|lease| lease.end.is_none()) {
            lease.end = Some(LeaseEnd {
                at_ms,
                reason: reason.to_owned(),
            });
        }
    }

    /// Handles an empty escrow: everything goes to the providers, and the chain closes all leases.
    fn overdraw(&mut self, at_ms: u64) {
        self.settle(height_at(at_ms));
        let rest = std::mem::take(&mut self.escrow.funds);
        self.escrow.transferred = self.escrow.transferred.plus(rest);
        self.end_leases(at_ms, INSUFFICIENT_FUNDS);
        self.escrow.state = EscrowState::Overdrawn;
        self.closed_ms = Some(at_ms);
        self.close_bids();
    }

    fn close_bids(&mut self) {
        for bid in self.orders.iter_mut().flat_map(|order| &mut order.bids) {
            bid.outcome.get_or_insert(BidOutcome::Closed);
        }
    }
}

fn strikes_running(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::ClosedUnstable
            | Fault::ClosedDecommission
            | Fault::ClosedUnspecified
            | Fault::ClosedElsewhere
            | Fault::Reclaiming
            | Fault::InsufficientFunds
    )
}
