//! Moves one order through its lifecycle: asks [`next_step`] what to do, does it, records the
//! result, and repeats until there is something to wait for.
//!
//! Every step can be interrupted at any point and run again: a step that costs money records its
//! intent first, and looks for traces of an earlier run before it acts.

mod activate;
mod batch;
mod bidding;
mod deposit;
mod lease;
mod open;
mod reach;
mod trouble;
mod unwind;
mod update;
mod watch;

use std::time::Duration;

use domain::auto_sign::{PolicyUse, Verdict};
use domain::deployment::{Event, Step, next_step};
use domain::ids::{OrderId, TxHash};
use domain::quote::Quote;
use domain::time::{Seconds, UnixSeconds};

use crate::error::UsecaseError;
use crate::orders::change_error::ChangeError;
use crate::orders::changes;
use crate::orders::order::Order;
use crate::payment::auto_sign;
use crate::payment::outbox::{self, Intent, NewIntent};
use crate::ports::TxOutcome;
use crate::queue::{Claim, Outcome};
use crate::storage::{StorageError, orders, transactions};
use crate::{Backend, observe};
use trouble::Trouble;

pub(crate) use open::MAY_LAND;

/// The outcome of a step.
enum Progress {
    /// The order moved: look again at once.
    Moved,
    /// Look again after this long.
    Wait(Duration),
    /// Look again after this long; nothing is waiting for it.
    Rest(Duration),
    /// Nothing is left to do until the job is enqueued again.
    Finished,
}

/// Maximum number of steps in one run before other jobs get their turn.
const STEPS_A_RUN: usize = 20;

/// Time for which a transaction that the chain does not know may still be in transit.
const ARRIVAL: Seconds = Seconds(60);

/// Runs the job for `order`.
pub(crate) async fn run(backend: &Backend, claim: &Claim, order: OrderId) -> Outcome {
    let drive = Drive {
        backend,
        claim,
        id: order,
    };
    for _ in 0..STEPS_A_RUN {
        match drive.step().await {
            Ok(Progress::Moved) => {}
            Ok(Progress::Wait(duration)) => return Outcome::Again(duration),
            Ok(Progress::Rest(duration)) => return Outcome::Routine(duration),
            Ok(Progress::Finished) => return Outcome::Done,
            Err(trouble) => return drive.report(trouble).await,
        }
    }
    Outcome::Again(Duration::ZERO)
}

/// One run for one order.
struct Drive<'a> {
    backend: &'a Backend,
    claim: &'a Claim,
    id: OrderId,
}

