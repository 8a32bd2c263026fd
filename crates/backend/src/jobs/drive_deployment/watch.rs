//! Watches a running deployment: lease, services, escrow, heartbeats.

use std::time::Duration;

use domain::akash::ProviderAddress;
use domain::deployment::{Event, Paid, Replicas, Running, State, Step, next_step, runtime_limit};
use domain::ids::{EscrowId, TxHash};
use domain::journey::ServiceView;
use domain::money::TokenAmount;
use domain::time::{Seconds, UnixSeconds};

use super::batch::Batch;
use super::reach::Reached;
use super::{Drive, Progress, Sent, Tries, Trouble};
use crate::fail_points::{Side, reach};
use crate::observe;
use crate::orders::order::Order;
use crate::payment::exposure;
use crate::payment::outbox::{self, NewIntent, Purpose, Status};
use crate::ports::{
    DeploymentState, EscrowOnChain, LeaseState, LeaseStatus, MarketError, MarketStatus,
};
use crate::storage::{events, orders, transactions};

/// Number of heartbeats sent within one window.
const SIGNS_PER_WINDOW: u64 = 4;

/// Age of a lease below which silence means nothing.
const PATIENCE: Seconds = Seconds::minutes(2);

/// Time that a workload may take to start before the buyer is told that it has not.
const START: Seconds = Seconds::minutes(5);

/// Time that a provider may stay silent if Akash calls it offline, or if its addresses no longer
/// answer. Its end is noticed within this plus the time between two looks, which grows with the
/// number of running deployments (`PollIntervals::between_looks`).
const SILENCE: Seconds = Seconds(60);

/// Two top-ups this close together may be one that was sent twice, in which case the second is
/// refused.
const SAME_TOP_UP: Seconds = Seconds::hours(1);

const ABOVE_CAP: &str = "You added more than Necto pays Akash for at a time. It runs on what was there \
                         before, and longer once there is room; what is not used comes back to you.";

/// The status of an order for which more was paid than the operator's caps admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AboveCap {
    /// It runs on the admitted amount.
    Waits,
    /// The admitted amount is used up.
    Over,
}

const UNKNOWN: &str = "The provider does not answer. Whether the workload runs is unknown.";
const STILL_ANSWERS: &str = "The provider reports nothing right now, but it can still be reached.";

impl Drive<'_> {
    pub(super) async fn watch(&self, order: &Order) -> Result<Progress, Trouble> {
        let State::Active {
            paid,
            opened,
            running,
            leased_at,
            ..
        } = &order.state
        else {
            return Ok(Progress::Moved);
        };
        let on_chain = match self.guard_escrow(order).await? {
            Ok(on_chain) => on_chain,
            Err(moved) => return Ok(moved),
        };
        if let Some(moved) = self.sign_of_life(paid.escrow, &on_chain).await? {
            return Ok(moved);
        }
        let top_up = self.last_sent("top_up").await?;
        if let Some((hash, Sent::Reverted)) = top_up {
            return self.failed_payment(hash).await;
        }
        let above_cap = self.above_cap(order, paid, running).await?;
        if let Some(AboveCap::Over) = above_cap {
            return self.record(Event::BudgetSpent { at: self.now() }).await;
        }
        let status = match self.backend.ports().market.status(opened.dseq).await {
            Ok(status) => status,
            Err(MarketError::NotFound(_)) => {
                let reason = "Akash does not know the deployment any more".to_owned();
                return self.lost(reason).await;
            }
            Err(error) => {
                // A request to slow down is an answer, and a real one follows in a moment.
                if !matches!(error, MarketError::RateLimited { .. }) {
                    self.unreported(order).await?;
                }
                return Err(error.into());
            }
        };
        if let Some(reason) = ended(&status, running) {
            return self.lost(reason).await;
        }
        let failed = match self.batch(order, running, &status).await? {
            Batch::Done => return self.record(Event::Finished { at: self.now() }).await,
            Batch::Failed(notice) => Some(notice),
            Batch::Open => None,
        };
        let failed = failed.or_else(|| above_cap.is_some().then(|| ABOVE_CAP.to_owned()));
        let told = self.services(order, running, &status, *leased_at, failed);
        if let Some(moved) = told.await? {
            return Ok(moved);
        }
        if above_cap.is_none() {
            self.raise_limit(order).await?;
        }
        if let Some(progress) = self.update(order, &status).await? {
            return Ok(progress);
        }
        let is_expected = matches!(top_up, Some((_, Sent::OnItsWay)));
        self.next_look(order, &status, &on_chain, is_expected).await
    }

    /// Returns whether more was paid for the order than the operator's caps admitted, and whether
    /// it has used up the admitted amount. The contract accepts a top-up from its buyer without
    /// asking; Akash is not paid for it before there is room, and unused money is refunded.
    async fn above_cap(
        &self,
        order: &Order,
        paid: &Paid,
        running: &Running,
    ) -> Result<Option<AboveCap>, Trouble> {
        if paid.topped_up == TokenAmount::ZERO {
            return Ok(None);
        }
        let Some(cost) = exposure::less_than_paid(self.backend, order).await? else {
            return Ok(None);
        };
        if order.notice.as_deref() != Some(ABOVE_CAP) {
            observe::top_up_above_cap(order.id);
        }
        let let_in = TokenAmount::from_usd(cost).saturating_sub(paid.deposited.amount);
        let counted = Paid {
            topped_up: let_in.min(paid.topped_up),
            ..paid.clone()
        };
        Ok(Some(match self.now() >= running.closes_at(&counted) {
            true => AboveCap::Over,
            false => AboveCap::Waits,
        }))
    }

    async fn lost(&self, reason: String) -> Result<Progress, Trouble> {
        let at = self.now();
        self.record(Event::LeaseLost { at, reason }).await
    }

    /// Raises the limit at Akash to the time that is paid for by now. A failure is retried at the
    /// next look: the present limit is still some time away.
    async fn raise_limit(&self, order: &Order) -> Result<(), Trouble> {
        let State::Active {
            paid,
            opened,
            running,
            leased_at,
            ..
        } = &order.state
        else {
            return Ok(());
        };
        let first = runtime_limit::first(paid.quote.duration);
        let limit = order.runtime_limit_hours.or(first);
        let paid_until = running.paid_until(paid);
        let Some(hours) =
            limit.and_then(|limit| runtime_limit::raised(limit, *leased_at, paid_until))
        else {
            return Ok(());
        };
        let market = &self.backend.ports().market;
        reach(Side::Before, "raise_limit");
        let answer = market.limit_runtime(opened.dseq, hours).await;
        reach(Side::After, "raise_limit");
        match answer {
            Ok(()) => {
                self.edit(|order| {
                    order.runtime_limit_hours = Some(hours);
                    Ok(Vec::new())
                })
                .await?;
            }
            Err(error) => observe::limit_not_raised(order.id, &error),
        }
        Ok(())
    }

    /// Puts the order on hold if the chain refused the buyer's last top-up. Each refusal is handled
    /// once and then forgotten.
    async fn failed_payment(&self, hash: TxHash) -> Result<Progress, Trouble> {
        let moved = if self.was_topped_up().await? {
            // The same top-up arrived before, and the contract accepts none twice: this is no
            // failed payment.
            Progress::Moved
        } else {
            let event = Event::PaymentFailed {
                at: self.now(),
                reason: "The chain refused your top-up; nothing was taken.".to_owned(),
            };
            self.record(event).await?
        };
        let mut transaction = self.backend.storage().begin_write().await?;
        transactions::forget(&mut transaction, self.id, "top_up", hash).await?;
        transaction.commit().await?;
        Ok(moved)
    }

    /// Whether a top-up was counted a short while ago.
    async fn was_topped_up(&self) -> Result<bool, Trouble> {
        let mut connection = self.backend.storage().read().await?;
        let told = events::of(&mut connection, self.id).await?;
        let last = told.iter().rfind(|entry| entry.event == "topped_up");
        Ok(last.is_some_and(|last| self.now().since(last.at) < SAME_TOP_UP))
    }

    /// Stores the running services, and either which of them `failed` or how long the provider has
    /// been silent. `Some` if the order moved.
    async fn services(
        &self,
        order: &Order,
        running: &Running,
        status: &MarketStatus,
        leased_at: UnixSeconds,
        failed: Option<String>,
    ) -> Result<Option<Progress>, Trouble> {
        if let Some(services) = status.services() {
            let settled = self.now().since(leased_at) >= START;
            let notice = failed.or_else(|| settled.then(|| stays_down(&services)).flatten());
            let became_ready = self.became_ready(order, status, &services);
            if order.services != services
                || order.silent_since.is_some()
                || order.unreported_since.is_some()
                || order.notice != notice
                || became_ready.is_some()
            {
                self.edit(|order| {
                    order.services.clone_from(&services);
                    order.silent_since = None;
                    order.unreported_since = None;
                    order.notice.clone_from(&notice);
                    Ok(became_ready.iter().cloned().collect())
                })
                .await?;
            }
            self.reach_once(&services, running).await?;
            return Ok(became_ready.map(|_| Progress::Moved));
        }
        let now = self.now();
        if now.since(leased_at) < PATIENCE {
            return Ok(None);
        }
        let reached = self.reach(&order.services, running).await?;
        if reached == Reached::Answers {
            return self.silent(order, None, STILL_ANSWERS).await;
        }
        let since = order.silent_since.unwrap_or(now);
        let gone = reached == Reached::Gone;
        if now.since(since) >= SILENCE && (gone || self.is_offline(running).await?) {
            // Silence is not paid for: usage ended when it began.
            let reason = "it stopped answering".to_owned();
            let lost = Event::LeaseLost { at: since, reason };
            return self.record(lost).await.map(Some);
        }
        self.silent(order, Some(since), UNKNOWN).await
    }

    /// Returns the event if everything requested is ready for the first time: every provider
    /// reports, and each of its services is up.
    fn became_ready(
        &self,
        order: &Order,
        status: &MarketStatus,
        services: &[ServiceView],
    ) -> Option<Event> {
        let State::Active {
            opened,
            ready_at: None,
            ..
        } = &order.state
        else {
            return None;
        };
        let reporting = status.leases.iter().filter(|lease| {
            let services = lease.services.as_ref();
            services.is_some_and(|services| Replicas::of(services).all_ready())
        });
        let all = reporting.count() >= opened.groups.max(1) as usize;
        (all && Replicas::of(services).all_ready()).then(|| Event::Ready { at: self.now() })
    }

    /// Records that no provider reports the deployment's status.
    async fn unreported(&self, order: &Order) -> Result<(), Trouble> {
        if order.unreported_since.is_none() {
            let now = self.now();
            self.edit(|order| {
                order.unreported_since = order.unreported_since.or(Some(now));
                Ok(Vec::new())
            })
            .await?;
        }
        Ok(())
    }

    /// Records that the provider reports nothing, and since when it has not answered at all.
    async fn silent(
        &self,
        order: &Order,
        since: Option<UnixSeconds>,
        notice: &str,
    ) -> Result<Option<Progress>, Trouble> {
        let now = self.now();
        if order.silent_since != since
            || order.unreported_since.is_none()
            || order.notice.as_deref() != Some(notice)
        {
            self.edit(|order| {
                order.silent_since = since;
                order.unreported_since = order.unreported_since.or(Some(now));
                order.notice = Some(notice.to_owned());
                Ok(Vec::new())
            })
            .await?;
        }
        Ok(None)
    }

    /// Whether Akash calls one of the providers offline; an unknown status does not count as
    /// offline.
    async fn is_offline(&self, running: &Running) -> Result<bool, Trouble> {
        let addresses: Vec<ProviderAddress> = running
            .accepted
            .bids
            .iter()
            .map(|bid| bid.id.provider.clone())
            .collect();
        let facts = self.backend.ports().market.providers(&addresses).await?;
        Ok(facts.iter().any(|(_, facts)| facts.online == Some(false)))
    }

    /// Sends the escrow a heartbeat for the lease, well within its window.
    async fn sign_of_life(
        &self,
        escrow: EscrowId,
        on_chain: &EscrowOnChain,
    ) -> Result<Option<Progress>, Trouble> {
        let every = self.between_signs_of_life();
        let now = self.now();
        let on_chain_at = on_chain.last_sign_of_life.unwrap_or_default();
        if now.since(on_chain_at) < every {
            return Ok(None);
        }
        let call = self.backend.ports().chain.heartbeat_call(escrow);
        let mut intent = NewIntent::for_escrow(Purpose::Heartbeat, self.id, escrow, call);
        // Each heartbeat refers to the previous one, which makes it unique.
        intent.subject = format!("{escrow}:{}", on_chain_at.0);
        let earlier = outbox::latest(self.backend, intent.purpose, &intent.subject).await?;
        let tries = match earlier {
            Some(earlier) if earlier.was_undone(now) => Tries::More,
            _ => Tries::One,
        };
        let intent = self.send(&intent, tries).await?;
        match intent.reason {
            Some(reason) if intent.status == Status::Refused => self
                .give_up(&format!(
                    "Our server was silent for too long, so the escrow stopped paying ({reason})."
                ))
                .await
                .map(Some),
            _ => Ok(None),
        }
    }

    fn between_signs_of_life(&self) -> Seconds {
        let window = self.backend.settings().heartbeat_window;
        Seconds((window.0 / SIGNS_PER_WINDOW).max(1))
    }

    /// Returns when to look again: soon while not everything is up. While nothing happens, the
    /// interval grows with the number of running deployments, because every look costs a call with
    /// the one key that all share. Deployments that end on Akash's side in between are noticed by
    /// the survey, changes of the escrow by the follower.
    async fn next_look(
        &self,
        order: &Order,
        status: &MarketStatus,
        on_chain: &EscrowOnChain,
        is_expected: bool,
    ) -> Result<Progress, Trouble> {
        let State::Active { paid, running, .. } = &order.state else {
            return Ok(Progress::Moved);
        };
        let poll = self.backend.settings().poll;
        let now = self.now();
        let left = Duration::from_secs(running.closes_at(paid).since(now).0.max(1));
        if !is_all_up(status) {
            return Ok(Progress::Wait(poll.starting.min(left)));
        }
        if is_expected || !is_quiet(order) {
            return Ok(Progress::Wait(poll.status.min(left)));
        }
        let look = poll
            .between_looks(orders::count_running(&mut self.backend.storage().read().await?).await?);
        if next_step(&order.state, now.after(Seconds(look.as_secs()))) != Step::Watch {
            return Ok(Progress::Wait(poll.status.min(left)));
        }
        let sign = on_chain
            .last_sign_of_life
            .unwrap_or_default()
            .after(self.between_signs_of_life());
        // A heartbeat that is due has been sent by now.
        let until_sign = match sign.since(now) {
            Seconds(0) => poll.status,
            until => Duration::from_secs(until.0),
        };
        Ok(Progress::Rest(look.min(until_sign)))
    }
}