impl Drive<'_> {
    async fn step(&self) -> Result<Progress, Trouble> {
        let Some(order) = self.load().await? else {
            return Ok(Progress::Finished);
        };
        match next_step(&order.state, self.now()) {
            Step::AwaitBuyer => self.await_buyer(&order).await,
            Step::AwaitOperator | Step::Finished => Ok(Progress::Finished),
            Step::ExpireQuote => self.record(Event::QuoteExpired).await,
            Step::WatchDeposit => self.watch_deposit(&order).await,
            Step::AbandonUnfunded => self.abandon_unfunded(&order).await,
            Step::RequestOpen => self.request_open(&order).await,
            Step::OpenOrAdopt => self.open_or_adopt(&order).await,
            Step::PollBids => self.poll_bids(&order).await,
            Step::EndBidding => self.end_bidding(&order).await,
            Step::Activate => self.activate(&order).await,
            Step::StartLease => self.start_lease(&order).await,
            Step::Watch => self.watch(&order).await,
            Step::WarnBudget(left) => self.record(Event::RunningLow { left }).await,
            Step::SpendBudget => self.record(Event::BudgetSpent { at: self.now() }).await,
            Step::Close => self.close(&order).await,
            Step::Settle => self.settle(&order).await,
        }
    }

    async fn await_buyer(&self, order: &Order) -> Result<Progress, Trouble> {
        let Some(quote) = order.state.quote() else {
            return Ok(Progress::Finished);
        };
        let mut until = quote.expires_at;
        if let Some(Verdict::WillPay { under, at }) = &order.auto_sign {
            if *at <= self.now() {
                return self.pay_as_announced(order, quote, under).await;
            }
            until = until.min(*at);
        }
        let left = until.since(self.now());
        Ok(Progress::Wait(Duration::from_secs(left.0.max(1))))
    }

    /// Pays an order whose buyer has had time to cancel. The decision is made afresh: any doubt
    /// that has arisen since then is a reason to ask the buyer.
    async fn pay_as_announced(
        &self,
        order: &Order,
        quote: &Quote,
        under: &PolicyUse,
    ) -> Result<Progress, Trouble> {
        let due = auto_sign::Due::new(self.backend, order, quote, under)
            .await
            .map_err(ChangeError::from)?;
        let progress = self.edit(|order| Ok(due.write_to(order))).await?;
        if let Some(verdict) = due.verdict() {
            observe::auto_sign_decided(self.id, verdict);
        }
        Ok(progress)
    }

    fn now(&self) -> UnixSeconds {
        self.backend.ports().clock.now()
    }

    async fn load(&self) -> Result<Option<Order>, StorageError> {
        let mut connection = self.backend.storage().read().await?;
        orders::load(&mut connection, self.id).await
    }

    /// Records the event. If another writer has moved the order first, that is not an error: the
    /// next look sees the new state.
    async fn record(&self, event: Event) -> Result<Progress, Trouble> {
        self.edit(|_| Ok(vec![event.clone()])).await
    }

    async fn edit(
        &self,
        edit: impl Fn(&mut Order) -> Result<Vec<Event>, UsecaseError>,
    ) -> Result<Progress, Trouble> {
        self.change(edit).await.map(|_| Progress::Moved)
    }

    /// Changes the order; `None` if its new state makes the change meaningless.
    async fn change(
        &self,
        edit: impl Fn(&mut Order) -> Result<Vec<Event>, UsecaseError>,
    ) -> Result<Option<Order>, Trouble> {
        match changes::edit_claimed(self.backend, self.id, self.claim, edit).await {
            Ok(order) => Ok(Some(order)),
            Err(ChangeError::Refused(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Shows the buyer a temporary difficulty, or clears it.
    async fn notice(&self, order: &Order, notice: Option<&str>) -> Result<(), Trouble> {
        if order.notice.as_deref() != notice {
            self.edit(|order| {
                order.notice = notice.map(str::to_owned);
                Ok(Vec::new())
            })
            .await?;
        }
        Ok(())
    }

    /// Performs an action on chain exactly once; returns its status.
    async fn send(&self, intent: &NewIntent, tries: Tries) -> Result<Intent, Trouble> {
        let transaction = self.claim.begin_write(self.backend).await?;
        let mut transaction = transaction.ok_or(Trouble::ClaimLost)?;
        let intent = match tries {
            Tries::One => outbox::add(&mut transaction, self.backend, intent).await?,
            Tries::More => outbox::add_again(&mut transaction, self.backend, intent).await?,
        };
        transaction.commit().await?;
        self.backend.wake_worker();
        self.backend.announce(self.id);
        Ok(intent)
    }

    /// The status of the wallet's last reported transaction of this kind.
    async fn sent(&self, kind: &str) -> Result<Sent, Trouble> {
        let last = self.last_sent(kind).await?;
        Ok(last.map_or(Sent::Nothing, |(_, sent)| sent))
    }

    /// Like [`Self::sent`], with the transaction; `None` if none was reported.
    async fn last_sent(&self, kind: &str) -> Result<Option<(TxHash, Sent)>, Trouble> {
        let known = transactions::of(&mut self.backend.storage().read().await?, self.id).await?;
        let Some(last) = known.into_iter().rfind(|known| known.kind == kind) else {
            return Ok(None);
        };
        let sent = match self.backend.ports().chain.outcome(last.hash).await? {
            TxOutcome::Confirmed { .. } if self.now().since(last.at) >= ARRIVAL => Sent::Counts,
            TxOutcome::Pending | TxOutcome::Confirmed { .. } => Sent::OnItsWay,
            TxOutcome::Reverted { .. } => Sent::Reverted,
            TxOutcome::Unknown if self.now().since(last.at) < ARRIVAL => Sent::OnItsWay,
            TxOutcome::Unknown => Sent::Nothing,
        };
        Ok(Some((last.hash, sent)))
    }

    /// Tells the buyer about the trouble, and decides whether the run is retried.
    async fn report(&self, trouble: Trouble) -> Outcome {
        match trouble {
            Trouble::ClaimLost => Outcome::Failed("the claim was lost".to_owned()),
            Trouble::Storage(error) => Outcome::Failed(error.to_string()),
            Trouble::Outside {
                why,
                notice,
                retry_after,
            } => {
                match self.load().await {
                    Ok(Some(order)) => {
                        if let Err(error) = self.notice(&order, Some(notice)).await {
                            return Outcome::Failed(format!("{why}; {error}"));
                        }
                    }
                    Ok(None) => return Outcome::Done,
                    Err(error) => return Outcome::Failed(format!("{why}; {error}")),
                }
                match retry_after {
                    Some(wait) => Outcome::Again(wait),
                    None => Outcome::Failed(why),
                }
            }
        }
    }
}

/// Whether a transaction that the contract refused is sent again.
enum Tries {
    /// Its refusal is final.
    One,
    /// It has to succeed in the end.
    More,
}

/// The status of a transaction.
enum Sent {
    /// None was sent, or it never reached the chain.
    Nothing,
    /// Sent; its effect is not yet deep enough to count.
    OnItsWay,
    /// Sent long enough ago, and deep enough: its effect is final.
    Counts,
    /// The contract refused it.
    Reverted,
}