/// Whether a provider reports, and every reported service is up.
fn is_all_up(status: &MarketStatus) -> bool {
    status
        .services()
        .is_some_and(|services| services.iter().all(|one| one.available >= one.total))
}

/// Whether another look is unlikely to bring news: the order was ready, no provider is silent, no
/// payment failed, no update is pending, and it is not a batch, which ends by itself.
fn is_quiet(order: &Order) -> bool {
    let State::Active {
        ready_at: Some(_),
        held_since: None,
        updating: None,
        ..
    } = &order.state
    else {
        return false;
    };
    order.notice.is_none()
        && order.silent_since.is_none()
        && order.unreported_since.is_none()
        && sdl::batch_services(&order.sdl).is_empty()
}

/// Returns the message to the buyer about services without a running copy: they crash, or never
/// start.
fn stays_down(services: &[ServiceView]) -> Option<String> {
    let down: Vec<&str> = services
        .iter()
        .filter(|service| service.available == 0 && service.total > 0)
        .map(|service| service.name.as_str())
        .collect();
    if down.is_empty() {
        return None;
    }
    Some(format!(
        "No copy of {} stays up. The log below says why; you pay until you close the deployment.",
        down.join(", ")
    ))
}

/// Returns why the deployment is over on Akash's side, if it is.
fn ended(status: &MarketStatus, running: &Running) -> Option<String> {
    let lost = status.leases.iter().find(|lease| {
        is_ours(lease, running)
            && matches!(
                lease.state,
                LeaseState::Closed | LeaseState::InsufficientFunds
            )
    });
    if let Some(lease) = lost {
        let fallback = match lease.state {
            LeaseState::InsufficientFunds => "the deployment ran out of funds on Akash",
            _ => "it closed the lease",
        };
        return Some(lease.reason.clone().unwrap_or_else(|| fallback.to_owned()));
    }
    (status.state == DeploymentState::Closed)
        .then(|| "the deployment was closed on Akash".to_owned())
}

fn is_ours(lease: &LeaseStatus, running: &Running) -> bool {
    running.accepted.bids.iter().any(|bid| bid.id == lease.id)
}
